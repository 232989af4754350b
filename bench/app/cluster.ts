/*
 * One of several servers of one measured app: shared counters, `/bench/room/:name`. Input: which store they share, and
 * which bus: `BENCH_STORE`, `BENCH_BUS` (an address of NATS, `memory`, or nothing: then it is alone).
 */

import type { AddressInfo } from 'node:net';
import './production.ts';
import fastify from 'fastify';
import { memoryBus } from '../../server/cluster/memory.ts';
import { islet, natsBus, serverComponent, sqliteStore } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { counter } from './components.ts';

const { BENCH_STORE = '', BENCH_BUS = '' } = process.env;
const unlimited = Number.POSITIVE_INFINITY;
const ofOneClient = { maxBytesPerClient: unlimited, maxRunningBytesPerClient: unlimited };
const bus = BENCH_BUS === '' ? undefined : BENCH_BUS === 'memory' ? memoryBus() : await natsBus({ url: BENCH_BUS });

const app = fastify();
await app.register(islet, {
  store: sqliteStore(BENCH_STORE),
  // nobody comes back, and who is waited for counts as somebody who looks
  sessionMs: 100,
  limits: { maxConnectionsPerAddress: 1_000_000, maxEventsPerSecond: 1_000_000_000, ...ofOneClient },
  ...(bus && { bus }),
});
app.islet.route('/bench/room/:name', counter, { shared: true });
app.get<{ Params: { name: string } }>('/bench/page/room/:name', ({ params }, reply) =>
  reply.html(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${params.name}</title></head>
<body>${serverComponent({ route: `/bench/room/${params.name}` })}</body></html>`),
);
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
