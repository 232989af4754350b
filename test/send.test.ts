// What the app itself sends to a shared actor: it is part of a turn like what people do, resolves when that has been
// shown and stored, and is done once, however often it is sent with the same key.

import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { type IsletOptions, memoryStore, type Store, serverComponent } from '../server/index.ts';
import { type AnyMessage, component, effect, html } from '../shared/index.ts';
import { ManualClock, settled } from './support/clock.ts';
import { startServer } from './support/server.ts';

type Message =
  | { readonly type: 'Added'; readonly text: string }
  | { readonly type: 'Threw' | 'ViewBroke' | 'Failed' | 'Nothing' };

/** How often each message was handled. */
const handled: string[] = [];
/** How long a view takes. */
let viewMs = 0;
/** Whether a list cannot begin. */
let isBroken = false;

const list = component<readonly string[], Message, { readonly room?: string }>({
  init({ room }) {
    if (isBroken) throw new Error('it cannot begin');
    return [room === undefined ? [] : [`in ${room}`], effect.none];
  },
  update(texts, message) {
    handled.push(message.type);
    switch (message.type) {
      case 'Added':
        return [[...texts, message.text], effect.none];
      case 'Threw':
        throw new Error('not so');
      case 'ViewBroke':
        return [[...texts, 'broken'], effect.none];
      case 'Failed':
        return [texts, effect.from((_, { fail }) => fail(new Error('given up')))];
      case 'Nothing':
        return [texts, effect.none];
    }
  },
  view(texts) {
    for (const end = performance.now() + viewMs; performance.now() < end; );
    if (texts.includes('broken')) throw new Error('cannot be shown');
    return html`<p>${texts.join(', ')}</p>`;
  },
});

const [shared, own] = [{ shared: true }, {}] as const;

