// The byte budgets on a table as people build it: two listeners in each of 1,000 keyed rows, labels of a few words.
// `costs.test.ts` holds the same budgets on the table that the benchmarks measure.

import { expect, test } from 'vitest';
import { component, effect, html, keyed, type Template } from '../shared/index.ts';
import { encodeShape } from '../shared/tree/encode.ts';
import { renderContent } from '../shared/tree/html.ts';
import type { Patch } from '../shared/wire/patch.ts';
import { encodeOperations, encodePatchFrame } from '../shared/wire/server-frames.ts';
import { TestIsland } from './support/render.ts';

interface Row {
  readonly id: number;
  readonly label: string;
}

type Message = { type: 'UserSelected'; id: number } | { type: 'UserRemoved'; id: number };

const words = 'pretty large big small tall short long handsome plain quaint clean elegant easy angry crazy'.split(' ');
const colours = 'red yellow blue green pink brown purple white black orange'.split(' ');
const things = 'table chair house desk car pony cookie sandwich burger pizza mouse keyboard'.split(' ');

const rows: readonly Row[] = Array.from({ length: 1000 }, (_, index) => createRow(index + 1));

function createRow(id: number): Row {
  const pick = (list: readonly string[], step: number): string => list[(id * step) % list.length] ?? '';
  return { id, label: `${pick(words, 7)} ${pick(colours, 3)} ${pick(things, 5)}` };
}

let views = 0;

const table = component<readonly Row[], Message, undefined>({
  init: () => [rows, effect.none],
  update: (model) => [model, effect.none],
  view: (model) => html`
    <table class="table table-hover table-striped">
      <tbody>${keyed(model, 'id', rowView)}</tbody>
    </table>
  `,
});

function rowView({ id, label }: Row): Template<Message> {
  views++;
  return html`
    <tr>
      <td class="col-md-1">${id}</td>
      <td class="col-md-4"><a @click=${{ type: 'UserSelected', id }}>${label}</a></td>
      <td class="col-md-1"><a aria-label="Remove" @click=${{ type: 'UserRemoved', id }}>x</a></td>
    </tr>
  `;
}

function bytesOf(patch: Patch): number {
  return Buffer.byteLength(encodePatchFrame(1, encodeOperations(patch), 12));
}

/** What rendering another list of rows costs: bytes of the frame, rows viewed, instances made. */
function costOf(next: readonly Row[]): { bytes: number; views: number; made: number } {
  const island = new TestIsland(table.view(rows));
  const { nextId } = island.rendering;
  views = 0;
  const bytes = bytesOf(island.render(table.view(next)));
  return { bytes, views, made: island.rendering.nextId - nextId };
}

function swapped(first: number, second: number): readonly Row[] {
  return rows.with(first, rows[second] as Row).with(second, rows[first] as Row);
}

test('a counter takes 20 bytes or less', () => {
  const view = (count: number): Template<unknown> => html`
    <button @click=${{ type: 'UserClickedDown' }}>-</button> ${count} <button @click=${{ type: 'UserClickedUp' }}>+</button>
  `;
  const island = new TestIsland(view(99_998));
  expect(bytesOf(island.render(view(99_999)))).toBeLessThanOrEqual(20);
});

test.each<[string, number, readonly Row[], { views: number; made: number }]>([
  ['one cell of a row', 30, rows.with(522, { id: 523, label: 'row 523 !' }), { views: 1, made: 0 }],
  ['swapping two rows', 45, swapped(1, 998), { views: 0, made: 0 }],
  ['swapping neighbours', 45, swapped(500, 501), { views: 0, made: 0 }],
  ['appending a row', 100, [...rows, createRow(1001)], { views: 1, made: 1 }],
  ['removing a row', 30, rows.toSpliced(499, 1), { views: 0, made: 0 }],
  ['prepending a row', 110, [createRow(1001), ...rows], { views: 1, made: 1 }],
  ['inserting a row', 110, rows.toSpliced(700, 0, createRow(1001)), { views: 1, made: 1 }],
  ['reversing all', 8 * rows.length, rows.toReversed(), { views: 0, made: 0 }],
  ['rendering the same', 7, rows, { views: 0, made: 0 }],
  ['rendering a copy of the list', 7, [...rows], { views: 0, made: 0 }],
  ['rendering equal rows', 7, rows.map((row) => ({ ...row })), { views: 1000, made: 0 }],
])('%s of 1,000 takes %d bytes or less, and no more work than it is', (_, maxBytes, next, work) => {
  const { bytes, ...counts } = costOf(next);
  expect(bytes).toBeLessThanOrEqual(maxBytes);
  expect(counts).toEqual(work);
});

test('changing every tenth row takes 30 bytes for each', () => {
  const next = rows.map((row) => (row.id % 10 === 0 ? { ...row, label: `row ${row.id} !` } : row));
  const { bytes, ...counts } = costOf(next);
  expect(bytes).toBeLessThanOrEqual(100 * 30);
  expect(counts).toEqual({ views: 100, made: 0 });
});

test('a shuffled list moves the fewest rows', () => {
  // one row in three leaves its place: rows 3k go behind rows 3k + 1
  const next = rows.toSorted((left, right) => orderOf(left) - orderOf(right));
  const island = new TestIsland(table.view(rows));
  const [operation] = island.render(table.view(next));
  const [, , , removed, ...runs] = operation as unknown as [string, number, number, number[], ...number[][]];
  expect(removed).toEqual([]);
  expect(runs.flatMap(([, ...entries]) => entries)).toHaveLength(333);
});

function orderOf({ id }: Row): number {
  return id % 3 === 0 ? id + 1.5 : id;
}

test("a row's listeners and place take no bytes in the page beyond its HTML", () => {
  const { rendering } = new TestIsland(table.view(rows));
  const shape = JSON.stringify([encodeShape(rendering.content, rendering.table), rendering.toIds()]);
  expect(shape.length).toBeLessThanOrEqual(60);
  expect(renderContent(rendering.content)).not.toContain('<!--');
});
