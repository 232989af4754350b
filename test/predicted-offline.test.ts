// Routes whose pages keep what is done offline, as the server sees them: whose page it is, whose numbers, and for how
// long they are known.

import { expect, test } from 'vitest';
import { memoryStore, serverComponent } from '../server/index.ts';
import { html } from '../shared/index.ts';
import { predictedList } from './support/predicted-list.ts';
import { startServer, type TestServer } from './support/server.ts';

const route = { shared: true, keeps: ['secret'], props: () => ({ word: 'sesame', rows: 3 }) } as const;

const serve = (
  predict: { readonly offline?: boolean } = { offline: true },
  store = memoryStore(),
): Promise<TestServer> =>
  startServer(
    (app) => {
      app.islet.route('/ws/list', predictedList, { ...route, persist: true, predict });
      app.get('/', (_, reply) =>
        reply.html(html`<!doctype html><title>x</title>${serverComponent({ route: '/ws/list' })}`),
      );
    },
    {
      store,
      authenticate: ({ headers }) => ({ name: headers['x-user'] ?? 'nobody' }),
      userKey: (user) => (user as { name: string } | null)?.name ?? null,
    },
  );

const as = (user: string) => ({ headers: { 'x-user': user } });

async function personInPage(server: TestServer, user: string): Promise<string | undefined> {
  const { body } = await server.app.inject({ url: '/', ...as(user) });
  return /<script data-person="([^"]*)" type="application\/json"/.exec(body)?.[1];
}

async function personInSocket(server: TestServer, user: string): Promise<string | undefined> {
  const client = await server.open('/islet', as(user)).opened();
  await client.hello();
  client.send('[1,"join","/ws/list",{},0,["",0,"any"]]');
  await expect.poll(() => client.texts.join()).toContain('["you",');
  return /\["you","[^"]*",null,\d+,"([^"]*)"\]/.exec(client.texts.join())?.[1];
}

test('a page and its connection say alike whose they are, for another user another, and a restart changes nothing', async () => {
  await using server = await serve();
  await using other = await serve();
  const anna = await personInPage(server, 'anna');
  expect(anna).toMatch(/^[\w-]{16}$/);
  expect(await personInSocket(server, 'anna')).toBe(anna);
  expect(await personInPage(other, 'anna')).toBe(anna);
  const ben = await personInPage(server, 'ben');
  expect(ben).not.toBe(anna);
  expect(await personInSocket(server, 'ben')).toBe(ben);
});

test('where nothing is kept offline nothing says whose page it is', async () => {
  await using server = await serve({});
  expect(await personInPage(server, 'anna')).toBeUndefined();
  expect(await personInSocket(server, 'anna')).toBeUndefined();
});

/** Opens a page of the list that has a session, and gives how many of its events have an outcome. */
async function come(server: TestServer, session: string | null, user = 'anna', attempt = 1) {
  const client = await server.open('/islet', as(user)).opened();
  const given = await client.hello(session, attempt);
  const island = await client.join('/ws/list');
  const event = 'event' in island ? island.event : undefined;
  return { client, session: given, event };
}

/** Toggles the first row, and leaves. */
async function toggleAndLeave(server: TestServer, remembers: boolean): Promise<string> {
  const { client, session } = await come(server, null);
  client.click(1, { number: 1, instance: 2 });
  await expect.poll(() => client.texts.at(-1)).toMatch(/,1\]$/);
  client.send({ kind: 'leave', channel: 1, ...(remembers && { remembers }) });
  client.socket.close();
  await client.closed;
  return session;
}

test('who leaves and may still come back for an outcome finds it; after a plain leave numbers begin anew', async () => {
  await using server = await serve();
  expect((await come(server, await toggleAndLeave(server, true), 'anna', 9)).event).toBe(1);
  await using another = await serve();
  expect((await come(another, await toggleAndLeave(another, false), 'anna', 9)).event).toBe(0);
});

test("who says another person's session finds nothing of theirs, and takes nothing from them", async () => {
  await using server = await serve();
  const session = await toggleAndLeave(server, true);
  const thief = await come(server, session, 'ben', 9);
  expect(thief.session).not.toBe(session);
  expect(thief.event).toBe(0);
  expect((await come(server, session, 'anna', 10)).event).toBe(1);
});

test('a route says at once what it cannot do offline', async () => {
  const declare = (options: object) =>
    startServer((app) => app.islet.route('/ws/list', predictedList, { ...route, ...options } as never)).then((server) =>
      server[Symbol.asyncDispose](),
    );
  await expect(declare({ predict: { offline: true } })).rejects.toThrow(/offline: true } needs persist/);
  await expect(declare({ predict: { offline: 'yes' }, persist: true })).rejects.toThrow(/true or \{ code, offline \}/);
  await expect(declare({ predict: { offlin: true }, persist: true })).rejects.toThrow(/true or \{ code, offline \}/);
  await expect(declare({ predict: { code: '' } })).rejects.toThrow(/true or \{ code, offline \}/);
});
