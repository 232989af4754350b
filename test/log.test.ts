// What the log says, read as whoever operates the server reads it: one line for each request, and one for each socket
// when it has ended, and in none of them a secret or a person.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type AppOptions, createApp } from '../server/anime/app.ts';
import { openDatabase } from '../server/anime/data/database.ts';
import { inMemory } from '../server/anime/data/location.ts';
import { withoutValues } from '../server/anime/log.ts';
import { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';

interface Line {
  readonly msg: string;
  readonly [name: string]: unknown;
}

interface LoggedServer extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly Line[];
  /** Lines that say so. */
  said(msg: string): readonly Line[];
}

describe('one line', () => {
  test.each([
    ['a page', 'GET', '/anime?q=love&genre=Drama', 200, '/anime?q=*&genre=Drama'],
    ['an answer of the API', 'GET', '/api/anime/1', 200, '/api/anime/1'],
    ['a file', 'HEAD', '/assets/app.css', 200, '/assets/app.css'],
    ['what is not there', 'GET', '/nothing', 404, '/nothing'],
    ['a refusal', 'DELETE', '/api/anime', 405, '/api/anime'],
    ['an address that nobody can read', 'GET', '/%zz', 400, '/%zz'],
  ])('for %s', async (_, method, path, status, url) => {
    await using server = await startLogged();
    expect((await fetch(server.url + path, { method })).status).toBe(status);
    await expect.poll(() => server.said('request')).toHaveLength(1);
    const line = { level: 30, time: expect.any(Number), reqId: expect.any(String), ms: expect.any(Number) };
    expect(server.said('request')).toEqual([{ ...line, method, url, status, msg: 'request' }]);
    expect(server.lines.filter(({ msg }) => !msg.startsWith('Server listening'))).toHaveLength(1);
  });

  test('for a request whose client did not wait for the answer', async () => {
    await using server = await startLogged();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('PUT /api/anime/1/rating HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n');
    socket.write('content-length: 100\r\n\r\n{');
    await once(socket, 'connect');
    // the server has heard of the first when it has answered the second
    await fetch(`${server.url}/healthz`);
    socket.destroy();
    await expect.poll(() => server.said('request')).toEqual([expect.objectContaining({ method: 'PUT', status: 499 })]);
  });

  test('for a socket that opens, that ends, and that is refused, however many islands it joins', async () => {
    await using server = await startLogged();
    const page = await new TestClient(`${server.url.replace('http', 'ws')}/islet`).opened();
    await page.hello();
    await page.join('/ws/counter', { channel: 1 });
    await page.join('/ws/counter', { channel: 2 });
    const direct = await new TestClient(`${server.url.replace('http', 'ws')}/ws/counter`).opened();
    await direct.next('mount');
    const stranger = new TestClient(`${server.url.replace('http', 'ws')}/islet`, { origin: 'https://evil.example' });
    await expect(stranger.opened()).rejects.toThrow('403');
    await expect.poll(() => server.said('request')).toHaveLength(3);
    expect(server.said('request').map(({ url, status }) => [url, status])).toEqual([
      ['/islet', 101],
      ['/ws/counter', 101],
      ['/islet', 403],
    ]);
    await page.close();
    await direct.close();
    await expect.poll(() => server.said('connection closed')).toHaveLength(2);
    const [first, second] = server.said('connection closed');
    expect(first).toMatchObject({ routes: ['/ws/counter'], joins: 2, frames: 3, events: 0, refused: 0, code: 1005 });
    expect(second).toMatchObject({ routes: ['/ws/counter'], joins: 1, frames: 0 });
    expect(first?.client).not.toBe(second?.client);
  });

  test('for a connection, which names its routes as they were declared, and not as a client did', async () => {
    await using server = await startLogged();
    const page = await new TestClient(`${server.url.replace('http', 'ws')}/islet`).opened();
    await page.hello();
    await page.join('/ws/of/my-diary');
    await page.close();
    await expect.poll(() => server.said('connection closed')).toMatchObject([{ routes: ['/ws/of/:name'] }]);
    expect(JSON.stringify(server.lines)).not.toContain('my-diary');
  });
});

