/*
 * Reads users: a page of them, the page that has one of them, and suggestions while somebody types. Sorting, filtering
 * and paging are the database's; of its rows only those that are shown leave it. Each order has an index of its own,
 * and words are found by how they begin in another (`admin-migration.ts`).
 */

import { type ExpressionBuilder, type ReferenceExpression, type SelectQueryBuilder, sql } from 'kysely';
import type { SortColumn, UserQuery } from '../../../components/admin/query.ts';
import type { UserPage } from '../../../components/admin/source.ts';
import type { UserRow } from '../../../components/admin/user.ts';
import { searchWords } from '../../../components/admin/words.ts';
import type { Database } from './database.ts';
import type { Tables, UserFacts, UsersTable } from './tables.ts';

type Query<Columns> = SelectQueryBuilder<Tables, 'users', Columns>;
type Column = keyof UsersTable;

export const userColumns = ['id', 'name', 'email', 'role', 'country', 'joined_on', 'revision'] as const;

/** What each order goes by: no two users are equal in all of it. Downwards is the exact reverse. */
const orders: Readonly<Record<SortColumn, readonly Column[]>> = {
  name: ['sort_name', 'id'],
  email: ['email_key'],
  role: ['role', 'sort_name', 'id'],
  country: ['country', 'sort_name', 'id'],
  joined: ['joined_on', 'sort_name', 'id'],
};

/** Greater than every character that a word has. */
const lastCharacter = '\u{10ffff}';

export async function readPage({ tables }: Database, query: UserQuery): Promise<UserPage> {
  const { sort, isDown, size } = query;
  const found = filtered(tables.selectFrom('users'), query);
  const total = await count(found);
  const page = Math.min(query.page, Math.max(1, Math.ceil(total / size)));
  const before = (page - 1) * size;
  const length = Math.min(size, total - before);
  const after = total - before - length;
  // counted from the nearer end: the last page costs no more than the first
  const isFromEnd = after < before;
  const rows =
    length === 0
      ? []
      : await ordered(found, sort, isDown !== isFromEnd)
          .select(userColumns)
          .limit(length)
          .offset(isFromEnd ? after : before)
          .execute();
  if (isFromEnd) rows.reverse();
  return { query: { ...query, page }, rows: rows.map(toRow), total };
}

/** The page, of all users in this order, on which a user is; nothing where there is no such user. */
export async function readPageOf(
  database: Database,
  id: number,
  { sort, isDown, size }: UserQuery,
): Promise<UserPage | undefined> {
  const { tables } = database;
  const user = await tables.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  if (user === undefined) return undefined;
  const columns = orders[sort];
  const [left, right] = [columns.map((column) => sql.ref(column)), columns.map((column) => sql.val(user[column]))];
  const isBefore = sql<boolean>`(${sql.join(left)}) ${sql.raw(isDown ? '>' : '<')} (${sql.join(right)})`;
  const before = await count(tables.selectFrom('users').where(isBefore));
  const page = Math.floor(before / size) + 1;
  return readPage(database, { text: '', role: '', country: '', sort, isDown, size, page });
}

/** The first users by name that a search finds; at most so many. */
export async function suggestUsers(
  { tables }: Database,
  text: string,
  limit: number,
): Promise<Pick<UserFacts, 'id' | 'name' | 'email'>[]> {
  return ordered(filtered(tables.selectFrom('users'), { text, role: '', country: '' }), 'name', false)
    .select(['id', 'name', 'email'])
    .limit(limit)
    .execute();
}

/** Countries that users are from, by their codes. */
export async function readCountries({ tables }: Database): Promise<string[]> {
  const rows = await tables.selectFrom('users').select('country').distinct().orderBy('country').execute();
  return rows.map(({ country }) => country);
}

export function toRow({ joined_on, ...facts }: UserFacts): UserRow {
  const { id, name, email, role, country, revision } = facts;
  return { id, name, email, role, country, joined: joined_on, revision };
}

function filtered<Columns>(
  users: Query<Columns>,
  { text, role, country }: Pick<UserQuery, 'text' | 'role' | 'country'>,
): Query<Columns> {
  let query = users;
  for (const word of searchWords(text)) query = query.where('users.id', 'in', (eb) => withWord(eb, word));
  if (role !== '') query = query.where('role', '=', role);
  if (country !== '') query = query.where('country', '=', country);
  return query;
}

function withWord(eb: ExpressionBuilder<Tables, 'users'>, start: string) {
  return eb
    .selectFrom('user_words')
    .select('user_id')
    .where('word', '>=', start)
    .where('word', '<', start + lastCharacter);
}

function ordered<Columns>(users: Query<Columns>, sort: SortColumn, isDown: boolean): Query<Columns> {
  let query = users;
  for (const column of orders[sort]) {
    query = query.orderBy(column as ReferenceExpression<Tables, 'users'>, isDown ? 'desc' : 'asc');
  }
  return query;
}

async function count<Columns>(users: Query<Columns>): Promise<number> {
  const { total } = await users.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow();
  return Number(total);
}
