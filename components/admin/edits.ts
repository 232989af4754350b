/*
 * Cells in which somebody types, and how they live with what others do to the same row. Nothing here overwrites what is
 * typed: a value that somebody else stored meanwhile is shown beside it, and whoever types decides.
 */

import type { Edit, UsersModel } from './model.ts';
import type { Field, UserRow } from './user.ts';

export function isOf(id: number, field: Field): (edit: Edit) => boolean {
  return (edit) => edit.id === id && edit.field === field;
}

export function beginEdit(row: UserRow, field: Field): Edit {
  const { id, revision } = row;
  const value = row[field];
  return { id, field, initial: value, base: value, revision, sent: null, problem: null, theirs: null, goneBy: null };
}

/** Changes one edit, if it is still there. */
export function changeEdit(model: UsersModel, id: number, field: Field, change: (edit: Edit) => Edit): UsersModel {
  const isMeant = isOf(id, field);
  return { ...model, edits: model.edits.map((edit) => (isMeant(edit) ? change(edit) : edit)) };
}

export function endEdit(model: UsersModel, id: number, field: Field): UsersModel {
  const isMeant = isOf(id, field);
  return { ...model, edits: model.edits.filter((edit) => !isMeant(edit)) };
}

/** The row is another one now: either the typed cell is as it was, or there are two values of it. */
export function reconcile(edit: Edit, row: UserRow, by: string | null): Edit {
  if (row.revision <= edit.revision) return edit;
  const { revision } = row;
  const value = row[edit.field];
  if (value === edit.base) return { ...edit, revision, goneBy: null };
  return { ...edit, revision, base: value, theirs: { value, by }, sent: null, problem: null, goneBy: null };
}

/** Rows that were loaded, with those kept in their place in which somebody types, and none older than was seen. */
export function mergeRows(model: UsersModel, loaded: readonly UserRow[]): readonly UserRow[] {
  const before = new Map(model.page.rows.map((row) => [row.id, row]));
  const rows = loaded.map((row) => {
    const seen = before.get(row.id);
    return seen !== undefined && seen.revision >= row.revision ? seen : row;
  });
  const ids = new Set(rows.map(({ id }) => id));
  for (const [at, row] of model.page.rows.entries()) {
    const isTyped = model.edits.some(({ id }) => id === row.id);
    if (isTyped && !ids.has(row.id)) rows.splice(Math.min(at, rows.length), 0, row);
  }
  return rows;
}
