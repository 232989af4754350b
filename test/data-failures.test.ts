// What can go wrong with the data: the server says what it is and what to do, ends with an exit code or answers 503,
// and loses nothing that it acknowledged. Each server here is a process of its own, started as `npm start` does.

import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../server/anime/data/database.ts';
import { type DatabaseLocation, databaseLocation } from '../server/anime/data/location.ts';
import { generateUsers } from '../server/anime/data/made-up-users.ts';
import { Visitor } from './support/api.ts';
import { TestClient } from './support/client.ts';
import { describeDatabases } from './support/databases.ts';
import { type Ending, startProgram } from './support/program.ts';

const main = ['server/anime/main.ts'];
const behindProxy = { TRUST_PROXY: 'loopback' };
const animeCount = 20;

// whole programs start here, several in one test, beside all other tests
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-failures-'));
  file = join(folder, 'anime.db');
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

describeDatabases((place) => {
  test.each([
    ['the API', cast],
    ['live pages', castLive],
  ])('after SIGKILL during votes on %s, every vote that was acknowledged is there', async (_, castOne) => {
    const env = { ...environmentOf(await place.fresh()), ...behindProxy };
    const server = startProgram(main, env);
    const acknowledged = new Map<string, Vote>();
    const tried = await voteUntilDown(await server.listening(), castOne, acknowledged, () => {
      if (acknowledged.size === 24) server.process.kill('SIGKILL');
    });
    expect((await server.ended).signal).toBe('SIGKILL');
    expect(tried).toBeGreaterThan(acknowledged.size);

    await using again = startProgram(main, env);
    await expectVotes(await again.listening(), acknowledged, tried);
  });

  test('processes that start at once on a new database all find it complete', async () => {
    const location = await place.fresh();
    const programs = Array.from({ length: 3 }, () =>
      startProgram(['scripts/generate-users.ts', '5'], environmentOf(location)),
    );
    const ends = await Promise.all(programs.map(({ ended }) => ended));
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(ends.map(() => [0, '']));
    expect(ends.map(({ stdout }) => Number.parseInt(stdout, 10)).sort()).toEqual([0, 0, 5]);
    const database = await place.open(location);
    const { count } = await database.tables
      .selectFrom('anime')
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBeGreaterThan(200);
  });
});

