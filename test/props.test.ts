// What a component starts from: props that have to be loaded first, and whose island it is. Rendered into a page and
// joined by a socket, it shows the same.

import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { serverComponent } from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import { islandsOf } from './support/adoption.ts';
import { Query, runsOf } from './support/query.ts';
import { startServer } from './support/server.ts';

interface Greeting {
  readonly text: string;
}

/** Hole 0 of its one instance shows the text. */
const greeting = component<string, never, Greeting>({
  init: ({ text }) => [text, effect.none],
  update: (text) => [text, effect.none],
  view: (text) => html`<p>${text}</p>`,
});

/** A source that answers when the test lets it, and counts what it was asked. */
class Source {
  readonly asked: string[] = [];
  private answers: (() => void)[] = [];

  async load(id: string): Promise<Greeting | undefined> {
    this.asked.push(id);
    await new Promise<void>((resolve) => this.answers.push(resolve));
    if (id === 'broken') throw new Error('the disk is gone');
    return id === 'none' ? undefined : { text: `loaded ${id}` };
  }

  /** Answers what was asked, once it was. */
  async answer(): Promise<void> {
    while (this.answers.length === 0) await setImmediate();
    for (const each of this.answers.splice(0)) each();
  }
}

const authenticate = ({ headers }: { headers: { readonly [name: string]: unknown } }): unknown =>
  headers.cookie ?? null;

describe('props that are loaded', () => {
  const declare = (source: Source) => (app: FastifyInstance) => {
    app.islet.route('/ws/shared/:id', greeting, { shared: true, props: ({ params: { id } }) => source.load(id) });
    app.islet.route('/ws/own/:id', greeting, { props: ({ params: { id } }) => source.load(id) });
    app.get('/page/:kind/:id', ({ params }, reply) => {
      const { kind, id } = params as { kind: string; id: string };
      return reply.html(html`${serverComponent({ route: `/ws/${kind}/${id}` })}`);
    });
  };

  test.each(['shared', 'own'])('are in the first view of a %s actor, and nothing is sent again', async (kind) => {
    const source = new Source();
    await using server = await startServer(declare(source));
    const page = server.app.inject(`/page/${kind}/1`);
    await source.answer();
    const [island] = islandsOf((await page).body);
    expect(island?.html).toContain('loaded 1');

    const client = await server.connect();
    const joined = client.join(`/ws/${kind}/1`, { have: island?.have });
    if (kind === 'own') await source.answer();
    expect(await joined).toMatchObject({ kind: 'live' });
    expect(source.asked).toEqual(kind === 'own' ? ['1', '1'] : ['1']);
  });

  test('are loaded once for all who join a shared actor at the same time', async () => {
    const source = new Source();
    await using server = await startServer(declare(source));
    const clients = await Promise.all([server.connect(), server.connect(), server.connect()]);
    const joins = clients.map((client) => client.join('/ws/shared/1'));
    await source.answer();
    for (const frame of await Promise.all(joins))
      expect(frame).toMatchObject({ kind: 'mount', content: [0, 'loaded 1'] });
    expect(source.asked).toEqual(['1']);
  });

  test.each(['shared', 'own'])('that are nothing mean that there is no such %s island', async (kind) => {
    const source = new Source();
    await using server = await startServer(declare(source));
    const client = await server.connect();
    for (let time = 1; time <= 2; time++) {
      const joined = client.join(`/ws/${kind}/none`);
      await source.answer();
      expect(await joined).toMatchObject({ kind: 'error', code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE' });
      expect(source.asked).toHaveLength(time);
    }
    expect(server.app.islet.size.actors).toBe(0);
    expect(server.errors).toEqual([]);
  });

  test.each(['shared', 'own'])('that cannot be loaded fail the %s island alone, and are tried again', async (kind) => {
    const source = new Source();
    await using server = await startServer(declare(source));
    const client = await server.connect();
    const failing = client.join(`/ws/${kind}/broken`);
    await source.answer();
    expect(await failing).toMatchObject({ kind: 'error', code: 'ISLET_ERR_ACTOR_FAILED' });
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['the disk is gone']);

    const joined = client.join(`/ws/${kind}/1`, { channel: 2 });
    await source.answer();
    expect(await joined).toMatchObject({ kind: 'mount' });
    const again = client.join(`/ws/${kind}/broken`);
    await source.answer();
    expect(await again).toMatchObject({ kind: 'error' });
    expect(source.asked).toEqual(['broken', '1', 'broken']);
  });

  test.each(['shared', 'own'])('that cannot be loaded leave the rest of a page with a %s island', async (kind) => {
    const source = new Source();
    await using server = await startServer(declare(source));
    const page = server.app.inject(`/page/${kind}/broken`);
    await source.answer();
    const { statusCode, body } = await page;
    expect([statusCode, body]).toEqual([200, expect.stringContaining('<p role="alert">')]);
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['the disk is gone']);
  });

  test('start no actor for an island that has left meanwhile', async () => {
    const source = new Source();
    await using server = await startServer(declare(source));
    const client = await server.connect();
    client.send({ kind: 'join', channel: 1, route: '/ws/own/1', attributes: {}, settled: 0, have: undefined });
    client.send({ kind: 'leave', channel: 1 });
    await client.handled();
    await source.answer();
    await client.handled();
    expect(server.app.islet.size.actors).toBe(0);
  });
});

