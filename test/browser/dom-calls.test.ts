// What each operation on 1,000 rows asks of the DOM: every call of a method and every read or write of a property, by
// name, with patches from a server and with a component that runs in the page. Unlike times they are the same everywhere.

import { beforeEach, expect, test } from 'vitest';
import { rowsOf } from '../../bench/app/components.ts';
import { createTable, type Operation, operate, type Table } from '../../bench/app/rows.ts';
import { html } from '../../shared/index.ts';
import { silentOwner } from './silent-owner.ts';

type Calls = { [name: string]: number };

let calls: Calls = {};

// before what is measured is loaded, which takes some of the DOM's own members from its prototypes
for (const { prototype } of [Node, Element, HTMLElement, CharacterData, Document, DocumentFragment, MutationObserver]) {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (!descriptor.configurable || name === 'constructor') continue;
    const counted = { ...descriptor };
    for (const part of ['value', 'get', 'set'] as const) {
      const own: unknown = descriptor[part];
      if (typeof own !== 'function') continue;
      counted[part] = function (this: unknown, ...given: unknown[]): unknown {
        const key = part === 'set' ? `${name}=` : name;
        calls[key] = (calls[key] ?? 0) + 1;
        return own.apply(this, given);
      };
    }
    Object.defineProperty(prototype, name, counted);
  }
}

const { createView } = await import('../../bench/browser/islet-app.ts');
const { createDomTree } = await import('../../client-runtime/dom/dom-tree.ts');
const { compile } = await import('../../server/html-parser.ts');
const { TemplateTable } = await import('../../shared/tree/encode.ts');
const { Rendering } = await import('../../shared/tree/rendering.ts');

type Show = (table: Table) => void | Promise<void>;

const subjects: { readonly [name: string]: (root: HTMLElement) => Show } = {
  'a component that runs in the page': (root) => {
    const view = createView(root);
    return (table) => view(table, undefined);
  },
  'patches from a server': (root) => {
    const rendering = new Rendering(compile, new TemplateTable());
    const view = (table: Table) => html`<table><tbody>${rowsOf(table)}</tbody></table>`;
    rendering.render(view(createTable(1_000)));
    const tree = createDomTree(root, null, silentOwner);
    tree.apply([rendering.define(0) as never]);
    tree.mount(rendering.toMount() as never, rendering.toIds(), rendering.nextId);
    return (table) => tree.apply(JSON.parse(JSON.stringify(rendering.render(view(table)))));
  },
};

let root = document.createElement('main');

beforeEach(() => {
  root.remove();
  root = document.createElement('main');
  document.body.append(root);
});

/** What the second of two equal operations asks of the DOM: the first one has the row selected, and a row appended. */
async function callsOf(show: Show, operation: Operation): Promise<Calls> {
  let table = createTable(1_000);
  await show(table);
  table = operate(table, operation);
  await show(table);
  table = operate(table, operation);
  calls = {};
  await show(table);
  const found = calls;
  calls = {};
  expect(Array.from(root.querySelectorAll('tr'), (row) => row.lastElementChild?.textContent)).toEqual(
    table.rows.map(({ label }) => label),
  );
  return found;
}

const added: Calls = {
  importNode: 1,
  firstChild: 6,
  nextSibling: 1,
  lastChild: 1,
  // whether its cells are edited by a person, and which control is to have the focus
  hasAttribute: 2,
  querySelector: 1,
  // two texts, and the row
  parentNode: 3,
  isConnected: 3,
  insertBefore: 3,
};
// what others do is watched: not so our own doing
const watched: Calls = { disconnect: 1, observe: 1 };

const expected: { readonly [operation in Operation]?: Calls } = {
  one: { 'data=': 1 },
  update10: { 'data=': 100 },
  swap: { parentNode: 2, nextSibling: 2, moveBefore: 2, ...watched },
  // others may have set the class
  select: { getAttribute: 2, setAttribute: 1, removeAttribute: 1 },
  append: { ...added, ...watched },
  remove: { parentNode: 1, removeChild: 1, ...watched },
  prepend: { ...added, ...watched },
};

for (const [name, create] of Object.entries(subjects)) {
  test.each(Object.entries(expected))(`%s, ${name}, calls nothing else of the DOM`, async (operation, wanted) => {
    const { takeRecords: _, ...found } = await callsOf(create(root), operation as Operation);
    expect(found).toEqual(wanted);
  });
}
