// Rights while they last: who may join an island, act in it, and go on seeing it. A page asks as its sockets do. What a
// person may not see any more goes from the page, and nothing that they still send counts.

import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { type EventAnswer, type IsletOptions, serverComponent } from '../server/index.ts';
import { component, effect, html, Refused } from '../shared/index.ts';
import { islandsOf } from './support/adoption.ts';
import type { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { Query } from './support/query.ts';
import { startServer, type TestServer } from './support/server.ts';

const authenticate: IsletOptions['authenticate'] = ({ headers }) => {
  if (headers.cookie === 'stranger') throw new Refused('nobody knows this cookie');
  return headers.cookie ?? null;
};
const atOnce = { maxFramesPerSecond: Number.POSITIVE_INFINITY };

function declare(app: FastifyInstance): void {
  app.islet.route('/ws/own', counter);
  app.islet.route('/ws/room/:id', counter, { shared: true });
}

async function open(server: TestServer, cookie: string): Promise<TestClient> {
  const client = await server.open('/islet', { headers: { cookie } }).opened();
  await client.hello();
  return client;
}

describe('authorizeEvent', () => {
  test('is asked of each event, and refuses it to its sender alone', async () => {
    const asked: unknown[] = [];
    await using server = await startServer(declare, {
      ...atOnce,
      authenticate,
      authorizeEvent({ user }, route, params) {
        asked.push([user, route, params]);
        return user === 'ann';
      },
    });
    const [ann, ben] = [await open(server, 'ann'), await open(server, 'ben')];
    for (const client of [ann, ben]) await client.join('/ws/room/7');
    ben.click();
    expect(await ben.next('patch')).toEqual({
      kind: 'patch',
      channel: 1,
      operations: [['refused', 1, 'ISLET_ERR_EVENT_FORBIDDEN', 'Doing this is not allowed. Nothing was changed.']],
      event: 1,
    });
    ann.click();
    await ben.until(() => ben.slots()[1] === 1);
    expect(asked).toEqual([
      ['ben', '/ws/room/:id', { id: '7' }],
      ['ann', '/ws/room/:id', { id: '7' }],
    ]);
  });

  test("of a route counts in place of the server's", async () => {
    await using server = await startServer(
      (app) => {
        declare(app);
        app.islet.route('/ws/free', counter, { authorizeEvent: () => true });
      },
      { authorizeEvent: () => false },
    );
    const client = await server.connect();
    await client.join('/ws/free', { channel: 1 });
    await client.join('/ws/own', { channel: 2 });
    for (const channel of [1, 2]) client.click(0, { channel });
    expect(await client.next('patch', 1)).toMatchObject({ operations: [[1, 1, 1]] });
    expect(await client.next('patch', 2)).toMatchObject({
      operations: [['refused', 1, 'ISLET_ERR_EVENT_FORBIDDEN', expect.anything()]],
    });
  });

  test('may answer later: events of an island keep their order, and hold up no other island', async () => {
    const waiting: ((answer: EventAnswer) => void)[] = [];
    await using server = await startServer(declare, {
      ...atOnce,
      authorizeEvent: (_, route) => route === '/ws/own' || new Promise((resolve) => waiting.push(resolve)),
    });
    const client = await server.connect();
    await client.join('/ws/room/7', { channel: 1 });
    await client.join('/ws/own', { channel: 2 });
    client.click(0, { channel: 1 });
    client.click(0, { channel: 1 });
    client.send({ kind: 'void', channel: 1, number: 3 });
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '40' });
    client.click(0, { channel: 1, number: 4 });
    client.click(0, { channel: 2 });
    await client.until(() => client.slots(2)[1] === 1);
    expect(client.slots(1)[1]).toBe(0);
    // the second, the attribute and the fourth are asked about when the one before has been decided
    for (const answer of [true, false, true, true]) {
      await expect.poll(() => waiting.length).toBe(1);
      waiting.shift()?.(answer);
    }
    await client.until(() => client.slots(1)[1] === 41);
    const outcomes = client.frames.flatMap((frame) => (frame.kind === 'patch' && frame.channel === 1 ? [frame] : []));
    expect(outcomes.at(-1)?.event).toBe(4);
    expect(outcomes.flatMap(({ operations }) => operations.filter(([kind]) => kind === 'refused'))).toEqual([
      ['refused', 2, 'ISLET_ERR_EVENT_FORBIDDEN', expect.anything()],
    ]);
  });

  test('of what was refused for another reason while it is asked keeps the order too', async () => {
    const waiting: ((answer: EventAnswer) => void)[] = [];
    await using server = await startServer(declare, {
      ...atOnce,
      limits: { maxEventsPerSecond: 1 },
      authorizeEvent: () => new Promise((resolve) => waiting.push(resolve)),
    });
    const client = await server.visit('/ws/own');
    for (let count = 0; count < 3; count++) client.click();
    await client.handled();
    expect(client.rest()).toEqual([]);
    for (let count = 0; count < 2; count++) {
      await expect.poll(() => waiting.length).toBe(1);
      waiting.shift()?.(true);
    }
    await client.until(() => client.slots()[1] === 2);
    await client.handled();
    const refusals = client.frames.flatMap((frame) => (frame.kind === 'patch' ? frame.operations : []));
    expect(refusals).toContainEqual(['refused', 3, 'ISLET_ERR_LIMIT_EVENTS', expect.anything()]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('the disk is gone');
      },
      1,
    ],
    ['rejects', () => Promise.reject(new Error('the disk is gone')), 1],
    [
      'gives a query that fails',
      () =>
        new Query<boolean>(() => {
          throw new Error('the disk is gone');
        }),
      1,
    ],
    ['gives a query that says no', () => new Query(() => false), 0],
    ['gives anything but a boolean', () => JSON.parse('"yes"'), 0],
  ] as const)('that %s refuses the event, and the connection goes on', async (_, authorizeEvent, errors) => {
    await using server = await startServer(declare, { authorizeEvent });
    const client = await server.visit('/ws/own');
    client.click();
    expect(await client.next('patch')).toMatchObject({
      operations: [['refused', 1, 'ISLET_ERR_EVENT_FORBIDDEN', expect.anything()]],
    });
    expect(server.errors).toHaveLength(errors);
    client.click();
    expect(await client.next('patch')).toMatchObject({ event: 2 });
    expect(server.app.islet.size.actors).toBe(1);
  });

  test('is asked of changed attributes too: one that may not change changes nothing', async () => {
    let may = false;
    await using server = await startServer(declare, { ...atOnce, authorizeEvent: () => may });
    const client = await server.visit('/ws/room/7');
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '9' });
    await client.handled();
    expect(client.slots()[1]).toBe(0);
    may = true;
    client.send({ kind: 'attribute', channel: 1, name: 'start', text: '8' });
    await client.until(() => client.slots()[1] === 8);
  });

  test.each([
    ['at once', (answer: EventAnswer) => answer],
    ['later', async (answer: EventAnswer) => answer],
  ])("that says 'gone' %s takes the island from the page, and only that", async (_, wrap) => {
    let isGone = false;
    let mayJoin = true;
    await using server = await startServer(declare, {
      ...atOnce,
      authorize: () => mayJoin,
      authorizeEvent: (__, route) => wrap(isGone && route === '/ws/own' ? 'gone' : true),
    });
    const client = await server.connect();
    await client.join('/ws/own', { channel: 1 });
    await client.join('/ws/room/7', { channel: 2 });
    isGone = true;
    mayJoin = false;
    client.click(0, { channel: 1 });
    client.click(0, { channel: 1 });
    client.click(0, { channel: 2 });
    expect(await client.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_FORBIDDEN_NOW' });
    await client.until(() => client.slots(2)[1] === 1);
    expect(server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 1 });
    await client.handled();
    client.rest();
    client.click(0, { channel: 1 });
    expect(await client.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_NOT_JOINED' });
    expect(await client.join('/ws/own', { channel: 1 })).toMatchObject({ code: 'ISLET_ERR_JOIN_FORBIDDEN' });
    mayJoin = true;
    expect(await client.join('/ws/own', { channel: 1 })).toMatchObject({ kind: 'mount', content: [0, 0, 0] });
  });
});