describe('a query that runs when it is awaited', () => {
  test.each<[{ shared?: false } | { shared: true }]>([[{ shared: true }], [{}]])(
    'gives props, and runs once for each time they are asked for: %j',
    async (kind) => {
      await using server = await startServer((app) => {
        app.islet.route('/ws/x', greeting, { ...kind, props: () => new Query(() => ({ text: 'of a query' })) });
        app.islet.route('/ws/none', greeting, { ...kind, props: () => new Query(() => undefined) });
        app.islet.route('/ws/broken', greeting, {
          ...kind,
          props: () =>
            new Query<Greeting>(() => {
              throw new Error('the disk is gone');
            }),
        });
        app.get('/', (_, reply) => reply.html(html`<p>before</p>${serverComponent({ route: '/ws/x' })}<p>after</p>`));
      });
      const runs = await runsOf(async () => {
        const { body } = await server.app.inject('/');
        expect(islandsOf(body)[0]?.html).toBe('<p>of a query</p>');
        expect(body).toMatch(/^<p>before<.p>.*<p>after<.p>$/s);
      });
      expect(runs).toBe(1);
      const client = await server.connect();
      const join = (route: string, channel: number) => () => client.join(route, { channel });
      expect(await runsOf(join('/ws/x', 1))).toBe(kind.shared ? 0 : 1);
      expect(await client.join('/ws/x', { channel: 2 })).toMatchObject({ kind: 'mount', content: [0, 'of a query'] });
      expect(await client.join('/ws/none', { channel: 3 })).toMatchObject({ code: 'ISLET_ERR_JOIN_UNKNOWN_ROUTE' });
      expect(await runsOf(join('/ws/broken', 4))).toBe(1);
      expect(server.errors.map(({ err }) => err?.message)).toEqual(['the disk is gone']);
    },
  );

  test('says whether somebody may join, and who that is', async () => {
    await using server = await startServer(
      (app) => app.islet.route('/ws/:id', greeting, { props: () => ({ text: '' }) }),
      {
        authenticate: ({ headers }) => new Query(() => headers.cookie ?? null),
        authorize: ({ user }, _, { id }) =>
          new Query(() => {
            if (id === 'broken') throw new Error('the disk is gone');
            return user === id;
          }),
      },
    );
    const opened = await runsOf(() => server.open('/islet', { headers: { cookie: 'ann' } }).opened());
    expect(opened).toBe(1);
    const client = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
    await client.hello();
    expect(await runsOf(() => client.join('/ws/ann', { channel: 1 }))).toBe(1);
    expect(await client.join('/ws/ann', { channel: 2 })).toMatchObject({ kind: 'mount' });
    for (const [index, id] of ['ben', 'broken'].entries()) {
      const answer = await client.join(`/ws/${id}`, { channel: 3 + index });
      expect(answer).toMatchObject({ kind: 'error', code: 'ISLET_ERR_JOIN_FORBIDDEN' });
    }
    expect(server.errors.map(({ err }) => err?.message)).toEqual(['the disk is gone']);
  });
});

