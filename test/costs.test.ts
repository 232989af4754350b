// What the measured table costs in numbers that do not depend on the machine: bytes of each patch against its budget,
// rows viewed, instances made. Times are measured by bench/, never here.

import { expect, test } from 'vitest';
import { counter, rowView } from '../bench/app/components.ts';
import { createTable, type Operation, operate } from '../bench/app/rows.ts';
import { compile } from '../server/html-parser.ts';
import { html, keyed } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { encodeOperations, encodePatchFrame } from '../shared/wire/server-frames.ts';

// the first hundred events of a client have numbers of up to two digits
const event = 99;

/** Renders 1,000 rows, then the table after an operation, and counts what the second rendering did. */
function costOf(operation: Operation) {
  const rendering = new Rendering(compile, new TemplateTable());
  let rowViews = 0;
  const view = ({ rows, selected }: ReturnType<typeof createTable>) => {
    const list = keyed(
      rows,
      'id',
      (row, deps) => {
        rowViews++;
        return rowView(row, deps);
      },
      { selected },
    );
    return html`<table><tbody>${list}</tbody></table>`;
  };
  const before = createTable(1_000);
  rendering.render(view(before));
  const { nextId } = rendering;
  rowViews = 0;
  const patch = rendering.render(view(operate(before, operation)));
  const bytes = Buffer.byteLength(encodePatchFrame(1, encodeOperations(patch), event));
  return { bytes, rowViews, instances: rendering.nextId - nextId };
}

test("a counter's patch has 20 bytes or less", () => {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(counter.view(0));
  const patch = rendering.render(counter.view(99));
  expect(encodePatchFrame(1, encodeOperations(patch), event).length).toBeLessThanOrEqual(20);
});

test.each([
  ['one', 30, { rowViews: 1, instances: 0 }],
  ['swap', 45, { rowViews: 0, instances: 0 }],
  ['append', 100, { rowViews: 1, instances: 1 }],
  ['remove', 30, { rowViews: 0, instances: 0 }],
  ['prepend', 110, { rowViews: 1, instances: 1 }],
] as const)(
  '%s of 1,000 rows: a patch of %d bytes or less, and only the rows concerned',
  (operation, maxBytes, work) => {
    const { bytes, ...counts } = costOf(operation);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(counts).toEqual(work);
  },
);

test('changing every tenth row views a hundred, and makes none', () => {
  expect(costOf('update10')).toMatchObject({ rowViews: 100, instances: 0 });
});

test('a reversed list is moved, not viewed or made again', () => {
  expect(costOf('reverse')).toMatchObject({ rowViews: 0, instances: 0 });
});

test('what all rows depend on is viewed in all, but only the row that looks different is sent', () => {
  const { bytes, ...counts } = costOf('select');
  expect(counts).toEqual({ rowViews: 1_000, instances: 0 });
  expect(bytes).toBeLessThanOrEqual(30);
});
