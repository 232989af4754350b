// Several servers of one app, over one bus and one store: each shared actor runs in one of them, and people at all of
// them see the same. Real Fastify servers and sockets, in one process.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryHub } from '../server/cluster/memory.ts';
import {
  type Bus,
  type IsletOptions,
  memoryStore,
  natsBus,
  postgresStore,
  type Store,
  serverComponent,
  sqliteStore,
} from '../server/index.ts';
import { protocol } from '../server/owners/frames.ts';
import { LightClient, type LightSocket } from '../server/testing/client.ts';
import { component, type EventData, effect, html, Refused } from '../shared/index.ts';
import { fasterClock } from './cluster/faster-clock.ts';
import type { TestClient } from './support/client.ts';
import { connectTo } from './support/connect-to.ts';
import { counter } from './support/counter.ts';
import { natsReason, startNats } from './support/nats.ts';
import { postgresReason, startPostgres } from './support/postgres.ts';
import { startServer, type TestServer } from './support/server.ts';

let servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.toReversed()) await server[Symbol.asyncDispose]();
  servers = [];
});

type Declare = Parameters<typeof startServer>[0];

/** Servers that share a bus and a store. */
function startCluster(declare: Declare, options: IsletOptions = {}) {
  const hub = createMemoryHub();
  const store = memoryStore();
  const start = async (more: IsletOptions = {}, declareHere = declare, speak = (bus: Bus): Bus => bus) => {
    const bus = hub.connect();
    const server = await startServer(declareHere, { store, bus: speak(bus), ...options, ...more });
    servers.push(server);
    return Object.assign(server, { bus });
  };
  return { store, start };
}

const shows = (client: TestClient, value: unknown) => expect.poll(() => client.slots().at(-1)).toBe(value);

describe.each([{ persist: true }, { persist: false }])('a shared actor (%o)', (options) => {
  const declare: Declare = (app) => app.islet.route('/ws/count', counter, { shared: true, ...options });

  test('is one at two servers: what is clicked at one is seen at both, in the same versions', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    const [ann, bob] = [await one.visit('/ws/count'), await two.visit('/ws/count')];
    ann.click();
    await shows(bob, 1);
    bob.click();
    await shows(ann, 2);
    await shows(bob, 2);
    ann.click();
    bob.click();
    await shows(ann, 4);
    await shows(bob, 4);
    expect(one.app.islet.size.actors + two.app.islet.size.actors).toBe(1);
    expect([...one.errors, ...two.errors]).toEqual([]);
  });

  test('shows the same to pages of all servers, which are adopted without a tree', async () => {
    const { start } = startCluster((app) => {
      declare(app);
      app.get('/', (_, reply) => reply.html(html`<main>${serverComponent({ route: '/ws/count' })}</main>`));
    });
    const [one, two] = [await start(), await start()];
    const ann = await one.visit('/ws/count');
    ann.click();
    await shows(ann, 1);
    const page = await (await fetch(two.url)).text();
    expect(page).toContain('>1</button>');
    expect(two.app.islet.size.actors).toBe(0);
    const [, data = '[]'] = /application\/json">(.*?)<\/script>/.exec(page) ?? [];
    const [epoch, version, digest] = JSON.parse(data);
    const bob = await two.connect();
    const answer = await bob.join('/ws/count', { have: [epoch, version, 1, digest] });
    expect(answer).toMatchObject({ kind: 'live', epoch, version, operations: [] });
  });
});

/** A board that can refuse, tells who comes and goes, and offers and emits. */
const board = component<
  { readonly names: readonly string[]; readonly count: number },
  { readonly type: string; readonly id?: string }