describe('app.islet.revoke', () => {
  test('takes islands from those who are meant, by user, route and parameters', async () => {
    await using server = await startServer(declare, { ...atOnce, authenticate });
    const [ann, ben] = [await open(server, 'ann'), await open(server, 'ben')];
    for (const client of [ann, ben]) {
      await client.join('/ws/room/7', { channel: 1 });
      await client.join('/ws/room/8', { channel: 2 });
    }
    server.app.islet.revoke((user, route, { id }) => user === 'ann' && route === '/ws/room/:id' && id === '7');
    expect(await ann.next('error')).toEqual({
      kind: 'error',
      channel: 1,
      code: 'ISLET_ERR_FORBIDDEN_NOW',
      message: 'You may not see this any more.',
    });
    for (const channel of [1, 2]) ben.click(0, { channel });
    await ann.until(() => ann.slots(2)[1] === 1);
    await ben.until(() => ben.slots(1)[1] === 1);
    // nothing of what happens there is told any more
    expect(ann.rest().every(({ channel }) => channel === 2)).toBe(true);
  });

  test('says where the page should go, if it is a path of this site', async () => {
    await using server = await startServer(declare, { authenticate });
    const ann = await open(server, 'ann');
    await ann.join('/ws/own');
    for (const redirect of [
      'https://other.example/',
      '//other.example',
      '/\\other.example',
      '/\t/other.example',
      'login',
      '',
    ]) {
      expect(() => server.app.islet.revoke(() => true, { redirect })).toThrow('ISLET_ERR_OPTIONS');
    }
    server.app.islet.revoke(() => true, { redirect: '/login?from=/own' });
    expect(await ann.next('error')).toMatchObject({ code: 'ISLET_ERR_FORBIDDEN_NOW', redirect: '/login?from=/own' });
  });

  test('reaches joins under way: what their `authorize` said before counts no more', async () => {
    const waiting: ((isAllowed: boolean) => void)[] = [];
    await using server = await startServer(declare, {
      authenticate,
      authorize: () => new Promise((resolve) => waiting.push(resolve)),
    });
    const ann = await open(server, 'ann');
    const answer = ann.join('/ws/own');
    await expect.poll(() => waiting.length).toBe(1);
    server.app.islet.revoke((user) => user === 'ann');
    expect(await answer).toMatchObject({ kind: 'error', code: 'ISLET_ERR_FORBIDDEN_NOW' });
    waiting.shift()?.(true);
    await ann.handled();
    expect(ann.rest()).toEqual([]);
    expect(server.app.islet.size.actors).toBe(0);
    const again = ann.join('/ws/own');
    await expect.poll(() => waiting.length).toBe(1);
    waiting.shift()?.(true);
    expect(await again).toMatchObject({ kind: 'mount' });
  });

  test('reaches those who are away: their islands end, and they ask again when they come back', async () => {
    let mayJoin = true;
    await using server = await startServer(declare, { ...atOnce, authenticate, authorize: () => mayJoin });
    const lost = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
    const session = await lost.hello();
    await lost.join('/ws/own', { channel: 1 });
    await lost.join('/ws/room/7', { channel: 2 });
    await lost.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    server.app.islet.revoke((_, route) => route === '/ws/own');
    expect(server.app.islet.size).toEqual({ actors: 1, sessions: 1, connections: 0 });
    mayJoin = false;
    const back = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
    expect(await back.hello(session)).toBe(session);
    expect(await back.join('/ws/own')).toMatchObject({ code: 'ISLET_ERR_JOIN_FORBIDDEN' });
    await back.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    server.app.islet.revoke(() => true);
    expect(server.app.islet.size.sessions).toBe(0);
  });
});

