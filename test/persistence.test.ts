// Snapshots: every store keeps the same promises, and an actor goes on where it was after it was released, after the
// server was started again, and after its store was down.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FastifyInstance } from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import {
  memorySnapshots,
  type RouteOptions,
  type SnapshotStore,
  serverComponent,
  sqliteSnapshots,
} from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock, settled } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { outcomeOf } from './support/outcomes.ts';
import { startServer } from './support/server.ts';
import { describeStore } from './support/stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'islet-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const fileOf = (): string => join(folder, `${++files}.db`);

/** Each gives a function that opens the same store again and again. */
const kinds: Record<string, () => () => SnapshotStore> = {
  memorySnapshots() {
    const store = memorySnapshots();
    return () => store;
  },
  sqliteSnapshots() {
    const file = fileOf();
    return () => sqliteSnapshots(file);
  },
};

describe.each(Object.entries(kinds))('%s', (_, kind) => describeStore(kind));

test('sqliteSnapshots goes on with a file in which nothing had an end', async () => {
  const file = fileOf();
  const old = new DatabaseSync(file);
  old.exec(`
    CREATE TABLE islet_snapshots (
      key TEXT PRIMARY KEY, snapshot TEXT NOT NULL, version INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO islet_snapshots VALUES ('/a', '"old"', 3);
  `);
  old.close();
  const store = sqliteSnapshots(file);
  expect(await store.load('/a')).toEqual({ snapshot: '"old"', version: 3 });
  expect(await store.sweep()).toBe(0);
  expect(await store.save('/a', '"new"', 4, 1_000)).toBe(true);
  await store.close();
});

test('two of sqliteSnapshots on one file: the one that was later does not overwrite the other', async () => {
  const file = fileOf();
  const [one, other] = [sqliteSnapshots(file), sqliteSnapshots(file)];
  expect(await one.save('/a', '"one"', 1)).toBe(true);
  expect(await other.save('/a', '"other"', 1)).toBe(false);
  expect(await other.load('/a')).toEqual({ snapshot: '"one"', version: 1 });
  expect(await other.save('/a', '"other"', 2)).toBe(true);
  await Promise.all([one.close(), other.close()]);
});

const declare =
  (options: RouteOptions<never> = {}, what: AnyComponent = counter) =>
  (app: FastifyInstance): void => {
    app.islet.route('/ws/rate', what, { shared: true, persist: true, ...options });
    app.islet.route('/ws/rate/:id', counter, { shared: true, persist: true });
    app.get('/page', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/rate' })}the rest`));
  };

const startedWith = (value: unknown): string => JSON.stringify({ status: 'active', context: value });

async function clickTo(page: TestClient, count: number): Promise<void> {
  page.click();
  await page.until(() => page.slots()[1] === count);
}

/** A store whose parts a test may replace. */
function fragileStore(): SnapshotStore & { broken: Partial<SnapshotStore>; saves: number } {
  const store = memorySnapshots();
  const self = {
    broken: {} as Partial<SnapshotStore>,
    saves: 0,
    load: (key: string) => (self.broken.load ?? store.load)(key),
    async save(key: string, snapshot: string, version: number, keepMs?: number) {
      self.saves++;
      return (self.broken.save ?? store.save)(key, snapshot, version, keepMs);
    },
    keep: (key: string, keepMs: number) => (self.broken.keep ?? store.keep)(key, keepMs),
    sweep: () => (self.broken.sweep ?? store.sweep)(),
    remove: store.remove,
    close: store.close,
  };
  return self;
}

describe('an actor that nobody looks at', () => {
  test('is released after the idle time, and goes on where it was when somebody comes', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store, idleMs: 10_000, sessionMs: 0 });
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    await clickTo(page, 2);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(9_999);
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(1);
    expect(server.app.islet.size.actors).toBe(0);
    expect(clock.waits).toEqual([]);
    expect(store.saves).toBe(1); // both clicks at once

    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'mount', content: [0, 0, 2] });
    await clickTo(page, 3);
  });

  test('stays if somebody comes in time, or while it is saved', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare({ idleMs: 10_000 }), { clock, store });
    const page = await server.visit('/ws/rate');
    const leave = async (): Promise<void> => {
      page.send({ kind: 'leave', channel: 1 });
      await page.handled();
    };
    await leave();
    await clock.advance(9_999);
    await page.join('/ws/rate');
    await clock.advance(20_000);
    expect(server.app.islet.size.actors).toBe(1);

    // its last change is being written while somebody comes
    page.click();
    await leave();
    let finish: (isSaved: boolean) => void = () => {};
    store.broken = { save: () => new Promise((resolve) => (finish = resolve)) };
    await clock.advance(10_000);
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 1] });
    finish(true);
    await settled();
    store.broken = {};
    await clickTo(page, 2);
    expect(server.app.islet.size.actors).toBe(1);
  });

  test('is released too if only a page was rendered with it', async () => {
    const clock = new ManualClock();
    await using server = await startServer(declare(), { clock });
    expect((await server.app.inject('/page')).body).toContain('<button>0</button>');
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(300_000);
    expect(server.app.islet.size.actors).toBe(0);
  });

  test('is not released before it is saved', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare({ idleMs: 1_000 }), { clock, store });
    const page = await server.visit('/ws/rate');
    store.broken = { save: () => Promise.reject(new Error('disk full')) };
    await clickTo(page, 1);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(4_000);
    expect(server.app.islet.size.actors).toBe(1);
    expect(server.errors[0]).toMatchObject({ actor: '/ws/rate', err: { message: 'disk full' } });
    store.broken = {};
    await clock.advance(6_000);
    expect(server.app.islet.size.actors).toBe(0);
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 1] });
  });
});

