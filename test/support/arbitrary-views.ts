// Random views for the laws: plain descriptions that fast-check makes and shrinks, and what they look like as templates
// of a pool of literals. They cover every kind of hole, nested in every kind of content. Whatever is nested in
// whatever, a browser parses the HTML as it is written: no hole stands inside a <p>, a <button> or a <a>.

import fc from 'fast-check';
import { html, keyed, type List, memo, on, svg, type Template, unsafeHtml } from '../../shared/index.ts';

/** What a child hole holds. */
export type Part =
  | string
  | number
  | boolean
  | null
  | { readonly kind: 'template'; readonly literal: number; readonly value: Scalar; readonly parts: readonly Part[] }
  | { readonly kind: 'array'; readonly parts: readonly Part[] }
  | { readonly kind: 'keyed'; readonly rows: readonly Row[]; readonly selected: number | null; readonly cut: number }
  | { readonly kind: 'memo'; readonly part: Part }
  | { readonly kind: 'raw'; readonly markup: string }
  /** Cannot be shown: it throws when it is met. Only `withBomb` makes one. */
  | { readonly kind: 'bomb' };

export type Scalar = string | number | boolean | null;

export interface Row {
  readonly key: number;
  readonly literal: number;
  readonly part: Part;
}

type Literal = (value: Scalar, first: unknown, second: unknown) => Template<unknown>;

const press = { type: 'UserPressed' };
const typed = (data: { readonly value?: string }): { type: 'UserTyped'; text: string } => ({
  type: 'UserTyped',
  text: data.value ?? '',
});

const literals: readonly Literal[] = [
  (value, first) => html`<section class=${value as string}>${first as string}</section>`,
  (value, first, second) => html`<div>${first as string} and ${second as string}, ${value as string}</div>`,
  (value, first, second) => html`${first as string}<hr ?hidden=${value}>${second as string}`,
  (value, first) => html`text ${first as string} <b title="a ${value} b ${value}">${value as string}</b> more`,
  (value) => html`<input .value=${value} ?disabled=${value} @input=${typed} @change=${value === 1 ? press : null}>`,
  (_, first, second) => html`<ul><li>${first as string}</li><li>${second as string}</li></ul>`,
  (value, first) =>
    html`<button @click=${on(value === null ? press : typed, { debounceMs: value === 1 ? 5 : 0 })}>${numberOf(first)}</button>`,
  (value, first) => html`<svg viewBox="0 0 9 9">${svg`<circle r=${value as string} />`}<g>${numberOf(first)}</g></svg>`,
  (value) => html`<textarea>${value as string}</textarea><style>.a { color: ${value as string} }</style>`,
  (value, first) => html`<table><tbody>${tableRows(value, first)}</tbody></table>`,
  (value) => html`<a href="/items/${value}?x=${value}" data-value=${value as string}>link</a>tail`,
  (_, first, second) => html`<div><i></i>${first as string}${second as string}<i></i></div>`,
  (value, first) => html`<pre>${first as string}</pre><pre>${value as string}${first as string}</pre>`,
  (value, first) =>
    html`<div id="d" ...=${{ title: value, id: 'never', 'data-value': value, class: ['a', { b: value === 1 }], hidden: value }}>${first as string}</div>`,
  (value) =>
    html`<p class="x ${[value]} ${{ y: value, z: !value }}" style=${{ zIndex: numberOf(value), color: value === 1 ? 'red' : null }}></p>`,
  () => html``,
  () => html`static <!-- a comment --> text`,
];

// Rows can only stand in a table: these come from a number.
function tableRows(value: Scalar, first: unknown): Template<unknown>[] {
  return Array.from(
    { length: numberOf(value) % 4 },
    (_, row) => html`<tr><td>${row}</td><td>${first as string}</td></tr>`,
  );
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}

/** Makes the view of a description. Equal rows are the same objects within one `views()`, as in an immutable model. */
export function views(): (part: Part) => Template<unknown> {
  const rows = new Map<string, Row>();
  const intern = (row: Row): Row => {
    const text = JSON.stringify(row);
    const known = rows.get(text);
    if (known) return known;
    rows.set(text, row);
    return row;
  };
  const chunks = new Map<string, readonly Row[]>();
  /**
   * The rows as an array, or as a long list that is cut before some keys, so that chunks stay where others come and go.
   * Equal chunks are the same objects, too. Some are empty.
   */
  const itemsOf = (rows: readonly Row[], cut: number): readonly Row[] | List<Row> => {
    const items = rows.map(intern);
    if (cut === 0) return items;
    const parts: Row[][] = [[]];
    for (const item of items) {
      if (item.key % cut === 0) parts.push([]);
      if (item.key === 6) parts.push([], []);
      parts.at(-1)?.push(item);
    }
    const internChunk = (chunk: readonly Row[]): readonly Row[] => {
      const text = JSON.stringify(chunk);
      const known = chunks.get(text) ?? chunk;
      chunks.set(text, known);
      return known;
    };
    return { chunks: parts.map(internChunk) };
  };
  const view = (part: Part): unknown => {
    if (part === null || typeof part !== 'object') return part;
    switch (part.kind) {
      case 'template':
        return literals[part.literal]?.(part.value, view(part.parts[0] ?? null), view(part.parts[1] ?? null));
      case 'array':
        return part.parts.map(view);
      case 'keyed': {
        const { selected } = part;
        return keyed(
          itemsOf(part.rows, part.cut),
          // a long list that knows its keys by name keeps an index of them
          part.cut === 2 ? 'key' : (row) => row.key,
          (row) => rowView(row, row.key === selected, view(row.part)),
          selected === null ? {} : { selected },
        );
      }
      case 'memo':
        return memo({ part: JSON.stringify(part.part) }, () => view(part.part));
      case 'raw':
        return unsafeHtml(part.markup);
      case 'bomb':
        return Symbol('bomb');
    }
  };
  return (part) => html`<main>${view(part) as string}</main>`;
}

