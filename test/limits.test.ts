// What one client can make a server keep: texts have lengths, and all of it together has a budget in bytes, of which
// its own oldest goes first.

import { describe, expect, test } from 'vitest';
import { serverComponent } from '../server/index.ts';
import { html } from '../shared/index.ts';
import { counter } from './support/counter.ts';
import { startServer } from './support/server.ts';

describe('lengths', () => {
  const limits = {
    maxRouteLength: 40,
    maxParamLength: 10,
    maxAttributes: 3,
    maxAttributeNameLength: 8,
    maxAttributeLength: 5,
  };
  const start = () =>
    startServer(
      (app) => {
        app.islet.route('/ws/own', counter);
        app.islet.route('/ws/room/:id', counter, { shared: true });
        app.islet.route('/ws/rest/*', counter);
        app.get('/page/:id', ({ params }, reply) =>
          reply.html(html`${serverComponent({ route: `/ws/room/${(params as { id: string }).id}` })}`),
        );
      },
      { limits },
    );

  test.each<[string, string, Record<string, string>, string | undefined]>([
    ['a path that is just short enough', `/ws/rest/${'x/'.repeat(5)}`, {}, undefined],
    ['a path that is too long', `/ws/own${'/'.repeat(40)}`, {}, 'ISLET_ERR_LIMIT_ROUTE'],
    ['a parameter of just so many characters', '/ws/room/%F0%9F%A6%8A12345678', {}, undefined],
    ['a parameter of one more', '/ws/room/12345678901', {}, 'ISLET_ERR_LIMIT_ROUTE'],
    ['a rest of one more', '/ws/rest/12345/78901', {}, 'ISLET_ERR_LIMIT_ROUTE'],
    ['just so many attributes', '/ws/own', { a: '', b: '', start: '12345' }, undefined],
    ['one more, though only one counts', '/ws/own', { a: '', b: '', c: '', start: '1' }, 'ISLET_ERR_LIMIT_ATTRIBUTES'],
    ['a text that is too long', '/ws/own', { start: '123456' }, 'ISLET_ERR_LIMIT_ATTRIBUTES'],
    ['a name that is too long, though it counts nowhere', '/ws/own', { abcdefghi: '' }, 'ISLET_ERR_LIMIT_ATTRIBUTES'],
  ])('of a join: %s', async (_, route, attributes, code) => {
    await using server = await start();
    const page = await server.connect();
    const answer = await page.join(route, { attributes });
    if (code === undefined) expect(answer).toMatchObject({ kind: 'mount' });
    else expect(answer).toMatchObject({ kind: 'error', channel: 1, code });
    expect(server.app.islet.size.actors).toBe(code === undefined ? 1 : 0);
    // it costs that join and nothing else
    expect(await page.join('/ws/own', { channel: 2 })).toMatchObject({ kind: 'mount' });
  });

  test('of a change: the attribute stays as it was', async () => {
    await using server = await start();
    const page = await server.visit('/ws/own');
    for (const [name, text] of [
      ['start', '123456'],
      ['starting-', '1'],
    ] as const) {
      page.send({ kind: 'attribute', channel: 1, name, text });
      expect(await page.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_LIMIT_ATTRIBUTES' });
    }
    page.send({ kind: 'attribute', channel: 1, name: 'start', text: '12345' });
    await page.until(() => page.slots()[1] === 12345);
  });

  test('of a socket that is opened straight to a component', async () => {
    await using server = await start();
    const page = await server.open('/ws/room/12345678901').opened();
    expect(await page.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_LIMIT_ROUTE' });
    const other = await server.open('/ws/own?start=123456').opened();
    expect(await other.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_LIMIT_ATTRIBUTES' });
    expect(server.app.islet.size.actors).toBe(0);
  });

  test('of what a page shows: visitors make up its paths, too', async () => {
    await using server = await start();
    expect((await server.app.inject('/page/1234567890')).statusCode).toBe(200);
    const { statusCode, body } = await server.app.inject('/page/12345678901');
    expect([statusCode, JSON.parse(body).code]).toEqual([500, 'ISLET_ERR_LIMIT_ROUTE']);
    expect(server.app.islet.size.actors).toBe(1);
  });
});

test('who asks for parts a thousand times at once gets as many as joins, is sent away, and costs others nothing', async () => {
  const limits = { maxIslands: 20 };
  await using server = await startServer((app) => app.islet.route('/ws/shared', counter, { shared: true }), { limits });
  const [other, asker] = [await server.visit('/ws/shared'), await server.visit('/ws/shared')];
  const before = other.frames.length;
  for (let count = 0; count < 1_000; count++) {
    asker.send({ kind: 'need', channel: 1, version: 1, instance: count % 2 });
  }
  expect((await asker.closed).reason).toBe('ISLET_ERR_LIMIT_EVENTS');
  const parts = asker.frames.filter(({ kind }) => kind === 'part' || kind === 'mount');
  // at once twice as many as islands, of which one has joined; and what is earned meanwhile
  expect(parts.length).toBeGreaterThan(10);
  expect(parts.length).toBeLessThan(100);
  expect(other.frames).toHaveLength(before);
});