describe('what is saved', () => {
  test('is each state soon after it was shown, by one write at a time', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    for (let count = 1; count <= 10; count++) await clickTo(page, count);
    await clock.advance(200);
    expect(store.saves).toBe(1);
    expect(JSON.parse((await store.load('/ws/rate'))?.snapshot ?? '')).toMatchObject({ context: 10 });
    await clickTo(page, 11);
    await clock.advance(200);
    expect(await store.load('/ws/rate')).toMatchObject({ version: 2 });
  });

  test('is nothing of a message that was refused', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    const picky = component<number, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view(count) {
        if (count > 1) throw new Error('too many');
        return html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`;
      },
    });
    await using server = await startServer(declare({}, picky), { clock, store });
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    await clock.advance(200);
    page.click();
    await outcomeOf(page, 2);
    await clock.advance(200);
    expect(store.saves).toBe(1);
    expect(JSON.parse((await store.load('/ws/rate'))?.snapshot ?? '')).toMatchObject({ context: 1 });
  });

  test('when the server stops is everything, what is not yet shown included', async () => {
    const clock = new ManualClock();
    const store = memorySnapshots();
    await using server = await startServer(declare(), { clock, store });
    const [page, other] = [await server.visit('/ws/rate'), await server.visit('/ws/rate')];
    page.click(); // with two who look, the clock decides when it is shown
    other.click();
    await Promise.all([page.handled(), other.handled()]);
    expect(page.slots()[1]).toBe(0);
    await server.app.close();
    expect(JSON.parse((await store.load('/ws/rate'))?.snapshot ?? '')).toMatchObject({ context: 2 });
    expect(clock.waits).toEqual([]);
    await expect.poll(() => server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
  });

  test('is one state for each value of the path’s parameters', async () => {
    const store = memorySnapshots();
    {
      await using server = await startServer(declare(), { store });
      await clickTo(await server.visit('/ws/rate/a%2Fb'), 1);
      await server.visit('/ws/rate/c');
    }
    await using server = await startServer(declare(), { store });
    expect((await server.visit('/ws/rate/a%2fb')).slots()[1]).toBe(1);
    expect((await server.visit('/ws/rate/c')).slots()[1]).toBe(0);
  });

  test('may be a state machine with a running delay', async () => {
    const store = memorySnapshots();
    const clock = new ManualClock();
    const machine = setup({
      types: { context: {} as { count: number }, events: {} as { type: 'UserClicked' } },
    }).createMachine({
      context: { count: 0 },
      initial: 'idle',
      states: {
        idle: { on: { UserClicked: 'busy' } },
        busy: { after: { 1000: { target: 'idle', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
      },
    });
    const slow = component({
      machine,
      view: ({ value, context }) =>
        html`<button @click=${{ type: 'UserClicked' }}>${`${String(value)} ${context.count}`}</button>`,
    });
    {
      await using server = await startServer(declare({}, slow), { store, clock });
      const page = await server.visit('/ws/rate');
      page.click();
      await page.until(() => page.slots()[1] === 'busy 0');
    }
    await using server = await startServer(declare({}, slow), { store, clock });
    const page = await server.visit('/ws/rate');
    expect(page.slots()[1]).toBe('busy 0');
    await clock.advance(1_000);
    await page.until(() => page.slots()[1] === 'idle 1');
  });

  test('starts the effects of init again, and takes no attribute as news', async () => {
    const store = memorySnapshots();
    const clock = new ManualClock();
    await store.save('/ws/rate', startedWith(7), 1);
    const ticking = component<number, { readonly type: 'TimerTicked' }>({
      init: () => [0, effect.every(1_000, { type: 'TimerTicked' })],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<p>${count}</p>`,
      attributes: { start: () => ({ type: 'TimerTicked' }) },
    });
    await using server = await startServer(declare({}, ticking), { store, clock });
    const page = await server.connect();
    await page.join('/ws/rate', { attributes: { start: '1' } });
    expect(page.slots()[0]).toBe(7);
    await clock.advance(1_000);
    await page.until(() => page.slots()[0] === 8);
  });
});

