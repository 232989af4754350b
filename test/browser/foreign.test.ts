// The law of a DOM that is not ours alone: whatever others do to an island's nodes, for a server's patches and for
// views in the page alike, what the model says next is shown, in its order and nothing else of ours, and no island
// ends.

import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { LocalIsland } from '../../client-runtime/app/local-island.ts';
import { start } from '../../client-runtime/app/start.ts';
import { component, effect, html, keyed, svg, type Template } from '../../shared/index.ts';
import type { HoleValue } from '../../shared/language/html.ts';
import { BrowserIsland } from '../support/browser-island.ts';
import { act, describeOurs, type ForeignAct, foreignActs } from '../support/foreign-acts.ts';
import { timesOf } from './times.ts';

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

/**
 * What is shown: every element has a hole, so that none is nobody's to look after, and every text says its generation.
 */
interface Model {
  readonly generation: number;
  readonly rows: readonly number[];
  readonly look: number;
}

const models: fc.Arbitrary<Omit<Model, 'generation'>[]> = fc.array(
  fc.record({
    rows: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }),
    look: fc.integer({ min: 0, max: 4 }),
  }),
  { minLength: 2, maxLength: 4 },
);

const rowLooks: readonly ((key: number, generation: number) => Template<unknown>)[] = [
  (key, generation) => html`<li class="row ${generation % 2 ? 'odd' : null}">${`${key} of ${generation}`}</li>`,
  (key, generation) => html`${`${key} of ${generation}`}<b title=${generation}>${generation}</b>${generation}`,
  (key, generation) =>
    html`<form title=${key}><input name=${'remove'}><input name=${'parentNode'}><input name=${'nextSibling'}><input name=${'insertBefore'}><input name=${'isConnected'}><input name=${'setAttribute'}><input name=${'childNodes'}><p title=${key}>${generation}${`${key} of ${generation}`}</p></form>`,
  (key, generation) => html`<p title=${key}>${key === 1 ? html`<i title=${key}>${generation}</i>` : generation}</p>`,
];

const looks: readonly ((model: Model) => Template<unknown>)[] = [
  ({ rows, generation }) => html`<ul title=${generation}>${listOf(rows, 0, generation)}</ul>`,
  ({ rows, generation }) => html`<div title=${generation}>${generation}${listOf(rows, 1, generation)}</div>`,
  ({ rows, generation }) => html`<section id=${'remove'}>${listOf(rows, 2, generation)}</section>`,
  ({ rows, generation }) =>
    html`<table title=${generation}><tbody title=${generation}>${rows.map((row) => html`<tr title=${row}><td title=${row}>${generation}</td></tr>`)}</tbody></table>`,
  ({ rows, generation }) =>
    html`${rows.length > 2 ? html`<h1 title=${generation}>${generation}</h1>` : null}<svg title=${generation}>${svg`<text x=${generation}>${generation}</text>`}</svg>${listOf(rows, 3, generation)}`,
];

function listOf(rows: readonly number[], look: number, generation: number): HoleValue {
  const view = rowLooks[look] as (key: number, generation: number) => Template<unknown>;
  return keyed(
    rows,
    (key) => key,
    (key, deps) => view(key, deps.generation),
    { generation },
  );
}

const view = (model: Model): Template<unknown> =>
  html`<main class="island ${model.generation}" style="top: ${model.generation}px">${looks[model.look]?.(model) ?? null}</main>`;

/** What shows models, one after another. */
interface Page {
  readonly root: HTMLElement;
  show(model: Model): void;
  /** An event was settled that changed nothing. */
  settle(): void;
}

function servedPage(first: Model, isAdopted: boolean): Page {
  const island = isAdopted ? BrowserIsland.adopt([view(first)]) : BrowserIsland.mount(view(first));
  document.body.append(island.root);
  return {
    root: island.root,
    show: (model) => island.update(view(model)).recover(),
    settle() {
      island.tree.mend();
      island.recover();
    },
  };
}

function localPage(first: Model): Page {
  const root = document.createElement('main');
  document.body.append(root);
  type Message = { readonly type: 'Shown'; readonly model: Model };
  const shown = component<Model, Message, Model>({
    init: (model) => [model, effect.none],
    update: (_, { model }) => [model, effect.none],
    view: view as (model: Model) => Template<Message>,
  });
  const states: string[] = [];
  const island = new LocalIsland(shown, first, root, {
    onEmit: () => undefined,
    onProvide: () => undefined,
    onState: (state) => states.push(state),
  });
  island.start();
  island.flush();
  let last = first;
  const show = (model: Model): void => {
    last = model;
    const message: Message = { type: 'Shown', model };
    island.dispatch(message);
    island.flush();
    expect(states).toEqual([]);
  };
  return { root, show, settle: () => show(last) };
}

const pages: readonly [string, (first: Model) => Page][] = [
  ['mounted by a server', (first) => servedPage(first, false)],
  ['adopted from a server', (first) => servedPage(first, true)],
  ['in the page', localPage],
];

