// What a server waits for follows the clock that it was given, from one app to the next on the same store and clock:
// timers, tasks that are tried again, and actors that nobody looks at.

import fc from 'fast-check';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { islet, memoryStore, type Store, serverComponent, sqliteStore } from '../server/index.ts';
import { ManualClock, type VisitedPage, visit } from '../server/testing/index.ts';
import { component, effect, html, type TaskDone, task } from '../shared/index.ts';

const errand = task<null, string>('errand');

type Ask = 'after' | 'named' | 'every' | 'task';

type Message =
  | { readonly type: 'PersonAsked'; readonly what: Ask; readonly ms: number }
  | { readonly type: 'TimeCame' }
  | TaskDone<'ErrandDone', typeof errand>;

const due = { type: 'TimeCame' } as const;

/** Waits for what it is asked to, and shows how often something came. */
const waiter = component<number, Message, object>({
  init: () => [0, effect.none],
  update(count, message) {
    if (message.type !== 'PersonAsked') return [count + 1, effect.none];
    const { what, ms } = message;
    if (what === 'task') return [count, effect.task(errand, null, { onDone: 'ErrandDone' })];
    if (what === 'every') return [count, effect.every(ms, due)];
    const after = effect.after(ms, due);
    return [count, what === 'named' ? effect.latest('waiter.time', after) : after];
  },
  view: (count) => html`
    <form @submit=${({ fields = {} }) => ({ type: 'PersonAsked', what: fields.what as Ask, ms: Number(fields.ms) })}>
      <label>What <input name="what"></label>
      <label>Ms <input name="ms"></label>
      <button>Wait</button>
    </form>
    <p>${count} came</p>
  `,
});

/** How often the function of the task was called, in all apps; it fails for the first time. */
interface Calls {
  count: number;
}

async function createApp(store: Store, clock: ManualClock, calls: Calls = { count: 0 }): Promise<FastifyInstance> {
  const app = Fastify();
  const kept = { ...store, close: async () => {} };
  await app.register(islet, { store: kept, clock, maxFramesPerSecond: Number.POSITIVE_INFINITY });
  app.islet.task(errand, () => {
    if (++calls.count === 1) throw new Error('not now');
    return 'done';
  });
  app.islet.route('/ws/waiter', waiter, { shared: true, persist: true });
  app.get('/', (_, reply) =>
    reply.html(
      html`<script type="module" src="/islet/element.js"></script>${serverComponent({ route: '/ws/waiter' })}`,
    ),
  );
  return app;
}

async function ask(page: VisitedPage, what: Ask, ms: number): Promise<void> {
  await page.type('What', what);
  await page.type('Ms', String(ms));
  await page.click('Wait');
}

describe.each([
  ['memory', () => memoryStore()],
  ['a file', () => sqliteStore(':memory:')],
])('on a store in %s', (_, createStore) => {
  test.each<[Ask, number]>([
    ['after', 0],
    ['after', 500],
    ['named', 0],
    ['named', 500],
    ['every', 0],
    ['every', 500],
  ])(
    'what waits 10 s (%s) comes 10 s after it was asked for, over a deploy with a pause of %i ms',
    async (what, pause) => {
      const [store, clock] = [createStore(), new ManualClock()];
      {
        await using app = await createApp(store, clock);
        await using page = await visit(app, '/');
        await ask(page, what, 10_000);
        await clock.advance(9_000);
      }
      await clock.advance(pause);
      await using app = await createApp(store, clock);
      await using page = await visit(app, '/');
      await clock.advance(999 - pause);
      await page.until('0 came');
      await clock.advance(1);
      await page.until('1 came');
      await clock.advance(10_000);
      await page.until(what === 'every' ? '2 came' : '1 came');
      await store.close();
    },
  );

  test('what came while no server ran comes with the next one, once', async () => {
    const [store, clock] = [createStore(), new ManualClock()];
    {
      await using app = await createApp(store, clock);
      await using page = await visit(app, '/');
      await ask(page, 'after', 10_000);
    }
    await clock.advance(3_600_000);
    await using app = await createApp(store, clock);
    await using page = await visit(app, '/');
    await clock.advance(0);
    await page.until('1 came');
    await store.close();
  });

  test('an actor that nobody looks at is woken when its time comes, and no earlier', async () => {
    const [store, clock] = [createStore(), new ManualClock()];
    {
      await using app = await createApp(store, clock);
      await using page = await visit(app, '/');
      await ask(page, 'after', 3_600_000);
    }
    await using app = await createApp(store, clock);
    await clock.advance(3_590_000);
    expect(app.islet.size.actors).toBe(0);
    const look = async (): Promise<number> => {
      await clock.advance(1_000);
      return app.islet.size.actors;
    };
    await expect.poll(look, { timeout: 60_000 }).toBe(1);
    await clock.advance(10_000);
    await using page = await visit(app, '/');
    await page.until('1 came');
    await store.close();
  });

  test('a task that failed is tried again when its pause is over, the time before a deploy included', async () => {
    const [store, clock, calls] = [createStore(), new ManualClock(), { count: 0 }];
    {
      await using app = await createApp(store, clock, calls);
      await using page = await visit(app, '/');
      await ask(page, 'task', 0);
      await expect.poll(() => calls.count, { timeout: 60_000 }).toBe(1);
      await expect
        .poll(async () => (await store.load('/ws/waiter'))?.tasks?.json, { timeout: 60_000 })
        .toContain('waiting');
    }
    const kept = JSON.parse((await store.load('/ws/waiter'))?.tasks?.json ?? '');
    const [{ inMs }] = kept.tasks;
    expect(inMs).toBeGreaterThan(10);
    await clock.advance(inMs - 10);
    await using app = await createApp(store, clock, calls);
    await using page = await visit(app, '/');
    await clock.advance(9);
    expect(calls.count).toBe(1);
    await clock.advance(1);
    await page.until('1 came');
    expect(calls.count).toBe(2);
    await store.close();
  });
});

test('whatever is asked for, and whenever servers change, each time comes when the clock says so', async () => {
  const ms = fc.integer({ min: 1, max: 20_000 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), ms }),
    fc.record({ kind: fc.constant('advance' as const), ms }),
    fc.record({ kind: fc.constant('deploy' as const), ms }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
      const [store, clock] = [memoryStore(), new ManualClock()];
      const times: number[] = [];
      let app = await createApp(store, clock);
      let page = await visit(app, '/');
      try {
        for (const { kind, ms } of steps) {
          if (kind === 'ask') {
            await ask(page, 'after', ms);
            times.push(clock.now() + ms);
          } else if (kind === 'advance') await clock.advance(ms);
          else {
            await page[Symbol.asyncDispose]();
            await app.close();
            await clock.advance(ms);
            app = await createApp(store, clock);
            page = await visit(app, '/');
            await clock.advance(0);
          }
          await page.until(`${times.filter((time) => time <= clock.now()).length} came`);
        }
      } finally {
        await page[Symbol.asyncDispose]();
        await app.close();
      }
    }),
    { numRuns: 15 },
  );
});
