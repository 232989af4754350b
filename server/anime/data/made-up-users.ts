/*
 * Made-up users, for an admin page that has something to show. The same number gives the same users, so that pictures
 * of the page stay the same.
 */

import { sql } from 'kysely';
import { randomNumbers } from '../random-numbers.ts';
import type { Database } from './database.ts';
import type { UserFacts } from './tables.ts';
import { insertWords, sortKeys } from './user-keys.ts';

const firstNames =
  'Aiko Akira Amara Anna Asha Ben Chen Chiara Daichi Elif Emil Farid Greta Hana Hiro Ines Ivan Jonas Kaito Kenji Lars Lea Lina Luca Maya Mei Mina Nadia Naoki Nils Olga Omar Paula Priya Quentin Ravi Ren Rosa Sara Satoshi Sora Tara Tomas Uma Vera Wanja Xenia Yara Yuki Zoe'.split(
    ' ',
  );
const lastNames =
  'Abe Bauer Costa Dubois Eriksen Fischer Garcia Haddad Ito Jansen Kimura Larsen Mori Novak Okafor Peters Quist Rossi Sato Tanaka Ueda Vogel Weber Xu Yamada Ziegler'.split(
    ' ',
  );
const countries = ['AT', 'BR', 'CA', 'DE', 'ES', 'FR', 'GB', 'IN', 'IT', 'JP', 'KR', 'MX', 'NG', 'NO', 'PL', 'US'];

/** Few enough for the parameters of one statement. */
const rowsPerInsert = 500;
const msPerDay = 86_400_000;

/** Adds users until there are `amount`, all or none. Gives how many were added. */
export async function generateUsers({ kind, tables }: Database, amount: number): Promise<number> {
  return tables.transaction().execute(async (transaction) => {
    // another process may do the same; SQLite has one writer anyway
    if (kind === 'postgres') await sql`lock table users in share row exclusive mode`.execute(transaction);
    const { count, last } = await transaction
      .selectFrom('users')
      .select(({ fn }) => [fn.countAll().as('count'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow();
    const deleted = await transaction
      .selectFrom('deleted_users')
      .select(({ fn }) => fn.max('id').as('last'))
      .executeTakeFirst();
    const missing = Math.max(0, amount - Number(count));
    // who was deleted may come back: that number is taken
    const first = Math.max(last ?? 0, deleted?.last ?? 0) + 1;
    for (let done = 0; done < missing; done += rowsPerInsert) {
      const length = Math.min(rowsPerInsert, missing - done);
      const users = Array.from({ length }, (_, at) => madeUpUser(first + done + at));
      await transaction
        .insertInto('users')
        .values(users.map((user) => ({ ...user, ...sortKeys(user) })))
        .execute();
      await insertWords(transaction, users);
    }
    return missing;
  });
}

function madeUpUser(id: number): UserFacts {
  const random = randomNumbers(id);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const [first, last] = [pick(firstNames), pick(lastNames)];
  const chance = random();
  return {
    id,
    name: `${first} ${last}`,
    email: `${first}.${last}.${id}@example.com`.toLowerCase(),
    role: chance < 0.005 ? 'admin' : chance < 0.03 ? 'moderator' : 'member',
    country: pick(countries),
    joined_on: new Date(Date.UTC(2019, 0, 1) + Math.floor(random() * 2_500) * msPerDay).toISOString().slice(0, 10),
    revision: 0,
  };
}
