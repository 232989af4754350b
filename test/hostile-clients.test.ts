// One client that makes a server keep as much as it can, in each way there is, for a second each, or for as long as
// HOSTILE_MS says. The server has a heap of 256 MB: it lives, the honest clicks beside it are all applied, the honest
// things that are kept stay, and what is kept and written is bounded. With HOSTILE_MS, how long a click takes is told,
// with nobody who means harm and with them, and compared:
// `HOSTILE_MS=60000 vitest run --project node test/hostile-clients.test.ts`

import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { toSettings } from '../server/options.ts';
import { encodeHello, encodeJoin, encodeLeave } from '../shared/wire/client-frames.ts';
import { TestClient } from './support/client.ts';
import type { Latency } from './support/honest-client.ts';
import type { Health } from './support/hostile-server.ts';
import { outcomeOf, refusedTo } from './support/outcomes.ts';

const ms = Number(process.env.HOSTILE_MS ?? 1_000);
const timeout = ms + 90_000;
/** Of a long run, times say something; a short one shares its machine with other tests. */
const isMeasured = process.env.HOSTILE_MS !== undefined;
const [enemy, honest] = ['127.0.0.1', '127.0.0.2'];
/** An account has 16 MiB, and an actor at least 6 KiB of it. */
const mostKept = (16 * 1024) / 6;

let child: ChildProcess;
/** Clicks all the time, in a process of its own: what this one is busy with takes it no time. */
let honestChild: ChildProcess;
let url: string;
let ended: string | undefined;

beforeAll(async () => {
  const file = fileURLToPath(new URL('support/hostile-server.ts', import.meta.url));
  child = fork(file, [], { execArgv: ['--max-old-space-size=256'] });
  child.on('exit', (code, signal) => {
    ended = `exit ${code} ${signal}`;
  });
  [url] = await once(child, 'message');
  url = url.replace('http', 'ws');
  honestChild = fork(fileURLToPath(new URL('support/honest-client.ts', import.meta.url)), [url]);
  await once(honestChild, 'message');
}, 60_000);

afterAll(() => {
  honestChild.disconnect();
  child.disconnect();
});

/** What the honest client measures while something goes on. */
async function measure(during: () => Promise<unknown>): Promise<Latency> {
  honestChild.send('begin');
  await during();
  honestChild.send('end');
  const [latency] = await once(honestChild, 'message');
  return latency;
}

async function health(): Promise<Health> {
  expect(ended).toBeUndefined();
  child.send('how are you');
  const [answer] = await once(child, 'message');
  return answer;
}

