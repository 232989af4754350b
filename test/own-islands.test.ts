// Islands of one's own over the end of their server: a deploy by default, a crash where that is asked for, neither
// where it is not; for whom they are, and for nobody else; for a while, and as long as they are small.

import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import type { DeclaredOptions } from '../server/actors/route-options.ts';
import { endMs, keptMs } from '../server/closing.ts';
import { type IsletOptions, type ManagedStore, memoryStore, type Store, StoreError } from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { fragileStore } from './support/kept.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Form {
  readonly text: string;
  readonly password: string;
  readonly clicks: number;
  readonly start: string;
}

type Message =
  | { readonly type: 'UserWrote'; readonly text: string }
  | { readonly type: 'UserWhispered'; readonly text: string }
  | { readonly type: 'UserClicked' }
  | { readonly type: 'StartChanged'; readonly text: string };

const form = component<Form, Message>({
  init: () => [{ text: '', password: '', clicks: 0, start: '' }, effect.none],
  update(model, message) {
    if (message.type === 'UserWrote') return [{ ...model, text: message.text }, effect.none];
    if (message.type === 'UserWhispered') return [{ ...model, password: message.text }, effect.none];
    if (message.type === 'StartChanged') return [{ ...model, start: message.text }, effect.none];
    return [{ ...model, clicks: model.clicks + 1 }, effect.after(60_000, { type: 'UserClicked' })];
  },
  view: ({ text, password, clicks, start }) => html`
    <button @click=${{ type: 'UserClicked' }}>${clicks}</button>
    <input .value=${text} @input=${({ value = '' }) => ({ type: 'UserWrote', text: value })}>
    <input .value=${password} @input=${({ value = '' }) => ({ type: 'UserWhispered', text: value })}>
    <p>${start}</p>
  `,
  attributes: { start: (text) => ({ type: 'StartChanged', text: text ?? '' }) },
});
const [clickHole, clicks, textHole, text, password, start] = [0, 1, 3, 2, 4, 6];

const declare =
  (options: DeclaredOptions = {}) =>
  (app: FastifyInstance): void => {
    app.islet.route('/ws/form', form, options as never);
  };

/** The same store for one server after the other. */
const lasting = (store: Store): Store => ({ ...store, close: async () => {} });

async function begin(server: TestServer, headers = {}): Promise<{ page: TestClient; session: string }> {
  const page = await server.open('/islet', { headers }).opened();
  const session = await page.hello();
  await page.join('/ws/form', { attributes: { start: 'a' } });
  return { page, session };
}

async function work(page: TestClient): Promise<void> {
  page.click(clickHole);
  page.click(textHole, { data: { value: 'typed' } });
  await page.until(() => page.slots()[text] === 'typed');
}

const rows = async (store: Store): Promise<readonly string[]> =>
  (await (store as ManagedStore).list(0, 100)).map(({ key }) => key);

test('an island of one’s own is the same after a deploy: no tree is sent, and what was under way is done once', async () => {
  const store = memoryStore();
  let page: TestClient;
  let session: string;
  {
    await using server = await startServer(declare(), { store: lasting(store) });
    ({ page, session } = await begin(server));
    await work(page);
    expect(await rows(store)).toEqual([]);
    await server.app.close();
    expect(await page.closed).toMatchObject({ code: 1012 });
  }
  const [key = ''] = await rows(store);
  expect(key).toMatch(/^own [\w-]{32}$/);
  expect(key).not.toContain(session);
  const clock = new ManualClock();
  await using server = await startServer(declare(), { store: lasting(store), clock });
  const back = await server.open().opened();
  expect(await back.hello(session)).toBe(session);
  const have = page.have();
  const answer = await back.join('/ws/form', { have, settled: 1, attributes: { start: 'a' } });
  expect(answer).toEqual({ kind: 'live', channel: 1, epoch: have[0], version: have[1], event: 2, operations: [] });
  // taken up, it is kept no longer
  expect(await rows(store)).toEqual([]);
  back.click(clickHole, { number: 2, instance: 1 });
  back.click(clickHole, { number: 3, instance: 1 });
  expect(await back.next('patch')).toMatchObject({ event: 3, operations: [[1, 1, 2]] });
  // what was to come later comes, from both clicks
  await clock.advance(60_000);
  await expect
    .poll(() => back.frames.filter(({ kind }) => kind === 'patch').at(-1))
    .toMatchObject({ operations: [[1, 1, 4]] });
});

