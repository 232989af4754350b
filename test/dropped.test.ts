// A network that goes down takes thousands of connections with it at the same moment: their ends are worked off in
// slices, between which everybody else is answered. Counted are ends in one turn of the event loop, no times.

import { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Slices, sliceLength } from '../server/slices.ts';
import type { ServerClock } from '../server/system-clock.ts';
import type { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const pageCount = 8 * sliceLength;

/** Counts what happens in each turn of the event loop. */
class Turns {
  readonly counts: number[] = [0];
  private isOver = false;

  constructor() {
    const next = (): void => {
      this.counts.push(0);
      if (!this.isOver) setImmediate(next);
    };
    setImmediate(next);
  }

  count(): void {
    this.counts[this.counts.length - 1] = (this.counts.at(-1) ?? 0) + 1;
  }

  end(): { readonly most: number; readonly sum: number } {
    this.isOver = true;
    return { most: Math.max(...this.counts), sum: this.counts.reduce((sum, count) => sum + count, 0) };
  }
}

async function openPages(server: TestServer): Promise<TestClient[]> {
  const pages: TestClient[] = [];
  while (pages.length < pageCount) {
    const some = Array.from({ length: Math.min(40, pageCount - pages.length) }, () => server.visit('/ws/count'));
    pages.push(...(await Promise.all(some)));
  }
  return pages;
}

function sessionOf({ frames }: TestClient): string {
  const hello = frames.find((frame) => frame.kind === 'hello');
  return hello?.kind === 'hello' ? hello.session : '';
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test.each([
  ['cut off', (page: TestClient) => page.socket.terminate()],
  ['closed', (page: TestClient) => page.socket.close(1001)],
])(
  'pages that are %s all at once end in slices, and a page that stays is answered between two',
  async (_, end) => {
    await using server = await startServer(({ islet }) => islet.route('/ws/count', counter));
    const stays = await server.visit('/ws/count');
    const pages = await openPages(server);
    const [turns, ends] = [new Turns(), new Turns()];
    const { end: endOfAll } = Socket.prototype;
    Socket.prototype.end = function (this: Socket, ...parameters: unknown[]) {
      // those of the clients are in this process, too
      if (String(this.localPort) === new URL(server.url).port) ends.count();
      return endOfAll.apply(this, parameters as unknown as Parameters<typeof endOfAll>);
    };
    onTestFinished(() => {
      Socket.prototype.end = endOfAll;
    });
    let ended = 0;
    let whenLast = (): void => {};
    const areEnded = new Promise<void>((resolve) => {
      whenLast = resolve;
    });
    server.app.islet.inspect(['closed'], () => {
      turns.count();
      if (++ended === 1) stays.click();
      if (ended === pageCount) whenLast();
    });
    let leftWhenAnswered = -1;
    const isAnswered = stays
      .until(() => stays.slots()[1] === 1)
      .then(() => {
        leftWhenAnswered = pageCount - ended;
      });
    for (const page of pages) end(page);
    await Promise.all([areEnded, isAnswered]);
    const { most, sum } = turns.end();
    expect(sum).toBe(pageCount);
    expect(ends.end().most).toBeLessThanOrEqual(2 * sliceLength);
    // what was destroyed in one turn has ended in the next, beside what ends in that
    expect(most).toBeLessThanOrEqual(2 * sliceLength);
    expect(leftWhenAnswered).toBeGreaterThan(0);
    expect(server.app.islet.size.connections).toBe(1);
  },
  60_000,
);

/** A clock whose timers all fire when they are told to. */
class SameMoment implements ServerClock {
  private readonly timers = new Set<{ readonly callback: () => void; readonly ms: number }>();

  now(): number {
    return performance.now();
  }

  timeOfDay(): number {
    return Date.now();
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer = { callback, ms };
    this.timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers.delete(timer as never);
  }

  fire(ms: number): void {
    for (const timer of [...this.timers]) {
      if (timer.ms === ms && this.timers.delete(timer)) timer.callback();
    }
  }
}

test('sessions whose time is over at the same moment end in slices, and one whose page comes back first does not', async () => {
  const clock = new SameMoment();
  const sessionMs = 54_321;
  await using server = await startServer(({ islet }) => islet.route('/ws/count', counter), { clock, sessionMs });
  const { islet } = server.app;
  const pages = await openPages(server);
  const last = await server.connect();
  const session = sessionOf(last);
  await last.join('/ws/count');
  last.click();
  await last.until(() => last.slots()[1] === 1);
  for (const page of pages) page.socket.terminate();
  await Promise.all(pages.map(({ closed }) => closed));
  while (islet.size.connections > 1) await turn();
  // it goes last, so that it is the last whose time is over
  await last.vanish();
  while (islet.size.connections > 0) await turn();
  expect(islet.size.sessions).toBe(pageCount + 1);

  const again = await server.open().opened();
  clock.fire(sessionMs);
  const turns: number[] = [];
  again.send({ kind: 'hello', channel: 0, session, attempt: 2 });
  let before = pageCount + 1;
  while (islet.size.sessions > 1) {
    turns.push(before - islet.size.sessions);
    before = islet.size.sessions;
    await turn();
  }
  expect(Math.max(...turns)).toBeLessThanOrEqual(sliceLength);
  expect(turns.filter((count) => count > 0).length).toBeGreaterThan(1);
  expect((await again.next('hello')).session).toBe(session);
  for (let left = 2; left > 0; left--) await turn();
  // its island is the one that it had
  await again.join('/ws/count');
  expect(again.slots()[1]).toBe(1);
  expect(islet.size.sessions).toBe(1);
}, 60_000);

test('what waits for its turn is done in its order, once, and not at all where it is taken back', async () => {
  const done: number[] = [];
  const slices = new Slices<number, string>((item, extra) => {
    expect(extra).toBe(`with ${item}`);
    done.push(item);
  });
  const all = Array.from({ length: 3 * sliceLength }, (_, index) => index);
  for (const item of all) slices.add(item, `with ${item}`);
  for (const item of all.slice(sliceLength)) slices.add(item, 'again');
  expect(done).toHaveLength(sliceLength);
  slices.delete(sliceLength + 1);
  await turn();
  expect(done).toHaveLength(2 * sliceLength);
  // who comes now comes behind those who wait
  slices.add(-1, 'with -1');
  for (let left = 3; left > 0; left--) await turn();
  expect(slices.size).toBe(0);
  expect(done).toEqual([...all.toSpliced(sliceLength + 1, 1), -1]);
});
