// The differential test: whatever our engine draws, uhtml 4.7.1 draws the same from the same literals.

import fc from 'fast-check';
import { render } from 'uhtml';
import { expect, test } from 'vitest';
import { rating } from '../../components/rating.ts';
import type { Anime } from '../../components/schema/anime.ts';
import { tracker } from '../../components/tracker.ts';
import { html, keyed, memo, svg, type Template, unsafeHtml } from '../../shared/index.ts';
import { BrowserIsland } from '../support/browser-island.ts';
import { describeDom, inUhtml } from '../support/in-uhtml.ts';

function drawnByUs(...views: readonly Template[]): string {
  const [first, ...others] = views;
  const island = BrowserIsland.mount(first);
  for (const view of others) island.update(view);
  return describeDom(island.root);
}

function drawnByUhtml(view: Template): string {
  const root = document.createElement('main');
  render(root, inUhtml(view) as never);
  return describeDom(root);
}

const facts = { episodes: 26, year: 1998, studio: 'Sunrise', genres: ['Drama', 'Space'], synopsis: 'Bounty.' };
const anime: readonly Anime[] = [
  { id: 1, title: 'Cowboy Bebop', ...facts, rating: { average: 7.5, votes: 2 } },
  { id: 2, title: 'Steins;Gate <3 & "more"', ...facts, genres: [], rating: { average: null, votes: 0 } },
];
const facets = { genres: [{ name: 'Drama', anime: 1 }], years: [2011, 1998] };
const urls = [
  '/',
  '/anime',
  '/anime?q=stein&genre=Drama&sort=-year',
  '/anime?year=no',
  '/anime/2',
  '/anime/3',
  '/nowhere',
];
const trackerModels = urls.flatMap((url) => {
  const list = { anime, total: 9, next: 'more' };
  const [model] = tracker.init({
    url,
    facets,
    at: 'now',
    ...(url === '/anime/2' ? { anime: anime[1] as Anime } : { list }),
  });
  const wanted = { kind: 'list', address: '/api/anime', more: null } as const;
  return [
    model,
    { ...model, lists: {}, anime: {}, request: { kind: 'loading', wanted } as const },
    { ...model, lists: {}, request: { kind: 'failed', wanted, error: { kind: 'timeout' } } as const },
    { ...model, notice: 'vote-lost' as const },
  ];
});
const ratingModels = [1, 5, 10].flatMap((score) => [null, 5].map((saved) => ({ score, saved })));

test.each(ratingModels.map((model) => [model]))('the rating at %j', (model) => {
  expect(drawnByUs(rating.view(model))).toBe(drawnByUhtml(rating.view(model)));
});

test.each(trackerModels.map((model, index) => [`${model.url} (${index})`, model] as const))(
  'the tracker at %s',
  (_, model) => {
    expect(drawnByUs(tracker.view(model))).toBe(drawnByUhtml(tracker.view(model)));
  },
);

interface Look {
  readonly literal: number;
  readonly text: string | number | null;
  readonly isOn: boolean;
  readonly inner: readonly Look[];
}

// What both dialects can say, in every kind of hole and nesting.
const literals: readonly ((look: Look, inner: readonly Template[]) => Template)[] = [
  ({ text }) => html`<p title=${text}>${text}</p>`,
  ({ text }, inner) => html`<div class="card ${text}" ?hidden=${text === 1}>${text}: ${inner}</div>`,
  ({ text, isOn }, [first]) => html`<section>${isOn ? first : null}<hr>${isOn ? text : 'off'} tail</section>`,
  (_, inner) => html`<ul>${inner.map((each) => html`<li>${each}</li>`)}</ul>`,
  // new items each time: one that is the same is not viewed again
  (_, inner) =>
    html`<ol>${keyed(
      inner.map((each, index) => ({ each, index })),
      ({ index }) => index,
      ({ each, index }) => html`<li data-index=${index}>${each}</li>`,
    )}</ol>`,
  ({ text, isOn }) => html`<input .value=${text} ?disabled=${isOn} @input=${isOn ? { type: 'Typed' } : null}>`,
  ({ text }) => html`<svg viewBox="0 0 9 9"><g>${svg`<circle r=${text} /><text>${text}</text>`}</g></svg>`,
  ({ text, inner: looks }, [first]) =>
    html`<table><tbody>${html`<tr><td>${text}</td><td>${memo({ looks: JSON.stringify(looks) }, () => first)}</td></tr>`}</tbody></table>`,
  ({ text }) => html`<i>a</i>${text}<i>b</i> c`,
  ({ isOn }) => html`<figure>${unsafeHtml(isOn ? '<b>raw</b> text' : '')}</figure>`,
  ({ text }) => html`<a href="/items/${text}?of=${text}">link</a>`,
  ({ text }, inner) => html`${inner}<b>${text}</b>`,
];

const { look } = fc.letrec<{ look: Look }>((tie) => ({
  look: fc.record({
    literal: fc.nat({ max: literals.length - 1 }),
    text: fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.integer({ min: -2, max: 20 }),
      fc.constantFrom(null, '<&">', "'", ' x '),
    ),
    isOn: fc.boolean(),
    inner: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('look'), { maxLength: 3 })),
  }),
}));

const viewOf = (each: Look): Template => (literals[each.literal] as (typeof literals)[0])(each, each.inner.map(viewOf));

function listOf(text: number): Look {
  const item: Look = { literal: 0, text, isOn: false, inner: [] };
  return { literal: 4, text: null, isOn: false, inner: [item] };
}

test('hundreds of views of any literals', () => {
  fc.assert(
    fc.property(look, (each) => {
      expect(drawnByUs(viewOf(each))).toBe(drawnByUhtml(viewOf(each)));
    }),
    { numRuns: 300 },
  );
});

test('a view that another one was patched into', () => {
  fc.assert(
    fc.property(look, look, (first, second) => {
      expect(drawnByUs(viewOf(first), viewOf(second))).toBe(drawnByUhtml(viewOf(second)));
    }),
    { numRuns: 200, examples: [[listOf(0), listOf(1)]] },
  );
});
