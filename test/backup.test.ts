// Backups, made and put back by the commands that docs/deploy-tracker.md names, beside a server that is a process of its own.

import { randomBytes } from 'node:crypto';
import { chown, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Visitor } from './support/api.ts';
import { TestClient } from './support/client.ts';
import { type Ending, startProgram } from './support/program.ts';

// whole programs start here, beside all other tests
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let data: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-backup-'));
  data = join(folder, 'data');
  file = join(folder, 'copy.db');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Where a database and its backup have been made for all tests that begin with them. */
let made: Promise<string> | undefined;

afterAll(async () => {
  if (made) await rm(await made, { recursive: true, force: true });
});

test('a backup made during votes holds every vote that was acknowledged before it began', async () => {
  await using server = startServer();
  const url = await server.listening();
  const acknowledged: string[] = [];
  let isOver = false;
  const voter = async (): Promise<void> => {
    while (!isOver) acknowledged.push(await vote(url));
  };
  const voters = Array.from({ length: 4 }, voter);
  await expect.poll(() => acknowledged.length).toBeGreaterThan(30);
  const before = [...acknowledged];
  const { code, stdout } = await run(file);
  isOver = true;
  await Promise.all(voters);
  const after = acknowledged.length;

  expect(code).toBe(0);
  const copied = visitorsIn(file);
  expect(copied).toEqual(expect.arrayContaining(before));
  expect(stdout).toMatch(new RegExp(`^${file}: \\d+ bytes, ${copied.length} votes\n$`));
  expect(after).toBeGreaterThan(before.length);
  // one file, which needs no other beside it
  expect((await readdir(folder)).sort()).toEqual(['copy.db', 'data']);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('what was backed up can be put back, and what it replaces is kept', async () => {
  const first = startServer();
  const url = await first.listening();
  const before = await vote(url, 9);
  expect((await run(file)).code).toBe(0);
  const later = await vote(url);

  const refused = await run('--restore', file);
  expect([refused.code, refused.stderr]).toEqual([75, `${join(data, 'anime.db')} is in use. Stop the server first.\n`]);
  expect(visitorsIn(join(data, 'anime.db')).sort()).toEqual([before, later].sort());

  // the log that it leaves behind is of the database that is replaced
  first.process.kill('SIGKILL');
  await first.ended;
  expect((await readdir(data)).sort()).toEqual(['anime.db', 'anime.db-shm', 'anime.db-wal']);
  const { code, stdout } = await run('--restore', file);
  expect(code).toBe(0);
  const [, kept = ''] = /^What was there is kept as (.*)$/m.exec(stdout) ?? [];
  expect(visitorsIn(kept).sort()).toEqual([before, later].sort());

  await using again = startServer();
  const visitor = new Visitor(await again.listening());
  expect((await visitor.get('/api/anime/1/rating')).body).toMatchObject({ votes: 1, average: 9 });
});

test('a backup has the state of live components, and it is put back with the rest', async () => {
  const first = startServer();
  await raiseRating(await first.listening(), 6);
  expect((await run(file)).code).toBe(0);
  await raiseRating(await first.listening(), 7);
  first.process.kill('SIGKILL');
  await first.ended;
  expect((await run('--restore', file)).code).toBe(0);
  await using again = startServer();
  // from what it was when the backup was made
  await raiseRating(await again.listening(), 7);
});

test('a backup replaces a database that is damaged', async () => {
  await makeBackup();
  await writeFile(join(data, 'anime.db'), randomBytes(10_000));
  expect((await startServer().ended).code).toBe(65);
  expect((await run('--restore', file)).code).toBe(0);
  await using server = startServer();
  expect((await fetch(`${await server.listening()}/api/anime/1`)).status).toBe(200);
});

test.runIf(process.getuid?.() === 0)('what root puts back is of the user whose folder it is', async () => {
  await makeBackup();
  await chown(data, 12_345, 23_456);
  expect((await run('--restore', file)).code).toBe(0);
  expect(await stat(join(data, 'anime.db'))).toMatchObject({ uid: 12_345, gid: 23_456 });
});

describe('refused, with everything left as it was:', () => {
  test('a backup over another one, unless one insists', async () => {
    await makeBackup();
    const content = await readFile(file);
    const { code, stderr } = await run(file);
    expect([code, stderr]).toEqual([73, `${file} is there already. Overwrite it: --force\n`]);
    expect(content.equals(await readFile(file))).toBe(true);
    expect((await run(file, '--force')).code).toBe(0);
  });

  test('a backup to a place that is none', async () => {
    await makeBackup();
    const { code, stderr } = await run(join(folder, 'not', 'there.db'));
    expect(code).toBe(74);
    expect(stderr).toMatch(/anime\.db could not be copied to .*not\/there\.db: unable to open database file\n$/);
    expect((await readdir(folder)).sort()).toEqual(['copy.db', 'data']);
  });

  test('a backup of nothing', async () => {
    expect(await run(file)).toMatchObject({ code: 66, stderr: expect.stringContaining('There is no database') });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['damaged', (copy: Buffer) => Buffer.concat([copy.subarray(0, 4_096), randomBytes(8_192), copy.subarray(12_288)])],
    ['cut short', (copy: Buffer) => copy.subarray(0, copy.length / 2)],
    ['something else', () => Buffer.from('-- PostgreSQL database dump')],
  ])('to put back a file that is %s', async (_, spoil) => {
    await makeBackup();
    await writeFile(file, spoil(await readFile(file)));
    const before = await readFile(join(data, 'anime.db'));
    const { code, stderr } = await run('--restore', file);
    expect(code).toBe(65);
    expect(stderr).toMatch(/^The copy is no database of this app, or damaged: .+\n$/);
    expect(await readdir(data)).toEqual(['anime.db']);
    expect(before.equals(await readFile(join(data, 'anime.db')))).toBe(true);
  });

  test('what says too little, or names a database that nobody has', async () => {
    expect(await run()).toMatchObject({ code: 2, stderr: 'Which file? npm run backup -- FILE\n' });
    expect(await run('--restore')).toMatchObject({ code: 2, stderr: 'Which file? npm run restore -- FILE\n' });
    const env = { DATABASE_URL: 'postgres://user@nowhere.example/anime' };
    const { code, stderr } = await startProgram(['scripts/backup.ts', file], env).ended;
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/^postgres:\/\/nowhere\.example\/anime could not be copied|^pg_dump cannot be started/);
  });
});

function startServer() {
  return startProgram(['server/anime/main.ts'], { DATA_DIR: data, TRUST_PROXY: 'loopback' });
}

function run(...options: string[]): Promise<Ending> {
  return startProgram(['scripts/backup.ts', ...options], { DATA_DIR: data }).ended;
}

/** A database and a backup of it, with no server left. */
async function makeBackup(): Promise<void> {
  made ??= makeOnce();
  await cp(await made, folder, { recursive: true });
}

async function makeOnce(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'islet-backed-up-'));
  const env = { DATA_DIR: join(place, 'data') };
  expect((await startProgram(['scripts/generate-users.ts', '500'], env).ended).code).toBe(0);
  expect((await startProgram(['scripts/backup.ts', join(place, 'copy.db')], env).ended).code).toBe(0);
  return place;
}

