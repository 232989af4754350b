// What a store does when its database does not: another process holds it, it stops, it is silent, it refuses a row, its
// process is killed. Real files, a real PostgreSQL, and a proxy before it for a bad network.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type ManagedStore, postgresStore, sqliteStore } from '../server/index.ts';
import { Committer } from '../server/store/committer.ts';
import { systemClock } from '../server/system-clock.ts';
import { openOwnPostgres } from './support/own-postgres.ts';
import { ownPostgresReason } from './support/postgres.ts';
import { startProxy } from './support/proxy.ts';
import { closing, commitOne, first, next } from './support/store-laws.ts';

// deadlines pass here, beside all other tests
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'islet-failures-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fileOf = (): string => join(folder, `${++files}.db`);

const silent = { error() {}, warn() {}, info() {} };
const committerOf = (store: ManagedStore): Committer => new Committer({ store, clock: systemClock, log: silent });

describe.each(['process', 'power'] as const)('a SQLite file (durability %s)', (durability) => {
  test('that another process writes to is waited for, and meanwhile everything else goes on', async () => {
    const file = fileOf();
    await using store = closing(sqliteStore(file, { durability }));
    const one = await commitOne(store, first('/a'));
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    let isKept: boolean | undefined;
    const kept = store.commit([next(one)]).then(([answer]) => {
      isKept = answer;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (durability === 'process') expect(await store.load('/a')).toMatchObject({ by: one.by });
    expect(isKept).toBeUndefined();
    other.exec('COMMIT');
    await kept;
    expect(isKept).toBe(true);
  });

  test('that is held for too long is unavailable, and written to when it is free', async () => {
    const file = fileOf();
    await using store = closing(sqliteStore(file, { durability }));
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.commit([first('/a')])).rejects.toMatchObject({ kind: 'unavailable' });
    other.exec('ROLLBACK');
    await commitOne(store, first('/a'));
  });

  test('that another process writes to, too, is written by whoever follows its newest write', async () => {
    const file = fileOf();
    await using store = closing(sqliteStore(file, { durability }));
    await using other = closing(sqliteStore(file, { durability }));
    // twice: from then on a store knows the row that it writes
    const one = await commitOne(store, next(await commitOne(store, first('/a'))));
    const two = await commitOne(other, next(one, { model: { base: 'theirs' } }));
    expect(await store.commit([next(one, { model: { base: 'late' } })])).toEqual([false]);
    expect((await store.load('/a'))?.model).toEqual({ base: 'theirs', patches: [] });
    const three = await commitOne(store, next(two, { model: { patch: 'more' } }));
    // what one store has rolled back is nothing that anybody follows
    const bad = first('/b', { model: { base: JSON.stringify('x'.repeat(4 * 1024 * 1024)) } });
    const lost = next(three, { model: { base: 'lost' } });
    await expect(store.commit([lost, bad])).rejects.toMatchObject({ kind: 'too-big' });
    expect(await store.commit([next(lost, { model: { base: 'none' } })])).toEqual([false]);
    await commitOne(other, next(three));
    expect(await store.load('/a')).toMatchObject({ seq: 5, model: { base: 'theirs', patches: ['more'] } });
  });

  test('that was moved away is not written to: nobody would find it again', async () => {
    const file = fileOf();
    await using store = closing(sqliteStore(file, { durability }));
    const one = await commitOne(store, first('/a'));
    renameSync(file, `${file}.away`);
    // what was kept has gone with it: that is noticed soon, not at each write
    await pause(20);
    await expect(store.commit([next(one)])).rejects.toMatchObject({ kind: 'unavailable' });
    renameSync(`${file}.away`, file);
    await commitOne(store, next(one));
  });

  test('that is moved away before the store has been asked for anything is not made anew, nor is another taken for it', async () => {
    const file = fileOf();
    await using store = closing(sqliteStore(file, { durability }));
    renameSync(file, `${file}.away`);
    await pause(20);
    await expect(store.commit([first('/a')])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(existsSync(file)).toBe(false);
    copyFileSync(`${file}.away`, file);
    await expect(store.commit([first('/a')])).rejects.toMatchObject({ kind: 'unavailable' });
    renameSync(`${file}.away`, file);
    await commitOne(store, first('/a'));
  });

  test('that refuses one row refuses it alone', async () => {
    const file = fileOf();
    await using store = closing(sqliteStore(file, { durability }));
    using other = new DatabaseSync(file);
    other.exec(`CREATE TRIGGER poison BEFORE INSERT ON islet_states WHEN NEW.key = '/bad'
      BEGIN SELECT RAISE(ABORT, 'no'); END`);
    const committer = committerOf(store);
    const outcomes = await Promise.all(['/a', '/bad', '/c'].map((key) => committer.commit(first(key))));
    expect(outcomes).toEqual(['done', expect.objectContaining({ kind: 'refused' }), 'done']);
    for (const key of ['/a', '/c']) expect(await store.load(key)).toBeDefined();
    expect(await store.load('/bad')).toBeUndefined();
  });

  test('has its writing connection wait for the disk as often as it has promised to survive', async () => {
    // what is lost with the power cannot be seen here, but what the connection does about it can
    await using store = closing(sqliteStore(fileOf(), { durability }));
    await commitOne(store, first('/a'));
    expect(await store.durability()).toBe(durability);
  });

  test('whose process is killed has each write that was told to be kept, whole', async () => {
    const file = fileOf();
    const writer = spawn(process.execPath, ['test/support/store-writer.ts', file, durability], { stdio: 'pipe' });
    let told = 0;
    writer.stdout.on('data', (data) => {
      told = Number(String(data).trimEnd().split('\n').at(-1));
      if (told > 100) writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    expect(told).toBeGreaterThan(100);
    await using store = closing(sqliteStore(file, { durability }));
    for (const key of ['/a', '/b', '/c']) {
      const saved = await store.load(key);
      // the last one may be kept without having been told
      expect(saved?.seq).toBeGreaterThanOrEqual(told);
      const round = saved?.seq ?? 0;
      expect(saved).toMatchObject({ by: `${key}.${round}`, clients: [{ client: 'c', event: round }] });
      const base = round - ((round - 1) % 10);
      const patches = Array.from({ length: round - base }, (_, index) => String(base + index + 1));
      expect(saved?.model).toEqual({ base: String(base), patches });
    }
    const seqs = (await store.list(0, 10)).map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(1);
  });

  test('of a later version of Islet is not opened, and left as it is', async () => {
    const file = fileOf();
    await sqliteStore(file, { durability }).close();
    using database = new DatabaseSync(file);
    database.exec('UPDATE islet_version SET version = 1000');
    expect(() => sqliteStore(file, { durability })).toThrow(/version 1000.*start a newer one/);
    expect(database.prepare('SELECT version FROM islet_version').all()).toMatchObject([{ version: 1_000 }]);
  });

  test('that is no database, or in what is no folder, cannot be opened; a folder that is missing is made', async () => {
    await closing(sqliteStore(join(folder, durability, 'new', 'folder.db'), { durability }))[Symbol.asyncDispose]();
    expect(() => sqliteStore('package.json/folder.db', { durability })).toThrow(/EEXIST|ENOTDIR/);
    expect(() => sqliteStore('package.json', { durability })).toThrow(/not a database/);
  });
});

test('the log of a SQLite file stays short, however much is written, and all of it is in the file', async () => {
  const file = fileOf();
  const store = sqliteStore(file);
  const base = JSON.stringify('x'.repeat(20_000));
  let last = await commitOne(store, first('/a', { model: { base } }));
  // more than 300 MB
  for (let round = 0; round < 15_000; round++) last = await commitOne(store, next(last, { model: { base } }));
  // the longest that it may grow, and what is written until that is noticed
  expect(statSync(`${file}-wal`).size).toBeLessThan(150 * 1024 * 1024);
  expect(await store.load('/a')).toMatchObject({ by: last.by, seq: 15_001 });
  await store.close();
  expect(existsSync(`${file}-wal`)).toBe(false);
  await using again = closing(sqliteStore(file));
  expect(await again.load('/a')).toMatchObject({ by: last.by, model: { base } });
});

test('a SQLite store whose thread has nothing to do keeps no process alive', async () => {
  const file = fileOf();
  const source = `
    import { sqliteStore } from './server/index.ts';
    const store = sqliteStore(${JSON.stringify(file)}, { durability: 'power' });
    console.log(await store.commit([{ key: '/a', by: '1', after: undefined, schema: 1 }]));
  `;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], { stdio: 'pipe' });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(output).toBe('[ true ]\n');
});

describe.runIf(ownPostgresReason === undefined)('PostgreSQL', () => {
  const postgres = openOwnPostgres();

  const behindProxy = async () => {
    const url = new URL(await postgres().createDatabase());
    const proxy = await startProxy(`http://${url.host}`);
    const direct = url.href;
    url.host = new URL(proxy.url).host;
    return { proxy, direct, url: url.href };
  };

  test.each(['fast', 'immediate'] as const)(
    'that is stopped (%s) is unavailable, and used again when it is back',
    async (mode) => {
      await using store = closing(await postgresStore(await postgres().createDatabase()));
      const one = await commitOne(store, first('/a'));
      await store.load('/a');
      await postgres().stop(mode);
      for (let round = 0; round < 3; round++) {
        await expect(store.commit([next(one)])).rejects.toMatchObject({ kind: 'unavailable' });
        await expect(store.load('/a')).rejects.toMatchObject({ kind: 'unavailable' });
      }
      await postgres().start();
      await expect.poll(() => store.load('/a').catch(() => undefined)).toMatchObject({ by: one.by });
      await commitOne(store, next(one));
    },
  );

  test('whose answer was lost is asked again what became of it', async () => {
    const { proxy, url, direct } = await behindProxy();
    await using _ = proxy;
    await using store = closing(await postgresStore(url));
    await using other = closing(await postgresStore(direct));
    const one = await commitOne(store, first('/a', { model: { base: '1' } }));
    const two = next(one, { model: { patch: '2' } });
    proxy.hold('toClient');
    const lost = store.commit([two]);
    lost.catch(() => {});
    await expect.poll(async () => (await other.load('/a'))?.seq).toBe(2);
    proxy.cut();
    await expect(lost).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.release();
    await commitOne(store, two);
    expect(await store.load('/a')).toMatchObject({ seq: 2, model: { base: '1', patches: ['2'] } });
  });

  test('that falls silent is given up after some seconds, and found again', async () => {
    const { proxy, url } = await behindProxy();
    await using _ = proxy;
    await using store = closing(await postgresStore(url));
    const one = await commitOne(store, first('/a'));
    proxy.swallow();
    await expect(store.commit([next(one)])).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.load('/a')).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.accept();
    await commitOne(store, next(one));
    expect(await store.load('/a')).toMatchObject({ seq: 2 });
  });

  test('with a row that somebody has locked keeps all others, and that one when it is free', async () => {
    const url = await postgres().createDatabase();
    await using store = closing(await postgresStore(url));
    const [a, b] = [await commitOne(store, first('/a')), await commitOne(store, first('/b'))];
    const somebody = new pg.Client(url);
    await somebody.connect();
    await somebody.query(`BEGIN; SELECT * FROM islet_states WHERE key = '/a' FOR UPDATE`);
    const committer = committerOf(store);
    let isKept = false;
    const locked = committer.commit(next(a)).then((outcome) => {
      isKept = outcome === 'done';
    });
    expect(await committer.commit(next(b))).toBe('done');
    expect(isKept).toBe(false);
    await somebody.query('COMMIT');
    await locked;
    expect(isKept).toBe(true);
    await somebody.end();
  });

  test('that refuses one row refuses it alone', async () => {
    const url = await postgres().createDatabase();
    await using store = closing(await postgresStore(url));
    const owner = new pg.Client(url);
    await owner.connect();
    await owner.query(`ALTER TABLE islet_states ADD CONSTRAINT poison CHECK (key <> '/bad')`);
    await owner.end();
    const committer = committerOf(store);
    const outcomes = await Promise.all(['/a', '/bad', '/c'].map((key) => committer.commit(first(key))));
    expect(outcomes).toEqual(['done', expect.objectContaining({ kind: 'refused' }), 'done']);
    for (const key of ['/a', '/c']) expect(await store.load(key)).toBeDefined();
    expect(await store.load('/bad')).toBeUndefined();
  });

  test('has its tables made once by several that start at once', async () => {
    const url = await postgres().createDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => postgresStore(url)));
    for (const [index, store] of stores.entries()) await commitOne(store, first(`/${index}`));
    expect(await stores[0]?.list(0, 10)).toHaveLength(5);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('with tables of a later version of Islet is not used', async () => {
    const url = await postgres().createDatabase();
    await (await postgresStore(url)).close();
    const owner = new pg.Client(url);
    await owner.connect();
    await owner.query('UPDATE islet_version SET version = 1000');
    await owner.end();
    await expect(postgresStore(url)).rejects.toThrow(/version 1000.*start a newer one/);
  });

  test('is reached by clients that the app makes', async () => {
    const url = await postgres().createDatabase();
    let made = 0;
    await using store = closing(
      await postgresStore(() => {
        made++;
        return new pg.Client(url);
      }),
    );
    await commitOne(store, first('/a'));
    expect(made).toBeGreaterThan(0);
  });

  test('that has forgotten a statement, as a pool between may make it, is told it again', async () => {
    const url = await postgres().createDatabase();
    const clients: pg.Client[] = [];
    await using store = closing(
      await postgresStore(() => {
        const client = new pg.Client(url);
        clients.push(client);
        return client;
      }),
    );
    const one = await commitOne(store, first('/a'));
    const two = await commitOne(store, next(one));
    // in a way that the driver does not notice
    for (const client of clients) await client.query(`DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$`).catch(() => {});
    await expect(store.commit([next(two)])).rejects.toMatchObject({ kind: 'unavailable' });
    await commitOne(store, next(two));
  });

  test('that is not there is an error with its reason, and nothing stays open', async () => {
    await expect(postgresStore('postgres://test@127.0.0.1:1/none')).rejects.toMatchObject({
      ...{ kind: 'unavailable', message: expect.stringContaining('ECONNREFUSED') },
    });
  });
});
