// What the measured table costs in numbers that do not depend on the machine: bytes of each patch against its budget,
// rows viewed, instances made. Times are measured by bench/, never here.

import { describe, expect, test } from 'vitest';
import { counter, rowView } from '../bench/app/components.ts';
import { createTable, type Operation, operate, type Row } from '../bench/app/rows.ts';
import { compile } from '../server/html-parser.ts';
import { html, keyed, type List, list } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { forEachInstance, type Instance, type List as RenderedList } from '../shared/tree/tree.ts';
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

describe('in a list of a hundred thousand rows', () => {
  const count = 100_000;
  const nested = (row: Row) =>
    html`<tr><td>${html`<button @click=${{ type: 'UserPicked', id: row.id }}>${row.label}</button>`}</td></tr>`;

  /** Has each look at an item of an array counted. */
  function counting<Item>(items: readonly Item[], looks: { count: number }): readonly Item[] {
    return new Proxy(items as Item[], {
      get(target, name, receiver) {
        if (/^\d+$/.test(String(name))) looks.count++;
        return Reflect.get(target, name, receiver);
      },
    });
  }

  test('a long list with one other row has one chunk compared, one row viewed and one hole set', () => {
    const looks = { count: 0 };
    let views = 0;
    const view = (items: List<Row>) =>
      html`<table><tbody>${keyed(items, 'id', (row) => {
        views++;
        return html`<tr><td>${row.label}</td></tr>`;
      })}</tbody></table>`;
    const { chunks } = list.from(createTable(count).rows);
    const rows: List<Row> = { chunks: chunks.map((chunk) => counting(chunk, looks)) };
    const rendering = new Rendering(compile, new TemplateTable());
    rendering.render(view(rows));
    const next = list.with(rows, 50_000, { id: 50_001, label: 'another' });
    [looks.count, views] = [0, 0];
    expect(encodeOperations(rendering.render(view(next)))).toBe('[50002,0,"another"]');
    expect(views).toBe(1);
    // of the one chunk that is another
    expect(looks.count).toBeLessThanOrEqual(2 * 128);
  });

  test('the first click on a button inside a row looks at some twenty instances, and so does a click on nothing', () => {
    const rendering = new Rendering(compile, new TemplateTable());
    const { rows } = createTable(count);
    rendering.render(html`<table><tbody>${keyed(rows, 'id', nested)}</tbody></table>`);
    const looks = { count: 0 };
    forEachInstance(rendering.content, (instance) => {
      const { id } = instance;
      Object.defineProperty(instance, 'id', {
        get() {
          looks.count++;
          return id;
        },
      });
    });
    looks.count = 0;
    const last = 2 * count + 1;
    expect(rendering.findListener(last, 0)?.listener).toEqual({ type: 'UserPicked', id: count });
    expect(looks.count).toBeLessThanOrEqual(25);
    for (const id of [2, 3, 77_777, last + 1]) {
      looks.count = 0;
      expect(rendering.findListener(id, 0) !== undefined).toBe(id % 2 === 1);
      expect(looks.count).toBeLessThanOrEqual(25);
    }
  });

  test('a button inside a row is found without a look at the list, again after rows and buttons were made anew', () => {
    const looks = { count: 0 };
    const rendering = new Rendering(compile, new TemplateTable());
    const view = (rows: readonly Row[], isOther: number) =>
      html`<table><tbody>${keyed(
        rows,
        'id',
        (row, { isOther }) =>
          row.id === isOther
            ? html`<tr><td>${html`<b @click=${{ type: 'UserPicked', id: row.id }}></b>`}</td></tr>`
            : nested(row),
        { isOther },
      )}</tbody></table>`;
    const { rows } = createTable(count);
    rendering.render(view(rows, 0));
    const list = (rendering.content as Instance)[0] as RenderedList;
    const buttonOf = (row: number) => ((list.instances[0] ?? [])[row] as Instance)[0] as Instance;
    const clickIn = (row: number) => {
      const { id } = buttonOf(row);
      list.instances = [counting(list.instances[0] ?? [], looks)];
      looks.count = 0;
      const found = rendering.findListener(id, 0);
      expect(looks.count).toBe(0);
      expect(found?.outer.map(({ instance }) => instance.id)).toHaveLength(2);
      return found?.listener;
    };
    // the first one ever, too
    expect(clickIn(77_777)).toEqual({ type: 'UserPicked', id: 77_778 });
    rendering.render(view([createTable(count + 1).rows[count] as Row, ...rows.toSpliced(5, 1)], 3));
    expect(clickIn(0)).toEqual({ type: 'UserPicked', id: count + 1 });
    expect(clickIn(3)).toEqual({ type: 'UserPicked', id: 3 });
    expect(clickIn(77_777)).toEqual({ type: 'UserPicked', id: 77_778 });
  });
});
