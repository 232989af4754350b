/*
 * Stopping: a server ends although clients do not, tells those who listen to come back, and answers what is under way.
 */

import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createApp } from '../server/anime/app.ts';
import { islet } from '../server/index.ts';
import { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { type Program, startProgram } from './support/program.ts';

test('a server stops although a connection never sent anything and a client does not answer', async () => {
  const app = await createApp();
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const silent = connect(port, '127.0.0.1');
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws/rate`);
  await Promise.all([once(silent, 'connect'), once(client, 'message')]);
  client.pause();
  const closed = once(silent, 'close');
  await app.close();
  await closed;
  await expect.poll(() => app.islet.size.connections).toBe(0);
});

test('a client is told that the server is stopping and may come back', async () => {
  const app = await createApp();
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws/rate`);
  await once(client, 'message');
  const said = once(client, 'message');
  const closed = once(client, 'close');
  await app.close();
  expect(JSON.parse(String((await said)[0])).slice(0, 3)).toEqual([0, 'error', 'ISLET_ERR_SERVER_STOPPING']);
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1012, 'ISLET_ERR_SERVER_STOPPING']);
});

test('a request under way is answered, however long ago clients were sent away; nobody new is let in', async () => {
  const app = Fastify();
  await app.register(islet);
  app.islet.route('/ws/counter', counter);
  const answer = Promise.withResolvers<string>();
  app.get('/slow', () => answer.promise);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const arrived = once(app.server, 'request');
  const asked = fetch(`${url}/slow`);
  await arrived;
  const client = await new TestClient(`${url.replace('http', 'ws')}/ws/counter`).opened();
  client.socket.pause(); // it does not answer, and is given up in the end
  const closed = app.close();
  await expect.poll(() => app.islet.size.connections).toBe(0);
  await expect(fetch(`${url}/slow`)).rejects.toThrow('fetch failed');
  answer.resolve('done');
  expect(await (await asked).text()).toBe('done');
  await closed;
});

test.each(['goes', 'stays'])(
  'who asks for a WebSocket while the server stops, and %s, keeps nobody waiting',
  async (what) => {
    const app = Fastify();
    await app.register(islet);
    // as long as somebody is answered, a connection that has yet to ask is not ended
    const isAsked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    app.get('/slow', () => {
      isAsked.resolve();
      return answer.promise;
    });
    const isClosing = Promise.withResolvers<void>();
    const mayClose = Promise.withResolvers<void>();
    app.addHook('preClose', () => {
      isClosing.resolve();
      return mayClose.promise;
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const slow = fetch(`${url}/slow`);
    await isAsked.promise;
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}); // once it stops, the server may end the connection by a reset
    await once(app.server, 'connection');
    const closed = app.close();
    await isClosing.promise;
    socket.write('GET /islet HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n');
    socket.write('sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 503 /);
    const ended = once(socket, 'close');
    if (what === 'goes') socket.end();
    await ended;
    // what would end it with everybody else has not come yet
    answer.resolve('done');
    expect(await (await slow).text()).toBe('done');
    mayClose.resolve();
    await closed;
  },
);

test('whoever waits for `authenticate` when the server stops is refused at once, and let in by no late answer', async () => {
  const app = Fastify();
  const known = Promise.withResolvers<string>();
  let asking = 0;
  await app.register(islet, {
    authenticate() {
      asking++;
      return known.promise;
    },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const request = fetch(`${url}/islet`); // keeps the server waiting
  const client = new TestClient(`${url.replace('http', 'ws')}/islet`);
  const refused = expect(client.opened()).rejects.toThrow('503');
  await expect.poll(() => asking).toBe(2);
  const closed = app.close();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  await refused;
  known.resolve('somebody');
  await request;
  await closed;
});

describe('a process', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('that is stopping ends at once when %s asks it a second time', async (signal, code) => {
    const server = startProgram(['server/anime/main.ts'], {});
    const { port } = new URL(await server.listening());
    const stuck = connect(Number(port), '127.0.0.1');
    stuck.write('PUT /api/anime/1/rating HTTP/1.1\r\nhost: a\r\n');
    stuck.write('content-type: application/json\r\ncontent-length: 9\r\n\r\n');
    stuck.on('error', () => {}); // the server goes without an answer
    await fetch(`http://127.0.0.1:${port}/healthz`);
    server.process.kill('SIGTERM');
    await untilSaid(server, 'SIGTERM: stopping');
    server.process.kill(signal);
    expect(await server.ended).toMatchObject({ code, stderr: '' });
  });

  test.each([
    ['does not come to its end', 'never', 'not stopped after 50 ms'],
    ['fails to stop', 'fails', 'this is meant to fail'],
  ])('that %s ends all the same, and says so', async (_, CLOSE, said) => {
    const server = startProgram(['test/support/stuck-server.ts'], { CLOSE });
    await server.listening();
    server.process.kill('SIGTERM');
    const { code, stdout } = await server.ended;
    expect(code).toBe(1);
    expect(stdout).toContain(said);
  });
});

async function untilSaid({ process }: Program, text: string): Promise<void> {
  let said = '';
  while (!said.includes(text)) said += (await once(process.stdout as NodeJS.ReadableStream, 'data'))[0];
}