const open = async (options: IsletOptions = {}, isPersisted = false) => {
  const declare = (app: FastifyInstance): void => {
    app.islet.route('/ws/list', list, { shared: true, ...(isPersisted && { persist: true }) } as never);
    app.islet.route('/ws/room/:room', list, shared);
    app.islet.route('/ws/files/:kind(\\d+)/*', list, { shared: true, props: ({ params }) => ({ room: params.kind }) });
    app.islet.route('/ws/own', list, own);
    app.islet.route('/ws/none', list, { shared: true, props: () => undefined });
    app.get('/*', (request, reply) =>
      reply.html(html`<main>${serverComponent({ route: request.url.slice(1) })}</main>`),
    );
  };
  const server = await startServer(declare, { ...options });
  handled.length = 0;
  const shown = async (route: string) => /<p>(.*?)<\/p>/.exec((await server.app.inject(`/${route}`)).body)?.[1];
  const send = (message: AnyMessage, key?: string, route = '/ws/list', params: Record<string, string> = {}) =>
    server.app.islet.send(route, params, message, key === undefined ? {} : { key });
  return { server, shown, send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

const added = (text: string): Message => ({ type: 'Added', text });
/** The same store for one server after the other. */
const lasting = (store: Store): Store => ({ ...store, close: async () => {} });

describe('what is sent', () => {
  test('is shown when it resolves, to those who look as well, and starts an actor that does not run', async () => {
    await using place = await open();
    await place.send(added('one'));
    expect(await place.shown('/ws/list')).toBe('one');
    const client = await place.server.visit('/ws/list');
    await place.send(added('two'));
    const { operations } = await client.next('patch');
    expect(JSON.stringify(operations)).toContain('one, two');
    expect(handled).toEqual(['Added', 'Added']);
  });

  test('reaches the actor of the parameters, however they are written', async () => {
    await using place = await open();
    const room = 'a/b?c=%25 é';
    await place.send(added('one'), undefined, '/ws/room/:room', { room });
    await place.send(added('two'), undefined, '/ws/room/:room', { room });
    expect(await place.shown(`/ws/room/${encodeURIComponent(room)}`)).toBe(
      `in ${room}, one, two`.replace('&', '&amp;'),
    );
    await place.send(added('one'), undefined, '/ws/files/:kind(\\d+)/*', { kind: '7', 0: 'x' });
    expect(await place.shown('/ws/files/7/x')).toBe('in 7, one');
  });

  test('is stored when it resolves, where turns are committed, and not before', async () => {
    const memory = memoryStore();
    const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
    const store: Store = { ...memory, commit: (writes) => isFree.then(() => memory.commit(writes)) };
    await using place = await open({ store }, true);
    let isDone = false;
    const sent = place.send(added('one')).then(() => {
      isDone = true;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([isDone, handled]).toEqual([false, ['Added']]);
    free();
    await sent;
    expect(await memory.load('/ws/list')).toMatchObject({ seq: 1 });
  });

  test('in great number is done in its order, each once', async () => {
    await using place = await open({}, true);
    const texts = Array.from({ length: 600 }, (_, index) => String(index));
    await Promise.all(texts.map((text) => place.send(added(text), `key ${text}`)));
    expect(await place.shown('/ws/list')).toBe(texts.join(', '));
  });

  test('by two servers to one persisted actor is done by both, each once', async () => {
    const store = memoryStore();
    await using one = await open({ store: lasting(store) }, true);
    await using other = await open({ store: lasting(store) }, true);
    for (let round = 0; round < 5; round++) {
      await Promise.all([one.send(added(`a${round}`), `a${round}`), other.send(added(`b${round}`), `b${round}`)]);
    }
    const last = [one.send(added('x'), 'x'), one.send(added('x'), 'x'), other.send(added('x'), 'x')];
    await Promise.all(last);
    await one.send({ type: 'Nothing' });
    await using third = await open({ store: lasting(store) }, true);
    const texts = (await third.shown('/ws/list'))?.split(', ').toSorted();
    expect(texts).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0', 'b1', 'b2', 'b3', 'b4', 'x']);
  });
});

describe.each([
  ['persisted', true],
  ['only here', false],
])('a key (%s)', (_, isPersisted) => {
  test('is done once, at the same time and later', async () => {
    await using place = await open({}, isPersisted);
    await Promise.all([place.send(added('one'), 'a'), place.send(added('one'), 'a'), place.send(added('two'), 'b')]);
    await place.send(added('one'), 'a');
    expect(await place.shown('/ws/list')).toBe('one, two');
  });

  test('that was refused is refused again, and not tried', async () => {
    await using place = await open({}, isPersisted);
    await expect(place.send({ type: 'Threw' }, 'a')).rejects.toMatchObject({ code: 'ISLET_ERR_MESSAGE_REFUSED' });
    await expect(place.send({ type: 'Threw' }, 'a')).rejects.toMatchObject({ code: 'ISLET_ERR_MESSAGE_REFUSED' });
    expect(handled).toEqual(['Threw']);
  });

  test('of what could not be tried may be sent again', async () => {
    const clock = new ManualClock();
    await using place = await open({ clock, restart: { maxFailures: 1 } }, isPersisted);
    await place.send({ type: 'Failed' });
    await clock.advance(100);
    await place.send({ type: 'Failed' }).catch(() => {});
    await expect(place.send(added('one'), 'a')).rejects.toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
    await clock.advance(60_000);
    await place.send(added('one'), 'a');
    expect(await place.shown('/ws/list')).toBe('one');
  });
});

describe.each([
  ['persisted', true],
  ['only here', false],
])('what is sent with a key while the actor restarts (%s)', (_, isPersisted) => {
  const begin = async () => {
    const clock = new ManualClock();
    const place = await open({ clock, restart: { maxFailures: 3 } }, isPersisted);
    await place.send(added('first'));
    await place.send({ type: 'Failed' });
    const sent = [place.send(added('one'), 'a'), place.send(added('one'), 'a')];
    for (const each of sent) each.catch(() => {});
    await settled();
    return { clock, place, sent };
  };
  const wanted = 'first, one';

  test('is done once when it runs again', async () => {
    const { clock, place, sent } = await begin();
    await using _ = place;
    expect(handled).toEqual(['Added', 'Failed']);
    await clock.advance(1_000);
    await Promise.all(sent);
    await place.send(added('one'), 'a');
    expect(await place.shown('/ws/list')).toBe(wanted);
  });

  test('was not tried if it does not run again, and is done when it is sent again later', async () => {
    const { clock, place, sent } = await begin();
    await using _ = place;
    isBroken = true;
    // so long that it is given up, and not so long that it is tried again
    await clock.advance(5_000);
    isBroken = false;
    for (const each of sent) await expect(each).rejects.toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
    await clock.advance(60_000);
    await place.send(added('one'), 'a');
    expect(await place.shown('/ws/list')).toBe(wanted);
  });
});

test('a key of what there was no time to try, beside what cannot be shown, may be sent again', async () => {
  await using place = await open({}, true);
  await place.send(added('first'));
  // longer than what a turn has to find out which of its messages cannot be shown
  viewMs = 60;
  const codes = ['a', 'b', 'c'].map((key) =>
    place.send(added(key), key).then(
      () => 'done',
      ({ code }) => code,
    ),
  );
  const broken = place.send({ type: 'ViewBroke' }).catch(() => {});
  await broken;
  const outcomes = await Promise.all(codes);
  viewMs = 0;
  expect(outcomes).toContain('ISLET_ERR_NOT_TRIED');
  for (const key of ['a', 'b', 'c']) await place.send(added(key), key);
  expect((await place.shown('/ws/list'))?.split(', ').toSorted()).toEqual(['a', 'b', 'c', 'first']);
});

test('a key outlives the actor and the server, where turns are committed', async () => {
  const store = memoryStore();
  for (let life = 0; life < 3; life++) {
    await using place = await open({ store: lasting(store) }, true);
    await place.send(added('one'), 'a');
    expect(await place.shown('/ws/list')).toBe('one');
  }
});

test('a key whose commit was answered by nobody is done once', async () => {
  const memory = memoryStore();
  const store: Store = {
    ...lasting(memory),
    commit: (writes) => memory.commit(writes).then(() => new Promise(() => {})),
  };
  const clock = new ManualClock();
  const first = await open({ store, clock }, true);
  const sent = expect(first.send(added('one'), 'a')).rejects.toMatchObject({ code: 'ISLET_ERR_NO_ANSWER' });
  await clock.advance(10_000);
  await sent;
  await using place = await open({ store: lasting(memory) }, true);
  await place.send(added('one'), 'a');
  expect(await place.shown('/ws/list')).toBe('one');
  const closed = first.server.app.close();
  await clock.advance(60_000);
  await closed;
});

describe('it is refused', () => {
  test.each<[string, AnyMessage, string]>([
    ['update throws', { type: 'Threw' }, 'ISLET_ERR_MESSAGE_REFUSED'],
    ['the view after it throws', { type: 'ViewBroke' }, 'ISLET_ERR_MESSAGE_REFUSED'],
  ])('where %s, and others are not', async (_, message, code) => {
    await using place = await open();
    const others = [place.send(added('one')), place.send(added('two'))];
    await expect(place.send(message)).rejects.toMatchObject({ code });
    await Promise.all(others);
    expect(await place.shown('/ws/list')).toBe('one, two');
  });

  test.each<[string, string, Record<string, string>, AnyMessage, string | undefined, string]>([
    ['a route that is none', '/ws/no', {}, added(''), undefined, 'ISLET_ERR_JOIN_UNKNOWN_ROUTE'],
    ['a path in place of a route', '/ws/room/a', {}, added(''), undefined, 'ISLET_ERR_JOIN_UNKNOWN_ROUTE'],
    ['an island that there is not', '/ws/none', {}, added(''), undefined, 'ISLET_ERR_JOIN_UNKNOWN_ROUTE'],
    ['islands of their own', '/ws/own', {}, added(''), undefined, 'ISLET_ERR_SEND'],
    ['a missing parameter', '/ws/room/:room', {}, added(''), undefined, 'ISLET_ERR_SEND'],
    ['an empty parameter', '/ws/room/:room', { room: '' }, added(''), undefined, 'ISLET_ERR_SEND'],
    ['another parameter', '/ws/room/:room', { rom: 'a' }, added(''), undefined, 'ISLET_ERR_SEND'],
    ['one parameter more', '/ws/room/:room', { room: 'a', more: 'b' }, added(''), undefined, 'ISLET_ERR_SEND'],
    [
      'what the path does not take',
      '/ws/files/:kind(\\d+)/*',
      { kind: 'a', 0: 'b' },
      added(''),
      undefined,
      'ISLET_ERR_SEND',
    ],
    ['what is no message', '/ws/list', {}, 'Added' as unknown as AnyMessage, undefined, 'ISLET_ERR_SEND'],
    ['what is no JSON', '/ws/list', {}, { type: 'Added', text: 1n } as AnyMessage, undefined, 'ISLET_ERR_SEND'],
    ['an empty key', '/ws/list', {}, added(''), '', 'ISLET_ERR_SEND'],
    ['a long key', '/ws/list', {}, added(''), 'x'.repeat(201), 'ISLET_ERR_SEND'],
  ])('for %s', async (_, route, params, message, key, code) => {
    await using place = await open();
    await expect(place.send(message, key, route, params)).rejects.toMatchObject({ name: 'IsletError', code });
    expect(handled).toEqual([]);
  });

  test('once the server has stopped', async () => {
    await using place = await open();
    await place.server.app.close();
    await expect(place.send(added('one'))).rejects.toMatchObject({ code: 'ISLET_ERR_SERVER_STOPPING' });
  });

  test('while it waits for a store that never answers, when the server stops', async () => {
    const clock = new ManualClock();
    const store: Store = { ...memoryStore(), load: () => new Promise(() => {}) };
    const place = await open({ store, clock }, true);
    const sent = expect(place.send(added('one'))).rejects.toMatchObject({ code: 'ISLET_ERR_SERVER_STOPPING' });
    const closed = place.server.app.close();
    await sent;
    await clock.advance(60_000);
    await closed;
  });

  test('where too much waits for the store', async () => {
    const memory = memoryStore();
    const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
    const store: Store = { ...memory, commit: (writes) => isFree.then(() => memory.commit(writes)) };
    await using place = await open({ store }, true);
    const first = place.send(added('one'));
    await expect.poll(() => handled.length).toBe(1);
    const big = added('x'.repeat(400_000));
    const outcomes = [1, 2, 3].map(() =>
      place.send(big).then(
        () => 'done',
        ({ code }) => code,
      ),
    );
    await expect.poll(() => handled.length).toBe(3);
    free();
    await first;
    expect(await Promise.all(outcomes)).toEqual(['done', 'done', 'ISLET_ERR_STORE']);
  });
});