describe('the user', () => {
  const declare = (app: FastifyInstance): void => {
    const props = ({ user }: { user: unknown }) => ({ text: `of ${String(user)}` });
    app.islet.route('/ws/own', greeting, { props });
    app.islet.route('/ws/shared', greeting, { shared: true, props });
    app.get('/page', (request, reply) =>
      reply.html(
        html`${serverComponent({ route: '/ws/own' })}${serverComponent({ route: '/ws/shared' })}`,
        request.headers.cookie === undefined ? undefined : { user: authenticate(request) },
      ),
    );
  };

  test("is known to islands of one's own, in the page and when they join", async () => {
    await using server = await startServer(declare, { authenticate });
    for (const name of ['ann', 'ben']) {
      const headers = { cookie: name };
      const { body } = await server.app.inject({ url: '/page', headers });
      const [own] = islandsOf(body);
      expect(own?.html).toContain(`of ${name}`);
      const client = await server.open('/islet', { headers }).opened();
      await client.hello();
      expect(await client.join('/ws/own', { have: own?.have })).toMatchObject({ kind: 'live' });
      expect(await client.join('/ws/own', { channel: 2 })).toMatchObject({ content: [0, `of ${name}`] });
    }
  });

  test('is nobody for a page that names none, and for a shared actor whoever comes', async () => {
    await using server = await startServer(declare, { authenticate });
    const { body } = await server.app.inject('/page');
    expect(islandsOf(body).map((island) => island.html.includes('of null'))).toEqual([true, true]);
    const client = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
    await client.hello();
    expect(await client.join('/ws/shared')).toMatchObject({ content: [0, 'of null'] });
  });

  test('alone takes up a session: whoever else has its id gets another, with islands of their own', async () => {
    await using server = await startServer(declare, { authenticate });
    const ann = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
    const session = await ann.hello();
    await ann.join('/ws/own');
    for (const cookie of ['ben', undefined]) {
      const other = await server.open('/islet', cookie === undefined ? {} : { headers: { cookie } }).opened();
      expect(await other.hello(session)).not.toBe(session);
      expect(await other.join('/ws/own')).toMatchObject({ content: [0, `of ${cookie ?? null}`] });
    }
    expect(await ann.join('/ws/own', { channel: 2 })).toMatchObject({ content: [0, 'of ann'] });
    await ann.vanish();
    const back = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
    expect(await back.hello(session)).toBe(session);
  });

  test('can be disconnected: connections end, islands cannot be taken up, others go on', async () => {
    await using server = await startServer(declare, { authenticate });
    const visit = async (name: string) => {
      const client = await server.open('/islet', { headers: { cookie: name } }).opened();
      const session = await client.hello();
      await client.join('/ws/own');
      return { client, session };
    };
    const [ann, away, ben] = [await visit('ann'), await visit('ann'), await visit('ben')];
    await away.client.vanish();
    await expect.poll(() => server.app.islet.size.connections).toBe(2);

    server.app.islet.disconnect((user) => user === 'ann');
    expect(await ann.client.next('error', 0)).toMatchObject({ code: 'ISLET_ERR_DISCONNECTED' });
    expect(await ann.client.closed).toEqual({ code: 4401, reason: 'ISLET_ERR_DISCONNECTED' });
    expect(server.app.islet.size.actors).toBe(1);
    for (const { session } of [ann, away]) {
      const back = await server.open('/islet', { headers: { cookie: 'ann' } }).opened();
      // a page may keep its name: nothing is there under it
      await back.hello(session);
      expect(server.app.islet.size.actors).toBe(1);
      await back.close();
    }
    expect(await ben.client.join('/ws/own', { channel: 2 })).toMatchObject({ kind: 'mount' });
  });
});
