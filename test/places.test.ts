// Where the plugin can stand: which pages may connect, under which paths it is found, and beside which other plugins.

import websocket from '@fastify/websocket';
import fc from 'fast-check';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { type IsletOptions, islet } from '../server/index.ts';
import { isAllowedOrigin, normalizeOrigin } from '../server/origin.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { startProxyUnder } from './support/path-proxy.ts';

const running: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

/** Starts an app; it is closed after the test. */
async function start(declare: (app: FastifyInstance) => unknown, options: object = {}) {
  const lines: { readonly level: number; readonly msg: string }[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const app = Fastify({ logger: { level: 'info', stream }, ...options });
  running.push(app);
  await declare(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url, lines, warnings: () => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg) };
}

function open(url: string, headers: Record<string, string> = {}): TestClient {
  const client = new TestClient(url.replace('http', 'ws'), { headers });
  running.push({ close: () => client.socket.terminate() });
  return client;
}

/** The status that a socket is refused with; 101 if it is not. */
async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  return open(url, headers)
    .opened()
    .then(
      () => 101,
      (error: Error) => Number(/\d{3}/.exec(error.message)?.[0]),
    );
}

/** Joins a route over a socket, clicks, and sees what comes. */
async function expectToCount(url: string, route: string): Promise<void> {
  const client = await open(url).opened();
  await client.hello();
  await client.join(route);
  const before = Number(client.slots()[1]);
  client.click(0);
  await client.until(() => client.slots()[1] === before + 1);
}

describe('an origin', () => {
  test.each([
    ['https://app.example', 'https://app.example'],
    ['HTTPS://App.Example', 'https://app.example'],
    ['https://app.example:443', 'https://app.example'],
    ['http://app.example:80', 'http://app.example'],
    ['http://app.example:443', 'http://app.example:443'],
    ['https://app.example.', 'https://app.example'],
    ['https://app.example.:8443', 'https://app.example:8443'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://[0:0:0:0:0:0:0:1]:80', 'http://[::1]'],
    ['http://[2001:DB8::A]', 'http://[2001:db8::a]'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['capacitor://LocalHost', 'capacitor://localhost'],
  ])('%s is spelt %s', (text, spelt) => {
    expect(normalizeOrigin(text)).toBe(spelt);
  });

  test.each([
    ...['', 'null', '*', 'app.example', '//app.example', 'https://', 'https://.', 'https://*.app.example'],
    ...['https://app.example/', 'https://app.example/path', 'https://app.example?x', 'https://a@app.example'],
    ...['https://app.example#x', 'https://app.example:99999', 'https://[::1', 'https://a b', 'https://a\\b', '://'],
  ])('%s is none', (text) => {
    expect(normalizeOrigin(text)).toBeUndefined();
  });

  test('has one spelling, whatever it was spelt like', () => {
    const label = fc.stringMatching(/^[a-z]([a-z\d-]{0,8}[a-z\d])?$/);
    const host = fc.tuple(label, fc.constantFrom('example', 'test')).map((labels) => labels.join('.'));
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom('http', 'https'),
        host,
        port,
        fc.boolean(),
        fc.boolean(),
        (scheme, name, number, isLoud, hasDot) => {
          const defaultPort = scheme === 'http' ? 80 : 443;
          const plain = `${scheme}://${name}${number === undefined || number === defaultPort ? '' : `:${number}`}`;
          const spelt = `${scheme}://${name}${hasDot ? '.' : ''}:${number ?? defaultPort}`;
          expect(normalizeOrigin(isLoud ? spelt.toUpperCase() : spelt)).toBe(plain);
          expect(normalizeOrigin(plain)).toBe(plain);
        },
      ),
    );
  });
});