test('servers that start at once on a new file share it: each serves, and each takes the cookies of the other', async () => {
  const servers = Array.from({ length: 3 }, () => startProgram(main, { DATA_DIR: folder }));
  const urls = await Promise.all(servers.map((server) => server.listening()));
  const visitor = new Visitor(urls[0] ?? '');
  await visitor.put('/api/anime/1/rating', { score: 9 });
  for (const url of urls) {
    const elsewhere = new Visitor(url);
    elsewhere.cookie = visitor.cookie;
    expect((await elsewhere.get('/api/anime/1/rating')).body).toEqual({ average: 9, votes: 1, vote: 9 });
  }
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

describe('a server that cannot use its database ends with a message and an exit code', () => {
  test('73: a folder that is missing', async () => {
    const end = await startProgram(main, { DATA_DIR: join(folder, 'not', 'there') }).ended;
    expectMessage(end, 73, /not\/there.*no such file or directory.*Make it writable/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('73: a folder in which nothing can be made', async () => {
    await chmod(folder, 0o555);
    const end = await startProgram(['test/support/without-rights.ts'], { DATA_DIR: folder }).ended;
    expectMessage(end, 73, /anime\.db cannot be used: unable to open database file\. Make it writable/);
  });

  test('73: a file that cannot be written, on a disk that cannot', async () => {
    await makeDatabase();
    const before = await readFile(file);
    await chmod(file, 0o444);
    await chmod(folder, 0o555);
    const end = await startProgram(['test/support/without-rights.ts'], { DATA_DIR: folder }).ended;
    expectMessage(end, 73, /anime\.db cannot be used: .*(readonly|unable to open).*Make it writable/);
    expect(await readFile(file)).toEqual(before);
  });

  test('73: a file where the folder should be', async () => {
    await writeFile(join(folder, 'data'), 'mine');
    const end = await startProgram(main, { DATA_DIR: join(folder, 'data') }).ended;
    expectMessage(end, 73, /unable to open database file/);
    expect(await readFile(join(folder, 'data'), 'utf8')).toBe('mine');
  });

  test('74: a disk that is full', async () => {
    const end = await startProgram(main, { DATA_DIR: folder }, { maxFileBytes: 64 * 1024 }).ended;
    expectMessage(end, 74, /anime\.db cannot be used: (disk I\/O error|database or disk is full)/);
    await using server = startProgram(main, { DATA_DIR: folder });
    expect((await new Visitor(await server.listening()).get('/api/anime')).status).toBe(200);
  });

  test('75: a file that another process holds', async () => {
    await makeDatabase();
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    expectMessage(await startProgram(main, { DATA_DIR: folder }).ended, 75, /database is locked.*Another process/);
    other.exec('ROLLBACK');
    await using server = startProgram(main, { DATA_DIR: folder });
    await server.listening();
  });

  test('65: a file that is no database', async () => {
    const text = 'A diary, or anything else that somebody put here. '.repeat(100);
    await writeFile(file, text);
    expectMessage(await startProgram(main, { DATA_DIR: folder }).ended, 65, /file is not a database.*left as it is/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('65: a file with damaged pages', async () => {
    await makeDatabase();
    const handle = await open(file, 'r+');
    await handle.write(randomBytes(3 * 4_096), 0, 3 * 4_096, 5 * 4_096);
    await handle.close();
    const before = await readFile(file);
    expectMessage(await startProgram(main, { DATA_DIR: folder }).ended, 65, /left as it is. Put a backup in its place/);
    expect(await readFile(file)).toEqual(before);
  });

  test('65: a file that was cut short', async () => {
    await makeDatabase();
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    expectMessage(await startProgram(main, { DATA_DIR: folder }).ended, 65, /left as it is/);
    expect(await readFile(file)).toEqual(whole.subarray(0, whole.length / 2));
  });

  test('69: a PostgreSQL server that is not there, without its password in the message', async () => {
    const url = 'postgres://anime:secret@127.0.0.1:1/anime';
    const end = await startProgram(main, { DATABASE_URL: url }).ended;
    expectMessage(end, 69, /postgres:\/\/127\.0\.0\.1:1\/anime.*ECONNREFUSED.*DATABASE_URL/);
    expect(end.stderr + end.stdout).not.toContain('secret');
  });

  test('2: a DATABASE_URL of another kind of database', async () => {
    expectMessage(
      await startProgram(main, { DATABASE_URL: 'mysql://localhost/anime' }).ended,
      2,
      /must begin with postgres:/,
    );
  });
});

test('a disk that fills up during votes: they are refused with 503, the rest goes on, and nothing acknowledged is lost', async () => {
  const acknowledged = new Map<string, Vote>();
  const refused: Answered[] = [];
  {
    await using server = startProgram(main, { DATA_DIR: folder, ...behindProxy }, { maxFileBytes: 640 * 1024 });
    const url = await server.listening();
    for (let count = 0; refused.length < 3 && count < 500; count++) {
      const vote = voteOf(count);
      const answer = await cast(url, vote);
      if (answer.status === 200) acknowledged.set(answer.cookie ?? '', vote);
      else refused.push(answer);
    }
    expect(refused.map(({ status, type }) => [status, type])).toEqual(
      refused.map(() => [503, '/api/problems#storage-unavailable']),
    );
    expect(refused.map(({ retryAfter }) => retryAfter)).toEqual(['5', '5', '5']);
    expect((await new Visitor(url).get('/api/anime')).status).toBe(200);
  }
  await using again = startProgram(main, { DATA_DIR: folder });
  await expectVotes(await again.listening(), acknowledged, acknowledged.size);
});

test('while another process writes, votes wait for it side by side, and only for so long, and who reads or watches is answered at once', async () => {
  await using server = startProgram(main, { DATA_DIR: folder, ...behindProxy });
  const url = await server.listening();
  using other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  const waiting = cast(url, voteOf(7));
  expect((await new Visitor(url).get('/api/anime')).status).toBe(200);
  other.exec('ROLLBACK');
  expect((await waiting).status).toBe(200);
  other.exec('BEGIN IMMEDIATE');
  const startedAt = performance.now();
  const votes = Promise.all(Array.from({ length: 6 }, (_, at) => cast(url, voteOf(at))));
  let isOver = false;
  const answered = votes.finally(() => {
    isOver = true;
  });
  const slowest = { '/api/anime/1/rating': 0, '/anime/1': 0, '/healthz': 0 };
  while (!isOver) {
    for (const path of Object.keys(slowest) as (keyof typeof slowest)[]) {
      const askedAt = performance.now();
      expect((await new Visitor(url).get(path, { accept: 'text/html' })).status).toBe(200);
      slowest[path] = Math.max(slowest[path], performance.now() - askedAt);
    }
  }
  const refused = { status: 503, type: '/api/problems#storage-unavailable' };
  expect(await answered).toMatchObject([refused, refused, refused, refused, refused, refused]);
  // together, and not one after the other
  expect(performance.now() - startedAt).toBeLessThan(6_000);
  expect(Object.values(slowest).filter((ms) => ms > 1_000)).toEqual([]);
  other.exec('ROLLBACK');
  const again = await Promise.all(Array.from({ length: 6 }, (_, at) => cast(url, voteOf(at))));
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
});

test('a server that is told to stop leaves one file with everything in it', async () => {
  const server = startProgram(main, { DATA_DIR: folder });
  await cast(await server.listening(), voteOf(3));
  server.process.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  expect(await readdir(folder)).toEqual(['anime.db']);
  using database = new DatabaseSync(file);
  expect(database.prepare('SELECT count(*) AS votes FROM votes').get()).toMatchObject({ votes: 1 });
});

interface Vote {
  readonly animeId: number;
  readonly score: number;
}

interface Answered {
  readonly status: number;
  readonly cookie: string | undefined;
  readonly type: string | undefined;
  readonly retryAfter: string | null;
}

function voteOf(count: number): Vote {
  return { animeId: 1 + (count % animeCount), score: 1 + (count % 10) };
}

/** Each vote is another visitor's, from another address: one address may not vote that often. */
async function cast(url: string, { animeId, score }: Vote): Promise<Answered> {
  const visitor = new Visitor(url);
  const { status, body, headers } = await visitor.send('PUT', `/api/anime/${animeId}/rating`, {
    body: JSON.stringify({ score }),
    headers: { 'content-type': 'application/json', 'x-forwarded-for': randomBytes(4).join('.') },
  });
  return { status, cookie: visitor.cookie, type: body.type, retryAfter: headers.get('retry-after') };
}

/** The same on the anime's page: it is acknowledged once the page shows it. */
async function castLive(url: string, { animeId, score }: Vote): Promise<Answered> {
  const visitor = new Visitor(url);
  await visitor.get(`/anime/${animeId}`);
  const { cookie = '' } = visitor;
  const client = await new TestClient(`${url.replace('http', 'ws')}/ws/vote/${animeId}`, {
    headers: { cookie, 'x-forwarded-for': randomBytes(4).join('.') },
  }).opened();
  await client.next('mount');
  client.click(own.change, { data: { detail: score } });
  await client.until(() => client.slots()[own.note] === `Your vote: ${score}`);
  await client.close();
  return { status: 200, cookie, type: undefined, retryAfter: null };
}

/** Holes of the view of one's own vote. */
const own = { note: 1, change: 3 };

/** Several vote at once until the server is gone. Gives how many votes were tried. */
async function voteUntilDown(
  url: string,
  castOne: typeof cast,
  acknowledged: Map<string, Vote>,
  onVote: () => void,
): Promise<number> {
  let tried = 0;
  const voter = async (): Promise<void> => {
    for (;;) {
      const vote = voteOf(tried++);
      const answer = await castOne(url, vote).catch(() => undefined);
      if (answer === undefined) return;
      expect(answer.status).toBe(200);
      acknowledged.set(answer.cookie ?? '', vote);
      onVote();
    }
  };
  await Promise.all(Array.from({ length: 8 }, voter));
  return tried;
}

/** Each vote is there, for its visitor and in the count; votes that were under way may be there or not. */
async function expectVotes(url: string, votes: Map<string, Vote>, tried: number): Promise<void> {
  for (const [cookie, { animeId, score }] of votes) {
    const visitor = new Visitor(url);
    visitor.cookie = cookie;
    expect((await visitor.get(`/api/anime/${animeId}/rating`)).body.vote).toBe(score);
  }
  const { body } = await new Visitor(url).get(`/api/anime?limit=${animeCount}`);
  const counted = body.reduce((sum: number, { rating }: { rating: { votes: number } }) => sum + rating.votes, 0);
  expect(counted).toBeGreaterThanOrEqual(votes.size);
  expect(counted).toBeLessThanOrEqual(tried);
}

async function makeDatabase(): Promise<void> {
  const database = await openDatabase(databaseLocation({ DATA_DIR: folder }));
  await generateUsers(database, 2_000);
  await database.close();
}

function environmentOf(location: DatabaseLocation): Record<string, string> {
  return location.kind === 'postgres' ? { DATABASE_URL: location.url } : { DATA_DIR: folderOf(location) };
}

function folderOf(location: DatabaseLocation): string {
  if (location.kind !== 'file') throw new Error(`${location.name} is in no folder`);
  return location.folder;
}

function expectMessage({ code, stderr }: Ending, expected: number, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(code).toBe(expected);
}
