// What the app reads of a shared actor (`app.islet.read`), and why a message that it sends was refused on purpose: as it
// was delivered last, in whichever process the actor runs.

import Fastify from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { createMemoryHub } from '../server/cluster/memory.ts';
import { type IsletOptions, memoryStore, registerIslet, type Store } from '../server/index.ts';
import { component, effect, html, Refused } from '../shared/index.ts';
import { settled } from './support/clock.ts';
import { startServer, type TestServer } from './support/server.ts';

interface Model {
  readonly room: string;
  readonly texts: readonly string[];
}

type Message = { readonly type: 'Added'; readonly text: string } | { readonly type: 'Told' };

/** Its view shows less than there is to read. */
const list = component<Model, Message, { readonly room: string }>({
  init: ({ room }) => [{ room, texts: [] }, effect.none],
  update(model, message) {
    if (message.type === 'Told' || message.text === '') throw new Refused('Say what is missing.');
    return [{ ...model, texts: [...model.texts, message.text] }, effect.none];
  },
  view: ({ room }) => html`<p>${room}</p>`,
});

let servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.toReversed()) await server[Symbol.asyncDispose]();
  servers = [];
});

async function start(options: IsletOptions = {}, persist = true): Promise<TestServer> {
  const server = await startServer((app) => {
    app.islet.route('/ws/list/:room', list, { shared: true, ...(persist && { persist: true }) } as never);
    app.islet.route('/ws/own/:room', list);
  }, options);
  servers.push(server);
  return server;
}

const add = ({ app }: TestServer, text: string, key?: string) =>
  app.islet.send('/ws/list/:room', { room: 'a' }, { type: 'Added', text }, key === undefined ? {} : { key });
const read = ({ app }: TestServer, room = 'a') => app.islet.read('/ws/list/:room', { room });
/** The same store for one server after the other. */
const lasting = (store: Store): Store => ({ ...store, close: async () => {} });

describe.each([[true], [false]])('a shared actor (persist: %o)', (persist) => {
  test('is read with all that was sent, whatever its view shows, and begins where nobody runs it', async () => {
    const server = await start({}, persist);
    expect(await read(server)).toEqual({ room: 'a', texts: [] });
    await add(server, 'Milk');
    await Promise.all([add(server, 'Bread'), add(server, 'Eggs')]);
    expect(await read(server)).toEqual({ room: 'a', texts: ['Milk', 'Bread', 'Eggs'] });
    expect(await read(server, 'b')).toEqual({ room: 'b', texts: [] });
    expect(server.errors).toEqual([]);
  });

  test('is read at another server as at its own', async () => {
    const hub = createMemoryHub();
    const store = memoryStore();
    const [one, two] = [
      await start({ bus: hub.connect(), store }, persist),
      await start({ bus: hub.connect(), store }, persist),
    ];
    for (const text of ['Milk', 'Bread', 'Eggs']) {
      await add(text === 'Bread' ? two : one, text);
      const both = await Promise.all([read(one), read(two)]);
      expect(both[0]).toEqual(both[1]);
      expect(both[0]).toMatchObject({ texts: expect.arrayContaining([text]) });
    }
    expect(one.app.islet.size.actors + two.app.islet.size.actors).toBe(1);
  });

  test('says why it refused what was sent, at each server, and again for the same key', async () => {
    const hub = createMemoryHub();
    const store = memoryStore();
    const one = await start({ bus: hub.connect(), store }, persist);
    const two = await start({ bus: hub.connect(), store }, persist);
    for (const server of [one, two, one]) {
      const refused = await add(server, '', 'once').catch((error: unknown) => error);
      expect([refused, (refused as Error).message]).toEqual([expect.any(Refused), 'Say what is missing.']);
    }
  });
});

