/*
 * The users as a server component: one page of them at a time, sorted and filtered by the database, edited in place,
 * live when others change something. Input: a source of users, and who looks. The model, its changes and its view are
 * in the files beside this one.
 */

import { type Component, component, effect } from '../../shared/index.ts';
import { maxDeletions, watch } from './effects.ts';
import type { Next, UsersMessage, UsersModel, UsersProps } from './model.ts';
import { readQuery } from './query.ts';
import type { Author, UserSource } from './source.ts';
import { update } from './update.ts';
import { view } from './view.ts';

export type UsersTable = Component<UsersModel, UsersMessage, UsersProps>;

export function createUsersTable(source: UserSource): UsersTable {
  return component<UsersModel, UsersMessage, UsersProps>({
    init: ({ changeCount, ...props }) => [
      {
        ...props,
        areDeletionsOpen: false,
        load: { kind: 'idle' },
        isRefreshDue: false,
        edits: [],
        marks: {},
        found: null,
        removing: null,
        notice: '',
        isEnded: false,
      },
      watch(source, changeCount),
    ],
    // asked for each message, whatever it is: nothing is done in the name of somebody who has logged out
    update: (model, message) => (source.isOpen(model.author) ? update(source, model, message) : end(model)),
    view,
  });
}

/**
 * Loads what a table starts from.
 *
 * @param address The query of the page's address, as `writeQuery` writes it.
 */
export async function loadUsersTable(source: UserSource, author: Author, address: string): Promise<UsersProps> {
  const { changeCount } = source;
  const query = readQuery(Object.fromEntries(new URLSearchParams(address)));
  const [page, deletions, countries] = await Promise.all([
    source.page(query),
    source.deletions(maxDeletions),
    source.countries(),
  ]);
  return { author, page, deletions, countries, changeCount };
}

function end(model: UsersModel): Next {
  const { page } = model;
  // what is not there cannot be seen
  return [{ ...model, isEnded: true, page: { ...page, rows: [] }, edits: [] }, effect.none];
}
