// What becomes of connections is told by one line each, when it has ended, and by counters: whatever a client does, and
// however often, it fills no log.

import { expect, test } from 'vitest';
import { boundLog } from '../server/inspect/bounded-log.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { fragileStore } from './support/kept.ts';
import { startServer } from './support/server.ts';

const declare: Parameters<typeof startServer>[0] = (app) => {
  app.islet.route('/ws/own', counter);
  app.islet.route('/ws/room/:id', counter, { shared: true });
  app.islet.route('/ws/broken', counter, {
    props() {
      throw new Error('meant to fail');
    },
  });
};

test('one that joins and leaves in a loop has one line, with counts', async () => {
  await using server = await startServer(declare, { slowTurnMs: Number.POSITIVE_INFINITY });
  const page = await server.connect();
  const before = server.log.length;
  for (let round = 0; round < 150; round++) {
    await page.join(`/ws/room/${round}`);
    page.send({ kind: 'leave', channel: 1 });
  }
  await page.join('/ws/own');
  page.click();
  page.click(9);
  await page.handled();
  page.send('nonsense');
  await page.closed;
  await expect.poll(() => server.app.islet.size.connections).toBe(0);
  expect(server.log.slice(before)).toMatchObject([
    {
      level: 30,
      msg: 'connection closed',
      client: expect.any(String),
      routes: ['/ws/room/:id', '/ws/own'],
      frames: 1 + 150 * 2 + 1 + 2 + 1,
      events: 2,
      joins: 151,
      refused: 2,
      code: 4400,
      why: 'ISLET_ERR_FRAME_MALFORMED',
      ms: expect.any(Number),
    },
  ]);
});

test('one that names more routes than a page has is known by some of them', async () => {
  await using server = await startServer((app) => {
    for (let id = 0; id < 30; id++) app.islet.route(`/ws/route${id}`, counter);
  });
  const page = await server.connect();
  for (let id = 0; id < 30; id++) await page.join(`/ws/route${id}`, { channel: id + 1 });
  await page.close();
  await expect.poll(() => server.log.at(-1)?.msg).toBe('connection closed');
  expect(server.log.at(-1)).toMatchObject({ joins: 30 });
  expect(server.log.at(-1)?.routes).toHaveLength(10);
});

test('what breaks the rules of WebSockets is in that line, too', async () => {
  await using server = await startServer(declare);
  const page = await server.connect();
  // a frame that is not masked
  (page.socket as never as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from([0x81, 0x01, 0x41]));
  await page.closed;
  await expect.poll(() => server.app.islet.size.connections).toBe(0);
  expect(server.log.filter(({ msg }) => msg === 'socket error')).toEqual([]);
  expect(server.log.at(-1)).toMatchObject({ msg: 'connection closed', problem: 'WS_ERR_EXPECTED_MASK' });
});

test('connections are counted by how they ended, and no more ways than there are', async () => {
  await using server = await startServer(declare, { allowedOrigins: [], limits: { maxConnectionsPerAddress: 50 } });
  const ends: readonly ((page: Awaited<ReturnType<typeof server.connect>>) => unknown)[] = [
    (page) => page.close(),
    (page) => page.vanish(),
    (page) => page.vanish(),
    (page) => page.send('nonsense'),
    (page) => page.socket.close(1001),
    ...Array.from({ length: 20 }, (_, index) => (page: Awaited<ReturnType<typeof server.connect>>) => {
      page.socket.close(3_000 + index);
    }),
  ];
  for (const end of ends) {
    const page = await server.connect();
    end(page);
    await page.closed;
  }
  await expect(server.open('/islet', { origin: 'https://evil.example' }).opened()).rejects.toThrow('403');
  await expect.poll(() => server.app.islet.size.connections).toBe(0);
  expect(server.app.islet.counters.connections).toEqual({
    opened: 25,
    closed: { 1005: 1, 1006: 2, 4400: 1, 1001: 1, other: 20 },
  });
  expect(server.app.islet.counters.refusals).toEqual({ ISLET_ERR_FRAME_MALFORMED: 1, ISLET_ERR_ORIGIN: 1 });
});

test('what is refused is counted by its code, and joins are', async () => {
  await using server = await startServer(declare, { limits: { maxRouteLength: 20 } });
  const page = await server.connect();
  await page.join('/ws/own');
  await page.join('/ws/own');
  for (let round = 0; round < 3; round++) await page.join('/ws/nowhere', { channel: 2 });
  await page.join(`/ws/room/${'x'.repeat(20)}`, { channel: 2 });
  page.click(9);
  await page.next('patch');
  expect(server.app.islet.counters).toMatchObject({
    joins: 1,
    refusals: {
      ISLET_ERR_JOIN_TWICE: 1,
      ISLET_ERR_JOIN_UNKNOWN_ROUTE: 3,
      ISLET_ERR_LIMIT_ROUTE: 1,
      ISLET_ERR_EVENT_UNKNOWN_TARGET: 1,
    },
  });
});

test('joins and pages that fail are written ten times a minute, and then counted', async () => {
  const clock = new ManualClock();
  await using server = await startServer(declare, { clock });
  const page = await server.connect();
  for (let round = 0; round < 50; round++) {
    expect(await page.join('/ws/broken')).toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
  }
  expect(server.errors).toHaveLength(10);
  expect(server.errors[0]).toMatchObject({ msg: 'a join failed', err: { message: 'meant to fail' } });
  await clock.advance(60_000);
  expect(server.log.at(-1)).toMatchObject({ level: 40, lines: 40 });
  await page.join('/ws/broken');
  expect(server.errors).toHaveLength(11);
});

test('a store that fails for many rooms is told ten times a minute', async () => {
  const clock = new ManualClock();
  const store = fragileStore();
  store.broken = { commit: () => Promise.reject(new Error('disk full')) };
  await using server = await startServer(
    (app) => app.islet.route('/ws/saved/:id', counter, { shared: true, persist: true }),
    { clock, store },
  );
  const page = await server.connect();
  for (let id = 0; id < 30; id++) {
    await page.join(`/ws/saved/${id}`);
    page.click();
    await page.handled();
    page.send({ kind: 'leave', channel: 1 });
  }
  await page.handled();
  await clock.advance(60_000);
  store.broken = {};
  // each kind of line: that writes fail, and that actors cannot be released for it
  for (const what of ['could not be kept', 'not known to be kept']) {
    expect(server.errors.filter(({ msg }) => msg.includes(what))).toHaveLength(10);
  }
  expect(server.errors[0]).toMatchObject({
    msg: expect.stringContaining('/ws/saved/:id?id='),
    err: { message: 'disk full' },
  });
});

test('a bounded log keeps what is different, and tells the rest at its end', () => {
  const lines: string[] = [];
  const write = (_: object, text: string): void => void lines.push(text);
  const clock = new ManualClock();
  const log = boundLog({ error: write, warn: write, info: write }, clock);
  for (let round = 0; round < 12; round++) log.error({}, 'a join failed');
  log.warn({}, 'another');
  expect(lines).toHaveLength(11);
  log.end();
  expect(lines.at(-1)).toBe('2 more lines "a join failed" were left out');
  expect(clock.waits).toEqual([]);
});
