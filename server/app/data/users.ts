/*
 * The one place where users are changed: edited, deleted, brought back. Input: what an administrator did. Output: what
 * came of it, and news to every subscriber once it is stored. A deletion moves the user to a table of its own in one
 * transaction, from which it is brought back, or forgotten when the time for that is over.
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
import type { Database } from './database.ts';
import type { Tables, UsersTable } from './tables.ts';
import { emailKey, insertWords, removeWords, sortKeys } from './user-keys.ts';
import { readCountries, readPage, readPageOf, toRow, userColumns } from './user-pages.ts';

export interface UsersOptions {
  /** How long a deleted user can be brought back. Default: 30 minutes. */
  readonly undoMs?: number;
  /** Milliseconds since 1970, and a timer; for tests. */
  readonly clock: UsersClock;
  /** What nobody waits for failed: a listener, or forgetting. */
  readonly onError: (error: unknown) => void;
}

export interface UsersClock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface Users extends Omit<UserSource, 'isOpen'> {
  /** Forgets those whose time is over, and waits for the others'. */
  start(): Promise<void>;
  close(): void;
}

/** The largest id that both databases keep. */
const maxId = 2_147_483_647;
/** After a failure to forget. */
const retryMs = 60_000;

export function createUsers(database: Database, options: UsersOptions): Users {
  const { tables } = database;
  const { undoMs = 1_800_000, clock, onError } = options;
  const listeners = new Set<(change: UserChange) => void>();
  let changeCount = 0;
  let timer: unknown;
  let isClosed = false;

  const publish = (change: UserChange): void => {
    changeCount++;
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        // it is stored: who listens badly must not make it look failed
        onError(error);
      }
    }
  };

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

  const forget = async (): Promise<void> => {
    const oldest = new Date(clock.now() - undoMs).toISOString();
    const { numDeletedRows } = await tables
      .deleteFrom('deleted_users')
      .where('deleted_at', '<=', oldest)
      .executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) publish({ kind: 'forgotten' });
    const next = await tables
      .selectFrom('deleted_users')
      .select('deleted_at')
      .orderBy('deleted_at')
      .limit(1)
      .executeTakeFirst();
    if (next) forgetIn(Date.parse(next.deleted_at) + undoMs - clock.now());
  };

  const forgetIn = (ms: number): void => {
    if (isClosed) return;
    clock.clearTimeout(timer);
    timer = clock.setTimeout(
      () => {
        timer = undefined;
        forget().catch((error: unknown) => {
          onError(error);
          forgetIn(retryMs);
        });
      },
      Math.max(0, ms),
    );
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
        if (timer === undefined) forgetIn(undoMs);
        publish({ ...outcome, id, by });
      }
      return outcome;
    },

    async restore(id, by) {
      const outcome = await orTaken(restore(id), { kind: 'taken', owner: 'somebody else' });
      if (outcome.kind === 'restored') publish({ ...outcome, id, by });
      return outcome;
    },

    async deletions(limit) {
      const [latest, { total }] = await Promise.all([
        tables
          .selectFrom('deleted_users')
          .select(['id', 'name', 'deleted_by as by'])
          .orderBy('deleted_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute(),
        tables
          .selectFrom('deleted_users')
          .select(({ fn }) => fn.countAll().as('total'))
          .executeTakeFirstOrThrow(),
      ]);
      return { latest, total: Number(total) };
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    get changeCount() {
      return changeCount;
    },
    start: forget,
    close() {
      isClosed = true;
      clock.clearTimeout(timer);
    },
  };
}

function isId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= maxId;
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
