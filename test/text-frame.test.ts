/*
 * The frames that the server writes by itself, read by an independent WebSocket client.
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeTextFrame } from '../server/transport/text-frame.ts';

let server: WebSocketServer;

beforeAll(async () => {
  server = new WebSocketServer({ port: 0 });
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
});

test.each([
  ['an empty text', ''],
  ['one byte', 'x'],
  ['the longest short frame', 'x'.repeat(125)],
  ['the shortest with two bytes of length', 'x'.repeat(126)],
  ['the longest with two bytes of length', 'x'.repeat(65_535)],
  ['the shortest with eight bytes of length', 'x'.repeat(65_536)],
  ['characters of several bytes', 'é漢😀'.repeat(40)],
])('a frame of %s is what a client reads', async (_, text) => {
  const connected = once(server, 'connection');
  const client = new WebSocket(`ws://localhost:${(server.address() as AddressInfo).port}`);
  const [, request] = await connected;
  const messages: string[] = [];
  const done = new Promise<void>((resolve) => {
    client.on('message', (data, isBinary) => {
      expect(isBinary).toBe(false);
      if (messages.push(data.toString()) === 2) resolve();
    });
  });
  request.socket.write(encodeTextFrame(text));
  request.socket.write(encodeTextFrame('next'));
  await done;
  expect(messages).toEqual([text, 'next']);
  client.close();
});
