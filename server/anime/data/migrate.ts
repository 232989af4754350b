/*
 * Brings a database up to date: what `migrations.ts` lists and the database lacks is done in order, all of it in one
 * transaction that locks out every other process. So a second start changes nothing, a second process waits and finds
 * everything done, and a failure leaves the database as it was.
 */

import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { DatabaseError } from './failures.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './tables.ts';

/** Any number, but always the same: PostgreSQL's lock has no name. */
const lockNumber = 19_980_403;

/** @throws DatabaseError `newer` where a later version of the app was here before. */
export async function migrate(database: Database): Promise<void> {
  await database.tables.transaction().execute(async (transaction) => {
    if (database.kind === 'postgres') await sql`SELECT pg_advisory_xact_lock(${lockNumber})`.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)`.execute(
      transaction,
    );
    const applied = await transaction.selectFrom('migrations').select('name').execute();
    const names = new Set(applied.map(({ name }) => name));
    for (const [name, apply] of Object.entries(migrations)) {
      if (names.delete(name)) continue;
      await apply(transaction, database.kind);
      await transaction.insertInto('migrations').values({ name, applied_at: new Date().toISOString() }).execute();
    }
    const [unknown] = names;
    if (unknown !== undefined) {
      throw new DatabaseError('newer', database.location.name, `it has the migration '${unknown}'`);
    }
    await proveWritable(transaction);
  });
}

/** A disk that is full or read-only must show at the start, and not with the first vote. */
async function proveWritable(transaction: Transaction<Tables>): Promise<void> {
  const value = new Date().toISOString();
  await transaction
    .insertInto('settings')
    .values({ name: 'started-at', value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
