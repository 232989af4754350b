// `islet state`, `islet backup` and `islet restore`: what the package's command does with the store of an app, in a file
// of SQLite and in PostgreSQL. The command is a process of its own, beside a store that is written to.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ManagedStore, postgresStore, sqliteStore } from '../server/index.ts';
import { withoutPassword } from '../server/upkeep/dump.ts';
import { placeOf } from '../server/upkeep/store-place.ts';
import { ownPostgresReason, startOwnPostgres } from './support/postgres.ts';
import { type Ending, startProgram } from './support/program.ts';
import { commitOne, first, next } from './support/store-laws.ts';

// whole programs start here, beside all other tests
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-upkeep-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function islet(args: readonly string[], env: Record<string, string> = {}): Promise<Ending> {
  return startProgram(['scripts/cli/main.ts', ...args], { DATABASE_URL: '', DATA_FILE: '', ...env }).ended;
}

async function fill(store: ManagedStore): Promise<void> {
  const one = await commitOne(store, first('/ws/list', { model: { base: '{"items":[1]}' } }));
  await commitOne(store, next(one, { model: { patch: '[[["items",0],2]]' } }));
  await commitOne(store, first('/ws/other', { model: { base: '7' } }));
}

describe('in a file of SQLite', () => {
  test('states are listed, shown, exported, removed and brought back, while another process has the file', async () => {
    const file = join(folder, 'app.db');
    const store = sqliteStore(file);
    await fill(store);
    const list = await islet(['state', 'list', '--json', '--store', file]);
    const keys = list.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).key);
    expect([list.code, keys, list.stderr]).toEqual([0, ['/ws/list', '/ws/other'], '']);
    // as the starter's server names its file
    const shown = await islet(['state', 'show', '/ws/list'], { DATA_FILE: file });
    expect(JSON.parse(shown.stdout)).toMatchObject({ key: '/ws/list', model: { items: [2] } });

    const lines = join(folder, 'states.jsonl');
    expect(await islet(['state', 'export', '--out', lines, '--store', file])).toMatchObject({ code: 0, stderr: '' });
    expect(await islet(['state', 'export', '--out', lines, '--store', file])).toMatchObject({ code: 73 });
    expect(await islet(['state', 'remove', '/ws/list', '--store', file])).toMatchObject({ code: 0 });
    expect(await store.load('/ws/list')).toBeUndefined();
    expect(await islet(['state', 'import', lines, '--store', file])).toMatchObject({ code: 73 });
    expect((await store.load('/ws/list'))?.model?.base).toBe('{"items":[2]}');
    await store.close();
  });

  test('a copy of it is put back, what it replaces is kept, and what is in use is left alone', async () => {
    const file = join(folder, 'app.db');
    const copy = join(folder, 'copy.db');
    const store = sqliteStore(file);
    await fill(store);
    const made = await islet(['backup', copy, '--store', file]);
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^\S+copy\.db: \d+ bytes, 2 states\n$/)]);
    expect(await islet(['backup', copy, '--store', file])).toMatchObject({ code: 73 });
    await store.remove('/ws/other', String((await store.load('/ws/other'))?.by));

    const refused = await islet(['restore', copy, '--store', file]);
    expect([refused.code, refused.stderr]).toEqual([75, `${file} is in use. Stop the server first.\n`]);
    await store.close();
    expect(await islet(['restore', copy, '--store', file])).toMatchObject({ code: 0 });
    const again = sqliteStore(file);
    expect((await again.load('/ws/other'))?.model?.base).toBe('7');
    await again.close();
    expect((await readdir(folder)).filter((name) => name.startsWith('app.db.before-')).length).toBeGreaterThan(0);
  });

  test('a file without a store is said so, and nothing is made in it; it can be backed up', async () => {
    const file = join(folder, 'other.db');
    new DatabaseSync(file).exec('CREATE TABLE cards (id INTEGER)');
    const before = await readFile(file);
    expect(await islet(['state', 'list', '--store', file])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('no store'),
    });
    const copy = join(folder, 'copy.db');
    expect(await islet(['backup', copy, '--store', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no tables of a store'),
    });
    expect(before.equals(await readFile(file))).toBe(true);
    await writeFile(file, 'no database');
    expect(await islet(['state', 'list', '--store', file])).toMatchObject({ code: 65 });
    expect(await islet(['state', 'list', '--store', join(folder, 'none.db')])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('--store FILE'),
    });
    expect((await readdir(folder)).sort()).toEqual(['copy.db', 'other.db']);
  });
});

test.each([
  [[], 'Which file? npx islet backup FILE\n'],
  [['a.db', 'b.db'], 'Which file? npx islet backup FILE\n'],
])('a backup that says too little, or too much, is asked which file: %j', async (args, stderr) => {
  expect(await islet(['backup', ...args])).toMatchObject({ code: 2, stderr });
});

test('the help says how states are looked after', async () => {
  const { code, stdout } = await islet(['state', '--help']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('npx islet state remove --user USER')]);
});

test('a password is shown to nobody', () => {
  const url = 'postgres://ann:p%40ss@host:5/app?sslmode=require';
  expect(placeOf(url, {}).name).toBe('postgres://host:5/app');
  expect(withoutPassword(url)).toEqual({ address: 'postgres://ann@host:5/app?sslmode=require', password: 'p@ss' });
});

describe.skipIf(ownPostgresReason !== undefined)('in PostgreSQL', () => {
  test('states are listed; a dump is put back, all or nothing, while nobody is connected', async () => {
    await using server = await startOwnPostgres();
    const url = await server.createDatabase();
    expect(await islet(['state', 'list', '--store', url])).toMatchObject({ code: 66 });
    const store = await postgresStore(url);
    await fill(store);
    const list = await islet(['state', 'list'], { DATABASE_URL: url });
    expect([list.code, list.stdout]).toEqual([0, expect.stringContaining('/ws/other')]);

    const copy = join(folder, 'app.dump');
    const made = await islet(['backup', copy, '--store', url]);
    expect([made.code, made.stderr, made.stdout]).toEqual([
      ...[0, '', expect.stringMatching(/bytes, with the tables of a store\n$/)],
    ]);
    await store.remove('/ws/other', String((await store.load('/ws/other'))?.by));
    expect(await islet(['restore', copy, '--store', url])).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('is in use'),
    });
    await store.close();
    await writeFile(join(folder, 'spoilt.dump'), (await readFile(copy)).subarray(0, 400));
    expect(await islet(['restore', join(folder, 'spoilt.dump'), '--store', url])).toMatchObject({ code: 65 });
    expect(await islet(['restore', copy, '--store', url])).toMatchObject({ code: 0, stderr: '' });
    const again = await postgresStore(url);
    expect((await again.load('/ws/other'))?.model?.base).toBe('7');
    await again.close();
  });
});
