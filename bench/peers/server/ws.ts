/*
 * The floor: a bare `ws` server. `/echo` sends each message back, `/broadcast` to everybody on that path, and `/paced` too,
 * no more than sixty times a second: as islet delivers by default.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { announce, portArgument } from './listen.ts';

const server = createServer();
const echo = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const broadcast = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const paced = new WebSocketServer({ noServer: true, perMessageDeflate: false });

echo.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

broadcast.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    for (const client of broadcast.clients) client.send(data, { binary: isBinary });
  });
});

const paceMs = 1_000 / 60;
let nextAt = 0;

paced.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    const send = (): void => {
      nextAt = performance.now() + paceMs;
      for (const client of paced.clients) client.send(data, { binary: isBinary });
    };
    const ms = nextAt - performance.now();
    if (ms > 0) setTimeout(send, ms);
    else send();
  });
});

const targets = new Map([
  ['/broadcast', broadcast],
  ['/paced', paced],
]);

server.on('upgrade', (request, socket, head) => {
  const target = targets.get(request.url ?? '') ?? echo;
  target.handleUpgrade(request, socket, head, (client) => target.emit('connection', client, request));
});

server.listen(portArgument(), '127.0.0.1', () => announce((server.address() as AddressInfo).port));