>({
  init: () => [{ names: [], count: 0 }, effect.provide('theme', 'dark')],
  update(model, { type, id = '' }) {
    if (type === 'came') return [{ ...model, names: [...model.names, id] }, effect.none];
    if (type === 'went') return [{ ...model, names: model.names.filter((name) => name !== id) }, effect.none];
    if (type === 'slow') {
      const until = performance.now() + 300;
      while (performance.now() < until);
    }
    if (type === 'refused') throw new Refused('not today');
    return [{ ...model, count: model.count + 1 }, effect.emit('counted', model.count + 1)];
  },
  view: ({ names, count }) => html`
    <button @click=${{ type: 'added' }}>add</button>
    <button @click=${{ type: 'refused' }}>fail</button>
    <button @click=${{ type: 'slow' }}>slowly</button>
    <button ?disabled=${count > 2} @click=${{ type: 'added' }}>add up to 3</button>
    <p>${names.length}</p>
    <p>${count}</p>
  `,
  onConnect: ({ id }) => ({ type: 'came', id }),
  onDisconnect: ({ id }) => ({ type: 'went', id }),
});

describe('a persisted actor', () => {
  const declare: Declare = (app) => app.islet.route('/ws/board', board, { shared: true, persist: true });

  test('goes on at another server when its own is closed: the same versions, no tree, nothing lost or doubled', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    const ann = await one.visit('/ws/board');
    const bob = await two.visit('/ws/board');
    await expect.poll(() => bob.slots().at(-2)).toBe(2);
    ann.click();
    await shows(bob, 1);
    const before = bob.frames.length;
    await one.app.close();
    bob.click();
    bob.click();
    await shows(bob, 3);
    expect(bob.frames.slice(before).map(({ kind }) => kind)).not.toContain('mount');
    expect(two.app.islet.size.actors).toBe(1);
    // who was at the first server is told of as gone once she has had the time to come back
    const eve = await two.visit('/ws/board');
    expect(eve.slots().at(-1)).toBe(3);
  });

  test('refuses at an edge as it does where it runs, and what is disabled is not pressed', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    await one.visit('/ws/board');
    const bob = await two.visit('/ws/board');
    bob.click(1);
    const refusal = await bob.nextOf((frame) => JSON.stringify(frame).includes('refused'));
    expect(refusal).toMatchObject({
      kind: 'patch',
      event: 1,
      operations: expect.arrayContaining([['refused', 1, 'ISLET_ERR_MESSAGE_REFUSED', 'not today']]),
    });
    for (let click = 0; click < 3; click++) bob.click(4);
    await shows(bob, 3);
    bob.click(4);
    const disabled = await bob.nextOf((frame) => JSON.stringify(frame).includes('refused'));
    expect(disabled).toMatchObject({ operations: [['refused', 5, 'ISLET_ERR_EVENT_DISABLED', expect.any(String)]] });
  });

  test('takes its time over an update: what is done at an edge meanwhile is done once', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    await one.visit('/ws/board');
    const bob = await two.visit('/ws/board');
    for (let click = 0; click < 4; click++) bob.click(2);
    bob.click();
    await shows(bob, 5);
  });

  test('counts who looks over all servers', async () => {
    const { start } = startCluster(declare, { sessionMs: 100 });
    const [one, two] = [await start(), await start()];
    const ann = await one.visit('/ws/board');
    const bob = await two.visit('/ws/board');
    await expect.poll(() => ann.slots().at(-2)).toBe(2);
    bob.send({ kind: 'leave', channel: 1 });
    await expect.poll(() => ann.slots().at(-2)).toBe(1);
    expect(bob.closed).toBeDefined();
  });

  test('offers to those who join at an edge, and fires events there', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    const ann = await one.visit('/ws/board');
    const bob = await two.connect();
    const mount = await bob.join('/ws/board');
    expect(mount).toMatchObject({ kind: 'mount', operations: [['provide', 'theme', 'dark']] });
    ann.click();
    const patch = await bob.nextOf((frame) => JSON.stringify(frame).includes('counted'));
    expect(patch).toMatchObject({ operations: expect.arrayContaining([['emit', 'counted', 1]]) });
  });

  test('shows that it cannot be reached where a server is cut off, and goes on when it is back', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    const ann = await one.visit('/ws/board');
    const bob = await two.visit('/ws/board');
    await shows(bob, 0);
    two.bus.cut();
    const error = await bob.next('error');
    expect(error).toMatchObject({ channel: 1, code: '', message: '' });
    expect([one.app.islet.isReady, two.app.islet.isReady]).toEqual([true, false]);
    ann.click();
    bob.click();
    await shows(ann, 1);
    two.bus.restore();
    await shows(bob, 2);
    await shows(ann, 2);
    expect(two.app.islet.isReady).toBe(true);
    expect(bob.frames.filter(({ kind }) => kind === 'mount')).toHaveLength(1);
  });
});

