// PostgreSQL stops, falls silent, or is slow while people vote: the server answers within seconds and says so in words,
// and goes on by itself when it is back. Real servers, a real PostgreSQL, and a proxy between them for a bad network.

import { randomBytes } from 'node:crypto';
import { type ControlledTransaction, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { postgresAt } from '../server/anime/data/location.ts';
import type { Tables } from '../server/anime/data/tables.ts';
import { type Answer, Visitor } from './support/api.ts';
import { TestClient } from './support/client.ts';
import { openOwnPostgres } from './support/own-postgres.ts';
import { ownPostgresReason } from './support/postgres.ts';
import { startProgram } from './support/program.ts';
import { startProxy } from './support/proxy.ts';

// whole programs start here, and deadlines pass, beside all other tests
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

/** More than any deadline of the server, and what a person still waits for. */
const answerMs = 8_000;
/** Holes of the view of one's own vote. */
const own = { note: 1, change: 3 };

describe.runIf(ownPostgresReason === undefined)('PostgreSQL', () => {
  const postgres = openOwnPostgres();

  test.each(['fast', 'immediate'] as const)(
    'stopped (%s) while people vote: 503 and words, then all goes on, and no vote is lost',
    async (mode) => {
      await using server = startProgram(['server/anime/main.ts'], {
        DATABASE_URL: await postgres().createDatabase(),
        TRUST_PROXY: 'loopback',
      });
      const url = await server.listening();
      const island = await openVote(url, 1);
      await save(island, 7, /^Your vote: 7$/);
      await using voters = new Voters(url);
      await voters.until(() => voters.stored.size > 40);

      await postgres().stop(mode);
      const answers = [
        await within(vote(url, 2, 5)),
        await within(new Visitor(url).get('/api/anime')),
        await within(new Visitor(url).get('/healthz')),
      ];
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
      expect(answers[0]?.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answers[0]?.body.type).toBe('/api/problems#storage-unavailable');
      const page = await within(new Visitor(url).get('/anime', { accept: 'text/html' }));
      expect([page.status, page.text]).toEqual([503, expect.stringMatching(/The server cannot/)]);
      await within(save(island, 9, /^Your vote: 7. The server cannot store votes just now/));
      // what is joined meanwhile goes on by itself
      const late = await openIslands(url, ['/ws/rate/5', '/ws/vote/5']);
      expect(late.slots(1)).toContain('Votes cannot be read just now');
      expect(late.slots(2)[own.note]).toBe('Votes cannot be read just now');
      expect(server.process.exitCode).toBeNull();

      await postgres().start();
      await within(
        late.until(() => late.slots(1).includes('Nobody has voted yet')),
        20_000,
      );
      await within(
        late.until(() => late.slots(2)[own.note] === 'You have not voted yet'),
        20_000,
      );
      await late.close();
      await expect.poll(async () => (await vote(url, 2, 5)).status, { timeout: answerMs }).toBe(200);
      await within(save(island, 9, /^Your vote: 9$/));
      await voters.end();
      expect(voters.others.filter(({ status }) => status !== 503)).toEqual([]);
      expect(voters.slowestMs).toBeLessThan(answerMs);
      for (const [cookie, score] of voters.stored) {
        const visitor = new Visitor(url);
        visitor.cookie = cookie;
        const { status, body } = await visitor.get('/api/anime/3/rating', { 'x-forwarded-for': anyAddress() });
        expect([status, body.vote]).toEqual([200, score]);
      }
      expect(server.process.exitCode).toBeNull();
      await island.close();
    },
  );

  test.each([
    ['with few connections open', 0],
    ['with many connections open', 12],
  ])(
    'behind a network that falls silent, %s: answers within seconds, and on when it is back',
    async (_, warm) => {
      const direct = await postgres().createDatabase();
      await using proxy = await startProxy(direct);
      const through = direct.replace(new URL(direct).port, new URL(proxy.url).port);
      await using server = await serve(await openDatabase(postgresAt(through)));
      const { url } = server;
      const ask = () =>
        Promise.all([vote(url, 1, 4), new Visitor(url).get('/api/anime'), new Visitor(url).get('/healthz')]);
      await Promise.all(Array.from({ length: warm }, ask));

      proxy.swallow();
      for (let round = 0; round < 2; round++) {
        const answers = await within(Promise.all(Array.from({ length: 5 }, ask)));
        expect(answers.flat().map(({ status }) => status)).toEqual(answers.flat().map(() => 503));
      }

      proxy.accept();
      // connections that were dead are found out one after another
      const refused = async (): Promise<number[]> => {
        const answers = await within(Promise.all(Array.from({ length: 12 }, ask)));
        return answers.flat().flatMap(({ status }) => (status === 200 ? [] : [status]));
      };
      await expect.poll(refused, { timeout: 30_000 }).toEqual([]);
    },
    60_000,
  );

  test('whose answer to a commit is lost: the page says that the vote may be lost, and later that it is stored', async () => {
    const direct = await postgres().createDatabase();
    await using proxy = await startProxy(direct);
    const through = direct.replace(new URL(direct).port, new URL(proxy.url).port);
    await using server = await serve(await openDatabase(postgresAt(through)));
    const watcher = await openDatabase(postgresAt(direct), { isPatient: true });
    // a commit takes a while, in which the network can fall silent
    await sql`create function wait() returns trigger language plpgsql as 'begin perform pg_sleep(1); return null; end'`.execute(
      watcher.tables,
    );
    await sql`create constraint trigger slow after insert on votes deferrable initially deferred
      for each row execute function wait()`.execute(watcher.tables);
    const [island, rating] = [await openVote(server.url, 1), await openIsland(server.url, '/ws/rate/1')];
    island.click(own.change, { data: { detail: 9 } });
    await expect.poll(() => sleeping(watcher), { timeout: 30_000, interval: 20 }).toBe(1);
    proxy.swallow();
    await within(
      island.until(() => String(island.slots()[own.note]).includes('The server cannot store votes just now')),
    );
    proxy.accept();
    await within(island.until(() => island.slots()[own.note] === 'Your vote: 9'));
    await within(rating.until(() => rating.slots().includes('9.00')));
    await watcher.close();
    for (const client of [island, rating]) await client.close();
  });

  describe('that somebody else keeps busy', () => {
    let other: Database;
    let server: Awaited<ReturnType<typeof serve>>;
    beforeAll(async () => {
      const location = postgresAt(await postgres().createDatabase());
      server = await serve(await openDatabase(location));
      other = await openDatabase(location, { isPatient: true });
    });
    afterAll(async () => {
      await other.close();
      await server[Symbol.asyncDispose]();
    });

    test('by a lock on an anime: votes for it are refused in time, all the rest goes on, nothing piles up', async () => {
      const { url } = server;
      const lock = await other.tables.startTransaction().execute();
      // whatever fails below: the next test finds no lock
      await using _ = { [Symbol.asyncDispose]: () => release(lock) };
      await sql`select * from anime where id = 1 for update`.execute(lock);
      let areOver = false;
      const votes = within(Promise.all(Array.from({ length: 300 }, () => vote(url, 1, 3)))).finally(() => {
        areOver = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      const reads = await Promise.all([new Visitor(url).get('/api/anime'), new Visitor(url).get('/healthz')]);
      expect(reads.map(({ status }) => status)).toEqual([200, 200]);
      expect(areOver).toBe(false);
      const answers = await votes;
      expect([...new Set(answers.map(({ status, body }) => `${status} ${body.type}`))]).toEqual([
        '503 /api/problems#storage-unavailable',
      ]);
      await lock.rollback().execute();
      expect((await within(vote(url, 1, 3))).status).toBe(200);
      expect(await waitingFor(other)).toBe(0);
    });

    test('by a lock on what all read: whoever asks is answered in time', async () => {
      const { url } = server;
      const lock = await other.tables.startTransaction().execute();
      await using _ = { [Symbol.asyncDispose]: () => release(lock) };
      await sql`lock table anime in access exclusive mode`.execute(lock);
      const answers = await within(
        Promise.all(Array.from({ length: 300 }, () => new Visitor(url).get('/api/anime/1/rating'))),
      );
      expect([...new Set(answers.map(({ status }) => status))]).toEqual([503]);
      await lock.rollback().execute();
      expect((await within(new Visitor(url).get('/api/anime/1/rating'))).status).toBe(200);
    });
  });
});

async function release(lock: ControlledTransaction<Tables>): Promise<void> {
  if (!lock.isRolledBack) await lock.rollback().execute();
}

async function serve(database: Database) {
  const app = await createApp({ database, trustProxy: true, api: { requestsPerMinute: 100_000 } });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

/** Each vote is another visitor's, from another address. */
async function vote(url: string, animeId: number, score: number, visitor = new Visitor(url)): Promise<Answer> {
  return visitor.send('PUT', `/api/anime/${animeId}/rating`, {
    body: JSON.stringify({ score }),
    headers: { 'content-type': 'application/json', 'x-forwarded-for': anyAddress() },
  });
}

function anyAddress(): string {
  return randomBytes(4).join('.');
}

async function openVote(url: string, animeId: number): Promise<TestClient> {
  return openIsland(url, `/ws/vote/${animeId}`);
}

async function openIsland(url: string, route: string): Promise<TestClient> {
  const visitor = new Visitor(url);
  await visitor.get('/anime');
  const { cookie = '' } = visitor;
  const client = new TestClient(url.replace('http', 'ws') + route, { headers: { cookie } });
  await client.opened();
  await client.next('mount');
  return client;
}

/** Joins islands on one connection, on channels from 1 on. Whoever it is has a cookie of before. */
async function openIslands(url: string, routes: readonly string[]): Promise<TestClient> {
  const visitor = new Visitor(url);
  await visitor.get('/anime');
  const { cookie = '' } = visitor;
  const client = await new TestClient(`${url.replace('http', 'ws')}/islet`, { headers: { cookie } }).opened();
  await client.hello();
  for (const [at, route] of routes.entries()) {
    expect(await client.join(route, { channel: at + 1 })).toMatchObject({ kind: 'mount' });
  }
  return client;
}

async function save(island: TestClient, score: number, note: RegExp): Promise<void> {
  island.click(own.change, { data: { detail: score } });
  await island.until(() => note.test(String(island.slots()[own.note])));
}

async function within<Value>(value: Promise<Value>, ms = answerMs): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How many of a database's sessions wait for a lock. */
async function waitingFor({ tables }: Database): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `.execute(tables);
  return Number(rows[0]?.count);
}

/** How many of a database's sessions sleep. */
async function sleeping({ tables }: Database): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'
  `.execute(tables);
  return Number(rows[0]?.count);
}

/** Eight who vote one vote after another until they are told to end. */
class Voters implements AsyncDisposable {
  /** Votes that were acknowledged, by cookie. */
  readonly stored = new Map<string, number>();
  /** All other answers. */
  readonly others: Answer[] = [];
  slowestMs = 0;
  private isEnding = false;
  private readonly done: Promise<unknown>;

  constructor(url: string) {
    this.done = Promise.all(Array.from({ length: 8 }, () => this.go(url)));
    this.done.catch(() => {});
  }

  async until(condition: () => boolean): Promise<void> {
    await expect.poll(condition, { timeout: 30_000 }).toBe(true);
  }

  /** @throws What a vote was not answered with. */
  async end(): Promise<void> {
    this.isEnding = true;
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end().catch(() => {});
  }

  private async go(url: string): Promise<void> {
    for (let count = 0; !this.isEnding; count++) {
      const visitor = new Visitor(url);
      const startedAt = performance.now();
      const answer = await vote(url, 3, 1 + (count % 10), visitor);
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
      if (answer.status === 200) this.stored.set(visitor.cookie ?? '', 1 + (count % 10));
      else this.others.push(answer);
    }
  }
}
