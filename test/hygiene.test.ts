// What a server keeps is bounded, and nothing of it is left when it has stopped. And where it runs inside a larger
// Fastify app, it keeps to its place.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { islet, memoryStore, serverComponent } from '../server/index.ts';
import { html } from '../shared/index.ts';
import { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { startServer } from './support/server.ts';

const nobody = { actors: 0, sessions: 0, connections: 0 };

describe('what is kept', () => {
  test('is nothing, once all pages are closed and the times have passed', async () => {
    const clock = new ManualClock();
    await using server = await startServer(
      (app) => {
        app.islet.route('/ws/own', counter);
        app.islet.route('/ws/shared/:id', counter, { shared: true, persist: true });
      },
      { clock },
    );
    for (let round = 0; round < 3; round++) {
      const page = await server.connect();
      await page.join('/ws/own', { channel: 1 });
      await page.join(`/ws/shared/${round}`, { channel: 2 });
      page.click(0, { channel: 2 });
      await page.until(() => page.slots(2)[1] === 1);
      if (round === 0) page.send({ kind: 'leave', channel: 2 });
      await page.vanish();
    }
    expect(server.app.islet.size).toMatchObject({ actors: 6 });
    await expect.poll(() => server.app.islet.size.connections).toBe(0);
    await clock.advance(60_000 + 300_000);
    expect(server.app.islet.size).toEqual(nobody);
    // the store is asked each second for what is due, and swept every hour, for the first time after a minute
    expect(clock.waits).toEqual([1_000, 3_600_000 - 300_000]);
    await server.app.close();
    expect(clock.waits).toEqual([]);
  });

  test('for those who are away is bounded in islands: those away longest are given up first', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/own', counter), {
      limits: { maxDetachedIslands: 5 },
    });
    const sessions: string[] = [];
    for (const islands of [2, 2, 3]) {
      const page = await server.open().opened();
      sessions.push(await page.hello());
      for (let channel = 1; channel <= islands; channel++) await page.join('/ws/own', { channel });
      await page.vanish();
      await expect.poll(() => server.app.islet.size.connections).toBe(0);
    }
    expect(server.app.islet.size).toMatchObject({ sessions: 2, actors: 5 });
    const [first = '', second = ''] = sessions;
    for (const [session, event] of [
      [first, -1],
      [second, 0],
    ] as const) {
      const page = await server.open().opened();
      expect(await page.hello(session)).toBe(session);
      // of one that was given up nobody knows what became of its events
      expect(await page.join('/ws/own', { channel: 9 })).toMatchObject({ event });
    }
  });

  test('of shared actors that nobody looks at is bounded: whoever asks for many ends those idle longest', async () => {
    const store = memoryStore();
    await using server = await startServer(
      (app) => app.islet.route('/ws/:id', counter, { shared: true, persist: true }),
      {
        limits: { maxIdleActors: 3 },
        store,
      },
    );
    const page = await server.connect();
    await page.join('/ws/seen', { channel: 1 });
    page.click();
    await page.until(() => page.slots()[1] === 1);
    for (let id = 0; id < 20; id++) {
      await page.join(`/ws/${id}`, { channel: 2 });
      page.send({ kind: 'leave', channel: 2 });
    }
    await expect.poll(() => server.app.islet.size.actors).toBe(4);
    page.send({ kind: 'leave', channel: 1 });
    for (let id = 0; id < 20; id++) {
      await page.join(`/ws/${id}`, { channel: 2 });
      page.send({ kind: 'leave', channel: 2 });
    }
    await expect.poll(() => server.app.islet.size.actors).toBe(3);
    await page.join('/ws/seen');
    expect(page.slots()[1]).toBe(1);
    expect(await store.load('/ws/:id?id=5')).toBeUndefined(); // what never changed is not saved either
  });

  test('of its secrets in the log is nothing', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/own', counter), {
      authenticate: ({ headers }) => headers.cookie,
    });
    const page = await server.open('/islet', { headers: { cookie: 'login=abc123' } }).opened();
    const session = await page.hello();
    await page.join('/ws/own');
    page.click(9, { data: { value: 'my password' } });
    page.send('my password');
    await page.closed;
    const log = JSON.stringify(server.log);
    for (const secret of [session, 'abc123', 'my password']) expect(log).not.toContain(secret);
  });
});

describe('a server that has stopped', () => {
  test('lets go of the process’s events', async () => {
    // in a process of its own: in this one, apps of other files may have such a listener
    const code = `
      const [{ default: Fastify }, { islet }] = await Promise.all([import('fastify'), import('./server/index.ts')]);
      const counts = [process.listenerCount('uncaughtException')];
      const apps = [Fastify(), Fastify()];
      for (const app of apps) await app.register(islet);
      counts.push(process.listenerCount('uncaughtException'));
      for (const app of apps) await app.close();
      console.log(JSON.stringify([...counts, process.listenerCount('uncaughtException')]));`;
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd });
    const said = await text(child.stdout);
    expect(JSON.parse(said)).toEqual([0, 1, 0]);
  });

  test('leaves nothing that keeps its process alive', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('support/stopping-server.ts', import.meta.url))]);
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});

