// What survives the loss of a connection, of a page's HTML until it joins, and of the server itself: a client is sent
// what it misses and no more, and each of its events is counted once.

import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { memoryStore, serverComponent } from '../server/index.ts';
import { type Client, component, effect, html } from '../shared/index.ts';
import { encodeClientFrame } from '../shared/wire/client-frames.ts';
import type { HaveOfTree } from '../shared/wire/frames.ts';
import { islandsOf, type RenderedIsland } from './support/adoption.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock, settled } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

const atOnce = { maxFramesPerSecond: Number.POSITIVE_INFINITY };

function declare(app: FastifyInstance): void {
  app.islet.route('/ws/rate', counter, { shared: true });
  app.islet.route('/ws/own', counter);
  app.get('/page', (_, reply) =>
    reply.html(html`
      ${serverComponent({ route: '/ws/rate' })}
      ${serverComponent({ route: '/ws/own', attributes: { start: '4' } })}
    `),
  );
}

async function load(server: TestServer): Promise<[shared: RenderedIsland, own: RenderedIsland]> {
  const { body } = await server.app.inject('/page');
  return islandsOf(body) as [RenderedIsland, RenderedIsland];
}

/** Says hello with the session of a connection that was lost. */
async function comeBack(server: TestServer, session: string): Promise<TestClient> {
  const page = await server.open().opened();
  expect(await page.hello(session)).toBe(session);
  return page;
}

