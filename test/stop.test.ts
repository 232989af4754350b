/*
 * Stopping: a server ends although clients do not, and tells those who listen to come back.
 */

import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createApp } from '../server/app/app.ts';

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
