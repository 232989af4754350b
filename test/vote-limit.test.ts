// How often one may vote: so often from an address in a minute, whichever way the votes come in and whoever they say
// they are. On a real app with real sockets; addresses are those that a proxy tells.

import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApp } from '../server/anime/app.ts';
import { createRateLimit } from '../server/anime/rate-limit.ts';
import { countedAddress } from '../server/transport/address.ts';
import { type Answer, Visitor } from './support/api.ts';
import { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Holes of the view of one's own vote. */
const own = { note: 1, change: 3 };

let app: FastifyInstance;
let url: string;
const clients: TestClient[] = [];

beforeEach(async () => {
  app = await createApp({ trustProxy: true });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const { socket } of clients.splice(0)) socket.terminate();
  await app.close();
});

test('300 votes with 300 fresh cookies over sockets from one address: 60 are stored, the others refused in words', async () => {
  const notes: string[] = [];
  for (let batch = 0; batch < 6; batch++) {
    notes.push(...(await Promise.all(Array.from({ length: 50 }, () => voteLive('192.0.2.1')))));
  }
  expect(notes.filter((note) => note === 'Your vote: 8')).toHaveLength(60);
  expect(notes.filter((note) => /^You have not voted yet. That was quite often/.test(note))).toHaveLength(240);
  expect(await countVotes()).toBe(60);
  // the API counts by the same, and others are others
  const { status, body, headers } = await vote('192.0.2.1');
  expect([status, body.type]).toEqual([429, '/api/problems#too-many-requests']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await voteLive('192.0.2.2')).toBe('Your vote: 8');
});

test('votes by the API count on live pages too', async () => {
  for (let count = 0; count < 60; count++) expect((await vote('192.0.2.1')).status).toBe(200);
  expect(await voteLive('192.0.2.1')).toMatch(/That was quite often/);
  expect((await vote('192.0.2.1')).status).toBe(429);
  // reading is another matter
  expect((await new Visitor(url).get('/api/anime/1/rating', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(200);
});

test('all addresses of an IPv6 network of 64 bits are one, and so is IPv4 however it is spelt', async () => {
  for (let count = 0; count < 30; count++) {
    expect((await vote(`2001:db8:0:7:${count.toString(16)}::1`)).status).toBe(200);
    expect(await voteLive(`2001:db8:0:7::${count.toString(16)}`)).toBe('Your vote: 8');
    expect((await vote(`::ffff:192.0.2.9`)).status).toBe(200);
    expect(await voteLive('192.0.2.9')).toBe('Your vote: 8');
  }
  expect((await vote('2001:db8:0:7:ffff::')).status).toBe(429);
  expect(await voteLive('2001:db8::7:0:0:0:1')).toMatch(/That was quite often/);
  expect((await vote('::ffff:c000:209')).status).toBe(429);
  expect((await vote('2001:db8:0:8::1')).status).toBe(200);
});

test('the sockets of all addresses of an IPv6 network count as those of one', async () => {
  const islet = { limits: { maxConnectionsPerAddress: 3 } };
  await using strict = await createApp({ trustProxy: true, islet });
  const strictUrl = await strict.listen({ host: '127.0.0.1', port: 0 });
  const connect = (address: string): Promise<TestClient> => open('/islet', '', address, strictUrl);
  for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:9::']) await connect(address);
  await expect(connect('2001:db8::3')).rejects.toThrow('429');
  await connect('2001:db8:0:1::1');
});

test('a page that comes back from another address has its session again', async () => {
  const visitor = new Visitor(url);
  await visitor.get('/anime/1');
  const connect = (address: string) => open('/islet', visitor.cookie ?? '', address);
  const before = await connect('192.0.2.1');
  const session = await before.hello();
  await before.join('/ws/vote/1');
  await before.vanish();
  const after = await connect('2001:db8::1');
  expect(await after.hello(session)).toBe(session);
});

test('a clock that is put forward or back ends no minute and makes none longer', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  for (let count = 0; count < 60; count++) await vote('192.0.2.1');
  vi.setSystemTime(Date.now() + 86_400_000);
  expect((await vote('192.0.2.1')).status).toBe(429);
  vi.setSystemTime(Date.now() - 2 * 86_400_000);
  expect(Number((await vote('192.0.2.1')).headers.get('retry-after'))).toBeLessThanOrEqual(60);
});

describe('a limit', () => {
  test('counts from the first of a minute, and begins anew when that is over; asking in vain makes it no longer', async () => {
    const clock = new ManualClock();
    const limit = createRateLimit(2, { clock });
    expect([limit.take('a'), limit.take('a')]).toEqual([
      { isTooMany: false, remaining: 1, resetSeconds: 60 },
      { isTooMany: false, remaining: 0, resetSeconds: 60 },
    ]);
    await clock.advance(30_500);
    expect(limit.take('a')).toEqual({ isTooMany: true, remaining: 0, resetSeconds: 30 });
    expect(limit.take('b').isTooMany).toBe(false);
    await clock.advance(29_500);
    expect(limit.take('a')).toEqual({ isTooMany: false, remaining: 1, resetSeconds: 60 });
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0000:0000:ffff::', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::192.0.2.1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('takes %s for %s', (text, counted) => {
    expect(countedAddress(text)).toBe(counted);
  });
});

/** Votes as somebody new by the API. */
async function vote(address: string): Promise<Answer> {
  return new Visitor(url).send('PUT', '/api/anime/1/rating', {
    body: '{"score":8}',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
  });
}

/** Votes as somebody new on the anime's page. Gives what the page says then. */
async function voteLive(address: string): Promise<string> {
  const visitor = new Visitor(url);
  await visitor.get('/anime/1');
  const client = await open('/ws/vote/1', visitor.cookie ?? '', address);
  await client.next('mount');
  const note = (): string => String(client.slots()[own.note]);
  client.click(own.change, { data: { detail: 8 } });
  await client.until(() => /^Your vote|often/.test(note()));
  await client.close();
  return note();
}

async function open(path: string, cookie: string, address: string, server = url): Promise<TestClient> {
  const headers = { cookie, 'x-forwarded-for': address };
  const client = new TestClient(server.replace('http', 'ws') + path, { headers });
  clients.push(client);
  return client.opened();
}

async function countVotes(): Promise<number> {
  return (await new Visitor(url).get('/api/anime/1')).body.rating.votes;
}
