// What each operation on 1,000 rows does to the DOM: which nodes it touches, not only what it looks like afterwards.

import { expect, test, vi } from 'vitest';
import { rowsOf } from '../../bench/app/components.ts';
import { createTable, type Operation, operate, type Table } from '../../bench/app/rows.ts';
import { createDomTree } from '../../client-runtime/dom/dom-tree.ts';
import { compile } from '../../server/html-parser.ts';
import { html } from '../../shared/index.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { silentOwner } from './silent-owner.ts';

const view = (table: Table) => html`<table><tbody>${rowsOf(table)}</tbody></table>`;

/**
 * Mounts 1,000 rows, applies the patch of an operation, and gives how many nodes were made, moved, removed or written.
 */
function touch(operation: Operation) {
  const rendering = new Rendering(compile, new TemplateTable());
  const table = createTable(1_000);
  rendering.render(view(table));
  const root = document.createElement('main');
  document.body.append(root);
  const tree = createDomTree(root, null, silentOwner);
  tree.apply([rendering.define(0) as never]);
  tree.mount(rendering.toMount() as never, rendering.toIds(), rendering.nextId);

  const observer = new MutationObserver(() => {});
  observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
  const next = operate(table, operation);
  tree.apply(rendering.render(view(next)));
  const records = observer.takeRecords();
  root.remove();

  const added = new Set(records.flatMap((record) => [...record.addedNodes]));
  const removed = new Set(records.flatMap((record) => [...record.removedNodes]));
  const written = records.filter(({ type }) => type !== 'childList').length;
  const moved = [...added].filter((node) => removed.has(node)).length;
  expect([...root.querySelectorAll('tr')].map((row) => row.lastElementChild?.textContent)).toEqual(
    next.rows.map((row) => row.label),
  );
  return { made: added.size - moved, moved, removed: removed.size - moved, written };
}

test.each([
  ['one', { made: 0, moved: 0, removed: 0, written: 1 }],
  ['update10', { made: 0, moved: 0, removed: 0, written: 100 }],
  ['swap', { made: 0, moved: 2, removed: 0, written: 0 }],
  ['select', { made: 0, moved: 0, removed: 0, written: 1 }],
  ['append', { made: 1, moved: 0, removed: 0, written: 0 }],
  ['remove', { made: 0, moved: 0, removed: 1, written: 0 }],
  ['prepend', { made: 1, moved: 0, removed: 0, written: 0 }],
  ['reverse', { made: 0, moved: 999, removed: 0, written: 0 }],
] as const)('%s touches only the nodes concerned', (operation, nodes) => {
  expect(touch(operation)).toEqual(nodes);
});

test('moving a thousand rows does not make the browser lay out the page for each', () => {
  const { get } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop') as PropertyDescriptor;
  // reading it forces a layout of all that has changed since the last one
  const read = vi.spyOn(Element.prototype, 'scrollTop', 'get').mockImplementation(function (this: Element) {
    return get?.call(this);
  });
  touch('reverse');
  expect(read.mock.calls.length).toBeLessThanOrEqual(1);
  read.mockRestore();
});