describe('a deploy with another view', () => {
  const tallyOf = (isAnew: boolean) =>
    component<readonly string[], { readonly type: 'PersonSent'; readonly text: string }>({
      init: () => [[], effect.none],
      update: (texts, { text }) => [[...texts, text], effect.none],
      view: (texts) => html`
        <button @click=${({ detail }: EventData) => ({ type: 'PersonSent', text: String(detail) })}>send</button>
        ${isAnew ? html`<h2>${'anew'}</h2>` : null}
        <p>${texts.join(' ')}</p>
      `,
    });
  const declareTally =
    (isAnew: boolean): Declare =>
    (app) =>
      app.islet.route('/ws/tally', tallyOf(isAnew), { shared: true, persist: true });

  test.each([
    ['where it was made, if that is there', true, [{ kind: 'applied' }, { kind: 'applied' }]],
    [
      'not at all, and told, if that is gone',
      false,
      [
        { kind: 'dropped', why: 'void' },
        { kind: 'dropped', why: 'void' },
      ],
    ],
  ])('does what waited for the old one %s', async (_, isThere, outcomes) => {
    const { start } = startCluster(declareTally(false));
    const [one, two] = [await start(), await start({}, declareTally(true))];
    const watch = await one.visit('/ws/tally');
    await using stack = new AsyncDisposableStack();
    const page = new LightClient({
      connect: connectTo(`${two.url.replace('http', 'ws')}/islet`),
      retryMs: () => 10,
      placeOf: (light, press) => (isThere ? { ...press, epoch: light.epoch, instance: light.tree.rootId } : undefined),
    });
    stack.defer(() => page.end());
    const light = page.join('/ws/tally');
    page.start();
    const send = (detail: string) =>
      page.act(light, () => ({ epoch: light.epoch, instance: light.tree.rootId, hole: 0, data: { detail } }));
    expect(await send('a')).toEqual({ kind: 'applied' });
    await shows(watch, 'a');
    // the owner hears nothing any more, and the new code goes on without it
    one.bus.cut();
    expect(await Promise.all([send('b'), send('c')])).toEqual(outcomes);
    expect(light.tree.toWords()).toContain('anew');
    expect(light.tree.toWords()).toMatch(isThere ? / a b c$/ : / a$/);
    expect(page.faults).toEqual([]);
    expect(page.disconnects).toBe(0);
    expect([...one.errors, ...two.errors].filter(({ msg }) => !msg.startsWith('cut off'))).toEqual([]);
  });
});

/** Two servers, and an actor of which nothing is kept: it says what it has applied. */
async function startTally() {
  const applied: string[] = [];
  const acts = new Map<string, () => void>();
  const tally = component<number, { readonly type: 'PersonSent'; readonly text: string }>({
    init: () => [0, effect.none],
    update(count, { text }) {
      applied.push(text);
      acts.get(text)?.();
      return [count + 1, effect.none];
    },
    view: (count) => html`
      <button @click=${({ detail }: EventData) => ({ type: 'PersonSent', text: String(detail) })}>${count}</button>
    `,
  });
  const { start } = startCluster((app) => app.islet.route('/ws/tally', tally, { shared: true }));
  const [one, two] = [await start(), await start()];
  return { one, two, applied, whenApplied: (text: string, act: () => void) => void acts.set(text, act) };
}