test('an attribute that changed meanwhile is news', async () => {
  const store = memoryStore();
  let session: string;
  {
    await using server = await startServer(declare(), { store: lasting(store) });
    const { page, session: id } = await begin(server);
    await page.until(() => page.slots()[start] === 'a');
    session = id;
    await server.app.close();
  }
  await using server = await startServer(declare(), { store: lasting(store) });
  const back = await server.open().opened();
  await back.hello(session);
  await back.join('/ws/form', { attributes: { start: 'b' } });
  await back.until(() => back.slots()[start] === 'b');
});

/** What is left of an island when its server was stopped, or killed, and a page comes back. */
async function after(
  how: 'deploy' | 'crash',
  options: DeclaredOptions,
  more: {
    readonly first?: IsletOptions;
    readonly second?: IsletOptions;
    readonly headers?: readonly [Record<string, string>, Record<string, string>];
  } = {},
): Promise<{ readonly answer: object; readonly slots: readonly unknown[]; readonly store: ManagedStore }> {
  const store = memoryStore();
  const [mine = {}, theirs = {}] = more.headers ?? [];
  const server = await startServer(declare(options), { store: lasting(store), ...more.first });
  const { page, session } = await begin(server, mine);
  await work(page);
  page.click(textHole + 2, { data: { value: 'secret' } });
  await page.until(() => page.slots()[password] === 'secret');
  if (how === 'deploy') await server.app.close();
  // one that was killed writes nothing any more
  await using next = await startServer(declare(options), { store: lasting(store), ...more.second });
  const back = await next.open('/islet', { headers: theirs }).opened();
  await back.hello(session);
  const answer = await back.join('/ws/form', { attributes: { start: 'a' }, settled: 3 });
  const slots = [...back.slots()];
  if (how === 'crash') await server[Symbol.asyncDispose]();
  return { answer, slots, store };
}

test.each([
  ['deploy', 'deploy', 'typed'],
  ['crash', 'deploy', ''],
  ['deploy', 'crash', 'typed'],
  ['crash', 'crash', 'typed'],
  ['deploy', false, ''],
  ['crash', false, ''],
] as const)('after a %s an island that survives %s shows %j', async (how, survive, shown) => {
  const { answer, slots } = await after(how, { survive });
  expect(slots[text]).toBe(shown);
  // who cannot know what became of events says so
  expect(answer).toMatchObject({ event: shown ? 3 : -1 });
});

test.each(['deploy', 'crash'] as const)('parts that are never written are as at first after a %s', async (how) => {
  const { slots, store } = await after(how, { survive: how, forgets: ['password'] });
  expect(slots[text]).toBe('typed');
  expect(slots[password]).toBe('');
  for (const key of await rows(store)) expect(JSON.stringify(await store.load(key))).not.toContain('secret');
});

test('nobody else finds it, by whatever name; and one row goes when its user does', async () => {
  const options: IsletOptions = { authenticate: ({ headers }) => headers.cookie, userKey: String };
  const headers = [{ cookie: 'ann' }, { cookie: 'bob' }] as const;
  const { answer, slots, store } = await after('deploy', {}, { first: options, second: options, headers });
  expect(slots[text]).toBe('');
  expect(answer).toMatchObject({ event: 3 });
  // both servers were stopped, and kept what there was
  expect(await rows(store)).toHaveLength(2);
  expect(await store.removeUser('ann', 'of ann')).toMatchObject({ states: 1 });
  expect(await rows(store)).toHaveLength(1);
});

