/*
 * What the table asks of its source, and of the page that it stands in, as effects. What the source fails with is for
 * its own log; here it is one message.
 */

import { type Effect, effect, focus } from '../../shared/index.ts';
import type { UsersMessage, Wanted } from './model.ts';
import { type UserQuery, writeQuery } from './query.ts';
import type { Author, UserEdit, UserSource } from './source.ts';

type UsersEffect = Effect<UsersMessage>;

/** How many deletions are told at most; the others follow when these are undone. */
export const maxDeletions = 20;
/** Many changes by others are loaded together. */
const refreshMs = 200;

export const refreshSoon: UsersEffect = effect.after(refreshMs, { type: 'RefreshIsDue' });

const failed = { kind: 'failed' } as const;

/** Tells of every change from now on, and whether there was one since `changeCount`. */
export function watch(source: UserSource, changeCount: number): UsersEffect {
  const news: UsersEffect = effect.subscribe(source.changes, (change) => ({ type: 'SourceChanged', change }), {
    onGap: () => ({ type: 'SourceHadChanged' }),
  });
  const before = effect.from<UsersMessage>((dispatch) => {
    if (source.changeCount !== changeCount) dispatch({ type: 'SourceHadChanged' });
  });
  return effect.batch([news, before]);
}

/** Asks for rows. What was asked before is not waited for any more. */
export function askFor(source: UserSource, wanted: Wanted): UsersEffect {
  const asked = effect.attempt(() => load(source, wanted), {
    onSuccess: (loaded) => ({ type: 'SourceReturnedPage', wanted, ...loaded }),
    onError: () => ({ type: 'SourceFailedToLoad', wanted }),
  });
  return effect.latest('users.rows', asked);
}

async function load(source: UserSource, wanted: Wanted) {
  if (wanted.kind === 'refresh') {
    const [page, deletions] = await Promise.all([source.page(wanted.query), source.deletions(maxDeletions)]);
    return { page, deletions };
  }
  const { query } = wanted;
  return { page: await (wanted.kind === 'user' ? source.pageOf(wanted.id, query) : source.page(query)) };
}

export function store(source: UserSource, edit: UserEdit, author: Author): UsersEffect {
  const { id, field } = edit;
  return effect.attempt(() => source.edit(edit, author), {
    onSuccess: (outcome) => ({ type: 'SourceAnsweredEdit', id, field, outcome }),
    onError: () => ({ type: 'SourceAnsweredEdit', id, field, outcome: failed }),
  });
}

export function remove(source: UserSource, id: number, author: Author): UsersEffect {
  return effect.attempt(() => source.remove(id, author), {
    onSuccess: (outcome) => ({ type: 'SourceAnsweredRemove', id, outcome }),
    onError: () => ({ type: 'SourceAnsweredRemove', id, outcome: failed }),
  });
}

export function restore(source: UserSource, id: number, author: Author): UsersEffect {
  return effect.attempt(() => source.restore(id, author), {
    onSuccess: (outcome) => ({ type: 'SourceAnsweredRestore', outcome }),
    onError: () => ({ type: 'SourceAnsweredRestore', outcome: failed }),
  });
}

// What follows is for the page around the table; `client-runtime/anime/admin.ts` listens.

/** Moves the focus to what a selector finds. */
export function focusOn(selector: string): UsersEffect {
  return effect.emit('users-focus', selector, { bubbles: false });
}

/** The same of what a page that predicts shows at once: there the focus follows in the next frame. */
export function focusAtOnce(selector: string): UsersEffect {
  return effect.batch([focusOn(selector), focus(selector, { preventScroll: true })]);
}

/** Has the address say what is shown, so that loading the page again shows the same. */
export function showInAddress(query: UserQuery): UsersEffect {
  return effect.emit('users-view', writeQuery(query), { bubbles: false });
}
