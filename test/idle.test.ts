// What an open connection keeps while nothing happens: nothing of the request that it came from, nor of how it joined;
// and a session whose page is away: nothing of the connection.

import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { measureIdle } from '../bench/driver/loops.ts';
import { startServer as startMeasured } from '../bench/driver/server-process.ts';
import { subjects } from '../bench/subjects.ts';
import { planFor } from '../bench/workloads.ts';
import { Conversation } from '../server/sessions/conversation.ts';
import { Join } from '../server/sessions/join.ts';
import { WebSocketTransport } from '../server/transport/websocket.ts';
import { counter } from './support/counter.ts';
import { kept } from './support/garbage.ts';
import { startServer } from './support/server.ts';

test('request, answer, Fastify’s view of both and the join are let go of while the page is open', async () => {
  const refs = new Map<string, WeakRef<object>>();
  await using server = await startServer((app) => {
    app.addHook('onRequest', async (request, reply) => {
      for (const [name, value] of Object.entries({ request, reply, message: request.raw, answer: reply.raw }))
        refs.set(name, new WeakRef(value));
    });
    app.islet.route('/ws/count', counter);
  });
  const { start } = Join.prototype;
  Join.prototype.start = function (this: Join) {
    refs.set('join', new WeakRef(this));
    start.call(this);
  };
  const page = await server.visit('/ws/count').finally(() => {
    Join.prototype.start = start;
  });
  expect([...refs.keys()]).toEqual(['request', 'reply', 'message', 'answer', 'join']);
  expect(await kept(refs)).toEqual([]);
  page.click();
  await page.until(() => page.slots()[1] === 1);
});

test('a session that waits for its page to come back keeps nothing of the connection that was lost', async () => {
  const refs = new Map<string, WeakRef<object>>();
  await using server = await startServer((app) => app.islet.route('/ws/count', counter));
  const { listen } = WebSocketTransport.prototype;
  WebSocketTransport.prototype.listen = function (this: WebSocketTransport, listener) {
    refs.set('transport', new WeakRef(this));
    refs.set('conversation', new WeakRef(listener));
    listen.call(this, listener);
  };
  const page = await server.visit('/ws/count').finally(() => {
    WebSocketTransport.prototype.listen = listen;
  });
  expect(refs.get('conversation')?.deref()).toBeInstanceOf(Conversation);
  await page.close();
  while (server.app.islet.size.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(server.app.islet.size.sessions).toBe(1);
  expect(await kept(refs)).toEqual([]);
}, 60_000);

test('an app that asked to be told when the answer is closed is told, at the end of the connection', async () => {
  const closed: string[] = [];
  await using server = await startServer((app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.raw.once('close', () => closed.push(request.url));
    });
    app.islet.route('/ws/count', counter);
  });
  const page = await server.visit('/ws/count');
  expect(closed).toEqual([]);
  await page.close();
  while (server.app.islet.size.connections > 0 || closed.length === 0)
    await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toEqual(['/islet']);
}, 60_000);

test('an open connection has one listener for its end on each of its two sockets', async () => {
  const sockets: (Socket | WebSocket)[] = [];
  await using server = await startServer((app) => {
    app.websocketServer.on('connection', (socket, { socket: raw }) => sockets.push(socket, raw));
    app.islet.route('/ws/count', counter);
  });
  await server.visit('/ws/count');
  expect(sockets.map((socket) => socket.listenerCount('close'))).toEqual([1, 1]);
});

test('an idle counter island keeps 7.25 KiB of the heap or less, all that Node and ws keep for its socket included', async () => {
  const { islet } = subjects;
  const server = await startMeasured(await islet.launch());
  try {
    const plan = await planFor(server, 'islet', 'counter');
    const { heapBytes } = await measureIdle(server, plan, { islands: 1_000, warmup: 200 });
    expect(heapBytes).toBeLessThan(7.25 * 1_024);
    expect(heapBytes).toBeGreaterThan(5 * 1_024);
  } finally {
    await server.stop();
  }
}, 180_000);