describe('what nobody wants any more', () => {
  const keepMs = 3_600_000;
  const started = async (store: SnapshotStore) => {
    const clock = new ManualClock();
    const server = await startServer(declare({ keepMs, idleMs: 10_000 }), { clock, store });
    return { clock, server };
  };

  test('is removed from the store once its time is over, soon after a start and then every hour', async () => {
    const store = memorySnapshots();
    const { clock, server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(10_000);
    expect(server.app.islet.size.actors).toBe(0);
    await clock.advance(50_000);
    expect(await store.load('/ws/rate')).toBeDefined();
    await store.keep('/ws/rate', 0);
    await clock.advance(3_599_999);
    expect(await store.load('/ws/rate')).toBeDefined();
    await clock.advance(1);
    expect(await store.load('/ws/rate')).toBeUndefined();
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 0] });
    await clickTo(page, 1);
  });

  test('is not what somebody looks at, however long nothing changes', async () => {
    const store = memorySnapshots();
    const { clock, server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    await clock.advance(61_000);
    await store.keep('/ws/rate', 0); // so late is it, and the next to come is half of the time
    await clock.advance(keepMs);
    expect(await store.load('/ws/rate')).toMatchObject({ version: 1 });
    await clickTo(page, 2);
    await clock.advance(1_000);
    expect(await store.load('/ws/rate')).toMatchObject({ version: 2 });
    expect(server.errors).toEqual([]);
  });

  test('is not what somebody comes back to, however late: from then on it is wanted as long again', async () => {
    const store = memorySnapshots();
    await store.save('/ws/rate', startedWith(7), 1, 0);
    const { clock, server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    expect(page.slots()[1]).toBe(7);
    await clock.advance(60_000);
    expect(await store.load('/ws/rate')).toBeDefined();
    await store.keep('/ws/rate', 0);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(10_000);
    expect(await store.sweep()).toBe(0);
  });

  test('has its end from the first time that it is saved: its server may be killed', async () => {
    const store = fragileStore();
    const times: unknown[] = [];
    store.broken = { save: async (_key, _snapshot, _version, time) => times.push(time) > 0 };
    const { clock, server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    await clock.advance(200);
    expect(times).toEqual([keepMs]);
  });

  test('is everything for ever, where a route says nothing else: nothing is swept', async () => {
    const clock = new ManualClock();
    const store = memorySnapshots();
    await store.save('/ws/rate', startedWith(7), 1, 0);
    await using server = await startServer(declare(), { clock, store });
    await clock.advance(4_000_000);
    expect(await store.load('/ws/rate')).toBeDefined();
    expect(server.errors).toEqual([]);
  });

  test('waits for the next hour where the store is down, and the actors go on', async () => {
    const store = fragileStore();
    const { clock, server } = await started(store);
    await using _ = server;
    const down = () => Promise.reject(new Error('no connection'));
    const page = await server.visit('/ws/rate');
    store.broken = { sweep: down, keep: down };
    await clock.advance(60_000 + keepMs / 2);
    expect(server.errors.map(({ msg }) => msg)).toEqual([
      'the store could not be swept; trying again later',
      'the end of what is stored of /ws/rate could not be put off',
    ]);
    store.broken = {};
    await clickTo(page, 1);
    await clock.advance(1_000);
    await store.keep('/ws/rate', 0);
    await clock.advance(keepMs);
    expect(await store.load('/ws/rate')).toBeDefined();
  });

  test.each([
    ['of what is not persisted', { persist: false, keepMs: 5_000 }],
    ['that is too short', { keepMs: 10 }],
    ['that is no number', { keepMs: Number.NaN }],
  ])('has no time %s', async (_, options) => {
    await expect(startServer(declare(options))).rejects.toThrow(/ISLET_ERR_ROUTE.*keepMs/);
  });
});

describe('a snapshot', () => {
  test.each([
    ['that is no JSON', '{"status":"active","context":'],
    ['that is no actor’s', '{"score":5}'],
    ['that is null', 'null'],
  ])('%s is logged and left behind', async (_, snapshot) => {
    const store = memorySnapshots();
    await store.save('/ws/rate', snapshot, 1);
    {
      await using server = await startServer(declare(), { store });
      const page = await server.visit('/ws/rate');
      expect(page.slots()[1]).toBe(0);
      expect(server.errors.map(({ msg }) => msg)).toEqual(['the snapshot of /ws/rate cannot be read; starting anew']);
      await clickTo(page, 1);
    }
    expect(await store.load('/ws/rate')).toMatchObject({ version: 2 });
  });

  test('that the view cannot show is not lost: the actor is given up, and a server that can show it goes on', async () => {
    const store = memorySnapshots();
    await store.save('/ws/rate', startedWith(7), 1);
    const picky = component<number, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view(count) {
        if (count === 7) throw new Error('not a 7');
        return html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`;
      },
    });
    {
      await using server = await startServer(declare({}, picky), { store, restart: { maxFailures: 2, backoffMs: 1 } });
      const page = await server.connect();
      expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_ACTOR_FAILED' });
      const { statusCode, body } = await server.app.inject('/page');
      expect(statusCode).toBe(200);
      expect(body).toContain('This part of the page failed');
    }
    await using server = await startServer(declare(), { store });
    expect((await server.visit('/ws/rate')).slots()[1]).toBe(7);
  });

  test('that another writer has overtaken: its actor ends, and who looks is shown what is stored', async () => {
    const clock = new ManualClock();
    const store = memorySnapshots();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    await store.save('/ws/rate', startedWith(50), 1);
    await clickTo(page, 1);
    await clock.advance(200);
    expect(await store.load('/ws/rate')).toEqual({ snapshot: startedWith(50), version: 1 });
    expect(server.errors[0]?.msg).toBe('the snapshot of /ws/rate was not saved: another writer has a newer one');
    await page.until(() => page.slots()[1] === 50);
    expect(server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 1 });
    // it goes on from there, and is saved
    await clickTo(page, 51);
    await clock.advance(200);
    expect(await store.load('/ws/rate')).toMatchObject({ version: 2 });
    expect(server.errors).toHaveLength(1);
  });

  test('that another writer has overtaken while nobody looks: who comes next is shown what is stored', async () => {
    const clock = new ManualClock();
    const store = memorySnapshots();
    await using server = await startServer(declare({ idleMs: 1_000 }), { clock, store });
    const page = await server.visit('/ws/rate');
    await store.save('/ws/rate', startedWith(50), 1);
    await clickTo(page, 1);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(200);
    await expect.poll(() => server.app.islet.size.actors).toBe(0);
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 50] });
  });

  test('that another writer has overtaken, while the store cannot be read: it goes on, and is replaced later', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    await store.save('/ws/rate', startedWith(50), 1);
    store.broken = { load: () => Promise.reject(new Error('no connection')) };
    await clickTo(page, 1);
    await clock.advance(200);
    await expect.poll(() => server.errors.at(-1)?.msg).toContain('trying again');
    await clickTo(page, 2);
    store.broken = {};
    await clock.advance(5_000);
    await page.until(() => page.slots()[1] === 50);
  });

  test('that another writer has overtaken, while the store is silent: a server can stop, and leaves no timer', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    const server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    await store.save('/ws/rate', startedWith(50), 1);
    const asked = Promise.withResolvers<void>();
    store.broken = {
      load: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    };
    await clickTo(page, 1);
    await clock.advance(200);
    await asked.promise;
    const closed = server.app.close();
    await clock.advance(10_000);
    await clock.advance(10_000);
    await closed;
    expect(server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
    expect(clock.waits).toEqual([]);
  });

  test('that another writer has overtaken: clicks that were meant for the old actor are refused', async () => {
    const clock = new ManualClock();
    const store = memorySnapshots();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    const [epoch] = page.have();
    await store.save('/ws/rate', startedWith(50), 1);
    await clickTo(page, 1);
    await clock.advance(200);
    await page.until(() => page.slots()[1] === 50);
    expect(page.have()[0]).not.toBe(epoch);
    page.click(0, { epoch });
    await page.handled();
    expect(page.rest().at(-1)).toMatchObject({
      operations: [['refused', 2, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', expect.anything()]],
    });
  });
});

describe('a store that is down', () => {
  test('when somebody joins: the join is refused and logged, others go on, and the next may succeed', async () => {
    const store = fragileStore();
    await using server = await startServer(declare(), { store });
    const other = await server.visit('/ws/rate/1');
    store.broken = { load: () => Promise.reject(new Error('no connection')) };
    const page = await server.connect();
    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_ACTOR_FAILED' });
    expect(server.errors).toMatchObject([{ msg: 'a join failed', err: { message: 'no connection' } }]);
    await clickTo(other, 1);
    store.broken = {};
    expect((await page.join('/ws/rate')).kind).toBe('mount');
  });

  test('when a page is rendered: its place says so, and the rest of the page is there', async () => {
    const store = fragileStore();
    store.broken = { load: () => Promise.reject(new Error('no connection')) };
    await using server = await startServer(declare(), { store });
    const { statusCode, body } = await server.app.inject('/page');
    expect(statusCode).toBe(200);
    expect(body).toMatch(
      /<server-component route="\/ws\/rate"><p role="alert">This part .*<\/server-component>the rest/,
    );
    expect(server.errors).toMatchObject([{ err: { message: 'no connection' } }]);
  });

  test('and throws at once, is no different', async () => {
    const store = fragileStore();
    store.broken = {
      load() {
        throw new Error('no connection');
      },
    };
    await using server = await startServer(declare(), { store });
    expect(await (await server.connect()).join('/ws/rate')).toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
    expect((await server.app.inject('/page')).statusCode).toBe(200);
  });

  test('for a while loses nothing', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    store.broken = { save: () => Promise.reject(new Error('disk full')) };
    await clickTo(page, 1);
    await clock.advance(200);
    expect(server.errors).toMatchObject([{ err: { message: 'disk full' } }]);
    store.broken = {};
    await clock.advance(5_000); // nobody clicked since
    expect(JSON.parse((await store.load('/ws/rate'))?.snapshot ?? '')).toMatchObject({ context: 1 });
  });

  test('does not keep the server from stopping', async () => {
    const store = fragileStore();
    await using server = await startServer(declare(), { store });
    const page = await server.visit('/ws/rate');
    store.broken = { save: () => Promise.reject(new Error('disk full')) };
    await clickTo(page, 1);
    await server.app.close();
    expect(server.errors).toMatchObject([{ err: { message: 'disk full' } }]);
  });

  test('or slow, while the server stops: what it loads then is not started any more', async () => {
    const store = fragileStore();
    let finish = (): void => {};
    store.broken = { load: () => new Promise((resolve) => (finish = () => resolve(undefined))) };
    await using server = await startServer(declare(), { store });
    const page = await server.connect();
    page.send({ kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, settled: 0, have: undefined });
    await page.handled();
    await server.app.close();
    finish();
    await settled();
    expect(server.app.islet.size.actors).toBe(0);
    expect(server.errors).toEqual([]);
  });
});
