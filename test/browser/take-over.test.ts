// Another rendering is shown in the place of what is shown, as after a deploy of another view: each element that is the
// same in both, by the keys of its rows and by what names it, stays the same node, wherever it stands then, and what its
// person did in it stays. And nothing else takes its place.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, keyed, type Template } from '../../shared/index.ts';
import type { Keyed } from '../../shared/language/html.ts';
import { BrowserIsland, describeNodes } from '../support/browser-island.ts';
import { timesOf } from './times.ts';

/** An element that holds something of a person. */
const things = {
  note: () => html`<input name="note">`,
  long: () => html`<textarea name="long"></textarea>`,
  more: () => html`<details><summary>more</summary><p>text</p></details>`,
  card: (row: string) => html`<x-card route="/ws/card" card=${row}></x-card>`,
  plain: () => html`<x-plain route="/ws/plain"></x-plain>`,
  box: () => html`<input type="checkbox" name="box" value="1">`,
} as const;

type Thing = keyof typeof things;

/** How a template puts things: each at most once. A text stands for a thing or for another text. */
type Layout = Thing | 'text' | { readonly tag: string; readonly inside: readonly Layout[] };

interface View {
  /** Around the lists, and the things that stand in no row. */
  readonly root: Layout;
  readonly row: Layout;
  /** The second is in the first row of the first. */
  readonly lists: readonly (readonly number[])[];
  readonly tag: string;
}

const text = (layout: Layout, row: string, isOwn: boolean): { strings: string[]; values: unknown[] } => {
  const strings = [''];
  const values: unknown[] = [];
  const write = (markup: string): void => {
    strings[strings.length - 1] += markup;
  };
  const put = (value: unknown): void => {
    values.push(value);
    strings.push('');
  };
  const visit = (part: Layout): void => {
    if (part === 'text') put('a text');
    else if (typeof part === 'string') {
      // in a template of its own, or written in this one
      if (isOwn) put(things[part](row));
      else {
        const { strings: pieces, values: inner } = things[part](row) as unknown as {
          strings: readonly string[];
          values: readonly unknown[];
        };
        pieces.forEach((piece, at) => {
          write(piece);
          if (at < inner.length) put(inner[at]);
        });
      }
    } else {
      write(`<${part.tag}>`);
      part.inside.forEach(visit);
      write(`</${part.tag}>`);
    }
  };
  visit(layout);
  return { strings, values };
};

const literals = new Map<string, TemplateStringsArray>();
/** Equal texts are one literal, as in a module. */
function toTemplate(layout: Layout, row: string, isOwn: boolean, more: readonly unknown[] = []): Template<unknown> {
  const { strings, values } = text(layout, row, isOwn);
  for (const _ of more) strings.push('');
  const key = JSON.stringify(strings);
  const literal =
    literals.get(key) ?? (Object.assign([...strings], { raw: strings }) as unknown as TemplateStringsArray);
  literals.set(key, literal);
  return html(literal, ...([...values, ...more] as string[]));
}

function viewOf({ root, row, lists, tag }: View, isOwn: boolean): Template<unknown> {
  const toList = (at: number): Keyed =>
    keyed(
      (lists[at] ?? []).map((id) => ({ id })),
      'id',
      ({ id }) =>
        html`<li>${toTemplate(row, `${id}`, isOwn)}${at === 0 && lists[0]?.[0] === id ? html`<menu class="inner">${toList(2)}</menu>` : null}</li>`,
    );
  const around =
    tag === 'ul' ? html`<ul>${toList(0)}</ul>` : html`<section><ol class="wide">${toList(0)}</ol></section>`;
  return toTemplate(root, 'root', isOwn, [around, html`<menu class="second">${toList(1)}</menu>`]);
}

const layouts = fc
  .tuple(
    fc.shuffledSubarray(Object.keys(things) as Thing[], { minLength: 1 }),
    fc.array(fc.constantFrom('div', 'p', 'section', 'span'), { maxLength: 3 }),
    fc.boolean(),
    fc.nat(5),
  )
  .map(([all, tags, hasText, cut]): Layout => {
    const parts: Layout[] = hasText ? ['text', ...all] : [...all];
    return tags
      .filter((tag) => tag !== 'p')
      .reduce<Layout>((inner, tag, at) => ({ tag: 'div', inside: at === 0 ? [{ tag, inside: [inner] }] : [inner] }), {
        tag: 'div',
        inside: [{ tag: 'div', inside: parts.slice(0, cut) }, ...parts.slice(cut)],
      });
  });