/** What once was not put right. */
const examples: [Omit<Model, 'generation'>[], ForeignAct[][]][] = [
  // an end of a place was moved into what others had put around a node of another one
  [
    [
      { rows: [], look: 0 },
      { rows: [1, 2], look: 1 },
      { rows: [], look: 1 },
    ],
    [
      [],
      [
        { kind: 'wrap', node: 801_792_140, place: 0 },
        { kind: 'move', node: 2_060_271_603, place: 605_930_883 },
      ],
      [],
    ],
  ],
  // the beginning of a row was moved before the end of a text, and the row was kept
  [
    [
      { rows: [2, 6, 1], look: 1 },
      { rows: [6], look: 1 },
      { rows: [], look: 0 },
    ],
    [[{ kind: 'move', node: 734_279_479, place: 556_783_546 }], [], []],
  ],
  // an element was moved into what others had put around a row, and the rows went
  [
    [
      { rows: [3, 2, 4, 5, 1], look: 4 },
      { rows: [], look: 4 },
      { rows: [], look: 0 },
    ],
    [
      [
        { kind: 'wrap', node: 1_349_568_861, place: 0 },
        { kind: 'addText', node: 0, place: 4_331_991 },
        { kind: 'move', node: 1_074_324_399, place: 866_800_270 },
      ],
      [],
      [],
    ],
  ],
  // what others had put around a node was taken out with it
  [
    [
      { rows: [], look: 0 },
      { rows: [], look: 4 },
      { rows: [1, 2], look: 4 },
      { rows: [], look: 4 },
    ],
    [[], [{ kind: 'wrap', node: 1_454_740_261, place: 0 }], [{ kind: 'remove', node: 780_827_141, place: 0 }]],
  ],
];

test.each(pages)('whatever others do to an island %s, it shows what the model says next', (_, open) => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const check = (history: readonly Omit<Model, 'generation'>[], acts: readonly (readonly ForeignAct[])[]): void => {
    const [first, ...rest] = history.map((model, generation) => ({ ...model, generation }));
    const page = open(first as Model);
    rest.forEach((model, index) => {
      for (const each of acts[index] ?? []) act(page.root, each);
      page.show(model);
      expect(describeOurs(page.root)).toEqual(describeOurs(BrowserIsland.mount(view(model)).root));
    });
    page.root.remove();
  };
  fc.assert(fc.property(models, fc.array(foreignActs, { minLength: 3, maxLength: 3 }), check), {
    numRuns: timesOf(100),
    examples,
  });
});

test.each(pages)(
  'rows that others have moved or taken out of an island %s are back when an event is settled',
  (_, open) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const check = (rows: readonly number[], moves: readonly (readonly [number, number])[], look: number): void => {
      const model: Model = { rows, look, generation: 0 };
      const page = open(model);
      const fresh = describeOurs(BrowserIsland.mount(view(model)).root);
      const list = (page.root.querySelector('ul,section') ?? page.root.firstElementChild) as Element;
      for (const [from, to] of moves) {
        const row = list.children[from % list.children.length];
        if (row && to < 0) list.removeChild(row);
        else if (row) list.insertBefore(row, list.children[to % (list.children.length + 1)] ?? null);
      }
      page.settle();
      expect(describeOurs(page.root)).toEqual(fresh);
      page.root.remove();
    };
    const moves = fc.array(fc.tuple(fc.nat(), fc.integer({ min: -2, max: 9 })), { minLength: 1, maxLength: 5 });
    const rows = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(rows, moves, fc.constantFrom(0, 2), check), { numRuns: 100 });
  },
);

test.each(pages)('a class and a declaration of others stay on an island %s, while ours come and go', (_, open) => {
  const page = open({ rows: [], look: 0, generation: 0 });
  const main = page.root.querySelector('main') as HTMLElement;
  main.classList.add('theirs');
  main.style.setProperty('color', 'red');
  main.classList.remove('island');
  for (const generation of [1, 2]) {
    page.show({ rows: [], look: 0, generation });
    expect([...main.classList].sort()).toEqual([`${generation}`, 'theirs']);
    expect([main.style.color, main.style.top]).toEqual(['red', `${generation}px`]);
  }
});

test('who takes a part away whenever it comes is told so in the end, in a page without a server as well', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
  const root = document.createElement('main');
  document.body.append(root);
  let views = 0;
  const counter = component<number, { readonly type: 'UserCounted' }>({
    init: () => [0, effect.none],
    update: (count) => [count + 1, effect.none],
    view: (count) => {
      views++;
      return html`<h1>${count}</h1><p>more</p>`;
    },
  });
  const app = start(counter, root);
  const observer = new MutationObserver(() => root.querySelector('h1')?.remove());
  observer.observe(root, { childList: true, subtree: true });
  root.querySelector('h1')?.remove();
  await vi.waitFor(() => expect(root.textContent).toBe('This part could not be shown. Please reload the page.'), {
    timeout: 30_000,
  });
  expect(root.hasAttribute('data-failed')).toBe(true);
  expect(complaints).toHaveBeenCalledTimes(1);
  // the component goes on, and what it shows stays as it is
  app.dispatch({ type: 'UserCounted' });
  await vi.waitFor(() => expect(views).toBe(2), { timeout: 30_000 });
  expect(root.textContent).toBe('This part could not be shown. Please reload the page.');
  observer.disconnect();
  app.stop();
});
