// The table of users over sockets: what it does when its data fails, and that a deletion which was told survives the
// server's sudden end. How it looks and feels is in `e2e/admin.test.ts`.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hashPassword } from '../server/anime/admin/password.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { fileIn, inMemory } from '../server/anime/data/location.ts';
import { generateUsers } from '../server/anime/data/made-up-users.ts';
import type { ServerFrame } from '../shared/wire/frames.ts';
import { AdminVisitor, createAdminApp, password } from './support/admin.ts';
import type { TestClient } from './support/client.ts';
import { eventOf } from './support/mounted.ts';
import { startProgram } from './support/program.ts';

const table = '/ws/admin/users';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('a deletion that was told is there after a SIGKILL, and no user is in two places or in none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'islet-admin-'));
  closing.push(() => rm(folder, { recursive: true }));
  const users = 100;
  const prepared = await openDatabase(fileIn(folder));
  await generateUsers(prepared, users);
  await prepared.close();

  const env = { DATA_DIR: folder, ADMIN_NAME: 'ada', ADMIN_PASSWORD_HASH: await hashPassword(password) };
  await using server = startProgram(['server/anime/main.ts'], env);
  const page = await (await new AdminVisitor(await server.listening()).logIn()).connect();
  const mount = await page.join(table, { attributes: { query: 'size=100' } });
  const ids = Array.from({ length: users }, (_, at) => at + 1);
  const told: number[] = [];
  for (const id of ids.slice(0, 10)) {
    const row = clickDelete(page, mount, id);
    await page.until(() => removedRows(page).has(row));
    told.push(id);
  }
  const others = ids.slice(10).map((id) => clickDelete(page, mount, id));
  const isToldOf = (row: number) => removedRows(page).has(row);
  await page.until(() => others.filter(isToldOf).length >= 5);
  server.process.kill('SIGKILL');
  await server.ended;

  const database = await openDatabase(fileIn(folder));
  closing.push(() => database.close());
  const [there, deleted] = [await idsIn(database, 'users'), await idsIn(database, 'deleted_users')];
  expect([...there, ...deleted].sort((one, other) => one - other)).toEqual(ids);
  told.push(...others.flatMap((row, at) => (isToldOf(row) ? [ids[10 + at] ?? 0] : [])));
  expect(told.length).toBeGreaterThanOrEqual(15);
  expect(deleted).toEqual(expect.arrayContaining(told));
  const words = await database.tables.selectFrom('user_words').select('user_id').distinct().execute();
  expect(words.map(({ user_id }) => user_id).sort((one, other) => one - other)).toEqual(there);
});

describe('when the database fails', () => {
  const start = async () => {
    const database = await openDatabase(inMemory);
    await generateUsers(database, 60);
    const failing = { isFailing: false };
    const tables = database.tables.withPlugin({
      transformQuery: ({ node }) => {
        if (failing.isFailing) throw new Error('the disk is gone, at /secret/path');
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const lines: string[] = [];
    const app = await createAdminApp(
      {},
      { database: { ...database, tables }, logger: { level: 'info', stream: { write: (line) => lines.push(line) } } },
    );
    closing.push(() => app.close());
    const visitor = await new AdminVisitor(await app.listen({ host: '127.0.0.1', port: 0 })).logIn();
    const page = await visitor.connect();
    return { failing, visitor, page, lines, mount: await page.join(table, { attributes: { query: 'size=100' } }) };
  };

  test('the table says so, keeps its rows, and goes on when it can', async () => {
    const { failing, page, lines, mount } = await start();
    failing.isFailing = true;
    const { hole, instance } = eventOf(mount, 'submit');
    page.click(hole, { instance, data: { fields: { sort: 'email' } } });
    await page.until(() => page.texts.join().includes('The users cannot be loaded just now'));
    clickDelete(page, mount, 1);
    await page.until(() => page.texts.join().includes('This could not be stored'));
    expect(removedRows(page).size).toBe(0);
    failing.isFailing = false;
    page.click(hole, { instance, data: { fields: { sort: '-email' } } });
    await page.until(() => page.texts.join().includes('"users-view","sort=-email'));
    expect(page.texts.join()).not.toContain('secret');
    expect(lines.join()).toContain('the disk is gone');
  });

  test('nobody logs out in vain: the session has ended here, and the answer is an error', async () => {
    const { failing, visitor, page, lines } = await start();
    failing.isFailing = true;
    const cookie = visitor.cookie;
    const { status, text } = await visitor.post('/admin/logout');
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
    expect(await page.closed).toMatchObject({ reason: 'ISLET_ERR_DISCONNECTED' });
    failing.isFailing = false;
    visitor.cookie = cookie;
    expect((await visitor.get('/admin')).status).toBe(303);
    expect(lines.join()).not.toContain(password);
  });
});

test('a hundred changes by others are loaded together, not one by one', async () => {
  const database = await openDatabase(inMemory);
  await generateUsers(database, 300);
  let queries = 0;
  const tables = database.tables.withPlugin({
    transformQuery: ({ node }) => {
      if (node.kind === 'SelectQueryNode') queries++;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const app = await createAdminApp({}, { database: { ...database, tables } });
  closing.push(() => app.close());
  const visitor = await new AdminVisitor(await app.listen({ host: '127.0.0.1', port: 0 })).logIn();
  const other = await visitor.connect();
  const mount = await other.join(table, { attributes: { query: 'size=100&sort=joined' } });
  const page = await visitor.connect();
  await page.join(table);
  const before = queries;
  const rows = Array.from({ length: 300 }, (_, at) => at + 1).filter((id) => hasRow(mount, id));
  for (const id of rows) clickDelete(other, mount, id);
  await page.until(() => page.texts.join().includes('of 200 users'));
  // one for each deletion; a refresh of a table has four
  expect(queries - before).toBeLessThan(rows.length + 2 * 4 * 10);
});

/** Clicks the button of a user's row. Gives the row's instance. */
function clickDelete(page: TestClient, mount: ServerFrame, id: number): number {
  const { hole, instance } = eventOf(mount, 'click', ({ slots }) => slots.includes(`u${id}`));
  page.click(hole, { instance, data: null });
  return instance;
}

function hasRow(mount: ServerFrame, id: number): boolean {
  return JSON.stringify(mount).includes(`"u${id}"`);
}

/** Instances that patches took out of lists. */
function removedRows({ frames }: TestClient): Set<number> {
  const operations = frames.flatMap((frame) => (frame.kind === 'patch' ? frame.operations : []));
  return new Set(operations.flatMap((operation) => (operation[0] === 'list' ? operation[3] : [])));
}

async function idsIn({ tables }: Database, from: 'users' | 'deleted_users'): Promise<number[]> {
  const rows = await tables.selectFrom(from).select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}