test('a request that fails has a second line, with the cause, that can be told to belong to it', async () => {
  const database = await openDatabase(inMemory);
  await using server = await startLogged({ database });
  await database.close();
  expect((await fetch(`${server.url}/api/anime`)).status).toBe(500);
  await expect.poll(() => server.said('request')).toHaveLength(1);
  const [failure, ...others] = server.lines.filter(({ level }) => level === 50);
  expect(others).toEqual([]);
  expect(failure?.err).toMatchObject({ stack: expect.stringContaining('at ') });
  expect(failure?.reqId).toBe(server.said('request')[0]?.reqId);
});

test('who only asks whether the server is well is heard at a lower level', async () => {
  await using quiet = await startLogged();
  await fetch(`${quiet.url}/healthz`);
  await fetch(`${quiet.url}/anime`);
  await expect.poll(() => quiet.said('request')).toMatchObject([{ url: '/anime' }]);

  await using chatty = await startLogged({ level: 'debug' });
  await fetch(`${chatty.url}/healthz`);
  await expect.poll(() => chatty.said('request')).toMatchObject([{ url: '/healthz', level: 20 }]);
});

test('nothing that could take over somebody’s place, and nobody’s address, is in any line', async () => {
  await using server = await startLogged({ level: 'trace' });
  const [cookie, login, query, typed] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const headers = { cookie: `visitor=${cookie}`, authorization: `Bearer ${login}` };
  const vote = await fetch(`${server.url}/api/anime/1/rating?token=${query}`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ score: 7 }),
  });
  const [given = ''] = vote.headers.getSetCookie();
  const value = given.split(/[=;]/)[1] ?? '';
  expect(value.length).toBeGreaterThan(20);
  await fetch(`${server.url}/anime?q=${query}&${query}`, { headers });
  await fetch(`${server.url}/%zz?token=${query}`, { headers });
  const lost = new TestClient(`${server.url.replace('http', 'ws')}/anime?token=${query}`, { headers });
  await lost.closed;
  const page = await new TestClient(`${server.url.replace('http', 'ws')}/islet?token=${query}`, { headers }).opened();
  const session = await page.hello();
  await page.join('/ws/counter', { attributes: { start: typed } });
  page.click(9, { data: { value: typed } });
  page.send('nonsense');
  await page.closed;
  await expect.poll(() => server.said('request')).toHaveLength(5);
  await expect.poll(() => server.said('connection closed')).toHaveLength(1);
  const log = JSON.stringify(server.lines.filter(({ msg }) => !msg.startsWith('Server listening')));
  for (const secret of [cookie, login, query, typed, session, value, decodeURIComponent(value), '127.0.0.1']) {
    expect(log).not.toContain(secret);
  }
});

test.each([
  ['/anime', '/anime'],
  ['/anime?', '/anime?*'],
  ['/anime?q=a&genre=b&year=1999&sort=title&limit=3', '/anime?q=*&genre=b&year=1999&sort=title&limit=3'],
  ['/anime?token', '/anime?*'],
  ['/anime?q=a=b?c=d&genre', '/anime?q=*&genre'],
  [`/${'a'.repeat(300)}`, `/${'a'.repeat(199)}…`],
])('of %s the log shows %s', (url, shown) => {
  expect(withoutValues(url)).toBe(shown);
});

async function startLogged({
  level = 'info',
  ...options
}: AppOptions & { level?: string } = {}): Promise<LoggedServer> {
  const lines: Line[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const app = await createApp({ logger: { level, stream }, ...options });
  app.islet.route('/ws/counter', counter);
  app.islet.route('/ws/of/:name', counter, { shared: true });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    lines,
    said: (text) => lines.filter(({ msg }) => msg === text),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