test('one that is too big is not kept, and one that nobody comes back to ends after two minutes', async () => {
  const store = memoryStore();
  {
    await using server = await startServer(declare(), { store: lasting(store) });
    const [big, small] = [await begin(server), await begin(server)];
    big.page.click(textHole, { data: { value: 'x'.repeat(60_000) } });
    await big.page.until(() => String(big.page.slots()[text]).length === 60_000);
    big.page.click(textHole + 2, { data: { value: 'x'.repeat(10_000) } });
    await big.page.until(() => String(big.page.slots()[password]).length === 10_000);
    await work(small.page);
    await server.app.close();
  }
  const [row, ...others] = await store.list(0, 100);
  expect(others).toEqual([]);
  expect(row?.endsInMs).toBeGreaterThan(110_000);
  expect(row?.endsInMs).toBeLessThanOrEqual(120_000);
});

test('where each turn is committed, an island that ends is kept no longer', async () => {
  const clock = new ManualClock();
  const store = memoryStore();
  await using server = await startServer(declare({ survive: 'crash' }), { store, clock, sessionMs: 1_000 });
  const { page } = await begin(server);
  await work(page);
  expect(await rows(store)).toHaveLength(1);
  await page.vanish();
  await expect.poll(() => server.app.islet.size.connections).toBe(0);
  await clock.advance(1_000);
  await expect.poll(() => rows(store)).toEqual([]);
});