test('a restart knows why a key was refused', async () => {
  const store = lasting(memoryStore());
  const first = await start({ store });
  await add(first, 'Milk');
  await expect(add(first, '', 'once')).rejects.toThrow('Say what is missing.');
  // a refusal is stored with the next turn
  await add(first, 'Bread');
  await first[Symbol.asyncDispose]();
  servers = [];
  const next = await start({ store });
  expect(await read(next)).toEqual({ room: 'a', texts: ['Milk', 'Bread'] });
  await expect(add(next, '', 'once')).rejects.toThrow('Say what is missing.');
});

test('what is not committed yet is not read', async () => {
  const store = memoryStore();
  let free = (): void => {};
  let isHeld = false;
  const slow: Store = {
    ...store,
    async commit(writes) {
      if (isHeld) await new Promise<void>((resolve) => (free = resolve));
      return store.commit(writes);
    },
  };
  const server = await start({ store: slow });
  await add(server, 'Milk');
  isHeld = true;
  const adding = add(server, 'Bread');
  await settled();
  let seen: unknown;
  const reading = read(server).then((model) => (seen = model));
  await settled();
  expect(seen).toBeUndefined();
  isHeld = false;
  free();
  await adding;
  await reading;
  expect(seen).toEqual({ room: 'a', texts: ['Milk', 'Bread'] });
});

test('of a machine the context is read', async () => {
  const machine = setup({ types: {} as { context: { count: number }; events: { type: 'up' } } }).createMachine({
    context: { count: 0 },
    on: { up: { actions: ({ context }) => void context } },
  });
  const server = await startServer((app) =>
    app.islet.route('/ws/machine', component({ machine, view: () => html`<p></p>` }), { shared: true }),
  );
  servers.push(server);
  expect(await server.app.islet.read('/ws/machine', {})).toEqual({ count: 0 });
});

test('the type of a model goes with its route', async () => {
  await using app = await registerIslet(Fastify(), {});
  const lists = app.islet.route('/ws/list/:room', list, { shared: true });
  const { texts } = await app.islet.read(lists, { room: 'a' });
  const typed: readonly string[] = texts;
  // @ts-expect-error the path has a parameter
  await expect(app.islet.read(lists, {})).rejects.toThrow('ISLET_ERR_SEND');
  expect(typed).toEqual([]);
});

describe('refused', () => {
  test.each([
    ['/ws/none', {}, 'ISLET_ERR_JOIN_UNKNOWN_ROUTE'],
    ['/ws/own/:room', { room: 'a' }, 'ISLET_ERR_SEND'],
    ['/ws/list/:room', {}, 'ISLET_ERR_SEND'],
  ])('a read of %s with %j', async (route, params, code) => {
    const server = await start();
    await expect(server.app.islet.read(route, params as never)).rejects.toMatchObject({ code });
  });

  test('one that waits for an answer too long, or for longer than the server runs', async () => {
    const never = () => new Promise<{ room: string }>(() => {});
    const declare = { shared: true, props: never } as const;
    for (const [answerMs, code] of [
      [50, 'ISLET_ERR_NO_ANSWER'],
      [60_000, 'ISLET_ERR_SERVER_STOPPING'],
    ] as const) {
      const server = await startServer((app) => app.islet.route('/ws/late/:room', list, declare), { answerMs });
      const refused = expect(server.app.islet.read('/ws/late/:room', { room: 'a' })).rejects.toMatchObject({ code });
      if (answerMs > 50) await server[Symbol.asyncDispose]();
      await refused;
      if (answerMs === 50) await server[Symbol.asyncDispose]();
    }
  });

  test('one of what cannot begin', async () => {
    const broken = component<number, never>({
      init: () => [0, effect.none],
      update: (model) => [model, effect.none],
      view: () => {
        throw new Error('never');
      },
    });
    const server = await startServer((app) => app.islet.route('/ws/broken', broken, { shared: true }));
    servers.push(server);
    await expect(server.app.islet.read('/ws/broken', {})).rejects.toMatchObject({ code: 'ISLET_ERR_ACTOR_FAILED' });
  });
});