describe('a page may connect', () => {
  const ask = (origin: string | undefined, host: string, protocol = 'http', allowed: readonly string[] = []): boolean =>
    isAllowedOrigin({ headers: origin === undefined ? {} : { origin }, host, protocol } as never, allowed);

  test.each([
    ['http://app.example', 'app.example'],
    ['http://app.example', 'APP.example:80'],
    ['http://app.example.', 'app.example'],
    ['https://app.example', 'app.example'],
    ['https://app.example', 'app.example:443'],
    ['http://[::1]:3000', '[0::1]:3000'],
    [undefined, 'app.example'],
  ])('of %s at %s', (origin, host) => {
    expect(ask(origin, host)).toBe(true);
  });

  test.each([
    ['null', 'app.example'],
    ['null', 'null'],
    ['http://app.example:8080', 'app.example'],
    ['http://app.example', 'app.example:8080'],
    ['http://app.example.evil.example', 'app.example'],
    ['http://evil.example', 'evil.example@app.example'],
    ['http://evil.example', ''],
    ['ftp://app.example', 'app.example'],
  ])('but not of %s at %s', (origin, host) => {
    expect(ask(origin, host)).toBe(false);
  });

  test('but not without TLS where the server certainly speaks it', () => {
    expect([
      ask('https://app.example', 'app.example', 'https'),
      ask('http://app.example', 'app.example', 'https'),
    ]).toEqual([true, false]);
  });

  test('if the server allows its origin, however both are spelt', async () => {
    const allowedOrigins = ['HTTPS://App.Example:443/', 'http://[0:0::1]:8080', 'capacitor://localhost'];
    const { url } = await start((app) => app.register(islet, { allowedOrigins }));
    const asked = ['https://app.example', 'http://[::1]:8080', 'capacitor://localhost', 'http://app.example', url];
    const statuses = await Promise.all(asked.map((origin) => statusOf(`${url}/islet`, { origin })));
    expect(statuses).toEqual([101, 101, 101, 403, 101]);
  });

  test.each([['*'], ['app.example'], ['null'], ['https://app.example/path'], [7], [null]])(
    'allowedOrigins with %j is refused at the start, by name',
    async (origin) => {
      const registered = Fastify().register(islet, { allowedOrigins: [origin] } as IsletOptions);
      const error: unknown = await registered.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(IsletError);
      expect(error).toMatchObject({
        code: 'ISLET_ERR_OPTIONS',
        message: expect.stringContaining(JSON.stringify(origin)),
      });
    },
  );

  test('and allowedOrigins that is no list, too', async () => {
    const options = { allowedOrigins: 'https://app.example' } as unknown as IsletOptions;
    await expect(Fastify().register(islet, options)).rejects.toThrow(/allowedOrigins must be a list/);
  });

  test('behind a proxy, by what Fastify believes of it', async () => {
    const forwarded = { 'x-forwarded-host': 'app.example', 'x-forwarded-proto': 'https' };
    const declare = (app: FastifyInstance) => app.register(islet);
    const trusting = await start(declare, { trustProxy: 'loopback' });
    const other = await start(declare);
    const ask = (url: string, origin: string) => statusOf(`${url}/islet`, { ...forwarded, origin });
    expect(await ask(trusting.url, 'https://app.example')).toBe(101);
    expect(await ask(trusting.url, 'http://app.example')).toBe(403);
    expect(await ask(trusting.url, trusting.url)).toBe(403);
    expect(await ask(other.url, 'https://app.example')).toBe(403);
    expect(await ask(other.url, other.url)).toBe(101);
  });
});

