/*
 * The floor: a bare `ws` server. `/echo` sends each message back, `/broadcast` to everybody on that path.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { announce, portArgument } from './listen.ts';

const server = createServer();
const echo = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const broadcast = new WebSocketServer({ noServer: true, perMessageDeflate: false });

echo.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});

broadcast.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    for (const client of broadcast.clients) client.send(data, { binary: isBinary });
  });
});

server.on('upgrade', (request, socket, head) => {
  const target = request.url === '/broadcast' ? broadcast : echo;
  target.handleUpgrade(request, socket, head, (client) => target.emit('connection', client, request));
});

server.listen(portArgument(), '127.0.0.1', () => announce((server.address() as AddressInfo).port));