/** A socket that says hello, and whatever it is told. */
async function attack(options: { isDeaf?: boolean } = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/islet`, { localAddress: enemy });
  socket.on('error', () => {});
  await Promise.race([once(socket, 'open'), once(socket, 'close')]);
  say(socket, encodeHello(null, 1));
  if (options.isDeaf) socket.pause();
  return socket;
}

function say(socket: WebSocket, text: string): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
}

/** Goes on until the time is over; an enemy that never rests would leave no room for its own answers to be read. */
async function repeat(isOver: () => boolean, act: (round: number) => Promise<unknown> | unknown): Promise<void> {
  for (let round = 0; !isOver(); round++) {
    await act(round);
    await pause(5);
  }
}

/** Joins rooms of a route, and leaves them, as often as a connection may before it is sent away. */
async function visitRooms(isOver: () => boolean, toPath: (room: string) => string): Promise<void> {
  let socket = await attack();
  await repeat(isOver, async (round) => {
    if (socket.readyState !== WebSocket.OPEN) socket = await attack();
    for (let count = 0; count < 5; count++) {
      say(socket, encodeJoin(1, toPath(`${round}-${count}-${Math.random()}`), {}, 0));
      say(socket, encodeLeave(1));
    }
    if (round % 30 === 29) socket.close();
  });
  socket.terminate();
}

const many = (count: number, act: () => Promise<void>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => act()));

const attacks: Record<string, (isOver: () => boolean) => Promise<unknown>> = {
  'joins with 64 KB of names of attributes that nobody declared': (isOver) =>
    many(5, async () => {
      let socket = await attack();
      await repeat(isOver, async (round) => {
        if (socket.readyState !== WebSocket.OPEN) socket = await attack();
        const names = Array.from({ length: 3_000 }, (_, index) => [
          `a${round}-${index}-${Math.random()}`.slice(0, 14),
          '',
        ]);
        say(socket, encodeJoin((round % 100) + 1, '/ws/own', Object.fromEntries(names), 0));
      });
      socket.terminate();
    }),

  'joins with parameters of 60,000 characters': (isOver) =>
    many(3, () => visitRooms(isOver, (room) => `/ws/room/${room.padEnd(60_000, 'x')}`)),

  'joins with parameters that are as long as may be': (isOver) =>
    many(3, () => visitRooms(isOver, (room) => `/ws/guests/${room.padEnd(256, 'x')}`)),

  'opens room after room in which something changes': (isOver) =>
    many(3, () => visitRooms(isOver, (room) => `/ws/guests/${room}`)),

  'makes up rooms that are saved': (isOver) => many(3, () => visitRooms(isOver, (room) => `/ws/saved/${room}`)),

  'joins and leaves in a loop': (isOver) =>
    many(2, async () => {
      let socket = await attack();
      await repeat(isOver, async () => {
        if (socket.readyState !== WebSocket.OPEN) socket = await attack();
        say(socket, encodeJoin(1, '/ws/own', {}, 0));
        say(socket, encodeLeave(1));
      });
      socket.terminate();
    }),

  'loses connections of a hundred islands each': (isOver) =>
    many(2, () =>
      repeat(isOver, async () => {
        const socket = await attack();
        for (let channel = 1; channel <= 100; channel++) say(socket, encodeJoin(channel, '/ws/own', {}, 0));
        await pause(50);
        socket.terminate();
      }),
    ),

  'looks at a poster over a hundred sockets that it does not read': async (isOver) => {
    const deaf = await Promise.all(Array.from({ length: 100 }, () => attack({ isDeaf: true })));
    for (const socket of deaf) say(socket, encodeJoin(1, '/ws/poster', {}, 0));
    const visitor = await new TestClient(`${url}/islet`, { localAddress: enemy }).opened();
    await visitor.hello();
    await visitor.join('/ws/poster');
    const [epoch] = visitor.have();
    await repeat(isOver, async () => {
      visitor.click(0, { epoch });
      // what came is not worth keeping here
      visitor.forget();
    });
    for (const socket of deaf) socket.terminate();
    visitor.socket.terminate();
  },
};

/** Of the present test: one that fails leaves nothing to the next. */
const opened: TestClient[] = [];
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.terminate();
});

async function connect(session: string | null = null): Promise<{ page: TestClient; session: string }> {
  const page = await new TestClient(`${url}/islet`, { localAddress: honest }).opened();
  opened.push(page);
  return { page, session: await page.hello(session) };
}

test.each(Object.entries(attacks))('who %s harms nobody', { timeout }, async (name, act) => {
  const before = await health();
  const { page } = await connect();
  await page.join('/ws/board');
  const started = Number(page.slots()[1]);

  // what an honest client leaves behind: a room, and an island of its own
  const { page: gone, session } = await connect();
  const quiet = `/ws/room/${randomUUID()}`;
  await gone.join(quiet, { channel: 1 });
  gone.click();
  await gone.until(() => gone.slots()[1] === 1);
  gone.send({ kind: 'leave', channel: 1 });
  await gone.join('/ws/own', { channel: 2 });
  gone.click(0, { channel: 2 });
  await gone.until(() => gone.slots(2)[1] === 1);
  const have = gone.have(2);
  await gone.vanish();

  const quietly = await measure(() => pause(isMeasured ? 10_000 : 100));
  const end = performance.now() + ms;
  let clicks = 0;
  // on a busy machine it takes longer until honest people have done anything
  const isOver = (): boolean => (performance.now() > end && clicks > 20) || ended !== undefined;
  const attacked = await measure(async () => {
    const attacking = act(isOver);
    while (!isOver()) {
      page.click();
      await outcomeOf(page, ++clicks);
      await pause(20);
    }
    await attacking;
  });
  const after = await health();

  expect(attacked.clicks).toBeGreaterThan(5);
  if (isMeasured) console.log(`who ${name}\n`, { quietly, attacked, heapMegabytes: after.heapMegabytes });
  expect(clicks).toBeGreaterThan(5);
  expect(refusedTo(page)).toEqual([]);
  expect(page.slots()[1]).toBe(started + clicks);
  await page.join(quiet, { channel: 2 });
  expect(page.slots(2)[1]).toBe(1);
  const { page: back, session: same } = await connect(session);
  expect(same).toBe(session);
  expect((await back.join('/ws/own', { channel: 2, settled: 1, have })).kind).toBe('live');

  // nothing without measure, in memory, in the store and in the log
  expect(after.size.actors).toBeLessThan(mostKept + 2 * 100 + 20);
  // of a peer that takes leave, what it sent before is read first, at the pace of its share
  expect(after.size.connections).toBeLessThanOrEqual(toSettings({}).limits.maxConnectionsPerAddress + 3);
  expect(after.rows).toBe(before.rows);
  expect(after.errors).toBe(0);
  const came = after.counters.connections.opened - before.counters.connections.opened;
  expect(after.lines - before.lines - (after.closings - before.closings)).toBeLessThanOrEqual(
    20 * Math.ceil(1 + ms / 60_000),
  );
  expect(after.closings - before.closings).toBeLessThanOrEqual(came + before.size.connections);
  await page.close();
  await back.close();
  // the one that is measured stays; of those that hung up, even what they sent before is read or given up
  await expect.poll(async () => (await health()).size.connections, { timeout: 60_000 }).toBe(1);
  const { counters } = await health();
  const closed = Object.values(counters.connections.closed).reduce((sum, count) => sum + count, 0);
  expect(closed).toBe(counters.connections.opened - 1);
  if (isMeasured) expect(attacked.median).toBeLessThanOrEqual(2 * quietly.median);
});
