// What goes on over a crash and a deploy besides the model: numbers of events and their refusals, timers, who looks. A
// crash is a process whose writes do not arrive any more; what it wrote before is all that the next one has.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import type { DeclaredOptions } from '../server/actors/route-options.ts';
import { type IsletOptions, memoryStore, type Store, sqliteStore } from '../server/index.ts';
import { accountInStore } from '../server/limits/account.ts';
import { maxClientsPerAccount } from '../server/store/store.ts';
import { run } from '../server/upkeep/run.ts';
import { component, effect, html, keyed, Refused } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Client } from '../shared/language/events.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { mortal } from './support/kept.ts';
import { reasonsTold, refusalOf } from './support/outcomes.ts';
import { startServer, type TestServer } from './support/server.ts';

const declare =
  (what: AnyComponent, options: DeclaredOptions = {}) =>
  (app: FastifyInstance): void => {
    app.islet.route('/ws/it', what, { shared: true, persist: true, ...options } as never);
  };

const atOnce: IsletOptions = { maxFramesPerSecond: Number.POSITIVE_INFINITY };

interface Life extends AsyncDisposable {
  readonly server: TestServer;
  /** The process ends without a word. */
  crash(): Promise<void>;
}

/** One process after the other on the same store. */
async function live(store: Store, what: AnyComponent, options: IsletOptions = {}, route = {}): Promise<Life> {
  const { store: own, die } = mortal(store);
  const clock = new ManualClock();
  const server = await startServer(declare(what, route), { ...atOnce, ...options, store: own });
  void clock;
  let isOver = false;
  const end = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await server[Symbol.asyncDispose]();
  };
  return {
    server,
    async crash() {
      die();
      await end();
    },
    [Symbol.asyncDispose]: end,
  };
}

async function come(server: TestServer, session: string | null = null): Promise<{ page: TestClient; session: string }> {
  const page = await server.open().opened();
  return { page, session: await page.hello(session) };
}

test('what was acknowledged is there after a crash, and what was not is done once when it is said again', async () => {
  const store = memoryStore();
  const first = await live(store, counter);
  const { page, session } = await come(first.server);
  await page.join('/ws/it');
  page.click();
  page.click();
  await page.until(() => page.slots()[1] === 2);
  const have = page.have();
  await first.crash();

  await using second = await live(store, counter);
  const { page: back } = await come(second.server, session);
  // it had heard of the first event alone
  const answer = await back.join('/ws/it', { have, settled: 1 });
  expect(answer).toEqual({ kind: 'live', channel: 1, epoch: have[0], version: have[1], event: 2, operations: [] });
  back.click(0, { number: 2 });
  back.click(0, { number: 3 });
  expect(await back.next('patch')).toMatchObject({ event: 3, operations: [[1, 1, 3]] });
});

/** Each click is a turn, after which the counter shows the next of these. */
async function clickOneByOne(page: TestClient, counts: readonly number[]): Promise<void> {
  for (const count of counts) {
    page.click();
    await page.until(() => page.slots()[1] === count);
  }
}

test('what each of several pages did is known over crash after crash, whoever was the last', async () => {
  const store = memoryStore();
  let life = await live(store, counter);
  const { page: ann, session: annsSession } = await come(life.server);
  await ann.join('/ws/it');
  await clickOneByOne(ann, [1, 2, 3]);
  await life.crash();

  life = await live(store, counter);
  const { page: ben, session: bensSession } = await come(life.server);
  await ben.join('/ws/it');
  await clickOneByOne(ben, [4, 5]);
  await life.crash();

  life = await live(store, counter);
  const { page: cat, session: catsSession } = await come(life.server);
  await cat.join('/ws/it');
  cat.click();
  await cat.until(() => cat.slots()[1] === 6);
  await life.crash();

  await using last = await live(store, counter);
  const known = async (session: string) => {
    const { page } = await come(last.server, session);
    return page.join('/ws/it', { settled: 1 });
  };
  expect(await known(annsSession)).toMatchObject({ event: 3 });
  expect(await known(bensSession)).toMatchObject({ event: 2 });
  expect(await known(catsSession)).toMatchObject({ event: 1 });
});

