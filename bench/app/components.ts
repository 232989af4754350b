/*
 * The measured components: a counter, and a table whose buttons stand in the order of `operations`, so that a driver
 * finds them by order. Written as a user would write them; nothing here knows that it is measured.
 */

import { component, effect, html, keyed, type List, list } from '../../shared/index.ts';
import { createTable, type Operation, operate, type Row, relabel, type Table } from './rows.ts';

interface UserClickedUp {
  readonly type: 'UserClickedUp';
}

export const counter = component<number, UserClickedUp>({
  name: 'bench-counter',
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html`<div><button @click=${{ type: 'UserClickedUp' }}>Up</button><output>${count}</output></div>`,
});

/** Messages are the operations themselves. */
export interface TableMessage {
  readonly type: Operation;
}

/** A component of a table of `rowCount` rows. */
export const tableOf = (rowCount: number) =>
  component<Table, TableMessage>({
    name: 'bench-table',
    init: () => [createTable(rowCount), effect.none],
    update: (table, message) => [operate(table, message.type), effect.none],
    view: (table) => html`<div>
<button @click=${{ type: 'one' }}>one</button>
<button @click=${{ type: 'update10' }}>update10</button>
<button @click=${{ type: 'swap' }}>swap</button>
<button @click=${{ type: 'select' }}>select</button>
<button @click=${{ type: 'append' }}>append</button>
<button @click=${{ type: 'remove' }}>remove</button>
<button @click=${{ type: 'prepend' }}>prepend</button>
<button @click=${{ type: 'reverse' }}>reverse</button>
<table><tbody>${rowsOf(table)}</tbody></table></div>`,
  });

/** The rows by themselves, for a document that is not live. */
export const rowsOf = ({ rows, selected }: Table) => keyed(rows, 'id', rowView, { selected });

export const rowView = (row: Row, { selected }: { readonly selected: number }) =>
  html`<tr class=${row.id === selected ? 'danger' : null}><td>${row.id}</td><td>${row.label}</td></tr>`;

/** A long list of `rowCount` rows, of which one is changed: another each time, as in the table. */
export const longListOf = (rowCount: number) =>
  component<{ readonly rows: List<Row>; readonly tick: number }, { readonly type: 'one' }>({
    name: 'bench-long-list',
    init: () => [{ rows: list.from(createTable(rowCount).rows), tick: 0 }, effect.none],
    update({ rows, tick }) {
      const index = ((tick + 1) * 37) % rowCount;
      const row = relabel(list.at(rows, index) as Row, tick + 1);
      return [{ rows: list.with(rows, index, row), tick: tick + 1 }, effect.none];
    },
    view: ({ rows }) => html`<div>
<button @click=${{ type: 'one' }}>one</button>
<table><tbody>${keyed(rows, 'id', longRowView)}</tbody></table></div>`,
  });

const longRowView = (row: Row) => html`<tr><td>${row.id}</td><td>${row.label}</td></tr>`;

/** The same with a button in each row, in a template of its own: a click names an instance deep in the tree. */
export const nestedListOf = (rowCount: number) =>
  component<{ readonly rows: List<Row>; readonly tick: number }, { readonly type: 'UserPicked'; readonly at: number }>({
    name: 'bench-nested-list',
    init: () => [{ rows: list.from(createTable(rowCount).rows), tick: 0 }, effect.none],
    update({ rows, tick }, { at }) {
      const row = relabel(list.at(rows, at) as Row, tick + 1);
      return [{ rows: list.with(rows, at, row), tick: tick + 1 }, effect.none];
    },
    view: ({ rows }) => html`<table><tbody>${keyed(rows, 'id', nestedRowView)}</tbody></table>`,
  });

const nestedRowView = (row: Row) =>
  html`<tr><td>${html`<button @click=${{ type: 'UserPicked', at: row.id - 1 }}>${row.label}</button>`}</td></tr>`;
