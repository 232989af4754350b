/*
 * The step of `migrations.ts` that the admin page needs: an index for each way to sort and find users, deleted users
 * who can still be brought back, and who is logged in.
 */

import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';
import { insertWords, sortKeys } from './user-keys.ts';

/** Few enough for the parameters of one statement. */
const usersPerStep = 500;

export async function addAdmin(transaction: Transaction<Tables>, kind: Database['kind']): Promise<void> {
  const bytes = sql.raw(kind === 'postgres' ? 'TEXT COLLATE "C"' : 'TEXT');
  const statements = [
    sql`ALTER TABLE users ADD COLUMN sort_name ${bytes} NOT NULL DEFAULT ''`,
    sql`ALTER TABLE users ADD COLUMN email_key ${bytes} NOT NULL DEFAULT ''`,
    sql`ALTER TABLE users ADD COLUMN revision INTEGER NOT NULL DEFAULT 0`,
    sql`CREATE TABLE user_words (word ${bytes} NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (word, user_id))`,
    sql`CREATE TABLE deleted_users (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      email TEXT NOT NULL,
      role TEXT NOT NULL,
      country TEXT NOT NULL,
      joined_on TEXT NOT NULL,
      revision INTEGER NOT NULL,
      deleted_at ${bytes} NOT NULL,
      deleted_by TEXT NOT NULL
    )`,
    sql`CREATE TABLE admin_sessions (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      credential TEXT NOT NULL,
      expires_at TEXT NOT NULL
    )`,
  ];
  for (const statement of statements) await statement.execute(transaction);
  await prepareUsers(transaction);
  const indexes = [
    sql`DROP INDEX users_by_name`,
    sql`DROP INDEX users_by_joined_on`,
    sql`CREATE INDEX users_by_name ON users (sort_name, id)`,
    sql`CREATE UNIQUE INDEX users_by_email ON users (email_key)`,
    sql`CREATE INDEX users_by_role ON users (role, sort_name, id)`,
    sql`CREATE INDEX users_by_country ON users (country, sort_name, id)`,
    sql`CREATE INDEX users_by_joined_on ON users (joined_on, sort_name, id)`,
    sql`CREATE INDEX user_words_by_user ON user_words (user_id)`,
    sql`CREATE INDEX deleted_users_by_time ON deleted_users (deleted_at, id)`,
  ];
  for (const index of indexes) await index.execute(transaction);
}

/** Fills in what is new, for those who are there already. */
async function prepareUsers(transaction: Transaction<Tables>): Promise<void> {
  for (let last = 0; ; ) {
    const users = await transaction
      .selectFrom('users')
      .select(['id', 'name', 'email'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(usersPerStep)
      .execute();
    const [end] = users.slice(-1);
    if (end === undefined) return;
    const rows = users.map((user) => {
      const { sort_name, email_key } = sortKeys(user);
      return sql`(cast(${user.id} AS INTEGER), ${sort_name}, ${email_key})`;
    });
    await sql`UPDATE users SET sort_name = made.column2, email_key = made.column3
      FROM (VALUES ${sql.join(rows)}) AS made WHERE users.id = made.column1`.execute(transaction);
    await insertWords(transaction, users);
    last = end.id;
  }
}
