/*
 * What is stored of a user besides the facts, so that both databases sort and search alike: the folded name, the
 * address in small letters, and the words of both, which an index finds by how they begin.
 */

import type { Kysely } from 'kysely';
import { wordsOf } from '../../../components/admin/words.ts';
import { fold } from '../../../components/fold.ts';
import type { Tables, UsersTable } from './tables.ts';

/** Few enough for the parameters of one statement, at two each. */
const wordsPerInsert = 5_000;

export function sortKeys({
  name,
  email,
}: Pick<UsersTable, 'name' | 'email'>): Pick<UsersTable, 'sort_name' | 'email_key'> {
  return { sort_name: fold(name), email_key: emailKey(email) };
}

/** Addresses that differ in capitals only reach the same person. */
export function emailKey(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

/** Adds the words of users who have none yet. */
export async function insertWords(
  tables: Kysely<Tables>,
  users: readonly Pick<UsersTable, 'id' | 'name' | 'email'>[],
): Promise<void> {
  const rows = users.flatMap(({ id, name, email }) =>
    wordsOf(`${name} ${email}`).map((word) => ({ word, user_id: id })),
  );
  for (let done = 0; done < rows.length; done += wordsPerInsert) {
    await tables
      .insertInto('user_words')
      .values(rows.slice(done, done + wordsPerInsert))
      .execute();
  }
}

export async function removeWords(tables: Kysely<Tables>, id: number): Promise<void> {
  await tables.deleteFrom('user_words').where('user_id', '=', id).execute();
}
