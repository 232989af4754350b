/*
 * How the table changes: by what its administrator does, by what the source answers, and by what other administrators
 * do. Input: a model and a message. Output: the next model, and what to ask or to focus.
 */

import { effect } from '../../shared/index.ts';
import { beginEdit, changeEdit, endEdit, isOf, mergeRows, reconcile } from './edits.ts';
import { askFor, focusAtOnce, focusOn, refreshSoon, remove, restore, showInAddress, store } from './effects.ts';
import { askedQuery, type Edit, type Next, type UsersMessage, type UsersModel, type Wanted } from './model.ts';
import { hear } from './news.ts';
import { firstQuery, queryFields, readQuery, type UserQuery } from './query.ts';
import {
  afterUndo,
  cellSelector,
  fieldSelector,
  neighbour,
  refreshed,
  tableSelector,
  withoutRow,
  withRow,
} from './rows.ts';
import type { UserSource } from './source.ts';
import type { Field } from './user.ts';

type Answer<Type extends UsersMessage['type']> = Extract<UsersMessage, { type: Type }>;

const failure = 'This could not be stored. Try again in a moment.';
const gone = 'That user is not there any more.';

export function update(source: UserSource, model: UsersModel, message: UsersMessage): Next {
  const { author, load } = model;
  switch (message.type) {
    case 'UserAskedFor':
      return ask(source, model, { kind: 'page', query: message.query });
    case 'UserChangedFilter': {
      const fields = { ...queryFields(askedQuery(model)), page: '1', [message.filter]: message.text };
      return ask(source, model, { kind: 'page', query: readQuery(fields) });
    }
    case 'UserClearedFilters':
      return ask(source, model, { kind: 'page', query: withoutFilters(model) });
    case 'UserChoseSuggestion':
      return ask(source, model, { kind: 'user', id: message.id, query: withoutFilters(model) });
    case 'UserClickedRetry':
      return load.kind === 'failed' ? retry(source, model, load.wanted) : [model, effect.none];
    case 'UserOpenedCell':
      return openCell(model, message.id, message.field);
    case 'UserSentCell':
      return send(source, model, message);
    case 'UserLeftCell':
      return leaveCell(model, message.id, message.field);
    case 'UserClickedDelete':
      if (model.removing === message.id) return [model, effect.none];
      return [{ ...model, removing: message.id, notice: '' }, remove(source, message.id, author)];
    case 'UserClickedUndo':
      return [{ ...model, notice: '' }, restore(source, message.id, author)];
    case 'UserToggledDeletions':
      return [{ ...model, areDeletionsOpen: !model.areDeletionsOpen }, effect.none];
    case 'RefreshIsDue':
      // what is loading may be older than the change: it is asked again after that
      if (load.kind === 'loading') return [model, refreshSoon];
      if (load.kind === 'failed') return ask(source, { ...model, isRefreshDue: false }, load.wanted);
      return refresh(source, { ...model, isRefreshDue: false });
    case 'SourceReturnedPage':
      return takePage(model, message);
    case 'SourceFailedToLoad':
      return [{ ...model, load: { kind: 'failed', wanted: message.wanted } }, effect.none];
    case 'SourceAnsweredEdit':
      return takeEdit(source, model, message);
    case 'SourceAnsweredRemove': {
      const { outcome, id } = message;
      const next = { ...model, removing: model.removing === id ? null : model.removing };
      if (outcome.kind === 'removed') return [next, effect.none];
      if (outcome.kind === 'failed') return [{ ...next, notice: failure }, effect.none];
      return refreshed({ ...withoutRow(next, id), notice: gone });
    }
    case 'SourceAnsweredRestore':
      return [{ ...model, notice: restoreNotice(message) }, focusOn(afterUndo(model))];
    case 'SourceChanged':
      return hear(model, message.change);
    case 'SourceHadChanged':
      return refreshed(model);
  }
}

/** Asks for rows, and shows that it does. */
function ask(source: UserSource, model: UsersModel, wanted: Wanted): Next {
  return [{ ...model, load: { kind: 'loading', wanted }, notice: '' }, askFor(source, wanted)];
}

/** The button goes with what it says. */
function retry(source: UserSource, model: UsersModel, wanted: Wanted): Next {
  const [next, load] = ask(source, model, wanted);
  return [next, effect.batch([load, focusOn(tableSelector)])];
}

/** Asks for the same rows again, without a word. */
function refresh(source: UserSource, model: UsersModel): Next {
  const wanted = { kind: 'refresh', query: model.page.query } as const;
  return [{ ...model, load: { kind: 'loading', wanted } }, askFor(source, wanted)];
}

