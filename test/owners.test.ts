// Several servers of one app, over one bus and one store: each shared actor runs in one of them, and people at all of
// them see the same. Real Fastify servers and sockets, in one process.

import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryHub } from '../server/cluster/memory.ts';
import { type IsletOptions, memoryStore, serverComponent } from '../server/index.ts';
import { component, effect, html, keyed } from '../shared/index.ts';
import type { TestClient } from './support/client.ts';
import { counter } from './support/counter.ts';
import { startServer, type TestServer } from './support/server.ts';

let servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.toReversed()) await server[Symbol.asyncDispose]();
  servers = [];
});

type Declare = Parameters<typeof startServer>[0];

/** Servers that share a bus and a store. */
function startCluster(declare: Declare, options: IsletOptions = {}) {
  const hub = createMemoryHub();
  const store = memoryStore();
  const start = async (more: IsletOptions = {}) => {
    const bus = hub.connect();
    const server = await startServer(declare, { store, bus, ...options, ...more });
    servers.push(server);
    return Object.assign(server, { bus });
  };
  return { store, start };
}

const shows = (client: TestClient, value: unknown) => expect.poll(() => client.slots().at(-1)).toBe(value);

describe.each([{ persist: true }, { persist: false }])('a shared actor (%o)', (options) => {
  const declare: Declare = (app) => app.islet.route('/ws/count', counter, { shared: true, ...options });

  test('is one at two servers: what is clicked at one is seen at both, in the same versions', async () => {
    const { start } = startCluster(declare);
    const [one, two] = [await start(), await start()];
    const [ann, bob] = [await one.visit('/ws/count'), await two.visit('/ws/count')];
    ann.click();
    await shows(bob, 1);
    bob.click();
    await shows(ann, 2);
    await shows(bob, 2);
    ann.click();
    bob.click();
    await shows(ann, 4);
    await shows(bob, 4);
    expect(one.app.islet.size.actors + two.app.islet.size.actors).toBe(1);
    expect([...one.errors, ...two.errors]).toEqual([]);
  });

  test('shows the same to pages of all servers, which are adopted without a tree', async () => {
    const { start } = startCluster((app) => {
      declare(app);
      app.get('/', (_, reply) => reply.html(html`<main>${serverComponent({ route: '/ws/count' })}</main>`));
    });
    const [one, two] = [await start(), await start()];
    const ann = await one.visit('/ws/count');
    ann.click();
    await shows(ann, 1);
    const page = await (await fetch(two.url)).text();
    expect(page).toContain('>1</button>');
    expect(two.app.islet.size.actors).toBe(0);
    const [, data = '[]'] = /application\/json">(.*?)<\/script>/.exec(page) ?? [];
    const [epoch, version, digest] = JSON.parse(data);
    const bob = await two.connect();
    const answer = await bob.join('/ws/count', { have: [epoch, version, 1, digest] });
    expect(answer).toMatchObject({ kind: 'live', epoch, version, operations: [] });
  });
});
