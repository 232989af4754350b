// What thousands of actors hear, or wait for, at the same moment is worked off in slices, between which everybody else is
// answered. Counted are renderings and timers in one turn of the event loop, no times.

import { expect, test } from 'vitest';
import { sliceLength } from '../server/slices.ts';
import { systemClock } from '../server/system-clock.ts';
import { component, effect, html } from '../shared/index.ts';
import type { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const count = 8 * sliceLength;
const limits = { maxIslands: count, maxEventsPerSecond: 100_000 };

/** Counts what happens in each turn of the event loop until it is asked how often that was at most. */
function countTurns() {
  let [most, sum, now] = [0, 0, 0];
  let isOver = false;
  const next = (): void => {
    now = 0;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  return {
    count(): void {
      sum++;
      most = Math.max(most, ++now);
    },
    get sum() {
      return sum;
    },
    end(): number {
      isOver = true;
      return most;
    },
  };
}

/** Nothing else happens for so long. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function joinAll(server: TestServer, route: string): Promise<TestClient> {
  const page = await server.connect();
  for (let channel = 1; channel <= count; channel++)
    page.send({ kind: 'join', channel, route, attributes: {}, settled: 0, have: undefined });
  await page.until(() => page.frames.filter(({ kind }) => kind === 'mount').length === count);
  return page;
}

test('a value that many actors hear is shown by some of them at a time, by each once, and others are answered between two', async () => {
  let publish = (): void => {};
  await using server = await startServer(
    ({ islet }) => {
      const news = islet.topic<string>('news');
      publish = () => news.publish('said');
      const hears = component<number, { type: 'Heard' }>({
        init: () => [0, effect.subscribe(news, () => ({ type: 'Heard' as const }))],
        update: (heard) => [heard + 1, effect.none],
        view: (heard) => html`<p>${heard}</p>`,
      });
      islet.route('/ws/hears', hears);
      islet.route('/ws/count', counter);
    },
    { limits, maxFramesPerSecond: Number.POSITIVE_INFINITY },
  );
  const page = await joinAll(server, '/ws/hears');
  const bystander = await server.visit('/ws/count');
  const turns = countTurns();
  let leftWhenAnswered = -1;
  server.app.islet.inspect(['rendered'], ({ actor }) => {
    if (actor.startsWith('/ws/hears')) turns.count();
    else leftWhenAnswered = count - turns.sum;
  });
  bystander.click();
  publish();
  await page.until(() => turns.sum === count);
  await bystander.until(() => bystander.slots()[1] === 1);
  expect(turns.end()).toBeLessThanOrEqual(2 * sliceLength);
  expect(leftWhenAnswered).toBeGreaterThan(0);
  await page.handled();
  expect(turns.sum).toBe(count);
  for (let channel = 1; channel <= count; channel++) expect(page.slots(channel)).toEqual([1]);
});

test('timers of many actors that are due at the same moment are called some at a time', async () => {
  const ticks = component<number, { type: 'Ticked' }>({
    init: () => [0, effect.after(300, { type: 'Ticked' })],
    update: (ticked) => [ticked + 1, effect.none],
    view: (ticked) => html`<p>${ticked}</p>`,
  });
  await using server = await startServer(({ islet }) => islet.route('/ws/ticks', ticks), { limits });
  const turns = countTurns();
  server.app.islet.inspect(['message'], () => turns.count());
  const page = await joinAll(server, '/ws/ticks');
  standStill(500);
  await page.until(() => turns.sum === count);
  expect(turns.end()).toBeLessThanOrEqual(2 * sliceLength);
});

test('timers that are due together are called in their order, once, and not where they are taken back', async () => {
  const called: number[] = [];
  const turns = countTurns();
  const timers = Array.from({ length: count }, (_, index) =>
    systemClock.setTimeout(() => {
      called.push(index);
      turns.count();
      // one that waits for its turn
      if (index === 0) systemClock.clearTimeout(timers[count - 1]);
    }, 1),
  );
  systemClock.clearTimeout(timers[1]);
  standStill(50);
  await expect.poll(() => called.length).toBe(count - 2);
  expect(turns.end()).toBeLessThanOrEqual(2 * sliceLength);
  expect(called).toEqual(Array.from({ length: count - 1 }, (_, index) => index).filter((index) => index !== 1));
});