const keys = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 7 });
const arbitraryViews: fc.Arbitrary<View> = fc.record({
  root: layouts,
  row: layouts,
  lists: fc.tuple(keys, keys).map(([left, right]) => [
    left,
    right.filter((key) => !left.includes(key)),
    // in a row of its own, keys are others
    left.slice(1, 3),
  ]),
  tag: fc.constantFrom('ul', 'ol'),
});

/** Each thing by its name: the keys of the rows that it stands in, and which thing it is. */
function thingsIn(root: Element): Map<string, Element> {
  const found = new Map<string, Element>();
  for (const element of root.querySelectorAll('input,textarea,details,x-card,x-plain')) {
    const rows: string[] = [];
    for (let row = element.closest('li'); row; row = row.parentElement?.closest('li') ?? null) rows.unshift(keyOf(row));
    const kind = element.getAttribute('name') ?? element.getAttribute('route') ?? element.localName;
    found.set(`${rows.join('/')} ${kind}`, element);
  }
  return found;
}

/** Names end with the card's row and `/ws/card`. */
const cardOf = (name: string): string | undefined => /(\w*) \/ws\/card$/.exec(name)?.[1];

const keyOf = (row: Element): string => row.getAttribute('data-key') ?? '';

/** Says of each row which it is, so that the test knows. */
function nameRows(root: Element, view: View): void {
  const name = (list: Element | null | undefined, keys: readonly number[] = []): void => {
    const rows = [...(list?.children ?? [])].filter(({ localName }) => localName === 'li');
    for (const [at, row] of rows.entries()) row.setAttribute('data-key', `${keys[at]}`);
  };
  const list = root.querySelector('ul,ol');
  name(list, view.lists[0]);
  name(root.querySelector('.second'), view.lists[1]);
  name(list?.querySelector(':scope > li > .inner'), view.lists[2]);
}

test('whatever has the same name and stands in a row of the same keys is the same node, and nothing else is', () => {
  let count = 0;
  const check = (before: View, after: View, isOwn: boolean, isOwnNext: boolean, focused: number): void => {
    const island = BrowserIsland.mount(viewOf(before, isOwn));
    const { root } = island;
    document.body.append(root);
    try {
      nameRows(root, before);
      const old = thingsIn(root);
      const names = new Map([...old].map(([name, node]) => [node, name]));
      for (const [name, node] of old) if ('value' in node && name.endsWith('note')) node.value = `typed in ${name}`;
      const active = [...old].filter(([name]) => /note|long|box/.test(name)).at(focused % 5);
      (active?.[1] as HTMLElement | undefined)?.focus();
      for (const row of root.querySelectorAll('li')) row.removeAttribute('data-key');

      island.become(viewOf(after, isOwnNext));
      expect(describeNodes(root)).toEqual(describeNodes(BrowserIsland.mount(viewOf(after, isOwnNext)).root));
      nameRows(root, after);
      const next = thingsIn(root);
      for (const [name, node] of next) {
        const known = names.get(node);
        // the island of a card is that of the card, also in another row
        const isMoved = !old.has(name) && known?.endsWith('card') && cardOf(known) === cardOf(name);
        expect([name, isMoved ? undefined : known]).toEqual([name, old.has(name) ? name : undefined]);
        if (name.endsWith('note'))
          expect((node as HTMLInputElement).value).toBe(old.has(name) ? `typed in ${name}` : '');
        if (old.has(name)) count++;
      }
      if (active && next.has(active[0])) expect(document.activeElement).toBe(active[1]);
      for (const row of root.querySelectorAll('li')) row.removeAttribute('data-key');
      // patches go on from there
      island.update(viewOf(before, isOwn));
      expect(island.misfits).toEqual([]);
      expect(describeNodes(root)).toEqual(describeNodes(BrowserIsland.mount(viewOf(before, isOwn)).root));
    } finally {
      root.remove();
    }
  };
  fc.assert(fc.property(arbitraryViews, arbitraryViews, fc.boolean(), fc.boolean(), fc.nat(9), check), {
    numRuns: timesOf(75),
  });
  expect(count).toBeGreaterThan(100);
});

/** Shows a view in a page, and then another one; gives the elements that a selector finds before and after. */
function become(before: unknown, after: unknown, selector: string) {
  const island = BrowserIsland.mount(before);
  document.body.append(island.root);
  const find = (): Element[] => [...island.root.querySelectorAll(selector)];
  const old = find();
  island.become(after);
  const next = find();
  expect(describeNodes(island.root)).toEqual(describeNodes(BrowserIsland.mount(after).root));
  island.root.remove();
  return { island, places: next.map((element) => old.indexOf(element)) };
}