test('what is not kept is applied at most once: where its owner ends, nobody knows of what was under way, and it is told', async () => {
  const { one, two, applied, whenApplied } = await startTally();
  await one.visit('/ws/tally');
  await using stack = new AsyncDisposableStack();
  const page = new LightClient({
    connect: connectTo(`${two.url.replace('http', 'ws')}/islet`),
    retryMs: () => 10,
    placeOf: (light, press) => ({ ...press, epoch: light.epoch, instance: light.tree.rootId }),
  });
  stack.defer(() => page.end());
  const light = page.join('/ws/tally');
  page.start();
  const send = (detail: string) =>
    page.act(light, () => ({ epoch: light.epoch, instance: light.tree.rootId, hole: 0, data: { detail } }));
  expect(await send('a')).toEqual({ kind: 'applied' });
  whenApplied('b', () => one.bus.cut());
  expect(await send('b')).toEqual({ kind: 'dropped', why: 'unknown' });
  expect(await send('c')).toEqual({ kind: 'applied' });
  expect(applied).toEqual(['a', 'b', 'c']);
  expect(light.tree.toWords()).toBe('1');
});

test('what is not kept is applied once at most, too, where its page goes on elsewhere and its owner cannot be asked', async () => {
  const { one, two, applied, whenApplied } = await startTally();
  await using stack = new AsyncDisposableStack();
  let at = one;
  let socket: LightSocket | undefined;
  const connect = connectTo(() => `${at.url.replace('http', 'ws')}/islet`);
  const page = new LightClient({
    connect(listener) {
      socket = connect(listener);
      return socket;
    },
    retryMs: () => 10,
    placeOf: (light, press) => ({ ...press, epoch: light.epoch, instance: light.tree.rootId }),
  });
  stack.defer(() => page.end());
  const light = page.join('/ws/tally');
  page.start();
  const send = (detail: string) =>
    page.act(light, () => ({ epoch: light.epoch, instance: light.tree.rootId, hole: 0, data: { detail } }));
  expect(await send('a')).toEqual({ kind: 'applied' });
  whenApplied('b', () => {
    one.bus.cut();
    at = two;
    socket?.terminate();
  });
  expect(await send('b')).toEqual({ kind: 'dropped', why: 'unknown' });
  expect(await send('c')).toEqual({ kind: 'applied' });
  expect(applied).toEqual(['a', 'b', 'c']);
});

test('servers of two versions run an actor in turn: each says so, nothing is lost or doubled, and pages see what they do', async () => {
  const clock = fasterClock(10);
  const { start } = startCluster((app) => app.islet.route('/ws/count', counter, { shared: true, persist: true }), {
    clock,
  });
  const [one, two] = [await start(), await start()];
  const later = await start({}, undefined, speakOtherwise);
  await using stack = new AsyncDisposableStack();
  const pages = [one, two, later].map(({ url }) => {
    const page = new LightClient({
      connect: connectTo(`${url.replace('http', 'ws')}/islet`),
      retryMs: () => 10,
      placeOf: (light, press) => ({ ...press, epoch: light.epoch, instance: light.tree.rootId }),
    });
    stack.defer(() => page.end());
    page.start();
    return { page, light: page.join('/ws/count') };
  });
  const click = ({ page, light }: (typeof pages)[number]) =>
    page.act(light, () => ({ epoch: light.epoch, instance: light.tree.rootId, hole: 0, data: undefined }));
  const [ann, bob, eve] = pages as [(typeof pages)[0], (typeof pages)[0], (typeof pages)[0]];
  for (const [at, page] of [ann, eve, bob, eve].entries()) {
    expect(await click(page)).toEqual({ kind: 'applied' });
    expect(page.light.tree.toWords()).toBe(String(at + 1));
  }
  // who does nothing sees it as well, when it is the turn of the own version
  await expect.poll(() => ann.light.tree.toWords()).toBe('4');
  // what is done at the same time waits for its turn
  expect(await Promise.all([ann, eve, bob].map(click))).toEqual([1, 2, 3].map(() => ({ kind: 'applied' })));
  expect(await click(ann)).toEqual({ kind: 'applied' });
  expect(ann.light.tree.toWords()).toBe('8');
  for (const { log } of [one, two, later]) {
    expect(log.filter(({ msg }) => msg.includes('they run shared actors in turn'))).toHaveLength(1);
  }
  expect(pages.flatMap(({ page }) => page.faults)).toEqual([]);
}, 60_000);