function withoutFilters(model: UsersModel): UserQuery {
  const { sort, isDown, size } = askedQuery(model);
  return { ...firstQuery, sort, isDown, size };
}

function takePage(model: UsersModel, { wanted, page, deletions }: Answer<'SourceReturnedPage'>): Next {
  const idle = { ...model, load: { kind: 'idle' } as const };
  if (page === undefined) return [{ ...idle, notice: gone }, effect.none];
  if (wanted.kind === 'refresh') {
    const rows = mergeRows(model, page.rows);
    const edits = model.edits.map((edit) => {
      const row = rows.find(({ id }) => id === edit.id);
      return row === undefined ? edit : reconcile(edit, row, null);
    });
    const next = { ...idle, page: { ...page, rows }, edits, deletions: deletions ?? model.deletions };
    // there may be fewer pages than before
    return [next, page.query.page === model.page.query.page ? effect.none : showInAddress(page.query)];
  }
  const found = wanted.kind === 'user' ? wanted.id : null;
  const next = { ...idle, page, edits: [], marks: {}, found };
  const shown = showInAddress(page.query);
  if (found !== null) return [next, effect.batch([shown, focusOn(cellSelector(found, 'name'))])];
  // the button that showed all users has gone where there are some now
  return [next, model.page.total === 0 ? effect.batch([shown, focusOn(tableSelector)]) : shown];
}

function openCell(model: UsersModel, id: number, field: Field): Next {
  const row = model.page.rows.find((each) => each.id === id);
  if (row === undefined || model.edits.some(isOf(id, field))) return [model, effect.none];
  return [
    { ...model, edits: [...model.edits, beginEdit(row, field)], notice: '' },
    focusAtOnce(fieldSelector(id, field)),
  ];
}

function leaveCell(model: UsersModel, id: number, field: Field): Next {
  const edit = model.edits.find(isOf(id, field));
  if (edit === undefined) return [model, effect.none];
  const next = endEdit(model, id, field);
  if (edit.goneBy === null) return [next, focusAtOnce(cellSelector(id, field))];
  // it was kept for this cell alone
  const isKept = next.edits.some((each) => each.id === id);
  return [isKept ? next : withoutRow(next, id), focusOn(neighbour(model, id))];
}

function send(source: UserSource, model: UsersModel, { id, field, text }: Answer<'UserSentCell'>): Next {
  const edit = model.edits.find(isOf(id, field));
  // a second Enter, while the first is being stored
  if (edit === undefined || edit.sent !== null || edit.goneBy !== null) return [model, effect.none];
  const next = changeEdit(model, id, field, () => ({ ...edit, sent: text, problem: null }));
  return [{ ...next, notice: '' }, store(source, { id, field, text, revision: edit.revision }, model.author)];
}

function takeEdit(source: UserSource, model: UsersModel, { id, field, outcome }: Answer<'SourceAnsweredEdit'>): Next {
  const edit = model.edits.find(isOf(id, field));
  switch (outcome.kind) {
    case 'stored': {
      const next = endEdit(withRow(model, outcome.row), id, field);
      return [{ ...next, notice: 'Saved.' }, edit === undefined ? effect.none : focusOn(cellSelector(id, field))];
    }
    case 'conflict': {
      const reconciled = edit && reconcile(edit, outcome.row, null);
      if (reconciled === undefined || reconciled.sent === null) return put(withRow(model, outcome.row), reconciled);
      // only other fields were changed: this one can be stored beside them
      const [next] = put(withRow(model, outcome.row), reconciled);
      const { sent: text, revision } = reconciled;
      return [next, store(source, { id, field, text, revision }, model.author)];
    }
    case 'invalid':
    case 'failed': {
      const problem = outcome.kind === 'invalid' ? outcome.problem : failure;
      // whoever left the cell meanwhile must hear of it, too
      if (edit === undefined) return [{ ...model, notice: problem }, effect.none];
      const [next] = put(model, { ...edit, sent: null, problem });
      return [next, focusOn(fieldSelector(id, field))];
    }
    case 'gone':
      return put(model, edit && { ...edit, sent: null, goneBy: edit.goneBy ?? '' });
  }
}

function put(model: UsersModel, edit: Edit | undefined): Next {
  return [edit === undefined ? model : changeEdit(model, edit.id, edit.field, () => edit), effect.none];
}

function restoreNotice({ outcome }: Answer<'SourceAnsweredRestore'>): string {
  switch (outcome.kind) {
    case 'restored':
      return `${outcome.name} is back.`;
    case 'taken':
      return `This cannot be undone: the address belongs to ${outcome.owner} now.`;
    case 'gone':
      return 'This cannot be undone any more, or somebody was faster.';
    case 'failed':
      return failure;
  }
}
