/*
 * The measured board on a server: an island of one's own at `/bench/plain` and `/bench/predicted`, one for all who look
 * at `/bench/plain/:name` and `/bench/predicted/:name`; a page of each at `/bench/page/...`. Input: `BENCH_SCRIPT`, the
 * file of the pages' script. Limits that would stop a load driver are raised, nothing else.
 */

import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import '../app/production.ts';
import fastify from 'fastify';
import { islet, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { board } from './board.ts';

const unlimited = Number.POSITIVE_INFINITY;
const ofOneClient = { maxBytesPerClient: unlimited, maxRunningBytesPerClient: unlimited };
const script = readFileSync(process.env.BENCH_SCRIPT ?? '', 'utf8');

const app = fastify();
await app.register(islet, {
  limits: { maxConnectionsPerAddress: 1_000_000, maxEventsPerSecond: 1_000_000_000, ...ofOneClient },
});
app.islet.route('/bench/plain', board);
app.islet.route('/bench/predicted', board, { predict: true, keeps: [] });
app.islet.route('/bench/plain/:name', board, { shared: true });
app.islet.route('/bench/predicted/:name', board, { shared: true, predict: true, keeps: [] });

app.get('/board.js', (_, reply) => reply.type('text/javascript').send(script));
app.get<{ Params: { '*': string } }>('/bench/page/*', ({ params }, reply) =>
  reply.html(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Board</title>
<script type="module" src="/islet/element.js"></script><script type="module" src="/board.js"></script></head>
<body>${serverComponent({ route: `/bench/${params['*']}` })}</body></html>`),
);

await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
