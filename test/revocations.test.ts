// Rights that end: on one machine, and on all that share a bus, whoever it is that says so, and also where the word was
// lost on the way.

import { describe, expect, test } from 'vitest';
import { createMemoryHub, type MemoryBus } from '../server/cluster/memory.ts';
import { memoryStore } from '../server/index.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

interface User {
  readonly login: string;
  readonly groups: { readonly admin: boolean };
}

const ann: User = { login: 'ann', groups: { admin: true } };
const ben: User = { login: 'ben', groups: { admin: false } };

async function start(bus?: MemoryBus, clock = new ManualClock()): Promise<TestServer> {
  return startServer((app) => app.islet.route('/ws/room/:id', counter), {
    ...(bus && { bus }),
    clock,
    store: memoryStore(),
    authenticate: ({ headers }) => (headers.cookie === undefined ? null : headers.cookie === 'ann' ? ann : ben),
  });
}

async function join(server: TestServer, cookie?: string): Promise<TestClient> {
  const client = await server.open('/islet', cookie === undefined ? {} : { headers: { cookie } }).opened();
  await client.hello();
  await client.join('/ws/room/1', { channel: 1 });
  await client.join('/ws/room/2', { channel: 2 });
  return client;
}

/** Whose connection is left, of Ann's, Ben's and one of nobody. */
async function leftOf(clients: readonly TestClient[]): Promise<string> {
  await Promise.all(clients.map((client) => Promise.race([client.closed, client.handled().catch(() => {})])));
  return clients.map(({ socket }) => (socket.readyState === 1 ? 'here' : 'gone')).join(' ');
}

describe.each(['here', 'on another machine'])('said %s', (where) => {
  const open = async () => {
    const clock = new ManualClock();
    const hub = createMemoryHub({ clock });
    const bus = hub.connect();
    const server = await start(where === 'here' ? undefined : bus, clock);
    const saying = where === 'here' ? server : await start(hub.connect(), clock);
    const clients = [await join(server, 'ann'), await join(server, 'ben'), await join(server)];
    const end = async (): Promise<void> => {
      await server[Symbol.asyncDispose]();
      if (saying !== server) await saying[Symbol.asyncDispose]();
    };
    return { clock, bus, islet: saying.app.islet, server, clients, [Symbol.asyncDispose]: end };
  };

  test.each([
    ['a user as it is', ann, 'gone here here'],
    ['a field', { login: 'ben' }, 'here gone here'],
    ['a field of a field', { groups: { admin: true } }, 'gone here here'],
    ['everybody who is somebody', {}, 'gone gone here'],
    ['nobody', null, 'here here gone'],
    ['a field that there is not', { name: 'ann' }, 'here here here'],
    ['what Object itself has', { constructor: {} }, 'here here here'],
    ['another kind of value', 'ann', 'here here here'],
  ])('ends the connections of %s', async (_, who, left) => {
    await using place = await open();
    place.islet.disconnect(who as never);
    await place.clock.advance(0);
    expect(await leftOf(place.clients)).toBe(left);
  });

  test('takes single islands away', async () => {
    await using place = await open();
    const [page, other] = place.clients;
    place.islet.revoke({ user: { login: 'ann' }, route: '/ws/room/:id', params: { id: '2' } }, { redirect: '/login' });
    await place.clock.advance(0);
    expect(await page?.next('error')).toMatchObject({ channel: 2, code: 'ISLET_ERR_FORBIDDEN_NOW' });
    await other?.handled();
    expect(other?.frames.map(({ kind }) => kind)).not.toContain('error');
    place.islet.revoke({ route: '/ws/other' });
    place.islet.revoke({ user: { login: 'ann' }, route: '/ws/room/:id', params: { id: '1' } });
    await place.clock.advance(0);
    expect(await page?.next('error')).toMatchObject({ channel: 1 });
  });
});

test('what was said while the bus was away is done when it is back', async () => {
  const clock = new ManualClock();
  const hub = createMemoryHub({ clock });
  const bus = hub.connect();
  await using server = await start(bus, clock);
  await using other = await start(hub.connect(), clock);
  const client = await join(server, 'ann');
  bus.cut();
  other.app.islet.disconnect({ login: 'ann' });
  await clock.advance(1_000);
  expect(client.socket.readyState).toBe(1);
  bus.restore();
  await clock.advance(1_000);
  expect(await client.closed).toMatchObject({ code: 4401 });
});

test('a word that is lost is said again within ten seconds', async () => {
  const clock = new ManualClock();
  const network = { isLosing: false };
  const hub = createMemoryHub({ clock, faults: { random: () => (network.isLosing ? 0 : 0.9), lost: 0.5 } });
  await using server = await start(hub.connect(), clock);
  await using other = await start(hub.connect(), clock);
  const client = await join(server, 'ann');
  network.isLosing = true;
  other.app.islet.disconnect({ login: 'ann' });
  network.isLosing = false;
  await clock.advance(10_000);
  expect(await client.closed).toMatchObject({ code: 4401 });
});

test('a function is for one process alone: with a bus it is refused, and nobody is let go of here either', async () => {
  await using alone = await start();
  const client = await join(alone, 'ann');
  alone.app.islet.disconnect((user) => (user as User | null)?.login === 'ann');
  expect(await client.closed).toMatchObject({ code: 4401 });
  await using server = await start(createMemoryHub().connect());
  const page = await join(server, 'ann');
  expect(() => server.app.islet.disconnect(() => true)).toThrow('ISLET_ERR_OPTIONS');
  expect(() => server.app.islet.revoke(() => true)).toThrow('ISLET_ERR_OPTIONS');
  await page.handled();
  expect(page.socket.readyState).toBe(1);
});