test('islands that are revoked while their pages are away make room for others that are', async () => {
  await using server = await startServer(declare, { limits: { maxDetachedIslands: 2 } });
  const leaveBehind = async (...routes: string[]): Promise<string> => {
    const client = await server.open().opened();
    const session = await client.hello();
    for (const [index, route] of routes.entries()) await client.join(route, { channel: index + 1 });
    await client.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    return session;
  };
  const first = await leaveBehind('/ws/own', '/ws/room/7');
  server.app.islet.revoke((_, route) => route === '/ws/own');
  await leaveBehind('/ws/own');
  expect(await (await server.open().opened()).hello(first)).toBe(first);
});

describe('a page', () => {
  const who = component<string, never, { readonly text: string }>({
    init: ({ text }) => [text, effect.none],
    update: (model) => [model, effect.none],
    view: (text) => html`<b>${text}</b>`,
  });
  const nesting = component<null, never, object>({
    init: () => [null, effect.none],
    update: (model) => [model, effect.none],
    view: () => html`<i>outer</i><server-component route="/ws/who"></server-component>`,
  });
  const declarePages = (app: FastifyInstance): void => {
    app.islet.route('/ws/who', who, { props: ({ user }) => ({ text: `own of ${user}` }) });
    app.islet.route('/ws/all/:id', who, { shared: true, props: () => ({ text: 'for all' }) });
    app.islet.route('/ws/nesting', nesting);
    const island = (route: string) => serverComponent({ route });
    app.get('/plain', (_, reply) => reply.html(html`<p>plain</p>`));
    app.get('/all', (_, reply) => reply.html(html`${island('/ws/all/1')}`));
    app.get('/own', (_, reply) => reply.html(html`${island('/ws/who')}${island('/ws/who')}${island('/ws/all/1')}`));
    app.get('/named', (_, reply) => reply.html(html`${island('/ws/who')}`, { user: 'the new one' }));
    app.get('/nesting', (_, reply) => reply.html(html`${island('/ws/nesting')}`));
  };

  test('asks authenticate for its request once, and only if an island depends on it', async () => {
    let asked = 0;
    const count: IsletOptions['authenticate'] = (request) => {
      asked++;
      return authenticate?.(request);
    };
    await using server = await startServer(declarePages, { authenticate: count });
    const read = async (url: string) => {
      asked = 0;
      const { body } = await server.app.inject({ url, headers: { cookie: 'ann' } });
      return { asked, body };
    };
    expect((await read('/plain')).asked).toBe(0);
    expect((await read('/all')).asked).toBe(0);
    const own = await read('/own');
    expect(own.asked).toBe(1);
    expect(own.body.match(/<b>own of ann/g)).toHaveLength(2);
    const named = await read('/named');
    expect(named.asked).toBe(0);
    expect(named.body).toContain('<b>own of the new one');
  });

  test('shows what its sockets will show, so that nothing moves when they join', async () => {
    await using server = await startServer(declarePages, { authenticate: async (request) => authenticate?.(request) });
    const { body } = await server.app.inject({ url: '/own', headers: { cookie: 'ann' } });
    const client = await open(server, 'ann');
    const { have } = islandsOf(body)[0] ?? {};
    expect(await client.join('/ws/who', { have })).toMatchObject({ kind: 'live', operations: [] });
  });

  test('is made for nobody when authenticate throws', async () => {
    await using server = await startServer(declarePages, { authenticate });
    const { statusCode, body } = await server.app.inject({ url: '/own', headers: { cookie: 'stranger' } });
    expect(statusCode).toBe(200);
    expect(body).toContain('<b>own of null');
    expect(server.errors).toEqual([]);
  });

  test('is made for nobody when authenticate fails, which the log has as an error with its stack, of sockets too', async () => {
    const failing = async (): Promise<never> => {
      throw new Error('db is down');
    };
    await using server = await startServer(declarePages, { authenticate: failing });
    expect((await server.app.inject('/own')).body).toContain('<b>own of null');
    for (let count = 0; count < 20; count++) {
      const refused = await server.app.inject('/islet');
      expect([refused.statusCode, refused.json()]).toMatchObject([401, { code: 'ISLET_ERR_UNAUTHENTICATED' }]);
    }
    const [page, ...sockets] = server.errors;
    expect([page?.msg, sockets[0]?.msg]).toEqual([
      'authenticate failed; the page is for nobody',
      'authenticate failed; the connection was refused',
    ]);
    for (const { err } of server.errors) expect(err?.stack).toMatch(/db is down.*authorization\.test\.ts/s);
    // what anybody can cause does not fill it
    expect(sockets).toHaveLength(10);
  });

  test('is made for nobody when its user is disconnected while authenticate is asked', async () => {
    const known = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<void>();
    await using server = await startServer(declarePages, {
      authenticate() {
        asked.resolve();
        return known.promise;
      },
    });
    const page = server.app.inject('/own');
    await asked.promise;
    server.app.islet.disconnect((user) => user === 'ann');
    known.resolve('ann');
    expect((await page).body).toContain('<b>own of null');
  });

  test('asks authorize of each island, and has a word in place of one that its visitor may not join', async () => {
    const asked: unknown[] = [];
    await using server = await startServer(declarePages, {
      authenticate,
      async authorize({ id, user }, route, params) {
        asked.push([id, user, route, params]);
        return user === 'ann' && route === '/ws/who';
      },
    });
    const { body } = await server.app.inject({ url: '/own', headers: { cookie: 'ann' } });
    const refused = '<p role="alert">Joining this island is not allowed.</p>';
    expect(body).toContain(`<server-component route="/ws/all/1">${refused}</server-component>`);
    expect(body.match(/<b>own of ann/g)).toHaveLength(2);
    expect(body).not.toContain('for all');
    expect(asked).toContainEqual(['', 'ann', '/ws/all/:id', { id: '1' }]);
    expect(asked).toHaveLength(3);
    const { body: other } = await server.app.inject({ url: '/own', headers: { cookie: 'ben' } });
    expect(other).not.toMatch(/own of|for all/);
    // nobody started it only to say no
    expect(server.app.islet.size.actors).toBe(0);
    const ben = await open(server, 'ben');
    expect(await ben.join('/ws/who')).toMatchObject({ code: 'ISLET_ERR_JOIN_FORBIDDEN' });
  });

  test('asks for islands inside of islands, too', async () => {
    await using server = await startServer(declarePages, { authorize: (_, route) => route === '/ws/nesting' });
    const { body } = await server.app.inject('/nesting');
    expect(body).toContain('<i>outer</i>');
    expect(body).toContain('Joining this island is not allowed.');
    expect(body).not.toContain('own of');
  });

  test('shows nothing of an island whose authorize fails, and the log says why', async () => {
    await using server = await startServer(declarePages, {
      authorize() {
        throw new Error('the disk is gone');
      },
    });
    const { statusCode, body } = await server.app.inject('/all');
    expect(statusCode).toBe(200);
    expect(body).not.toContain('for all');
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['the disk is gone']);
  });
});