const press = { type: 'UserPressed' };
const row = () => html`<li><input name="note"></li>`;

test('rows of other keys are others, however alike they look', () => {
  const list = (tag: string, keys: readonly number[]) =>
    tag === 'ul' ? html`<ul>${keyed(keys, (id) => id, row)}</ul>` : html`<ol>${keyed(keys, (id) => id, row)}</ol>`;
  expect(become(list('ul', [1]), list('ol', [2]), 'input').places).toEqual([-1]);
  expect(become(list('ul', [1, 2]), list('ol', [2, 3]), 'input').places).toEqual([1, -1]);
});

test('two islands of one route are told apart by their attributes, whatever their order', () => {
  const card = (id: number) => html`<x-card route="/ws/card" card=${id}></x-card>`;
  const before = html`<div><x-card route="/ws/card" card=${1}></x-card><x-card route="/ws/card" card=${2}></x-card></div>`;
  const after = html`<main><x-card route="/ws/card" card=${2}></x-card><hr><x-card route="/ws/card" card=${1}></x-card></main>`;
  expect(become(before, after, 'x-card').places).toEqual([1, 0]);
  const within = html`<div><x-card route="/ws/card" card=${2}></x-card><x-card route="/ws/card" card=${1}></x-card><hr></div>`;
  expect(become(before, within, 'x-card').places).toEqual([1, 0]);
  // rows may have got other keys
  const rows = (by: (id: number) => number) => html`<ul>${keyed([1, 2], by, (id) => html`<li>${card(id)}</li>`)}</ul>`;
  expect(
    become(
      rows((id) => id),
      html`<b></b>${rows((id) => 10 - id)}`,
      'x-card',
    ).places,
  ).toEqual([0, 1]);
});

test('what stood in a part that stays may be put beside it', () => {
  const part = (inner: unknown) => html`<h1>part</h1>${inner as string}<p>end</p>`;
  const inner = html`<em id="inner">inner</em>`;
  const before = html`<div>${part(inner)}</div>`;
  for (const after of [
    html`<div>${part(null)}${inner}</div><hr>`,
    html`<div>${inner}${part(null)}</div><hr>`,
    html`<div>${part(html`<i>other</i>${inner}`)}</div><hr>`,
  ])
    expect(become(before, after, '#inner').places).toEqual([0]);
  for (const after of [html`<div>${part(inner)}${null}</div><hr>`, before]) {
    const outside = html`<div>${part(null)}${inner}</div>`;
    expect(become(outside, after, '#inner').places).toEqual([0]);
    expect(become(outside, after, 'h1').places).toEqual([0]);
  }
});

test('what stood behind a place, beside other things of the same element, may come into it', () => {
  const part = (left: unknown, right: unknown) => html`<main>${left as string}<hr>${right as string}</main>`;
  const field = html`<input name="x">`;
  const some = html`<b>some</b>`;
  const both = (left: unknown, right: unknown) => html`${left as string}${right as string}`;
  for (const beside of [some, html`<i>other</i>`, 'text']) {
    for (const before of [part(some, field), part(some, both(some, field)), part(both(field, some), null)]) {
      for (const after of [
        part(both(beside, field), null),
        part(both(field, beside), null),
        part(both(beside, field), some),
        part(beside, field),
      ])
        expect(become(before, after, 'input').places).toEqual([0]);
    }
  }
});

test('what holds another thing may come to stand in it', () => {
  const before = html`<section id="a"><article id="b"><input name="x"></article></section>`;
  const after = html`<article id="b"><section id="a"><input name="x"></section></article>`;
  expect(become(before, after, '#a,#b,input').places).toEqual([1, 0, 2]);
});

test('an element that stays has the attributes and the handlers that are said now, and no others', () => {
  const before = html`<div><button id="b" class="old mine" data-old="1" title=${'old'} @click=${press}>press</button></div>`;
  const after = html`<p><button id="b" class="new" @click=${press}>press ${'it'}</button></p>`;
  const { island, places } = become(before, after, 'button');
  expect(places).toEqual([0]);
  document.body.append(island.root);
  island.root.querySelector('button')?.click();
  island.root.remove();
  expect(island.heard).toEqual([['click', 1, 0]]);
});
