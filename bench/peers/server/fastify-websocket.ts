/*
 * Fastify with @fastify/websocket: what a user of Fastify has before any platform is added. `/echo` as in `ws.ts`.
 */

import websocket from '@fastify/websocket';
import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { announce, portArgument } from './listen.ts';

const app = fastify();
await app.register(websocket);
app.get('/echo', { websocket: true }, (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
await app.listen({ port: portArgument(), host: '127.0.0.1' });
announce((app.server.address() as AddressInfo).port);