/** Raises the rating that everybody shares by one, to this; over once the server has acknowledged it. */
async function raiseRating(url: string, expected: number): Promise<void> {
  // holes of the rating's view
  const [shown, raise] = [2, 4];
  const client = await new TestClient(`${url.replace('http', 'ws')}/islet`).opened();
  await client.hello();
  await client.join('/ws/rate');
  expect(client.slots()[shown]).toBe(expected - 1);
  client.click(raise);
  await client.until(() => client.slots()[shown] === expected);
  await client.close();
}

/** Votes as somebody new, from an address of their own; gives the visitor once the vote is acknowledged. */
async function vote(url: string, score = 5): Promise<string> {
  const visitor = new Visitor(url);
  const { status } = await visitor.send('PUT', '/api/anime/1/rating', {
    body: JSON.stringify({ score }),
    headers: { 'content-type': 'application/json', 'x-forwarded-for': randomBytes(4).join('.') },
  });
  expect(status).toBe(200);
  return decodeURIComponent(visitor.cookie ?? '').replace(/^visitor=|\.[^.]*$/g, '');
}

/** Who has voted, as a file says; a damaged one is refused. */
function visitorsIn(path: string): string[] {
  using database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  return database
    .prepare('SELECT visitor FROM votes')
    .all()
    .map(({ visitor }) => String(visitor));
}
