// Two servers of the anime tracker on one database, with a bus between them: what happens on one is so on the other.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { type Database, openDatabase } from '../server/anime/data/database.ts';
import { inMemory } from '../server/anime/data/location.ts';
import { generateUsers } from '../server/anime/data/made-up-users.ts';
import { createMemoryHub, type MemoryBus } from '../server/cluster/memory.ts';
import { memoryStore, type Store } from '../server/index.ts';
import { AdminVisitor, accounts } from './support/admin.ts';
import { Visitor } from './support/api.ts';
import { TestClient } from './support/client.ts';

interface Server {
  readonly app: Awaited<ReturnType<typeof createApp>>;
  readonly url: string;
  readonly bus: MemoryBus;
}

let database: Database;
let servers: Server[];
const clients: TestClient[] = [];

beforeEach(async () => {
  database = await openDatabase(inMemory);
  await generateUsers(database, 20);
  const hub = createMemoryHub();
  const store: Store = { ...memoryStore(), close: async () => {} };
  servers = [];
  for (let count = 0; count < 2; count++) {
    const bus = hub.connect();
    const app = await createApp({
      // one process has both: it is closed once
      database: { ...database, close: async () => {} },
      islet: { bus, store },
      admin: { accounts, attemptsPerMinute: 3 },
      votesPerMinute: 5,
    });
    servers.push({ app, bus, url: await app.listen({ host: '127.0.0.1', port: 0 }) });
  }
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  for (const { app } of servers) await app.close();
  await database.close();
});

const at = (index: number): Server => {
  const server = servers[index];
  if (!server) throw new Error('there are two');
  return server;
};

async function join(index: number, route: string, cookie?: string): Promise<TestClient> {
  const options = cookie === undefined ? {} : { headers: { cookie } };
  const client = await new TestClient(`${at(index).url.replace('http', 'ws')}/islet`, options).opened();
  clients.push(client);
  await client.hello();
  await client.join(route);
  return client;
}

const vote = (index: number, animeId: number, score: number) =>
  new Visitor(at(index).url).put(`/api/anime/${animeId}/rating`, { score });

describe('on the other server', () => {
  test('a vote is seen at once: in the average, and in the feed of all', async () => {
    const [average, feed] = [await join(1, '/ws/rate/1'), await join(1, '/ws/ratings')];
    expect((await vote(0, 1, 8)).status).toBe(200);
    await average.until(() => average.slots()[0] === '8.00');
    await feed.until(() => feed.texts.some((text) => text.includes('"rated"') && text.includes('[1,8,1]')));
  });

  test('a person with a page on each is one person', async () => {
    const visitor = new Visitor(at(0).url);
    await visitor.put('/api/anime/2/rating', { score: 8 });
    const [one] = [await join(0, '/ws/rate/1', visitor.cookie), await join(1, '/ws/rate/1', visitor.cookie)];
    await join(1, '/ws/rate/1');
    await one.until(() => one.slots()[3] === '2 people are looking');
  });

  test('what was missed while the bus was away is read when it is back', async () => {
    const average = await join(1, '/ws/rate/1');
    at(1).bus.cut();
    await vote(0, 1, 8);
    await vote(0, 1, 6);
    at(1).bus.restore();
    await average.until(() => average.slots()[0] === '7.00');
  });

  test('whoever has logged in is logged in, and whoever has logged out is logged out', async () => {
    const one = await new AdminVisitor(at(0).url).logIn('ada');
    const other = new AdminVisitor(at(1).url);
    other.cookie = one.cookie;
    expect((await other.get('/admin')).status).toBe(200);
    const socket = await other.socket();
    await socket.hello();
    await socket.join('/ws/admin/users');
    expect((await one.post('/admin/logout')).status).toBe(303);
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect((await other.get('/admin')).status).toBe(303);
  });

  test('a logout that was not heard holds as soon as the bus is back', async () => {
    const one = await new AdminVisitor(at(0).url).logIn('ada');
    const other = new AdminVisitor(at(1).url);
    other.cookie = one.cookie;
    at(1).bus.cut();
    await one.post('/admin/logout');
    at(1).bus.restore();
    await expect.poll(async () => (await other.get('/admin')).status).toBe(303);
  });

  test('votes and attempts to log in count as well', async () => {
    for (let count = 0; count < 5; count++) expect((await vote(count % 2, 1, 8)).status).toBe(200);
    expect([(await vote(0, 1, 8)).status, (await vote(1, 1, 8)).status]).toEqual([429, 429]);
    const attempt = (index: number) =>
      new AdminVisitor(at(index).url).post('/admin/login', { name: 'ada', password: 'x' });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) statuses.push((await attempt(count % 2)).status);
    expect(statuses).toEqual([422, 422, 422, 429, 429]);
  });
});