test('a page that comes back while the store is away is told, and its island is there when the store is', async () => {
  const store = fragileStore();
  let session: string;
  {
    await using server = await startServer(declare(), { store: lasting(store) });
    const { page, session: id } = await begin(server);
    await work(page);
    session = id;
    await server.app.close();
  }
  await using server = await startServer(declare(), { store: { ...lasting(store), load: (key) => store.load(key) } });
  store.broken = { load: () => Promise.reject(new Error('no connection')) };
  const back = await server.open().opened();
  await back.hello(session);
  expect(await back.join('/ws/form')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_STORE' });
  store.broken = {};
  await back.join('/ws/form', { attributes: { start: 'a' } });
  expect(back.slots()[text]).toBe('typed');
  expect(back.slots()[clicks]).toBe(1);
});

test.each([
  ['holds what JSON cannot say', new Map([['a', 1]]), (model: unknown) => (model as Map<string, number>).size],
  ['cannot be shown by the next code', { list: ['a'] }, () => 1],
])('a model that %s begins anew, and fails nobody', async (_, model, count) => {
  const store = memoryStore();
  const first = component<unknown, { readonly type: 'UserClicked' }>({
    init: () => [null, effect.none],
    update: () => [model, effect.none],
    view: (shown) =>
      html`<button @click=${{ type: 'UserClicked' }}>${shown === null ? 'first' : count(shown)}</button>`,
  });
  const second = component<unknown, { readonly type: 'UserClicked' }>({
    init: () => [null, effect.none],
    update: () => [model, effect.none],
    view(shown) {
      if (shown !== null) throw new Error('no such field');
      return html`<button @click=${{ type: 'UserClicked' }}>${'first'}</button>`;
    },
  });
  let session: string;
  {
    await using server = await startServer((app) => app.islet.route('/ws/form', first), { store: lasting(store) });
    const { page, session: id } = await begin(server);
    session = id;
    page.click();
    await page.until(() => page.slots()[1] === 1);
    await server.app.close();
  }
  await using server = await startServer((app) => app.islet.route('/ws/form', second), { store: lasting(store) });
  const back = await server.open().opened();
  await back.hello(session);
  expect(await back.join('/ws/form', { settled: 1 })).toMatchObject({ kind: 'mount', content: [0, 0, 'first'] });
});

test('what an island survives is said for islands of one’s own, in words that are known', async () => {
  for (const options of [{ survive: 'all' }, { survive: 'crash', shared: true }, { forgets: 'password' }] as never[]) {
    await expect(startServer(declare(options))).rejects.toThrow('ISLET_ERR_ROUTE');
  }
});

/** Writes a row as another process would that has taken it up. */
async function overtake(store: Store): Promise<void> {
  for (const { key } of await (store as ManagedStore).list(0, 100)) {
    const saved = await store.load(key);
    expect(saved).toBeDefined();
    await store.commit([{ key, by: 'another', after: saved?.by, schema: 0, dueInMs: undefined, endsInMs: 60_000 }]);
  }
}

test('what has gone on elsewhere ends, its page comes back to what is stored, and nothing that closes waits for it', async () => {
  const store = lasting(memoryStore());
  // nobody moves it: what waited for a time would wait for ever
  const clock = new ManualClock();
  const server = await startServer(declare({ survive: 'crash' }), { store, clock });
  const { page, session } = await begin(server);
  await work(page);
  await overtake(store);
  page.click(clickHole);
  expect(await page.closed).toMatchObject({ code: 1012 });
  const again = await server.open('/islet').opened();
  expect(await again.hello(session, 2)).toBe(session);
  await again.join('/ws/form', { attributes: { start: 'a' }, settled: 2 });
  expect(again.slots()[clicks]).toBe(1);
  again.click(clickHole, { number: 3 });
  await again.until(() => again.slots()[clicks] === 2);
  await overtake(store);
  again.click(clickHole, { number: 4 });
  await again.closed;
  await server[Symbol.asyncDispose]();
  expect(server.app.islet.size).toMatchObject({ sessions: 0, actors: 0 });
});

test('what a store refuses is told to its page, which goes on from what is stored', async () => {
  const store = lasting(memoryStore());
  const refusing = {
    ...store,
    commit: (writes: Parameters<Store['commit']>[0]) =>
      JSON.stringify(writes).includes('unbearable')
        ? Promise.reject(new StoreError('refused', 'not that'))
        : store.commit(writes),
  };
  await using server = await startServer(declare({ survive: 'crash' }), { store: refusing });
  const { page, session } = await begin(server);
  await work(page);
  page.click(textHole, { data: { value: 'unbearable' } });
  const told = await page.nextOf((frame) => JSON.stringify(frame).includes('ISLET_ERR_STORE'));
  expect(told).toMatchObject({ event: 3, operations: [['refused', 3, 'ISLET_ERR_STORE', expect.any(String)]] });
  await page.closed;
  const again = await server.open('/islet').opened();
  await again.hello(session, 2);
  await again.join('/ws/form', { attributes: { start: 'a' }, settled: 3 });
  expect(again.slots()[text]).toBe('typed');
  again.click(clickHole, { number: 4 });
  await again.until(() => again.slots()[clicks] === 2);
});

test('all of closing has one deadline, however much waits for a store that does not answer', async () => {
  const clock = new ManualClock();
  const server = await startServer(declare({ survive: 'crash' }), { store: stuckStore(), clock });
  for (let count = 0; count < 3; count++) {
    const page = await server.open('/islet').opened();
    await page.hello();
    await page.join('/ws/form', { attributes: { start: 'a' } });
    page.click(clickHole);
    await page.handled();
  }
  const over: string[] = [];
  void server.app.islet.whenKept.then(() => over.push('kept'));
  void server.app.close().then(() => over.push('closed'));
  /** Until so much is over, with the clock standing still. */
  const come = async (count: number): Promise<void> => {
    while (over.length < count) await clock.advance(0);
  };
  await clock.advance(keptMs - 1);
  expect(over).toEqual([]);
  await clock.advance(1);
  await come(1);
  await clock.advance(endMs - keptMs);
  await come(2);
  expect(over).toEqual(['kept', 'closed']);
});

/** Nothing that is written, nor its end, is ever answered. */
function stuckStore(): Store {
  const never = new Promise<never>(() => {});
  return { ...memoryStore(), commit: () => never, close: () => never };
}