function rowView(row: Row, isSelected: boolean, content: unknown): unknown {
  if (row.literal === 0) return html`<div class=${isSelected ? 'on' : null} @click=${press}>${content as string}</div>`;
  if (row.literal === 1) return html`<p>${row.key} ${isSelected ? html`<b>selected</b>` : null}</p>`;
  return `text of row ${row.key}`;
}

const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  // what HTML has to be careful with
  fc.constantFrom('a\r\n<b>&"', '\n\nline', '\r', 'nul \0, half \ud83d', '</style><!--', ' ', '\u00a0'),
);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, fc.integer({ min: -3, max: 9 }), fc.boolean(), fc.constant(null));

/** An array, or chunks of so many rows. */
const cuts = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 }));

/** A random part of a view. */
export const part: fc.Arbitrary<Part> = fc.letrec<{ part: Part; row: Row }>((tie) => ({
  row: fc.record({ key: fc.integer({ min: 0, max: 12 }), literal: fc.integer({ min: 0, max: 2 }), part: tie('part') }),
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 2, arbitrary: scalar },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('template' as const),
        literal: fc.integer({ min: 0, max: literals.length - 1 }),
        value: scalar,
        parts: fc.array(tie('part'), { maxLength: 2 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('array' as const), parts: fc.array(tie('part'), { maxLength: 5 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('keyed' as const),
        rows: fc.uniqueArray(tie('row'), { maxLength: 9, selector: (row) => row.key }),
        selected: fc.option(fc.integer({ min: 0, max: 12 })),
        cut: cuts,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('memo' as const), part: tie('part') }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('raw' as const), markup: fc.constantFrom('', '<i>raw</i>', 'x') }),
    },
  ),
})).part;

/** Random keyed lists alone: what a list goes through in a few renderings, most of its rows staying what they are. */
export const lists: fc.Arbitrary<Part[]> = fc
  .tuple(
    fc.infiniteStream(fc.record({ literal: fc.integer({ min: 0, max: 2 }), part: scalar })),
    fc.array(
      fc.record({
        keys: fc.uniqueArray(fc.integer({ min: 0, max: 14 }), { maxLength: 15 }),
        changed: fc.option(fc.integer({ min: 0, max: 14 })),
        selected: fc.option(fc.integer({ min: 0, max: 14 })),
        isSorted: fc.boolean(),
        cut: cuts,
      }),
      { minLength: 2, maxLength: 5 },
    ),
  )
  .map(([looks, renderings]) => {
    const rows = Array.from({ length: 15 }, (_, key): Row => ({ key, ...next(looks) }));
    return renderings.map(({ keys, changed, selected, isSorted, cut }): Part => {
      if (changed !== null) rows[changed] = { key: changed, ...next(looks) };
      const order = isSorted ? keys.toSorted((left, right) => left - right) : keys;
      return { kind: 'keyed', rows: order.map((key) => rows[key] as Row), selected, cut };
    });
  });

function next<T>(stream: Iterator<T>): T {
  return stream.next().value as T;
}

/** What a view goes through: random parts, the next often a small change of the one before. */
export const histories: fc.Arbitrary<Part[]> = fc
  .tuple(part, fc.array(fc.tuple(part, fc.nat(), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 4 }))
  .map(([first, changes]) => {
    const history = [first];
    for (const [change, place, how] of changes) {
      history.push(how === 0 ? change : replaceAt(history.at(-1) as Part, place, change));
    }
    return history;
  });

/** Puts something that cannot be shown at some place inside. */
export function withBomb(whole: Part, place: number): Part {
  return replaceAt(whole, place, { kind: 'bomb' });
}

/** Puts a part at the place of another one, somewhere inside. */
function replaceAt(whole: Part, place: number, change: Part): Part {
  if (whole === null || typeof whole !== 'object' || place % 4 === 0) return change;
  const next = Math.floor(place / 4);
  switch (whole.kind) {
    case 'template':
    case 'array': {
      if (whole.parts.length === 0) return { ...whole, parts: [change] };
      const index = next % whole.parts.length;
      return { ...whole, parts: whole.parts.with(index, replaceAt(whole.parts[index] ?? null, next, change)) };
    }
    case 'keyed': {
      const row = whole.rows[next % Math.max(1, whole.rows.length)];
      if (!row) return change;
      if (place % 5 === 0) return { ...whole, selected: row.key };
      const changed = { ...row, part: replaceAt(row.part, next, change) };
      const rows = whole.rows.map((other) => (other === row ? changed : other));
      return { ...whole, rows: place % 3 === 0 ? rows.toReversed() : rows };
    }
    case 'memo':
      return { ...whole, part: replaceAt(whole.part, next, change) };
    case 'raw':
    case 'bomb':
      return change;
  }
}
