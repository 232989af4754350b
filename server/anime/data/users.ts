/*
 * The one place where users are changed: edited, deleted, brought back. Input: what an administrator did. Output: what
 * came of it, and news on a topic, for all servers, once it is stored. A deletion moves the user to a table of its own in one
 * transaction (`deleted-users.ts`), from which it is brought back, or forgotten when the time for that is over.
 */

import type { Transaction } from 'kysely';
import type {
  Author,
  EditOutcome,
  RemoveOutcome,
  RestoreOutcome,
  UserChange,
  UserEdit,
  UserSource,
} from '../../../components/admin/source.ts';
import { checkField } from '../../../components/admin/user.ts';
import { isId } from '../../../components/schema/id.ts';
import type { Topic } from '../../../shared/index.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Database } from './database.ts';
import { createForgetting, readDeletions } from './deleted-users.ts';
import type { Tables, UsersTable } from './tables.ts';
import { emailKey, insertWords, removeWords, sortKeys } from './user-keys.ts';
import { readCountries, readPage, readPageOf, toRow, userColumns } from './user-pages.ts';

export interface UsersOptions {
  /** How long a deleted user can be brought back. */
  readonly undoMs: number;
  readonly clock: WallClock;
  /** What nobody waits for failed. */
  readonly onError: (error: unknown) => void;
  /** Where all servers are told of changes. */
  readonly changes: Topic<UserChange>;
}

export interface Users extends Omit<UserSource, 'isOpen'> {
  /** Forgets those whose time is over, and waits for the others'. */
  start(): Promise<void>;
  close(): void;
}

export function createUsers(database: Database, options: UsersOptions): Users {
  const { tables } = database;
  const { undoMs, clock, onError, changes } = options;
  let changeCount = 0;
  const count = (): void => {
    changeCount++;
  };
  // the first who is told: what others read when they are told has this change in it
  const endCounting = changes.subscribe(count, { onGap: count });
  const publish = (change: UserChange): void => changes.publish(change);

  const onForgotten = (): void => publish({ kind: 'forgotten' });
  const forgetting = createForgetting(database, { undoMs, clock, onForgotten, onError });

  const edit = async ({ id, field, text, revision }: UserEdit): Promise<EditOutcome> => {
    const checked = checkField(field, text);
    if ('problem' in checked) return { kind: 'invalid', problem: checked.problem };
    const { value } = checked;
    return tables.transaction().execute(async (transaction): Promise<EditOutcome> => {
      const user = await readLocked(transaction, 'users', id);
      if (user === undefined) return { kind: 'gone' };
      if (user.revision !== revision) return { kind: 'conflict', row: toRow(user) };
      if (user[field] === value) return { kind: 'stored', row: toRow(user) };
      const owner = field === 'email' ? await ownerOf(transaction, value) : undefined;
      if (owner !== undefined && owner.id !== id) return { kind: 'invalid', problem: takenBy(owner.name) };
      const changed = { ...user, [field]: value, revision: revision + 1 };
      await transaction
        .updateTable('users')
        .set({ [field]: value, ...sortKeys(changed), revision: changed.revision })
        .where('id', '=', id)
        .execute();
      if (field === 'name' || field === 'email') {
        await removeWords(transaction, id);
        await insertWords(transaction, [changed]);
      }
      return { kind: 'stored', row: toRow(changed) };
    });
  };

  const remove = async (id: number, by: Author): Promise<RemoveOutcome> =>
    tables.transaction().execute(async (transaction) => {
      const user = await readLocked(transaction, 'users', id);
      if (user === undefined) return { kind: 'gone' };
      const deleted_at = new Date(clock.now()).toISOString();
      await transaction
        .insertInto('deleted_users')
        .values({ ...user, deleted_at, deleted_by: by.name })
        .execute();
      await removeWords(transaction, id);
      await transaction.deleteFrom('users').where('id', '=', id).execute();
      return { kind: 'removed', name: user.name };
    });

  const restore = async (id: number): Promise<RestoreOutcome> =>
    tables.transaction().execute(async (transaction) => {
      const found = await readLocked(transaction, 'deleted_users', id);
      if (found === undefined) return { kind: 'gone' };
      const owner = await ownerOf(transaction, found.email);
      if (owner !== undefined) return { kind: 'taken', owner: owner.name };
      const user = { ...found, revision: found.revision + 1 };
      await transaction
        .insertInto('users')
        .values({ ...user, ...sortKeys(user) })
        .execute();
      await insertWords(transaction, [user]);
      await transaction.deleteFrom('deleted_users').where('id', '=', id).execute();
      return { kind: 'restored', name: user.name };
    });

  /** PostgreSQL locks the row until the transaction ends; SQLite has one writer. */
  const readLocked = async (transaction: Transaction<Tables>, table: 'users' | 'deleted_users', id: number) => {
    if (!isId(id)) return undefined;
    return transaction
      .selectFrom(table)
      .select(userColumns)
      .where('id', '=', id)
      .$if(database.kind === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst();
  };

  return {
    page: (query) => readPage(database, query),
    pageOf: async (id, query) => (isId(id) ? readPageOf(database, id, query) : undefined),
    countries: () => readCountries(database),

    async edit(wanted, by) {
      const outcome = await orTaken(edit(wanted), { kind: 'invalid', problem: takenBy('somebody else') });
      if (outcome.kind === 'stored' && outcome.row.revision !== wanted.revision) {
        publish({ kind: 'edited', row: outcome.row, field: wanted.field, by });
      }
      return outcome;
    },

    async remove(id, by) {
      const outcome = await remove(id, by);
      if (outcome.kind === 'removed') {
        forgetting.expect();
        publish({ ...outcome, id, by });
      }
      return outcome;
    },

    async restore(id, by) {
      const outcome = await orTaken(restore(id), { kind: 'taken', owner: 'somebody else' });
      if (outcome.kind === 'restored') publish({ ...outcome, id, by });
      return outcome;
    },

    deletions: (limit) => readDeletions(database, limit),
    changes,
    get changeCount() {
      return changeCount;
    },
    start: forgetting.start,
    close() {
      endCounting();
      forgetting.close();
    },
  };
}

async function ownerOf(
  transaction: Transaction<Tables>,
  email: string,
): Promise<Pick<UsersTable, 'id' | 'name'> | undefined> {
  return transaction
    .selectFrom('users')
    .select(['id', 'name'])
    .where('email_key', '=', emailKey(email))
    .executeTakeFirst();
}

function takenBy(owner: string): string {
  return `This address belongs to ${owner} already.`;
}

/** PostgreSQL may find only at the end that another transaction was faster to take an address. */
async function orTaken<Outcome>(outcome: Promise<Outcome>, taken: Outcome): Promise<Outcome> {
  try {
    return await outcome;
  } catch (error) {
    if ((error as { code?: unknown }).code === '23505') return taken;
    throw error;
  }
}