describe('inside a larger app', () => {
  test('under a prefix, its sockets and its element are under the prefix, too', async () => {
    const app = Fastify();
    await app.register(
      async (scope) => {
        await scope.register(islet);
        scope.islet.route('/ws/rate/:id', counter, { shared: true });
        scope.get('/page', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/rate/1' })}`));
      },
      { prefix: '/live' },
    );
    const url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws');
    const page = await new TestClient(`${url}/live/islet`).opened();
    await page.hello();
    expect((await page.join('/ws/rate/1')).kind).toBe('mount');
    const direct = await new TestClient(`${url}/live/ws/rate/1`).opened();
    await direct.next('mount');
    page.click();
    await direct.until(() => direct.slots()[1] === 1);
    expect((await app.inject('/live/page')).body).toContain('<button>1</button>');
    expect((await app.inject('/islet')).statusCode).toBe(404);
    await app.close();
  });

  test('the app’s own hooks hold for sockets', async () => {
    const app = Fastify();
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization !== 'yes') return reply.code(418).send();
    });
    await app.register(islet);
    app.islet.route('/ws/own', counter);
    const url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws');
    for (const path of ['/islet', '/ws/own']) {
      await expect(new TestClient(url + path).opened()).rejects.toThrow('418');
      await new TestClient(url + path, { headers: { authorization: 'yes' } }).opened();
    }
    await app.close();
  });

  test('a page with an island that nobody declared is an error whose details stay in the log', async () => {
    await using server = await startServer((app) =>
      app.get('/', (_, reply) => reply.html(html`<p>${serverComponent({ route: '/ws/secret-name' })}</p>`)),
    );
    const { statusCode, body } = await server.app.inject('/');
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toMatchObject({
      code: 'ISLET_ERR_ROUTE',
      message: expect.stringContaining('A route is not defined correctly.'),
    });
    expect(body).not.toContain('secret-name');
    expect(JSON.stringify(server.errors)).toContain('secret-name');
  });
});

describe('options that cannot be meant are refused, by name', () => {
  test.each([
    ['idleMs', { idleMs: -1 }],
    ['sessionMs', { sessionMs: Number.NaN }],
    ['maxFrameBytes', { limits: { maxFrameBytes: '1 MB' as never } }],
    ['maxBytesPerClient', { limits: { maxBytesPerClient: -1 } }],
    ['maxParamLength', { limits: { maxParamLength: Number.NaN } }],
    ['unchangedIdleMs', { unchangedIdleMs: -1 }],
    ['maxFailures', { restart: { maxFailures: -1 } }],
    ['maxFramesPerSecond', { maxFramesPerSecond: 0 }],
    ['maxUnacknowledgedFrames', { limits: { maxUnacknowledgedFrames: 10 } }],
    ['path', { path: 'islet' }],
    ['path', { path: '/' }],
  ])('%s: %j', async (name, options) => {
    const registered = Promise.resolve(Fastify().register(islet, options));
    await expect(registered).rejects.toThrow(new RegExp(`ISLET_ERR_OPTIONS.*${name}`));
  });

  test.each<[string, string, object | undefined]>([
    ['no path', 'ws/rate', {}],
    ['taken', '/ws/taken', {}],
    ['what is saved is shared', '/ws/rate', { persist: true }],
    ['a time', '/ws/rate', { shared: true, idleMs: -1 }],
    ['a time of what is shared', '/ws/rate', { idleMs: 1_000 }],
    ['how long what is persisted is kept', '/ws/rate', { shared: true, keepMs: 10_000 }],
    ['what is never stored of what is', '/ws/rate', { shared: true, forgets: ['password'] }],
    ['what it survives is for one’s own', '/ws/rate', { shared: true, survive: 'crash' }],
    ['attributes are of one’s own', '/ws/rate', { shared: true, attributes: ['sort'] }],
    ['an option that there is not', '/ws/rate', { persists: true }],
    ['a word in place of true', '/ws/rate', { shared: 'yes' }],
    ['props that are no function', '/ws/rate', { props: {} }],
  ])('a route: %s', async (_, path, options) => {
    const app = Fastify();
    await app.register(islet);
    app.islet.route('/ws/taken', counter);
    expect(() => app.islet.route(path, counter, options as never)).toThrow('ISLET_ERR_ROUTE');
    expect(() => app.islet.route('/ws/other', {} as never, {} as never)).toThrow('ISLET_ERR_ROUTE');
    await app.close();
  });

  test('times without end are as long as can be, not none at all', async () => {
    await using server = await startServer((app) => app.islet.route('/ws/rate', counter, { shared: true }), {
      idleMs: Number.POSITIVE_INFINITY,
    });
    const page = await server.visit('/ws/rate');
    page.click();
    await page.until(() => page.slots()[1] === 1);
    page.send({ kind: 'leave', channel: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20)); // a timer that overflowed would have fired
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 1] });
  });
});