test('in SQLite, an event of whoever was the last to do something writes one page of the log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'islet-log-'));
  const path = join(folder, 'state.db');
  const store = sqliteStore(path);
  {
    await using life = await live(store, counter);
    const { page } = await come(life.server);
    await page.join('/ws/it');
    // what a first event makes: rows, and places in the indexes
    await clickOneByOne(page, [1, 2]);
    const before = (await stat(`${path}-wal`)).size;
    await clickOneByOne(page, [3, 4, 5, 6, 7]);
    const pageBytes = 24 + 4_096;
    expect(((await stat(`${path}-wal`)).size - before) / pageBytes).toBe(5);
  }
  await store.close();
  await rm(folder, { recursive: true });
});

test('of a page that has left nothing is known after a crash, also where it was the last that did something', async () => {
  const store = memoryStore();
  const first = await live(store, counter, { idleMs: 1 });
  const { page, session } = await come(first.server);
  await page.join('/ws/it');
  await clickOneByOne(page, [1, 2]);
  page.send({ kind: 'leave', channel: 1 });
  await expect.poll(async () => (await store.load('/ws/it'))?.clients, { timeout: 60_000 }).toEqual([]);
  await first.crash();
  await using second = await live(store, counter);
  const { page: back } = await come(second.server, session);
  expect(await back.join('/ws/it')).toMatchObject({ event: 0 });
  back.click();
  expect(await back.next('patch')).toMatchObject({ event: 1, operations: [[1, 1, 3]] });
});

test('what tells that somebody was at a shared island is removed with the user, and what others did is still known', async () => {
  const store = memoryStore();
  const options: IsletOptions = { authenticate: ({ headers }) => headers.cookie, userKey: String };
  await using life = await live(store, counter, options);
  const clickAs = async (cookie: string, counts: readonly number[]): Promise<void> => {
    const page = await life.server.open('/islet', { headers: { cookie } }).opened();
    await page.hello();
    await page.join('/ws/it');
    await clickOneByOne(page, counts);
  };
  await clickAs('ann', [1, 2]);
  await clickAs('bob', [3]);
  await clickAs('ann', [4]);
  const said: string[] = [];
  const output = { print: (line: string) => said.push(line), warn: (line: string) => said.push(line) };
  expect(await run(store, { kind: 'removeUser', user: 'ann' }, output)).toBe(0);
  expect(said).toEqual(['0 own islands and 2 numbers of clients of ann are removed.']);
  expect((await store.load('/ws/it'))?.clients).toMatchObject([{ event: 1 }]);
});

test('a page that missed the last patch before a crash gets that, and no tree', async () => {
  const store = memoryStore();
  const first = await live(store, counter);
  const { page, session } = await come(first.server);
  await page.join('/ws/it');
  page.click();
  await page.until(() => page.slots()[1] === 1);
  const have = page.have();
  page.click();
  await page.until(() => page.slots()[1] === 2);
  await first.crash();
  await using second = await live(store, counter);
  const { page: back } = await come(second.server, session);
  expect(await back.join('/ws/it', { have, settled: 1 })).toMatchObject({
    kind: 'live',
    event: 2,
    operations: [[1, 1, 2]],
  });
});

test('a page whose number the store has dropped is told after a crash that nobody knows, until it has heard that', async () => {
  const store = memoryStore();
  const first = await live(store, counter);
  const { page, session } = await come(first.server);
  await page.join('/ws/it');
  page.click();
  await page.until(() => page.slots()[1] === 1);
  const have = page.have();
  await first.crash();
  // others at the same address come and go meanwhile
  const clients = Array.from({ length: maxClientsPerAccount }, (_, index) => ({
    ...{ client: `c${index}`, event: 1, endsInMs: 100 * 3_600_000, account: accountInStore('address 127.0.0.1') },
  }));
  await store.commit([{ key: '/elsewhere', by: 'others', after: undefined, schema: 0, clients }]);

  await using second = await live(store, counter);
  const { page: back } = await come(second.server, session);
  expect(await back.join('/ws/it', { have, settled: 0 })).toMatchObject({ event: -1 });
  await back.close();
  // the answer may have been lost
  const { page: again } = await come(second.server, session);
  expect(await again.join('/ws/it', { have, settled: 0 })).toMatchObject({ event: -1 });
  await again.close();
  // it has given up what it sent, and what it does now is done
  const { page: third } = await come(second.server, session);
  expect(await third.join('/ws/it', { have, settled: 1 })).toMatchObject({ event: 1 });
  third.click(0, { number: 2 });
  expect(await third.next('patch')).toMatchObject({ event: 2, operations: [[1, 1, 2]] });
});

