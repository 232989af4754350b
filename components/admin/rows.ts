/*
 * The rows that the table shows: changed, taken out, found in the page, and loaded again soon.
 */

import { effect } from '../../shared/index.ts';
import { refreshSoon } from './effects.ts';
import type { Next, UsersModel } from './model.ts';
import type { Field, UserRow } from './user.ts';

export function refreshed(model: UsersModel): Next {
  return model.isRefreshDue ? [model, effect.none] : [{ ...model, isRefreshDue: true }, refreshSoon];
}

export function withRow(model: UsersModel, row: UserRow): UsersModel {
  const rows = model.page.rows.map((each) => (each.id === row.id && each.revision < row.revision ? row : each));
  return { ...model, page: { ...model.page, rows } };
}

/** Counts one less where a row of the list goes; of other users nobody here knows whether they were counted. */
export function withoutUser(model: UsersModel, id: number): UsersModel {
  const { page } = model;
  if (!page.rows.some((row) => row.id === id)) return model;
  return { ...model, page: { ...page, total: Math.max(0, page.total - 1) } };
}

export function withoutRow(model: UsersModel, id: number): UsersModel {
  return { ...model, page: { ...model.page, rows: model.page.rows.filter((row) => row.id !== id) } };
}

/** The table as a whole: for the focus, where nothing of it is better. */
export const tableSelector = '#users-table';

export function cellSelector(id: number, field: Field): string {
  return `#u${id} .${field} button`;
}

export function fieldSelector(id: number, field: Field): string {
  return `#u${id} .${field} [name="value"]`;
}

/** Where to go on when a row goes: to the next one, or the one before, or what is there without any. */
export function neighbour({ page: { rows } }: UsersModel, id: number): string {
  const at = rows.findIndex((row) => row.id === id);
  const next = rows[at + 1] ?? rows[at - 1];
  return next === undefined ? tableSelector : `#u${next.id} .remove`;
}

/** Where to go on when a deletion was undone and its button went: to the next one's. */
export function afterUndo({ deletions }: UsersModel): string {
  return deletions.latest.length > 0 ? '.deleted li .plain' : tableSelector;
}