/** A process whose frames have another version, and to which those of the others do. */
function speakOtherwise(bus: Bus): Bus {
  const swap = (text: string): string =>
    text.replace(/^\[(\d+),(?=\{)/, (_, version) => `[${Number(version) === protocol ? protocol + 1 : protocol},`);
  return {
    ...bus,
    get state() {
      return bus.state;
    },
    publish: (subject, text) => bus.publish(subject, swap(text)),
    request: async (subject, text, limitMs) => swap(await bus.request(subject, swap(text), limitMs)),
    subscribe: (subject, hear) =>
      bus.subscribe(subject, ({ text, answer }) =>
        hear({ text: swap(text), answer: answer && ((said) => answer(swap(said))) }),
      ),
    flush: () => bus.flush(),
    onState: (listener) => bus.onState(listener),
    onError: (listener) => bus.onError(listener),
    close: () => bus.close(),
  };
}

describe('a page that goes to another server', () => {
  const declare: Declare = (app) => {
    app.islet.route('/ws/own', counter);
    app.islet.route('/ws/kept', counter, { survive: 'crash' });
    app.islet.route('/ws/board', board, { shared: true, persist: true });
  };
  const options: IsletOptions = { authenticate: ({ headers }) => headers.cookie ?? null };
  const headers = { cookie: 'ann' };

  const begin = async () => {
    const { start } = startCluster(declare, options);
    const [one, two] = [await start(), await start()];
    const ann = await one.open('/islet', { headers }).opened();
    const session = await ann.hello();
    for (const [at, route] of ['/ws/own', '/ws/kept', '/ws/board'].entries()) {
      await ann.join(route, { channel: at + 1 });
      ann.click(0, { channel: at + 1 });
      await expect.poll(() => ann.slots(at + 1).at(-1)).toBe(1);
    }
    return { one, two, ann, session };
  };

  test.each(['lives', 'is lost'])(
    'goes on with its islands and numbers, while its connection there %s',
    async (how) => {
      const { one, two, ann, session } = await begin();
      if (how === 'is lost') {
        ann.socket.terminate();
        await ann.closed;
      }
      const again = await two.open('/islet', { headers }).opened();
      expect(await again.hello(session)).toBe(session);
      for (const channel of [1, 2, 3]) {
        const route = ['/ws/own', '/ws/kept', '/ws/board'][channel - 1] as string;
        // it says its first event again: that is done
        await again.join(route, { channel, settled: 0 });
        again.click(0, { channel, number: 1 });
        again.click(0, { channel, number: 2 });
        await expect.poll(() => again.slots(channel).at(-1)).toBe(2);
      }
      if (how === 'lives') expect(await ann.closed).toMatchObject({ code: 4409 });
      expect(one.app.islet.size.sessions).toBe(0);
    },
  );

  test.each(['lives', 'has died'])(
    'and comes back to one that knew nothing of it is shown nothing that is over, while the other %s',
    async (how) => {
      const { one, two, ann, session } = await begin();
      one.bus.cut();
      await ann.vanish();
      // nobody answers for the session there: what is stored goes on
      const away = await two.open('/islet', { headers }).opened();
      expect(await away.hello(session, 2)).toBe(session);
      await away.join('/ws/kept', { channel: 2, settled: 1 });
      expect(away.slots(2).at(-1)).toBe(1);
      away.click(0, { channel: 2, number: 2 });
      await expect.poll(() => away.slots(2).at(-1)).toBe(2);
      if (how === 'lives') one.bus.restore();
      else two.bus.cut();
      await away.vanish();
      const back = await one.open('/islet', { headers }).opened();
      expect(await back.hello(session, 3)).toBe(session);
      await back.join('/ws/kept', { channel: 2, settled: 2, have: away.have(2) });
      back.click(0, { channel: 2, number: 3 });
      await expect.poll(() => back.slots(2).at(-1)).toBe(3);
      // it was never shown less
      expect(back.frames.some((frame) => JSON.stringify(frame).includes('1]'))).toBe(false);
    },
  );

  test('is not found by another user, and stays where it is', async () => {
    const { two, ann, session } = await begin();
    const eve = await two.open('/islet', { headers: { cookie: 'eve' } }).opened();
    expect(await eve.hello(session, 9)).not.toBe(session);
    await eve.join('/ws/own');
    expect(eve.slots().at(-1)).toBe(0);
    ann.click();
    await expect.poll(() => ann.slots().at(-1)).toBe(2);
  });
});

/** What is bigger than a server of NATS takes at once. */
const shelf = component<string, { readonly type: 'added' }>({
  init: () => [`${'x'.repeat(99)} `.repeat(24_000), effect.none],
  update: (text) => [`${text}!`, effect.none],
  view: (text) => html`<button @click=${{ type: 'added' }}>add</button><pre>${text}</pre>`,
});

describe.runIf(natsReason === undefined)('three servers over NATS', () => {
  test.each(['', 'max_payload: 65536'])(
    'show an island of 2.4 MB at each of them (%s)',
    async (settings) => {
      await using nats = await startNats(settings);
      const store: Store = { ...memoryStore(), close: async () => {} };
      const declare: Declare = (app) => {
        app.islet.route('/ws/shelf', shelf, { shared: true });
        app.get('/', (_, reply) => reply.html(html`<main>${serverComponent({ route: '/ws/shelf' })}</main>`));
      };
      const start = async () => {
        const server = await startServer(declare, { store, bus: await natsBus({ url: nats.url }) });
        servers.push(server);
        return server;
      };
      const [one, two] = [await start(), await start()];
      const ann = await one.visit('/ws/shelf');
      const bob = await two.visit('/ws/shelf');
      await expect.poll(() => String(bob.slots().at(-1)).length).toBe(2_400_000);
      bob.click();
      for (const person of [ann, bob]) await expect.poll(() => String(person.slots().at(-1)).length).toBe(2_400_001);
      expect((await (await fetch(two.url)).text()).length).toBeGreaterThan(2_400_000);
      expect([...one.errors, ...two.errors]).toEqual([]);
    },
    60_000,
  );

  /** What opens the store of each server, and what is to be ended after all. */
  const places: [string, () => Promise<{ open: () => Promise<Store>; end: () => Promise<void> }>][] = [
    [
      'SQLite',
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'islet-owners-'));
        const end = () => rm(folder, { recursive: true, force: true });
        return { open: async () => sqliteStore(join(folder, 'states.sqlite')), end };
      },
    ],
  ];
  if (postgresReason === undefined) {
    places.push([
      'PostgreSQL',
      async () => {
        const server = await startPostgres();
        const url = await server.createDatabase();
        return { open: async () => postgresStore(url), end: async () => server[Symbol.asyncDispose]() };
      },
    ]);
  }

  test.each(places)(
    'on %s apply each click once, through a deploy of each in turn',
    async (_, prepare) => {
      const { open, end } = await prepare();
      await using nats = await startNats();
      const declare: Declare = (app) => app.islet.route('/ws/board', board, { shared: true, persist: true });
      const start = async () => {
        const server = await startServer(declare, { store: await open(), bus: await natsBus({ url: nats.url }) });
        servers.push(server);
        return server;
      };
      const running = [await start(), await start(), await start()];
      const watch = await (running[2] as TestServer).visit('/ws/board');
      let clicked = 0;
      for (const server of running.slice(0, 2)) {
        const person = await server.visit('/ws/board');
        for (let click = 0; click < 3; click++, clicked++) person.click();
        await shows(watch, clicked);
        await server.app.close();
        watch.click();
        clicked++;
        await shows(watch, clicked);
      }
      const late = await (await start()).visit('/ws/board');
      late.click();
      await shows(watch, clicked + 1);
      expect(watch.frames.filter(({ kind }) => kind === 'mount')).toHaveLength(1);
      for (const server of servers.splice(0).toReversed()) await server[Symbol.asyncDispose]();
      await end();
    },
    60_000,
  );
});
