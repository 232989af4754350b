// Actors that sleep are woken for what is due, however many there are, and whatever becomes of others: those that cannot be
// woken, or do not answer, are in nobody's way. Counted are looks and actors, no times.

import { expect, test } from 'vitest';
import { atOnce, Waker } from '../server/actors/waker.ts';
import { memoryStore } from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import { ManualClock } from './support/clock.ts';
import { startServer } from './support/server.ts';

interface Sleeping {
  readonly waker: Waker;
  readonly clock: ManualClock;
  /** Keys that were woken, in order. */
  readonly woken: string[];
  readonly errors: unknown[];
  /** How many keys each look asked for. */
  readonly limits: number[];
  /** The most that were being woken at once. */
  readonly most: () => number;
}

/**
 * @param wake Says what becomes of a key: it is due no more where this gives true.
 * @param staysDue Who runs has yet to write that.
 */
function open(keys: readonly string[], wake: (key: string) => Promise<boolean>, staysDue = false): Sleeping {
  const clock = new ManualClock();
  const due = new Set(keys);
  const [woken, limits, errors] = [[] as string[], [] as number[], [] as unknown[]];
  let [waking, most] = [0, 0];
  const waker = new Waker({
    clock,
    store: {
      due: async (_, limit) => {
        limits.push(limit);
        return [...due].slice(0, limit);
      },
    },
    log: { error: (line) => errors.push(line), warn() {}, info() {} },
    isAwake: () => false,
    verify: async () => {},
    wake: async (key) => {
      woken.push(key);
      most = Math.max(most, ++waking);
      try {
        const isFound = await wake(key);
        if (isFound && !staysDue) due.delete(key);
        return isFound;
      } finally {
        waking--;
      }
    },
  });
  waker.start();
  return { waker, clock, woken, limits, errors, most: () => most };
}

const named = (name: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${name}${index}`);

test('thousands that fell due while nothing ran are all woken in one second, some at once', async () => {
  const keys = named('/it?id=', 5_000);
  const { clock, woken, most, limits, waker } = open(keys, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  });
  await clock.advance(1_000);
  await expect.poll(() => woken.length).toBe(5_000);
  expect(new Set(woken).size).toBe(5_000);
  expect(most()).toBeLessThanOrEqual(atOnce);
  expect(limits.length).toBeLessThan(5_000 / (atOnce / 4));
  waker.end();
});

test.each<[string, () => Promise<boolean>]>([
  ['throw', () => Promise.reject(new Error('no props'))],
  ['have no route any more', async () => false],
])('those that %s keep nobody asleep, and are tried again after a minute', async (what, fail) => {
  const keys = [...named('/bad?id=', 500), '/good'];
  const { clock, woken, errors, waker } = open(keys, (key) => (key === '/good' ? Promise.resolve(true) : fail()));
  await clock.advance(1_000);
  await expect.poll(() => woken.includes('/good')).toBe(true);
  expect(woken).toHaveLength(501);
  expect(errors).toHaveLength(what === 'throw' ? 500 : 0);
  await clock.advance(58_000);
  expect(woken).toHaveLength(501);
  await clock.advance(3_000);
  await expect.poll(() => woken.length).toBe(1_001);
  waker.end();
});

test('some whose props do not answer keep nobody asleep', async () => {
  const keys = [...named('/silent?id=', atOnce / 2), ...named('/good?id=', 200)];
  const { clock, woken, waker } = open(keys, (key) =>
    key.startsWith('/good') ? Promise.resolve(true) : new Promise(() => {}),
  );
  await clock.advance(1_000);
  await expect.poll(() => woken.filter((key) => key.startsWith('/good')).length).toBe(200);
  waker.end();
});

test('one that runs elsewhere, and is due until that is written, is woken once a second', async () => {
  const { clock, woken, waker } = open(named('/elsewhere?id=', 300), async () => true, true);
  await clock.advance(1_000);
  await expect.poll(() => woken.length).toBe(300);
  await clock.advance(999);
  expect(new Set(woken).size).toBe(300);
  expect(woken).toHaveLength(300);
  await clock.advance(1);
  await expect.poll(() => woken.length).toBe(600);
  waker.end();
});

test('actors of a route that is there no more keep no other asleep', async () => {
  const store = { ...memoryStore(), close: async () => {} };
  const clock = new ManualClock();
  const timed = component<number, { readonly type: 'Asked' | 'Due' }>({
    init: () => [0, effect.none],
    update: (count, { type }) =>
      type === 'Due' ? [count + 1, effect.none] : [count, effect.after(1_500, { type: 'Due' })],
    view: (count) => html`<p>${count}</p>`,
  });
  const options = { store, clock, sessionMs: 0, idleMs: 0, unchangedIdleMs: 0 };
  const route = { shared: true, persist: true } as const;
  const first = await startServer((app) => {
    app.islet.route('/old/:id', timed, route);
    app.islet.route('/new', timed, route);
  }, options);
  for (const id of named('', 150)) await first.app.islet.send('/old/:id', { id }, { type: 'Asked' });
  await first.app.islet.send('/new', {}, { type: 'Asked' });
  await first.app.close();

  await using second = await startServer((app) => app.islet.route('/new', timed, route), options);
  await expect
    .poll(async () => {
      // what is woken meanwhile has its own timers
      await clock.advance(1_000);
      return JSON.parse((await store.load('/new'))?.model?.base ?? '{}').context;
    })
    .toBe(1);
  expect(second.errors).toEqual([]);
});
