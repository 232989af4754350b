/*
 * The table in islet, as a component that runs in the page: the whole way from a message through update, view and diff
 * to the applied patch. Patches that come from a server are measured in a real page instead (`measure.ts`).
 */

import { start } from '../../client-runtime/app/start.ts';
import { component, effect, html } from '../../shared/index.ts';
import { rowsOf } from '../app/components.ts';
import { createTable, type Table } from '../app/rows.ts';
import type { View } from './tables.ts';

interface TableChanged {
  readonly type: 'TableChanged';
  readonly table: Table;
}

const tableView = component<Table, TableChanged>({
  init: () => [createTable(1_000), effect.none],
  update: (_, { table }) => [table, effect.none],
  view: (table) => html`<table><tbody>${rowsOf(table)}</tbody></table>`,
});

export function createView(container: HTMLElement): View {
  const app = start(tableView, container);
  return async (table) => {
    // messages of one task are rendered together, in a microtask that was queued before the one that resumes here
    app.dispatch({ type: 'TableChanged', table });
    await undefined;
  };
}