/** Counts clicks at its first button, and refuses those at its second. */
const picky = component<number, { readonly type: 'UserClicked' | 'UserFailed' }>({
  init: () => [0, effect.none],
  update(count, { type }) {
    if (type === 'UserFailed') throw new Error('this is meant to fail');
    return [count + 1, effect.none];
  },
  view: (count) => html`
    <button @click=${{ type: 'UserClicked' }}>${count}</button><button @click=${{ type: 'UserFailed' }}>x</button>
  `,
});

/** Has the second button refused and the first one counted, and a crash. Gives what whoever comes next is told. */
async function tellAfterCrash(refusing: AnyComponent): Promise<readonly string[]> {
  const store = memoryStore();
  const first = await live(store, refusing);
  const { page, session } = await come(first.server);
  await page.join('/ws/it');
  page.click(2);
  page.click(0);
  await page.until(() => page.slots()[1] === 1);
  const have = page.have();
  await first.crash();
  await using second = await live(store, refusing);
  const { page: back } = await come(second.server, session);
  expect(await back.join('/ws/it', { have, settled: 0 })).toMatchObject({ event: 2 });
  expect(await refusalOf(back, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
  return reasonsTold(back);
}

test('an event that was refused just before a crash is told by whoever comes next', async () => {
  expect(await tellAfterCrash(picky)).toEqual(['This could not be done. Nothing was changed.']);
});

/** Refuses to go further than one, and says why. */
const closing = component<number, { readonly type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update(count) {
    if (count > 0) throw new Refused('The question is closed.');
    return [count + 1, effect.none];
  },
  view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
});

test('why an event was refused on purpose is told, and is no fault', async () => {
  const store = memoryStore();
  const first = await live(store, closing);
  const { page } = await come(first.server);
  await page.join('/ws/it');
  page.click();
  page.click();
  expect(await refusalOf(page, 2)).toBe('ISLET_ERR_MESSAGE_REFUSED');
  expect(reasonsTold(page)).toEqual(['The question is closed.']);
  // it is no fault
  expect(first.server.errors).toEqual([]);
  expect(first.server.log.map(({ msg }) => msg)).toContain(
    '/ws/it refused UserClicked on purpose: The question is closed.',
  );
  await first.crash();
});

test('a reason is kept with its refusal, and told by whoever comes after a crash', async () => {
  const refusing = component<number, { readonly type: 'UserClicked' | 'UserFailed' }>({
    init: () => [0, effect.none],
    update(count, { type }) {
      if (type === 'UserFailed') throw new Refused('r'.repeat(300));
      return [count + 1, effect.none];
    },
    view: (count) => html`
      <button @click=${{ type: 'UserClicked' }}>${count}</button><button @click=${{ type: 'UserFailed' }}>x</button>
    `,
  });
  expect(await tellAfterCrash(refusing)).toEqual(['r'.repeat(200)]);
});

/** Refuses to take one away where there is none. */
const purse = component<number, { readonly type: 'UserPaidIn' | 'UserTookOut' }>({
  init: () => [0, effect.none],
  update(count, { type }) {
    if (type === 'UserPaidIn') return [count + 1, effect.none];
    if (count === 0) throw new Error('there is nothing in it');
    return [count - 1, effect.none];
  },
  view: (count) => html`
    <button @click=${{ type: 'UserPaidIn' }}>${count}</button><button @click=${{ type: 'UserTookOut' }}>-</button>
  `,
});

test('an event that was refused and not kept, and is applied in another life, is not called refused after that', async () => {
  const store = memoryStore();
  const first = await live(store, purse);
  const ann = await come(first.server);
  await ann.page.join('/ws/it');
  // Ann does not hear of it, nothing changes, and so nothing is written
  ann.page.click(2);
  await ann.page.next('patch');
  const have = ann.page.have();
  const ben = await come(first.server);
  await ben.page.join('/ws/it');
  ben.page.click(0);
  await ben.page.until(() => ben.page.slots()[1] === 1);
  await first.crash();

  const second = await live(store, purse);
  const { page: again } = await come(second.server, ann.session);
  expect(await again.join('/ws/it', { have, settled: 0 })).toMatchObject({ event: 0 });
  again.click(2, { number: 1 });
  await again.until(() => again.slots()[1] === 0);
  await second.crash();

  await using third = await live(store, purse);
  const { page: back } = await come(third.server, ann.session);
  const answer = await back.join('/ws/it', { have, settled: 0 });
  expect(answer).toMatchObject({ event: 1 });
  expect(JSON.stringify(answer)).not.toContain('refused');
});

test('of more refusals than an actor remembers none is lost: whose was forgotten is told that, and nobody else', async () => {
  const store = memoryStore();
  const limits = { limits: { maxEventsPerSecond: 10_000 } };
  const first = await live(store, picky, limits);
  const quiet = await come(first.server);
  await quiet.page.join('/ws/it');
  quiet.page.click(2);
  quiet.page.click(0);
  await quiet.page.until(() => quiet.page.slots()[1] === 1);
  const loud = await come(first.server);
  await loud.page.join('/ws/it');
  for (let click = 0; click < 200; click++) loud.page.click(2);
  loud.page.click(0);
  await loud.page.until(() => loud.page.slots()[1] === 2);
  expect((await store.load('/ws/it'))?.rendering?.length).toBeLessThan(9_000);
  const have = loud.page.have();
  await first.crash();

  await using second = await live(store, picky, limits);
  const { page: one } = await come(second.server, quiet.session);
  expect(await one.join('/ws/it', { have, settled: 0 })).toMatchObject({ event: 2 });
  expect(await refusalOf(one, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
  const { page: other } = await come(second.server, loud.session);
  expect(await other.join('/ws/it', { have, settled: 0 })).toMatchObject({ event: -1 });
});

test('while the server stops what was done is committed and acknowledged before the connection ends', async () => {
  const store = memoryStore();
  const slow: Store = {
    ...store,
    close: async () => {},
    async commit(writes) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return store.commit(writes);
    },
  };
  await using server = await startServer(declare(counter), { ...atOnce, store: slow });
  const page = await server.visit('/ws/it');
  for (let count = 0; count < 5; count++) page.click();
  await page.handled();
  await server.app.close();
  expect(await page.closed).toMatchObject({ code: 1012 });
  const told = page.frames.filter((frame) => frame.kind === 'patch').at(-1);
  expect(told).toMatchObject({ event: 5 });
  expect(page.slots()[1]).toBe(5);
});

test('what comes while the server stops is for the next one', async () => {
  const store = memoryStore();
  const { promise, resolve } = Promise.withResolvers<void>();
  const held: Store = {
    ...store,
    close: async () => {},
    async commit(writes) {
      await promise;
      return store.commit(writes);
    },
  };
  let have: ReturnType<TestClient['have']>;
  let session: string;
  {
    await using server = await startServer(declare(counter), { ...atOnce, store: held });
    const { page, session: id } = await come(server);
    session = id;
    await page.join('/ws/it');
    page.click();
    await page.handled();
    const closed = server.app.close();
    page.click();
    await page.handled();
    resolve();
    await closed;
    await page.closed;
    expect(page.slots()[1]).toBe(1);
    have = page.have();
  }
  await using server = await startServer(declare(counter), { ...atOnce, store });
  const { page: back } = await come(server, session);
  expect(await back.join('/ws/it', { have, settled: 1 })).toMatchObject({ kind: 'live', event: 1 });
  back.click(0, { number: 2 });
  expect(await back.next('patch')).toMatchObject({ event: 2, operations: [[1, 1, 2]] });
});

type Tick = { readonly type: 'UserClicked' | 'TimerFired' };

const timed = (kind: 'after' | 'every', name?: string): AnyComponent =>
  component<{ readonly clicks: number; readonly fired: number }, Tick>({
    init: () => [{ clicks: 0, fired: 0 }, effect.none],
    update(model, { type }) {
      if (type === 'TimerFired') return [{ ...model, fired: model.fired + 1 }, effect.none];
      const timer = effect[kind](10_000, { type: 'TimerFired' });
      return [{ ...model, clicks: model.clicks + 1 }, name === undefined ? timer : effect.latest(name, timer)];
    },
    view: ({ clicks, fired }) => html`<button @click=${{ type: 'UserClicked' }}>${clicks}</button><p>${fired}</p>`,
  });
const fired = 2;

test.each([
  ['after', undefined, 1],
  ['every', undefined, 3],
  ['after', 'search', 1],
] as const)(
  'a timer (%s, under the name %s) goes on over a crash, and fires no more often',
  async (kind, name, times) => {
    const store = memoryStore();
    const clock = new ManualClock();
    const what = timed(kind, name);
    const first = await live(store, what, { clock });
    const { page, session } = await come(first.server);
    await page.join('/ws/it');
    page.click();
    await page.until(() => page.slots()[1] === 1);
    // under a name only the latest counts
    if (name !== undefined) {
      page.click();
      await page.until(() => page.slots()[1] === 2);
    }
    await first.crash();

    const later = new ManualClock();
    await using second = await live(store, what, { clock: later });
    const { page: back } = await come(second.server, session);
    await back.join('/ws/it');
    await later.advance(9_000);
    expect(back.slots()[fired]).toBe(0);
    await later.advance(31_000 - 9_000);
    await expect.poll(() => back.slots()[fired]).toBe(times);
    await later.advance(0);
    expect(back.slots()[fired]).toBe(times);
  },
);

test('an actor that sleeps is woken for what is due', async () => {
  const store = memoryStore();
  const what = component<number, Tick>({
    init: () => [0, effect.none],
    update: (count, { type }) =>
      type === 'TimerFired' ? [count + 100, effect.none] : [count + 1, effect.after(1_200, { type: 'TimerFired' })],
    view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
  });
  const route = { idleMs: 0 };
  await using life = await live(store, what, { sessionMs: 0, unchangedIdleMs: 100 }, route);
  const { page } = await come(life.server);
  await page.join('/ws/it');
  page.click();
  await page.until(() => page.slots()[1] === 1);
  await page.vanish();
  await expect.poll(() => life.server.app.islet.size.actors).toBe(0);
  await expect
    .poll(async () => JSON.parse((await store.load('/ws/it'))?.model?.base ?? '{}').context, { timeout: 8_000 })
    .toBe(101);
  expect(await store.due(60_000, 10)).toEqual([]);
});

interface Visit {
  readonly type: 'ClientCame' | 'ClientWent';
  readonly client: Client;
}

test('who looks is counted right after a crash: who comes back once, who does not is gone after the time for that', async () => {
  const store = memoryStore();
  const went: unknown[] = [];
  const presence = component<readonly string[], Visit>({
    init: () => [[], effect.none],
    update(names, { type, client: { id, user } }) {
      if (type === 'ClientWent') went.push(user);
      return [type === 'ClientCame' ? [...names, id] : names.filter((name) => name !== id), effect.none];
    },
    view: (names) =>
      html`<p>${names.length}</p><ul>${keyed(
        names,
        (name) => name,
        (name) => html`<li>${name}</li>`,
      )}</ul>`,
    onConnect: (client) => ({ type: 'ClientCame', client }),
    onDisconnect: (client) => ({ type: 'ClientWent', client }),
  });
  const first = await live(store, presence, { authenticate: () => 'ann' });
  const sessions: string[] = [];
  for (let count = 1; count <= 3; count++) {
    const { page, session } = await come(first.server);
    await page.join('/ws/it');
    sessions.push(session);
    await page.until(() => page.slots()[0] === count);
  }
  await first.crash();

  const clock = new ManualClock();
  await using second = await live(store, presence, { clock, authenticate: () => 'ann' });
  const { page } = await come(second.server, sessions[0] ?? null);
  await page.join('/ws/it');
  expect(page.slots()[0]).toBe(3);
  const { page: other } = await come(second.server);
  await other.join('/ws/it');
  await expect.poll(() => clock.advance(20).then(() => page.slots()[0])).toBe(4);
  await clock.advance(60_000);
  await expect.poll(() => clock.advance(20).then(() => page.slots()[0])).toBe(2);
  expect(went).toEqual([undefined, undefined]);
  await page.close();
  await expect.poll(() => clock.advance(61_000).then(() => other.slots()[0])).toBe(1);
});

test('who does not come back after a crash is told to a component that asks for those who go alone', async () => {
  const store = memoryStore();
  interface Went {
    readonly type: 'UserClicked' | 'ClientWent';
  }
  const farewells = component<readonly [clicks: number, gone: number], Went>({
    init: () => [[0, 0], effect.none],
    update: ([clicks, gone], { type }) => [
      type === 'UserClicked' ? [clicks + 1, gone] : [clicks, gone + 1],
      effect.none,
    ],
    view: ([clicks, gone]) => html`<button @click=${{ type: 'UserClicked' }}>${`${clicks} ${gone}`}</button>`,
    onDisconnect: () => ({ type: 'ClientWent' }),
  });
  const first = await live(store, farewells);
  const { page } = await come(first.server);
  await page.join('/ws/it');
  page.click();
  await page.until(() => page.slots()[1] === '1 0');
  await first.crash();

  const clock = new ManualClock();
  await using second = await live(store, farewells, { clock });
  const { page: other } = await come(second.server);
  await other.join('/ws/it');
  expect(other.slots()[1]).toBe('1 0');
  await clock.advance(60_000);
  await expect.poll(() => clock.advance(20).then(() => other.slots()[1])).toBe('1 1');
});