describe('a connection that was lost', () => {
  test('is taken up by sending what is missing, and no tree', async () => {
    await using server = await startServer(declare, atOnce);
    const other = await server.visit('/ws/rate');
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/rate');
    other.click();
    await lost.until(() => lost.slots()[1] === 1);
    const have = lost.have();
    await lost.vanish();
    for (const count of [2, 3]) {
      other.click();
      await other.until(() => other.slots()[1] === count);
    }

    const back = await comeBack(server, session);
    // what it misses comes with the version that it leads to, both changes as one
    expect(await back.join('/ws/rate', { have })).toMatchObject({
      kind: 'live',
      epoch: have[0],
      version: have[1] + 2,
      operations: [[1, 1, 3]],
    });
    other.click();
    expect(await back.next('patch')).toMatchObject({ operations: [[1, 1, 4]] });
    expect(back.version()).toBe(other.version());
  });

  test('is told what has changed since, however often it did, from the little that is kept', async () => {
    await using server = await startServer(declare, {
      ...atOnce,
      limits: { maxHistoryBytes: 4_000, maxEventsPerSecond: 10_000 },
    });
    const other = await server.visit('/ws/rate');
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/rate');
    const have = lost.have();
    await lost.vanish();
    for (let count = 1; count <= 500; count++) {
      other.click();
      await other.until(() => other.slots()[1] === count);
    }
    const back = await comeBack(server, session);
    expect(await back.join('/ws/rate', { have })).toMatchObject({ kind: 'live', operations: [[1, 1, 500]] });
    expect(back.version()).toBe(other.version());
  });

  test('is mounted anew when the missing patches are not kept any more', async () => {
    await using server = await startServer(declare, { ...atOnce, limits: { maxHistoryBytes: 20 } });
    const other = await server.visit('/ws/rate');
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/rate');
    const have = lost.have();
    await lost.vanish();
    for (const count of [1, 2, 3]) {
      other.click();
      await other.until(() => other.slots()[1] === count);
    }
    const back = await comeBack(server, session);
    expect(await back.join('/ws/rate', { have })).toMatchObject({ kind: 'mount', content: [0, 0, 3] });
    expect(back.version()).toBe(other.version());
  });

  test('goes on with its own actor, and hears how many of its events had arrived', async () => {
    await using server = await startServer(declare, atOnce);
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/own');
    const have = lost.have();
    for (let count = 0; count < 3; count++) lost.click();
    await lost.handled();
    await lost.vanish();

    const back = await comeBack(server, session);
    // it had heard of none of them, and sends again what did arrive
    expect(await back.join('/ws/own', { have })).toMatchObject({ kind: 'live', event: 3, operations: [[1, 1, 3]] });
    for (let count = 0; count < 3; count++) back.click();
    expect(await back.next('patch')).toEqual({ kind: 'patch', channel: 1, operations: [], event: 3 });
    back.click();
    expect(await back.next('patch')).toMatchObject({ event: 4, operations: [[1, 1, 4]] });
  });

  test('loses no event and counts none twice, however often it is lost', async () => {
    await using server = await startServer(declare, atOnce);
    let page = await server.open().opened();
    const session = await page.hello();
    await page.join('/ws/own');
    // a page keeps its events until it hears that they were handled, and sends the others again, by their numbers
    let heard = 0;
    const sendUpTo = (last: number): void => {
      for (let number = heard + 1; number <= last; number++) page.click(0, { number });
    };
    for (let made = 5; made <= 50; made += 5) {
      sendUpTo(made);
      if (made % 2 === 0) await page.handled(); // at other times it is lost with frames under way
      await page.vanish();
      page = await comeBack(server, session);
      const answer = await page.join('/ws/own', { settled: heard });
      heard = answer.kind === 'error' ? 0 : answer.event;
    }
    sendUpTo(50);
    await page.until(() => page.slots()[1] === 50);
    await page.handled();
    expect(page.slots()[1]).toBe(50);
  });

  test('may have an island whose attributes changed meanwhile', async () => {
    await using server = await startServer(declare, atOnce);
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/own', { attributes: { start: '4', other: 'x' } });
    const have = lost.have();
    await lost.vanish();
    const back = await comeBack(server, session);
    await back.join('/ws/own', { have, attributes: { start: '9', other: 'y' } });
    // what the attribute has changed is part of the answer
    expect(back.frames.map(({ kind }) => kind)).toEqual(['hello', 'live']);
    expect(back.slots()[1]).toBe(9);
  });

  test('is asked again whether it may', async () => {
    let isAllowed = true;
    await using server = await startServer(declare, { ...atOnce, authorize: async () => isAllowed });
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/own');
    await lost.vanish();
    isAllowed = false;
    const back = await comeBack(server, session);
    expect(await back.join('/ws/own')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_JOIN_FORBIDDEN' });
    expect(server.app.islet.size.actors).toBe(0);
    back.click();
    expect(await back.next('error')).toMatchObject({ code: 'ISLET_ERR_NOT_JOINED' });
  });

  test('may come back without some of its islands, or with others', async () => {
    await using server = await startServer(declare, atOnce);
    const lost = await server.open().opened();
    const session = await lost.hello();
    for (const channel of [1, 2, 3]) await lost.join('/ws/own', { channel });
    await lost.vanish();
    const back = await comeBack(server, session);
    back.send({ kind: 'leave', channel: 1 });
    expect(await back.join('/ws/rate', { channel: 2 })).toMatchObject({ kind: 'mount', event: 0 });
    expect(await back.join('/ws/own', { channel: 3 })).toMatchObject({ kind: 'mount' });
    expect(server.app.islet.size.actors).toBe(2);
    // not joined again, it does not exist
    back.click(0, { channel: 1 });
    expect(await back.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_NOT_JOINED' });
  });

  test('is given up after a while, and its own actors end', async () => {
    const clock = new ManualClock();
    await using server = await startServer(declare, { ...atOnce, clock, sessionMs: 5_000 });
    const lost = await server.open().opened();
    const session = await lost.hello();
    await lost.join('/ws/own');
    await lost.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    await clock.advance(4_999);
    expect(server.app.islet.size).toMatchObject({ actors: 1, sessions: 1 });
    await clock.advance(1);
    expect(server.app.islet.size).toMatchObject({ actors: 0, sessions: 0 });
    expect(clock.waits).toEqual([]);
    // its name is good as long as its page is open; what had become of its events is not known any more
    const back = await comeBack(server, session);
    expect(await back.join('/ws/own')).toMatchObject({ kind: 'mount', event: -1 });
  });

  test('is given up soon when its page took leave, so that who went is not said to look for long', async () => {
    const clock = new ManualClock();
    await using server = await startServer(declare, { ...atOnce, clock });
    const left = await server.open().opened();
    const session = await left.hello();
    await left.join('/ws/own');
    left.socket.close(1001);
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    await clock.advance(4_999);
    // a proxy that restarts takes leave in the same words, and who stands behind it comes back
    const back = await comeBack(server, session);
    back.socket.close(1001);
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    await clock.advance(5_000);
    expect(server.app.islet.size).toMatchObject({ actors: 0, sessions: 0 });
  });

  test('costs nothing if it had no islands', async () => {
    await using server = await startServer(declare);
    const page = await server.connect();
    await page.close();
    await expect.poll(() => server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
  });

  test('makes room for others: those away longest are given up first', async () => {
    await using server = await startServer(declare, { limits: { maxDetachedIslands: 2 } });
    const sessions: string[] = [];
    for (let index = 0; index < 3; index++) {
      const page = await server.open().opened();
      sessions.push(await page.hello());
      await page.join('/ws/own');
      await page.vanish();
      await expect.poll(() => server.app.islet.size.connections).toBe(0);
    }
    expect(server.app.islet.size).toMatchObject({ actors: 2, sessions: 2 });
    const [first, ...others] = sessions as [string, ...string[]];
    for (const session of others)
      expect(await (await comeBack(server, session)).join('/ws/own')).toMatchObject({ event: 0 });
    expect(await (await comeBack(server, first)).join('/ws/own')).toMatchObject({ event: -1 });
  });
});

describe('who looks', () => {
  interface Message {
    readonly type: 'ClientCame' | 'ClientWent';
    readonly client: Client;
  }
  const presence = component<readonly string[], Message>({
    init: () => [[], effect.none],
    update: (names, { type, client }) => {
      const others = names.filter((name) => !name.startsWith(client.id));
      return [type === 'ClientCame' ? [...others, `${client.id}=${client.user}`] : others, effect.none];
    },
    view: (names) => html`<p>${names.map((name) => name.replace(/.*=/, '')).join(' ')}</p>`,
    onConnect: (client) => ({ type: 'ClientCame', client }),
    onDisconnect: (client) => ({ type: 'ClientWent', client }),
  });

  test('is told to the component: who left at once, whose connection was lost when it does not come back', async () => {
    const clock = new ManualClock();
    await using server = await startServer((app) => app.islet.route('/ws/who', presence, { shared: true }), {
      ...atOnce,
      clock,
      authenticate: ({ headers }) => headers.authorization,
    });
    const come = async (authorization: string, session: string | null = null) => {
      const page = await server.open('/islet', { headers: { authorization } }).opened();
      const id = await page.hello(session);
      await page.join('/ws/who');
      return { page, id };
    };
    const { page: ann } = await come('Ann');
    const sees = (names: string) => ann.until(() => ann.slots()[0] === names);
    await sees('Ann');
    const { page: bob, id } = await come('Bob');
    const { page: cem } = await come('Cem');
    await sees('Ann Bob Cem');
    cem.send({ kind: 'leave', channel: 1 });
    await sees('Ann Bob');

    await bob.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(2);
    await clock.advance(59_999);
    const { page: back } = await come('Bob', id);
    await clock.advance(60_000);
    await ann.handled();
    expect(ann.slots()).toEqual(['Ann Bob']);
    await back.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(2);
    await clock.advance(60_000);
    await sees('Ann');
  });
});

describe('a session that a second connection takes up', () => {
  test('is the second’s alone: the first is told, and closed', async () => {
    await using server = await startServer(declare, atOnce);
    const first = await server.open().opened();
    const session = await first.hello();
    await first.join('/ws/own');
    first.click();
    await first.until(() => first.slots()[1] === 1);

    const second = await comeBack(server, session);
    expect(await first.next('error', 0)).toMatchObject({ code: 'ISLET_ERR_SESSION_TAKEN' });
    expect(await first.closed).toEqual({ code: 4409, reason: 'ISLET_ERR_SESSION_TAKEN' });
    expect(await second.join('/ws/own')).toMatchObject({ kind: 'mount', event: 1, content: [0, 0, 1] });
    second.click(0, { number: 2 });
    await second.until(() => second.slots()[1] === 2);
    expect(server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 1 });
  });

  test.each(['has', 'had'])(
    'is not taken back by a hello that the network held back, while the second %s it',
    async (when) => {
      await using server = await startServer(declare, atOnce);
      const first = await server.open().opened();
      const session = await first.hello();
      await first.join('/ws/own');
      const [late, later] = [await server.open().opened(), await server.open().opened()];
      await later.hello(session, 3);
      await later.join('/ws/own');
      later.click();
      await later.until(() => later.slots()[1] === 1);
      if (when === 'had') await later.vanish();
      await expect.poll(() => server.app.islet.size.connections).toBe(when === 'had' ? 1 : 2);

      late.send({ kind: 'hello', channel: 0, session, attempt: 2 });
      expect(await late.closed).toEqual({ code: 4409, reason: 'ISLET_ERR_SESSION_TAKEN' });
      const holder = when === 'had' ? await comeBack(server, session) : later;
      if (when === 'had') await holder.join('/ws/own');
      holder.click(0, { number: 2 });
      await holder.until(() => holder.slots()[1] === 2);
      expect(server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 1 });
    },
  );

  test('goes to whichever of its page’s hellos is the last, in whatever order they arrive', async () => {
    await using server = await startServer(declare, atOnce);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (arrived) => {
          const first = await server.open().opened();
          const session = await first.hello(null, 1);
          await first.join('/ws/own');
          const pages = await Promise.all(arrived.map(() => server.open().opened()));
          for (const [index, attempt] of arrived.entries()) {
            pages[index]?.send({ kind: 'hello', channel: 0, session, attempt });
            await Promise.race([pages[index]?.closed, pages[index]?.handled()]);
          }
          const last = pages[arrived.indexOf(Math.max(...arrived))] as TestClient;
          expect(await last.join('/ws/own')).toMatchObject({ kind: 'mount' });
          for (const page of [first, ...pages]) if (page !== last) expect((await page.closed).code).toBe(4409);
          await last.close();
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a join that has to wait', () => {
  /** A server whose answers to `authorize` come when the test says so. */
  async function startSlowly() {
    const waiting: ((isAllowed: boolean) => void)[] = [];
    const server = await startServer(declare, { authorize: () => new Promise((resolve) => waiting.push(resolve)) });
    const answer = async (): Promise<void> => {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      waiting.shift()?.(true);
    };
    return { server, answer, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  const join = (channel = 1) =>
    ({ kind: 'join', channel, route: '/ws/own', attributes: {}, settled: 0, have: undefined }) as const;

  test('is forgotten when its island leaves', async () => {
    await using slow = await startSlowly();
    const page = await slow.server.connect();
    page.send(join());
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await slow.answer();
    await page.handled();
    expect(page.frames).toHaveLength(1);
    expect(slow.server.app.islet.size.actors).toBe(0);
  });

  test('is answered once when its island left and came again', async () => {
    await using slow = await startSlowly();
    const page = await slow.server.connect();
    page.send(join());
    page.send({ kind: 'leave', channel: 1 });
    page.send(join());
    await page.handled();
    await slow.answer();
    await slow.answer();
    await page.next('mount');
    await page.handled();
    expect(page.rest()).toEqual([]);
    expect(slow.server.app.islet.size.actors).toBe(1);
  });

  test('cannot be made twice', async () => {
    await using slow = await startSlowly();
    const page = await slow.server.connect();
    page.send(join());
    page.send(join());
    expect(await page.next('error')).toMatchObject({ code: 'ISLET_ERR_JOIN_TWICE' });
    await slow.answer();
    await page.next('mount');
  });

  test('counts as an island', async () => {
    const waiting: (() => void)[] = [];
    await using server = await startServer(declare, {
      limits: { maxIslands: 2 },
      authorize: () => new Promise((resolve) => waiting.push(() => resolve(true))),
    });
    const page = await server.connect();
    for (const channel of [1, 2, 3]) page.send(join(channel));
    expect(await page.next('error')).toMatchObject({ channel: 3, code: 'ISLET_ERR_LIMIT_ISLANDS' });
    for (const answer of waiting) answer();
    await page.next('mount');
    await page.next('mount');
  });

  test('is made anew by the connection that takes up the session', async () => {
    await using slow = await startSlowly();
    const lost = await slow.server.open().opened();
    const session = await lost.hello();
    lost.send(join(1));
    await slow.answer();
    await lost.next('mount');
    lost.send(join(2));
    await lost.handled();
    const back = await comeBack(slow.server, session);
    back.send(join(2));
    await back.handled();
    await slow.answer(); // to the connection that is gone
    await slow.answer();
    await back.next('mount', 2);
    await back.handled();
    expect(back.rest()).toEqual([]);
    expect(slow.server.app.islet.size.actors).toBe(2);
  });

  test('leaves nothing behind when its page is closed', async () => {
    await using slow = await startSlowly();
    const page = await slow.server.connect();
    page.send(join());
    await page.handled();
    await page.close();
    await expect.poll(() => slow.server.app.islet.size.connections).toBe(0);
    await slow.answer();
    await expect.poll(() => slow.server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
  });

  test.each(['a direct socket that closes', 'a user who is disconnected'])(
    'leaves nothing behind of %s',
    async (who) => {
      await using slow = await startSlowly();
      const isDirect = who.startsWith('a direct');
      const page = isDirect ? await slow.server.open('/ws/own').opened() : await slow.server.connect();
      if (!isDirect) page.send(join());
      await page.handled();
      if (isDirect) await page.close();
      else slow.server.app.islet.disconnect(() => true);
      await expect.poll(() => slow.server.app.islet.size.connections).toBe(0);
      await slow.answer();
      await settled();
      expect(slow.server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
    },
  );
});

describe('a page that the server rendered', () => {
  test('is adopted: an unchanged island is joined in 100 bytes, none of them tree', async () => {
    await using server = await startServer(declare, atOnce);
    for (const { route, have, html: content } of await load(server)) {
      const page = await server.connect();
      const attributes = route === '/ws/own' ? { start: '4' } : undefined;
      expect(content).toBe(`<button>${attributes?.start ?? 0}</button>`);
      const answer = await page.join(route, { have, ...(attributes && { attributes }) });
      expect(answer).toMatchObject({ kind: 'live', operations: [] });
      const sent = encodeClientFrame({ kind: 'join', channel: 1, route, attributes: {}, settled: 0, have });
      const received = page.texts.slice(1).join('');
      const bytes = Buffer.byteLength(sent) + Buffer.byteLength(received);
      expect(bytes, `${route}: ${bytes} bytes, there ${sent} and back ${received}`).toBeLessThanOrEqual(100);
      await page.handled();
      expect(page.rest()).toEqual([]);

      page.click();
      await page.until(() => page.version() > 0 && page.slots()[1] === (attributes ? 5 : 1));
    }
  });

  test('at an older version gets what changed since', async () => {
    await using server = await startServer(declare, atOnce);
    const [{ have }] = await load(server);
    const other = await server.visit('/ws/rate');
    for (const count of [1, 2]) {
      other.click();
      await other.until(() => other.slots()[1] === count);
    }
    const page = await server.connect();
    expect(await page.join('/ws/rate', { have })).toMatchObject({ kind: 'live', operations: [[1, 1, 2]] });
    expect(page.version()).toBe(have[1] + 2);
  });

  test('that shows something else than the actor is mounted', async () => {
    await using server = await startServer(declare, atOnce);
    const [shared, own] = await load(server);
    const page = await server.connect();
    const [epoch, version, templates] = shared.have as HaveOfTree;
    expect(await page.join('/ws/rate', { channel: 1, have: ['other', version, templates, 'x'] })).toMatchObject({
      kind: 'mount',
    });
    // an island's own actor starts with the attributes that the page has now
    const attributes = { start: '5' };
    expect(await page.join('/ws/own', { channel: 2, have: own.have, attributes })).toMatchObject({
      content: [0, 0, 5],
    });
    // a version that never was
    expect(await page.join('/ws/rate', { channel: 3, have: [epoch, 1_000, templates] })).toMatchObject({
      kind: 'mount',
    });
  });

  test('before the server was started again is adopted if it shows the same', async () => {
    const store = memoryStore();
    const persisted = (app: FastifyInstance): void => {
      app.islet.route('/ws/rate', counter, { shared: true, persist: true });
      app.get('/page', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/rate' })}`));
    };
    let have: RenderedIsland['have'];
    let before: RenderedIsland['have'];
    {
      await using server = await startServer(persisted, { ...atOnce, store });
      [{ have: before }] = await load(server);
      const page = await server.visit('/ws/rate');
      page.click();
      await page.until(() => page.slots()[1] === 1);
      [{ have }] = await load(server);
    }
    await using server = await startServer(persisted, { ...atOnce, store });
    const page = await server.connect();
    const answer = await page.join('/ws/rate', { have });
    expect(answer).toMatchObject({ kind: 'live', operations: [] });
    expect(answer).toMatchObject({ epoch: have[0] });
    page.click();
    expect(await page.next('patch')).toMatchObject({ operations: [[1, 1, 2]] });

    // a page of before the last change gets that
    expect(await page.join('/ws/rate', { channel: 2, have: before })).toMatchObject({
      kind: 'live',
      operations: [[1, 1, 2]],
    });
  });
});

describe('what goes to everybody who looks', () => {
  type Message = { readonly type: 'UserClicked' } | { readonly type: 'ClientCame' };
  const talkative = component<number, Message>({
    init: () => [0, effect.batch<Message>([effect.provide('theme', 'dark'), effect.emit('started', 1)])],
    update: (count) => [
      count + 1,
      effect.batch<Message>([effect.provide('theme', 'light'), effect.emit('clicked', count + 1)]),
    ],
    view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
  });
  const both = (app: FastifyInstance): void => {
    app.islet.route('/ws/shared', talkative, { shared: true });
    app.islet.route('/ws/own', talkative);
    app.get('/page', (_, reply) =>
      reply.html(html`${serverComponent({ route: '/ws/shared' })}${serverComponent({ route: '/ws/own' })}`),
    );
  };

  test('values are provided to each page that joins, however it joins', async () => {
    await using server = await startServer(both, atOnce);
    const provided = (value: string) => ['provide', 'theme', value];
    const islands = await load(server);
    for (const { route, have } of islands) {
      for (const options of [{}, { have }]) {
        const page = await server.connect();
        const answer = await page.join(route, options);
        expect(answer.kind).toBe('have' in options ? 'live' : 'mount');
        expect(answer).toMatchObject({ operations: expect.arrayContaining([provided('dark')]) });
      }
    }
    const page = await server.visit('/ws/shared');
    page.click();
    await page.until(() => page.slots()[1] === 1);
    const late = await server.connect();
    expect(await late.join('/ws/shared')).toMatchObject({ kind: 'mount', operations: [provided('light')] });
    late.click();
    await late.until(() => late.slots()[1] === 2);
    await page.until(() => page.slots()[1] === 2);
    expect(late.version()).toBe(page.version());
  });

  test('events reach those who look, and what init emits the page that the actor was started for', async () => {
    await using server = await startServer(both, atOnce);
    const emitted = (page: TestClient): unknown[] =>
      page.frames
        .flatMap((frame) => ('operations' in frame ? frame.operations : []))
        .filter(([kind]) => kind === 'emit');
    const own = await server.visit('/ws/own');
    const one = await server.visit('/ws/shared');
    const other = await server.visit('/ws/shared');
    for (const page of [own, one]) {
      page.click();
      await page.until(() => page.slots()[1] === 1);
    }
    await other.until(() => other.slots()[1] === 1);
    expect(emitted(own)).toEqual([
      ['emit', 'started', 1],
      ['emit', 'clicked', 1],
    ]);
    expect(emitted(one)).toEqual([['emit', 'clicked', 1]]);
    expect(emitted(other)).toEqual([['emit', 'clicked', 1]]);
    expect(emitted(await server.visit('/ws/shared'))).toEqual([]);
  });
});
