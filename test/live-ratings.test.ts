// Ratings on live pages, as sockets see them: the average of an anime for all who look, each visitor's own vote, and
// the feed of all changes, over the real service and a real database. What people see of it is in
// test/e2e/votes.test.ts.

import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rating } from '../components/rating.ts';
import { createApp } from '../server/anime/app.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { inMemory } from '../server/anime/data/location.ts';
import { createRatings, type Ratings } from '../server/anime/data/ratings.ts';
import { liveRoutes } from '../server/anime/live.ts';
import { createRateLimit } from '../server/anime/rate-limit.ts';
import { User } from '../server/anime/user.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { startServer, type TestServer } from './support/server.ts';
import { createTopic } from './support/topics.ts';

/** Holes of the views, in the order of their templates. */
const shown = { average: 0, votes: 2, people: 3 };
const own = { value: 0, note: 1, answers: 2, change: 3, takeBack: 6 };

let database: Database;
let ratings: Ratings;
/** How often the database was read for an anime's rating, and who is subscribed. */
let reads: number;
let subscriptions: number;
/** Happens once, when a rating has been read and before the reader has it. */
let afterReading: (() => Promise<unknown>) | undefined;
let clock: ManualClock;

beforeEach(async () => {
  database = await openDatabase(inMemory);
  const service = createRatings(database, createTopic());
  reads = 0;
  subscriptions = 0;
  afterReading = undefined;
  clock = new ManualClock();
  ratings = {
    ...service,
    async read(...args) {
      reads++;
      const found = await service.read(...args);
      const meanwhile = afterReading;
      afterReading = undefined;
      await meanwhile?.();
      return found;
    },
    changes: {
      name: service.changes.name,
      subscribe(listener, options = {}) {
        subscriptions++;
        options.signal?.addEventListener('abort', () => subscriptions--, { once: true });
        return service.changes.subscribe(listener, options);
      },
    },
  };
});

afterEach(() => database.close());

/** A server with the live routes; who opens a socket says who they are by a header. */
function serve(): Promise<TestServer> {
  return startServer((app) => void liveRoutes(app, { database, ratings, votes: createRateLimit(2, { clock }) }), {
    clock,
    components: [rating],
    authenticate: ({ headers }) =>
      new User({ visitor: said(headers['x-visitor']) ?? null, admin: null, address: said(headers['x-address']) ?? '' }),
  });
}

