// The users behind the admin page: the same tests on SQLite and PostgreSQL.

import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstQuery, sortColumns, type UserQuery } from '../components/admin/query.ts';
import type { Author, UserChange } from '../components/admin/source.ts';
import type { UserRow } from '../components/admin/user.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { generateUsers } from '../server/anime/data/made-up-users.ts';
import { suggestUsers } from '../server/anime/data/user-pages.ts';
import { createUsers, type Users } from '../server/anime/data/users.ts';
import { ManualClock } from './support/clock.ts';
import { describeDatabases } from './support/databases.ts';
import { createTopic } from './support/topics.ts';
import { watchDatabase } from './support/watched-database.ts';

const ada: Author = { name: 'ada', session: 'one' };
const grace: Author = { name: 'grace', session: 'two' };
const undoMs = 60_000;

const onError = (error: unknown): void => {
  throw error;
};

const usersOf = (database: Database, clock = new ManualClock()): Users =>
  createUsers(database, { undoMs, clock, onError, changes: createTopic() });

describeDatabases((place) => {
  describe('of 300 users', () => {
    let database: Database;
    let users: Users;
    let all: readonly UserRow[];
    beforeAll(async () => {
      database = await openDatabase(await place.fresh());
      await generateUsers(database, 300);
      users = usersOf(database);
      all = (await walk({})).flat();
    });
    afterAll(() => database.close());

    const walk = async (query: Partial<UserQuery>): Promise<UserRow[][]> => {
      const pages: UserRow[][] = [];
      for (let page = 1; ; page++) {
        const found = await users.page({ ...firstQuery, ...query, page });
        if (found.query.page < page) return pages;
        pages.push([...found.rows]);
        expect(pages.flat().length).toBeLessThanOrEqual(found.total);
      }
    };

    test.each(sortColumns.flatMap((sort) => [false, true].map((isDown) => ({ sort, isDown }))))(
      'pages sorted by $sort (downwards: $isDown) have each user once, in that order',
      async ({ sort, isDown }) => {
        const rows = (await walk({ sort, isDown })).flat();
        expect(new Set(rows.map(({ id }) => id)).size).toBe(300);
        const values = rows.map((row) => row[sort].toLowerCase());
        const sorted = values.toSorted();
        expect(values).toEqual(isDown ? sorted.reverse() : sorted);
        const reverse = (await walk({ sort, isDown: !isDown, size: 100 })).flat();
        expect(reverse.reverse()).toEqual(rows);
      },
    );

    test('a page has as many rows as asked for, the last one what is left, and one behind it is the last', async () => {
      const pages = await walk({ size: 100, role: 'member' });
      const members = all.filter(({ role }) => role === 'member').length;
      expect(pages.map(({ length }) => length)).toEqual([100, 100, members - 200]);
      const last = await users.page({ ...firstQuery, size: 100, role: 'member', page: 9_999 });
      expect(last).toMatchObject({ query: { page: 3 }, total: members });
      expect(last.rows).toEqual(pages[2]);
    });

    test('filters narrow the list together, and nobody is an empty first page', async () => {
      const { total, rows } = await users.page({ ...firstQuery, text: 'AI', country: 'JP', size: 100 });
      const isMeant = ({ name, email, country }: UserRow) =>
        /\bai/.test(`${name} ${email}`.toLowerCase()) && country === 'JP';
      expect(rows.map(({ id }) => id)).toEqual(all.filter(isMeant).map(({ id }) => id));
      expect(total).toBe(rows.length);
      expect(await users.page({ ...firstQuery, text: 'no-such-name', page: 5 })).toEqual({
        query: { ...firstQuery, text: 'no-such-name', page: 1 },
        rows: [],
        total: 0,
      });
    });

    test('each word of a search begins a word of the name or the address, whatever case, accents and signs', async () => {
      const [one] = all as [UserRow];
      const [first = '', last = ''] = one.name.split(' ');
      for (const text of [one.email, ` ${last.toUpperCase()},${first.slice(0, 2)}`, `${one.email.split('@')[0]}`]) {
        expect((await users.page({ ...firstQuery, text })).rows.map(({ id }) => id)).toContain(one.id);
      }
      expect((await users.page({ ...firstQuery, text: `%${last}_` })).total).toBeGreaterThan(0);
      expect((await users.page({ ...firstQuery, text: last.slice(1) })).rows).not.toContainEqual(one);
      expect((await users.page({ ...firstQuery, text: '%' })).total).toBe(300);
      expect((await users.page({ ...firstQuery, text: "x' OR 1=1 --" })).total).toBe(0);
    });

    test.each(sortColumns.flatMap((sort) => [false, true].map((isDown) => ({ sort, isDown }))))(
      'the page that has a user is found, sorted by $sort (downwards: $isDown)',
      async ({ sort, isDown }) => {
        const pages = await walk({ sort, isDown });
        for (const [at, row] of [pages[0]?.[0], pages[4]?.[24], pages[11]?.[24]].entries()) {
          const found = await users.pageOf(row?.id ?? 0, { ...firstQuery, sort, isDown, role: 'admin', text: 'x' });
          expect(found).toEqual({
            query: { ...firstQuery, sort, isDown, page: [1, 5, 12][at] },
            rows: pages[[0, 4, 11][at] ?? 0],
            total: 300,
          });
        }
        for (const id of [0, -1, 301, 2 ** 31, 1.5, Number.NaN])
          expect(await users.pageOf(id, firstQuery)).toBeUndefined();
      },
    );

    test('suggestions are the first by name', async () => {
      const names = (await suggestUsers(database, 'mo', 4)).map(({ name }) => name);
      expect(names).toEqual(
        all
          .filter(({ name }) => / Mo/.test(name))
          .slice(0, 4)
          .map(({ name }) => name),
      );
    });

    test('countries are named once, in order', async () => {
      expect(await users.countries()).toEqual([...new Set(all.map(({ country }) => country))].sort());
    });
  });

  test('of 10,000 users no more leave the database than a page shows, and each order has its index', async () => {
    const database = watchDatabase(await place.open());
    await generateUsers(database, 10_000);
    // PostgreSQL counts by itself, a while later
    if (database.kind === 'postgres') await sql`ANALYZE`.execute(database.tables);
    const users = usersOf(database);
    await database.takePlans();
    database.takeRows();
    for (const sort of sortColumns) {
      for (const [page, isDown] of [
        [1, false],
        [2, true],
        [400, false],
      ] as const) {
        const { rows } = await users.page({ ...firstQuery, sort, isDown, page });
        expect(rows).toHaveLength(25);
        expect(database.takeRows()).toBe(25 + 1); // and how many there are
        const [, plan = ''] = await database.takePlans();
        expect(plan, `${sort}, page ${page}`).toMatch(
          /USING( COVERING)? INDEX users_by_|Index (Only )?Scan (Backward )?using users_by_/,
        );
        expect(plan).not.toMatch(/TEMP B-TREE|Sort/);
      }
    }
    await users.page({ ...firstQuery, text: 'mor 17' });
    expect(database.takeRows()).toBeLessThanOrEqual(25 + 1);
    const plans = (await database.takePlans()).join('\n');
    expect(plans).toMatch(/user_words/);
    expect(plans).not.toMatch(/SCAN user_words|Seq Scan on user_words/);
    await users.pageOf(5_000, firstQuery);
    expect(database.takeRows()).toBe(1 + 1 + 1 + 25);
    await users.edit({ id: 5_000, field: 'name', text: 'Another Name', revision: 0 }, ada);
    expect(database.takeRows()).toBe(1);
  });

  describe('an edit', () => {
    const start = async () => {
      const database = await place.open();
      await generateUsers(database, 30);
      const users = usersOf(database);
      const changes: UserChange[] = [];
      users.changes.subscribe((change) => changes.push(change));
      return { database, users, changes, read: async (id: number) => rowOf(users, id) };
    };

    test('is stored, told to everybody, and found by', async () => {
      const { users, changes, read } = await start();
      const before = await read(7);
      const outcome = await users.edit({ id: 7, field: 'name', text: '  Ödön   von Horváth ', revision: 0 }, ada);
      const row = { ...before, name: 'Ödön von Horváth', revision: 1 };
      expect(outcome).toEqual({ kind: 'stored', row });
      expect(changes).toEqual([{ kind: 'edited', row, field: 'name', by: ada }]);
      expect(await read(7)).toEqual(row);
      expect((await users.page({ ...firstQuery, text: 'horvath odon' })).rows).toEqual([row]);
      const [first = ''] = before.name.split(' ');
      const { rows } = await users.page({ ...firstQuery, text: `${first} von` });
      expect(rows.map(({ id }) => id)).toContain(7); // the address still has the first name
      await users.edit({ id: 7, field: 'email', text: 'oedoen@example.org', revision: 1 }, ada);
      expect((await users.page({ ...firstQuery, text: `${first} von` })).rows).toEqual([]);
    });

    test.each([
      ['name', '', /needed/],
      ['name', ' .. ', /needed/],
      ['name', 'x'.repeat(101), /At most 100 characters; these are 101/],
      ['email', 'nobody', /no email address/],
      ['email', 'a b@example.com', /no email address/],
      ['email', 'a@b@example.com', /no email address/],
      ['email', `${'x'.repeat(250)}@example.com`, /At most 254/],
      ['name', 'Ann\0a', /cannot be seen/],
      ['name', 'Ann \u202enomis', /cannot be seen/],
      ['name', 'Ann\u2066a', /cannot be seen/],
      ['name', 'Ann\ud800', /cannot be seen/],
      ['email', 'ann\0a@example.com', /cannot be seen/],
      ['email', 'ann\u200b@example.com', /cannot be seen/],
      ['role', 'king', /member, moderator, admin/],
      ['country', 'ZZ', /two letters/],
      ['country', 'Japan', /At most 2/],
    ] as const)('of %s to "%s" is refused with a reason, and nothing is told', async (field, text, problem) => {
      const { users, changes, read } = await start();
      const before = await read(7);
      const outcome = await users.edit({ id: 7, field, text, revision: 0 }, ada);
      expect(outcome).toEqual({ kind: 'invalid', problem: expect.stringMatching(problem) });
      expect(await read(7)).toEqual(before);
      expect(changes).toEqual([]);
    });

    test.each([
      ['name', '🦊 Zoe\u0308 👨‍👩‍👧', '🦊 Zoë 👨‍👩‍👧'],
      ['name', 'دنیا می‌خوانم', 'دنیا می‌خوانم'],
      ['name', '<img src=x onerror=alert(1)> a', '<img src=x onerror=alert(1)> a'],
      ['name', "'); DROP TABLE users; --", "'); DROP TABLE users; --"],
      ['role', 'moderator', 'moderator'],
      ['country', ' br ', 'BR'],
      ['email', 'New.Address@Example.com', 'New.Address@Example.com'],
    ] as const)('of %s to "%s" stores %s', async (field, text, value) => {
      const { users } = await start();
      expect(await users.edit({ id: 7, field, text, revision: 0 }, ada)).toMatchObject({ row: { [field]: value } });
    });

    test('to an address that somebody has says who, in whatever capitals', async () => {
      const { users, read } = await start();
      const { email, name } = await read(8);
      const wanted = { id: 7, field: 'email', text: email.toUpperCase(), revision: 0 } as const;
      const outcome = await users.edit(wanted, ada);
      expect(outcome).toEqual({ kind: 'invalid', problem: `This address belongs to ${name} already.` });
      expect(await users.edit({ ...wanted, id: 8 }, ada)).toMatchObject({ kind: 'stored' }); // one's own
    });

    test('of a row that was changed meanwhile is a conflict, with the row as it is', async () => {
      const { users, changes, read } = await start();
      await users.edit({ id: 7, field: 'name', text: 'First Come', revision: 0 }, grace);
      const outcome = await users.edit({ id: 7, field: 'country', text: 'BR', revision: 0 }, ada);
      expect(outcome).toEqual({ kind: 'conflict', row: await read(7) });
      expect(await users.edit({ id: 99, field: 'country', text: 'BR', revision: 0 }, ada)).toEqual({ kind: 'gone' });
      expect(changes).toHaveLength(1);
    });

    test('at the same time as another is stored, or a conflict: never both', async () => {
      const { users, read } = await start();
      const texts = ['One', 'Two', 'Three', 'Four', 'Five'];
      const outcomes = await Promise.all(
        texts.map((text) => users.edit({ id: 7, field: 'name', text, revision: 0 }, ada)),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual([
        'conflict',
        'conflict',
        'conflict',
        'conflict',
        'stored',
      ]);
      const stored = outcomes.findIndex(({ kind }) => kind === 'stored');
      expect((await read(7)).name).toBe(texts[stored]);
    });

    test('of two users to one address at the same time: one gets it', async () => {
      const { users } = await start();
      const outcomes = await Promise.all(
        [3, 4, 5].map((id) => users.edit({ id, field: 'email', text: 'same@example.com', revision: 0 }, ada)),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['invalid', 'invalid', 'stored']);
    });

    test('that changes nothing is no change', async () => {
      const { users, changes, read } = await start();
      const { name } = await read(7);
      expect(await users.edit({ id: 7, field: 'name', text: name, revision: 0 }, ada)).toMatchObject({
        kind: 'stored',
      });
      expect(changes).toEqual([]);
      expect((await read(7)).revision).toBe(0);
    });
  });

  describe('a deletion', () => {
    const start = async () => {
      const clock = new ManualClock();
      const location = await place.fresh();
      const database = await place.open(location);
      await generateUsers(database, 30);
      const users = usersOf(database, clock);
      const changes: UserChange[] = [];
      users.changes.subscribe((change) => changes.push(change));
      return { clock, location, database, users, changes };
    };

    test('takes a user out of every list, and can be undone', async () => {
      const { users, changes } = await start();
      const before = await rowOf(users, 7);
      expect(await users.remove(7, ada)).toEqual({ kind: 'removed', name: before.name });
      expect(await users.remove(7, ada)).toEqual({ kind: 'gone' });
      expect((await users.page({ ...firstQuery, text: before.email })).total).toBe(0);
      expect((await users.page(firstQuery)).total).toBe(29);
      expect(await users.edit({ id: 7, field: 'name', text: 'X', revision: 0 }, ada)).toEqual({ kind: 'gone' });

      expect(await users.restore(7, grace)).toEqual({ kind: 'restored', name: before.name });
      expect(await users.restore(7, grace)).toEqual({ kind: 'gone' });
      expect(await rowOf(users, 7)).toEqual({ ...before, revision: 1 });
      expect((await users.page({ ...firstQuery, text: before.email })).total).toBe(1);
      expect(changes).toEqual([
        { kind: 'removed', id: 7, name: before.name, by: ada },
        { kind: 'restored', id: 7, name: before.name, by: grace },
      ]);
    });

    test('each of several can be undone, the latest is named first, with who did it', async () => {
      const { users, clock } = await start();
      for (const [id, by] of [
        [5, ada],
        [6, grace],
        [7, ada],
      ] as const) {
        await users.remove(id, by);
        await clock.advance(1_000);
      }
      const { latest, total } = await users.deletions(2);
      expect(total).toBe(3);
      expect(latest.map(({ id, by }) => [id, by])).toEqual([
        [7, 'ada'],
        [6, 'grace'],
      ]);
      await users.restore(6, ada);
      expect((await users.deletions(9)).latest.map(({ id }) => id)).toEqual([7, 5]);
    });

    test('cannot be undone where somebody else has the address now', async () => {
      const { users } = await start();
      const { email } = await rowOf(users, 7);
      await users.remove(7, ada);
      const outcome = await users.edit({ id: 8, field: 'email', text: email, revision: 0 }, ada);
      const owner = outcome.kind === 'stored' ? outcome.row.name : '';
      expect(await users.restore(7, ada)).toEqual({ kind: 'taken', owner });
      expect((await users.deletions(9)).total).toBe(1);
    });

    test('at the same time as others, and their undoing, leaves each user in one place', async () => {
      const { users, database } = await start();
      const ids = [1, 2, 3, 4, 5];
      await Promise.all(ids.flatMap((id) => [users.remove(id, ada), users.remove(id, grace), users.restore(id, ada)]));
      const [there, deleted] = [await idsIn(database, 'users'), await idsIn(database, 'deleted_users')];
      expect([...there, ...deleted].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
    });

    test('is forgotten when the time to undo it is over, after a restart too', async () => {
      const { users, clock, changes, database, location } = await start();
      await users.remove(5, ada);
      await clock.advance(undoMs - 1);
      await users.remove(6, ada);
      users.close();

      const again = usersOf(await place.open(location), clock);
      await again.start();
      expect((await again.deletions(9)).latest.map(({ id }) => id)).toEqual([6, 5]);
      again.changes.subscribe((change) => changes.push(change));
      await clock.advance(1);
      await expect.poll(() => idsIn(database, 'deleted_users')).toEqual([6]);
      expect(changes.at(-1)).toEqual({ kind: 'forgotten' });
      expect(await again.restore(5, ada)).toEqual({ kind: 'gone' });
      await expect.poll(() => clock.waits).toEqual([undoMs - 1]);
      await clock.advance(undoMs);
      await expect.poll(() => idsIn(database, 'deleted_users')).toEqual([]);
      await expect.poll(() => clock.waits).toEqual([]);
      again.close();
    });

    test('leaves its number to who was deleted', async () => {
      const { users, database } = await start();
      await users.remove(30, ada);
      await generateUsers(database, 30);
      expect((await idsIn(database, 'users')).at(-1)).toBe(31);
      expect(await users.restore(30, ada)).toMatchObject({ kind: 'restored' });
    });
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31, 2 ** 40, 6])(
    'nothing can be done to the user %d, whom nobody is',
    async (id) => {
      const database = await place.open();
      await generateUsers(database, 5);
      const users = usersOf(database);
      expect(await users.edit({ id, field: 'name', text: 'X', revision: 0 }, ada)).toEqual({ kind: 'gone' });
      expect(await users.remove(id, ada)).toEqual({ kind: 'gone' });
      expect(await users.restore(id, ada)).toEqual({ kind: 'gone' });
      expect(await users.pageOf(id, firstQuery)).toBeUndefined();
    },
  );

  test('users of an older version get what is needed to sort and to find them', async () => {
    const location = await place.fresh();
    const database = await place.open(location);
    await generateUsers(database, 1_100);
    const query = { ...firstQuery, text: 'mor 7', size: 100 } as const;
    const before = await usersOf(database).page(query);
    expect(before.total).toBeGreaterThan(0);
    // as it was before the step
    const undone = [
      'DROP INDEX users_by_name',
      'DROP INDEX users_by_email',
      'DROP INDEX users_by_role',
      'DROP INDEX users_by_country',
      'DROP INDEX users_by_joined_on',
      'ALTER TABLE users DROP COLUMN sort_name',
      'ALTER TABLE users DROP COLUMN email_key',
      'ALTER TABLE users DROP COLUMN revision',
      'DROP TABLE user_words',
      'DROP TABLE deleted_users',
      'DROP TABLE admin_sessions',
      'CREATE INDEX users_by_name ON users (name, id)',
      'CREATE INDEX users_by_joined_on ON users (joined_on, id)',
      "DELETE FROM migrations WHERE name = '004-admin'",
    ];
    for (const statement of undone) await sql.raw(statement).execute(database.tables);
    expect(await usersOf(await place.open(location)).page(query)).toEqual(before);
  });
});

async function rowOf(users: Users, id: number): Promise<UserRow> {
  const row = (await users.pageOf(id, firstQuery))?.rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no user ${id}`);
  return row;
}

async function idsIn({ tables }: Database, table: 'users' | 'deleted_users'): Promise<number[]> {
  const rows = await tables.selectFrom(table).select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}
