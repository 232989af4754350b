/*
 * The measured app, alone: `npm run bench:serve -- --port 3000`. Live routes `/bench/counter` (one for each island),
 * `/bench/shared` (one for all), `/bench/kept` (one for each island, each turn committed to SQLite), `/bench/table`
 * (1,000 keyed rows) and `/bench/table10k`, `/bench/list1k`, `list10k`, `list100k` (long lists), `nested1k`, `nested10k`,
 * `nested100k` (with a button in each row); the document `/bench/ssr`; pages with one live island each at
 * `/bench/page/...`. Limits that would stop a load driver are raised, nothing else.
 */

import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './production.ts';
import fastify from 'fastify';
import { islet, serverComponent, sqliteStore } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { counter, longListOf, nestedListOf, rowsOf, tableOf } from './components.ts';
import { createTable } from './rows.ts';

const portIndex = process.argv.indexOf('--port');
const port = portIndex < 0 ? 3000 : Number(process.argv[portIndex + 1]);

const unlimited = Number.POSITIVE_INFINITY;
const ofOneClient = { maxBytesPerClient: unlimited, maxRunningBytesPerClient: unlimited };

const app = fastify();
await app.register(islet, {
  store: sqliteStore(join(mkdtempSync(join(tmpdir(), 'islet-bench-')), 'state.db')),
  limits: { maxConnectionsPerAddress: 1_000_000, maxEventsPerSecond: 1_000_000_000, ...ofOneClient },
});
app.islet.route('/bench/counter', counter);
app.islet.route('/bench/shared', counter, { shared: true });
app.islet.route('/bench/kept', counter, { survive: 'crash' });
app.islet.route('/bench/table', tableOf(1_000));
app.islet.route('/bench/table10k', tableOf(10_000));
for (const [name, length] of Object.entries({ list1k: 1_000, list10k: 10_000, list100k: 100_000 }))
  app.islet.route(`/bench/${name}`, longListOf(length));

for (const [name, length] of Object.entries({ nested1k: 1_000, nested10k: 10_000, nested100k: 100_000 }))
  app.islet.route(`/bench/${name}`, nestedListOf(length));

const nested = ['nested1k', 'nested10k', 'nested100k'];
for (const name of ['counter', 'shared', 'kept', 'table', 'table10k', 'list1k', 'list10k', 'list100k', ...nested]) {
  app.get(`/bench/page/${name}`, (_request, reply) =>
    reply.html(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>
<script type="module" src="/islet/element.js"></script></head>
<body>${serverComponent({ route: `/bench/${name}` })}</body></html>`),
  );
}

const table = createTable(1_000);
app.get('/bench/ssr', (_request, reply) =>
  reply.html(
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rows</title></head><body><table><tbody>${rowsOf(table)}</tbody></table></body></html>`,
  ),
);

await app.listen({ port, host: '127.0.0.1' });
console.log(`listening on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void app.close().then(() => process.exit(0));
  });
}