function said(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

async function connect(server: TestServer, visitor?: string, address = ''): Promise<TestClient> {
  const headers = { 'x-address': address, ...(visitor !== undefined && { 'x-visitor': visitor }) };
  const client = await server.open('/islet', { headers }).opened();
  await client.hello();
  return client;
}

async function visit(server: TestServer, route: string, visitor?: string, address?: string): Promise<TestClient> {
  const client = await connect(server, visitor, address);
  await client.join(route);
  return client;
}

describe('the rating of an anime', () => {
  test('is shown to all who look, and follows each vote', async () => {
    await using server = await serve();
    const [one, other] = [await visit(server, '/ws/rate/1'), await visit(server, '/ws/rate/1')];
    const another = await visit(server, '/ws/rate/2');
    expect([one.slots()[shown.average], one.slots()[shown.votes]]).toEqual(['–', 'Nobody has voted yet']);
    await ratings.vote({ animeId: 1, visitor: 'ann', score: 7 });
    await ratings.vote({ animeId: 1, visitor: 'ben', score: 8 });
    await clock.advance(1_000);
    for (const client of [one, other]) await client.until(() => client.slots()[shown.average] === '7.50');
    expect(other.slots()[shown.votes]).toBe('2 votes');
    expect(another.slots()[shown.average]).toBe('–');
  });

  test('costs one view and one encoding a change and no query, however many look', async () => {
    await using server = await serve();
    const clients: TestClient[] = [];
    for (let visitor = 0; visitor < 100; visitor++) {
      clients.push(await visit(server, '/ws/rate/1', `visitor ${visitor}`));
      await clock.advance(1_000);
    }
    expect(reads).toBe(2); // to start from, and once more when it had subscribed
    const before = { ...server.app.islet.counters };
    await ratings.vote({ animeId: 1, visitor: 'ann', score: 7 });
    await clock.advance(1_000);
    for (const client of clients) await client.until(() => client.slots()[shown.average] === '7.00');
    const { views, encodings, frames } = server.app.islet.counters;
    expect([views - before.views, encodings - before.encodings, frames - before.frames]).toEqual([1, 1, 100]);
    expect(reads).toBe(2);
  });

  test('loses no vote that is given between reading and subscribing', async () => {
    await using server = await serve();
    afterReading = () => ratings.vote({ animeId: 1, visitor: 'ann', score: 7 });
    const client = await visit(server, '/ws/rate/1');
    await client.until(() => client.slots()[shown.average] === '7.00');
  });

  test('says how many people look: two tabs of a visitor are one, and whoever has no cookie is somebody', async () => {
    await using server = await serve();
    const ann = await visit(server, '/ws/rate/1', 'secret-of-ann');
    const people = async (words: string): Promise<void> => {
      await clock.advance(1_000);
      await ann.until(() => ann.slots()[shown.people] === words);
    };
    await people('Only you are looking');
    const annAgain = await visit(server, '/ws/rate/1', 'secret-of-ann');
    const ben = await visit(server, '/ws/rate/1', 'secret-of-ben');
    await people('2 people are looking');
    const nobody = await visit(server, '/ws/rate/1');
    await people('3 people are looking');
    annAgain.send({ kind: 'leave', channel: 1 });
    nobody.send({ kind: 'leave', channel: 1 });
    await people('2 people are looking');
    // who was cut off is waited for
    await ben.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(3);
    await people('2 people are looking');
    await clock.advance(60_000);
    await people('Only you are looking');
    expect([...ann.texts, ...ben.texts].join()).not.toContain('secret');
  });

  test('is no longer listened for when nobody has looked for a while', async () => {
    await using server = await serve();
    const before = subscriptions;
    const client = await visit(server, '/ws/rate/1', 'ann');
    await client.join('/ws/vote/1', { channel: 2 });
    await client.join('/ws/ratings', { channel: 3 });
    expect(subscriptions - before).toBe(3);
    for (const channel of [1, 2, 3]) client.send({ kind: 'leave', channel });
    await expect.poll(() => subscriptions - before).toBe(2);
    await clock.advance(300_000);
    expect(subscriptions).toBe(before);
    expect(server.app.islet.size.actors).toBe(0);
  });
});

test.each(['0', '007', '-1', '1.0', '1e0', '999999', '9999999999', 'one', '%31%00'])(
  'there is no island of anime %s',
  async (id) => {
    await using server = await serve();
    const client = await connect(server, 'ann');
    for (const route of [`/ws/rate/${id}`, `/ws/vote/${id}`]) {
      expect(await client.join(route)).toMatchObject({ kind: 'error', code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE' });
    }
    expect(server.app.islet.size.actors).toBe(0);
  },
);

describe('one’s own vote', () => {
  test('is stored by Save, shown in all tabs of the visitor, and in those of nobody else', async () => {
    await using server = await serve();
    const [tab, otherTab] = [await visit(server, '/ws/vote/1', 'ann'), await visit(server, '/ws/vote/1', 'ann')];
    const ben = await visit(server, '/ws/vote/1', 'ben');
    tab.click(own.change, { data: { detail: 8 } });
    for (const client of [tab, otherTab]) await client.until(() => client.slots()[own.note] === 'Your vote: 8');
    expect(await ratings.read(1, 'ann')).toMatchObject({ vote: 8, rating: { average: 8, votes: 1 } });
    otherTab.click(own.takeBack);
    for (const client of [tab, otherTab]) {
      await client.until(() => client.slots()[own.note] === 'You have not voted yet');
      expect(client.slots()[own.value]).toBeNull();
    }
    expect(ben.rest().filter(({ kind }) => kind === 'patch')).toEqual([]);
  });

  test('shows what is given elsewhere, also between reading and subscribing', async () => {
    await using server = await serve();
    afterReading = () => ratings.vote({ animeId: 1, visitor: 'ann', score: 7 });
    const client = await visit(server, '/ws/vote/1', 'ann');
    await client.until(() => client.slots()[own.note] === 'Your vote: 7');
    await ratings.vote({ animeId: 1, visitor: 'ann', score: 3 });
    await client.until(() => client.slots()[own.value] === '3');
  });

  test('is not taken from those who have no cookie, whatever they send', async () => {
    await using server = await serve();
    const client = await visit(server, '/ws/vote/1');
    for (const hole of [0, own.change, own.takeBack]) client.click(hole, { data: { detail: 8 } });
    await client.handled();
    expect(await ratings.read(1)).toMatchObject({ rating: { votes: 0 } });
  });

  test('that is no vote changes nothing', async () => {
    await using server = await serve();
    const client = await visit(server, '/ws/vote/1', 'ann');
    for (const detail of [0, 11, '8', 7.5, null, [8], { vote: 8 }]) client.click(own.change, { data: { detail } });
    await client.handled();
    expect(await ratings.read(1)).toMatchObject({ rating: { votes: 0 } });
    client.click(own.change, { data: { detail: 8 } });
    await client.until(() => client.slots()[own.note] === 'Your vote: 8');
  });

  test('can be given only so often from an address, whoever gives it; then it is refused until some time has passed', async () => {
    await using server = await serve();
    const [tab, otherTab] = [await visit(server, '/ws/vote/1', 'ann'), await visit(server, '/ws/vote/2', 'cat')];
    const save = async (client: TestClient, detail: number, note: RegExp): Promise<void> => {
      client.click(own.change, { data: { detail } });
      await client.until(() => note.test(String(client.slots()[own.note])));
    };
    await save(tab, 8, /^Your vote: 8$/);
    await save(otherTab, 3, /^Your vote: 3$/);
    await save(tab, 9, /^Your vote: 8. That was quite often/);
    await save(await visit(server, '/ws/vote/1', 'ben', '192.0.2.1'), 2, /^Your vote: 2$/);
    await clock.advance(60_000);
    await save(tab, 9, /^Your vote: 9$/);
  });

  test('that cannot be stored is refused, nothing is lost, and it can be saved again', async () => {
    await using server = await serve();
    const client = await visit(server, '/ws/vote/1', 'ann');
    await sql`pragma query_only = 1`.execute(database.tables);
    client.click(own.change, { data: { detail: 8 } });
    await client.until(() => /^You have not voted yet. The server cannot store/.test(String(client.slots()[own.note])));
    expect(client.slots()[own.answers]).toBe('1');
    expect(server.errors.map(({ msg }) => msg)).toEqual(['a vote could not be stored']);
    await sql`pragma query_only = 0`.execute(database.tables);
    client.click(own.change, { data: { detail: 8 } });
    await client.until(() => client.slots()[own.note] === 'Your vote: 8');
  });
});

describe('the feed', () => {
  test('tells every page each change, and shows the name that the last one gave the state of all ratings', async () => {
    await using server = await serve();
    const clients = [await visit(server, '/ws/ratings', 'ann'), await visit(server, '/ws/ratings')];
    const [start] = clients[0]?.slots() ?? [];
    const names = new Set<unknown>([start]);
    for (const [animeId, score] of [
      [4, 7],
      [9, 8],
    ] as const) {
      await ratings.vote({ animeId, visitor: 'secret', score });
      await clock.advance(1_000);
      for (const client of clients) {
        await client.until(() => emitted(client).at(-1)?.[0] === animeId);
        names.add(client.slots()[0]);
      }
    }
    for (const client of clients) {
      expect(emitted(client)).toEqual([
        [4, 7, 1],
        [9, 8, 1],
      ]);
      expect(client.texts.join()).not.toContain('secret');
    }
    expect(names.size).toBe(3);
  });

  test('costs each page some dozen bytes a vote', async () => {
    await using server = await serve();
    const client = await visit(server, '/ws/ratings');
    for (let visitor = 0; visitor < 12; visitor++) {
      const before = client.texts.length;
      await ratings.vote({ animeId: 200, visitor: `visitor ${visitor}`, score: 7 + (visitor % 2) });
      await clock.advance(1_000);
      await client.until(() => emitted(client).length === visitor + 1);
      expect(client.texts.slice(before).join('').length).toBeLessThan(60);
    }
  });

  test('names the same state by another name after a restart of the server', async () => {
    const names = new Set<unknown>();
    for (let start = 0; start < 3; start++) {
      await using server = await serve();
      names.add((await visit(server, '/ws/ratings')).slots()[0]);
    }
    expect(names.size).toBe(3);
  });
});

test('a page that is overtaken by a vote while it is made names an earlier state than its feed shows', async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const tables = database.tables.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const happens = meanwhile;
      meanwhile = undefined;
      await happens?.();
      return result;
    },
  });
  const app = await createApp({ database: { ...database, tables, close: async () => {} } });
  const vote = () => app.inject({ method: 'PUT', url: '/api/anime/1/rating', payload: { score: 7 } });
  const names = async (): Promise<(string | undefined)[]> => {
    const { body } = await app.inject('/anime');
    return [/"at":"([^"]+)"/.exec(body)?.[1], /data-at="([^"]+)"/.exec(body)?.[1]];
  };
  const [page, feed] = await names();
  expect([page, page?.length]).toEqual([feed, expect.any(Number)]);
  meanwhile = vote;
  const [overtaken, shown] = await names();
  expect(overtaken).toBe(page);
  expect(shown).not.toBe(page);
  expect(await names()).toEqual([shown, shown]);
  await app.close();
});

/** The details of what the element was told to fire. */
function emitted(client: TestClient): number[][] {
  return client.frames.flatMap((frame) =>
    frame.kind === 'patch'
      ? frame.operations.filter(([kind]) => kind === 'emit').map(([, , detail]) => detail as number[])
      : [],
  );
}
