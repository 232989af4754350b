/*
 * What the table hears of changes, whoever made them: rows that are shown change in their place, at once; everything
 * else is loaded again, soon. Input: a model and a change. Output: the next model, with nothing lost that somebody
 * types.
 */

import { effect } from '../../shared/index.ts';
import { reconcile } from './edits.ts';
import { focusOn, maxDeletions } from './effects.ts';
import { deletionNotice, type Next, type UsersModel } from './model.ts';
import { neighbour, refreshed, withoutRow, withoutUser, withRow } from './rows.ts';
import type { UserChange } from './source.ts';

/** Somebody changed something: perhaps this table itself. */
export function hear(model: UsersModel, change: UserChange): Next {
  switch (change.kind) {
    case 'edited':
      return hearEdit(model, change);
    case 'removed': {
      const { id, name, by } = change;
      const { latest, total } = model.deletions;
      const others = latest.filter((each) => each.id !== id);
      const deletions = { latest: [{ id, name, by: by.name }, ...others].slice(0, maxDeletions), total: total + 1 };
      const notice = by.session === model.author.session ? deletionNotice(change) : model.notice;
      const edits = model.edits.map((edit) => (edit.id === id ? { ...edit, sent: null, goneBy: by.name } : edit));
      const isTyped = edits.some((edit) => edit.id === id);
      const told = withoutUser({ ...model, deletions, notice, edits }, id);
      const [next, refresh] = refreshed(isTyped ? told : withoutRow(told, id));
      // the button that was pressed is gone with its row
      return model.removing === id ? [next, effect.batch([refresh, focusOn(neighbour(model, id))])] : [next, refresh];
    }
    case 'restored': {
      const latest = model.deletions.latest.filter(({ id }) => id !== change.id);
      const total = Math.max(latest.length, model.deletions.total - 1);
      return refreshed({ ...model, deletions: { latest, total } });
    }
    case 'forgotten':
      return refreshed(model);
  }
}

function hearEdit(model: UsersModel, { row, field, by }: Extract<UserChange, { kind: 'edited' }>): Next {
  if (!model.page.rows.some(({ id }) => id === row.id)) return refreshed(model);
  const isOwn = by.session === model.author.session;
  const edits = model.edits.map((edit) => {
    const isThisOne = isOwn && edit.field === field && edit.sent !== null;
    return edit.id === row.id && !isThisOne ? reconcile(edit, row, by.name) : edit;
  });
  const { countries } = model;
  const known = countries.includes(row.country) ? countries : [...countries, row.country].sort();
  const marks = isOwn ? model.marks : { ...model.marks, [row.id]: by.name };
  return [{ ...withRow(model, row), countries: known, edits, marks }, effect.none];
}