describe('the plugin', () => {
  const declare = async (app: FastifyInstance, options: IsletOptions = {}): Promise<void> => {
    await app.register(islet, options);
    app.islet.route('/ws/count', counter, { shared: true });
  };
  const inScope = (app: FastifyInstance, prefix: string, options?: IsletOptions) =>
    app.register(async (scope) => declare(scope, options), { prefix });

  test('serves script and sockets under the prefix of its scope, and islands keep the routes that were declared', async () => {
    const { url } = await start((app) => inScope(app, '/app'));
    expect((await fetch(`${url}/app/islet/element.js`)).status).toBe(200);
    expect((await fetch(`${url}/islet/element.js`)).status).toBe(404);
    await expectToCount(`${url}/app/islet`, '/ws/count');
    const direct = await open(`${url}/app/ws/count`).opened();
    await direct.until(() => direct.slots().length > 0);
  });

  test('is found behind a proxy that strips a path', async () => {
    const { url } = await start((app) => declare(app));
    await using proxy = await startProxyUnder('/app', url, { strips: true });
    expect((await fetch(`${proxy.url}/islet/element.js`)).status).toBe(200);
    await expectToCount(`${proxy.url}/islet`, '/ws/count');
  });

  test('stands twice in one app, in two scopes, and answers each socket once', async () => {
    const { app, url, warnings } = await start(async (app) => {
      await inScope(app, '/one');
      await inScope(app, '/two', { path: '/live' });
    });
    await expectToCount(`${url}/one/islet`, '/ws/count');
    await expectToCount(`${url}/two/live`, '/ws/count');
    expect(warnings()).toEqual([]);
    await app.close();
  });

  test('does not stand twice in one scope', async () => {
    const app = Fastify();
    running.push(app);
    await app.register(islet);
    await expect(app.register(islet, { path: '/other' })).rejects.toMatchObject({ code: 'ISLET_ERR_OPTIONS' });
  });

  test.each(['islet', '/islet/', '/', '', '/is let', '/islet?x', '/:islet', '/*', '//islet'])(
    'has no path %j',
    async (path) => {
      await expect(Fastify().register(islet, { path })).rejects.toMatchObject({ code: 'ISLET_ERR_OPTIONS' });
    },
  );

  test('lets pages of other origins load its scripts', async () => {
    const { url } = await start((app) => declare(app));
    const { headers } = await fetch(`${url}/islet/element.js`);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });
});

describe('beside sockets of the app', () => {
  const echo = (app: FastifyInstance) =>
    app.route({
      method: 'GET',
      url: '/echo',
      handler: (_, reply) => reply.code(426).send(),
      wsHandler: (socket) => void socket.on('message', (data) => socket.send(`${data}`)),
    });

  async function expectEcho(url: string): Promise<void> {
    const client = await open(`${url}/echo`).opened();
    const answered = new Promise((resolve) => client.socket.once('message', (data) => resolve(`${data}`)));
    client.socket.send('[0,"probe"]');
    expect(await answered).toBe('[0,"probe"]');
  }

  test('whose `@fastify/websocket` was registered before, it goes along with that', async () => {
    const { app, url, warnings } = await start(async (app) => {
      await app.register(websocket, { options: { maxPayload: 128 * 1024 } });
      await app.register(islet);
      app.islet.route('/ws/count', counter, { shared: true });
      echo(app);
    });
    await expectToCount(`${url}/islet`, '/ws/count');
    await expectEcho(url);
    expect(warnings()).toEqual([]);
    // its sockets are told that the server stops, and not only closed
    const client = await open(`${url}/islet`).opened();
    await client.hello();
    const closed = client.closed;
    await app.close();
    expect(await closed).toMatchObject({ code: 1012 });
  });

  test('and says so if that reads more than it would', async () => {
    const { warnings } = await start(async (app) => {
      await app.register(websocket);
      await app.register(islet);
    });
    expect(warnings()).toEqual([expect.stringContaining('maxPayload: 131072')]);
  });

  test('that are declared after it need no `@fastify/websocket` of their own', async () => {
    const { url } = await start(async (app) => {
      await app.register(islet);
      app.islet.route('/ws/count', counter, { shared: true });
      echo(app);
    });
    await expectToCount(`${url}/islet`, '/ws/count');
    await expectEcho(url);
  });

  test.each(['first', 'last'])('of another scope, whose `@fastify/websocket` comes %s', async (when) => {
    const { url, warnings } = await start(async (app) => {
      const others = () =>
        app.register(async (scope) => {
          await scope.register(websocket);
          echo(scope);
        });
      if (when === 'first') await others();
      await app.register(
        async (scope) => {
          await scope.register(islet);
          scope.islet.route('/ws/count', counter, { shared: true });
        },
        { prefix: '/app' },
      );
      if (when === 'last') await others();
    });
    await expectToCount(`${url}/app/islet`, '/ws/count');
    await expectEcho(url);
    expect(warnings()).toEqual([]);
  });
});
