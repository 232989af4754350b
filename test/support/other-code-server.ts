// A build of an app in a process of its own, for test/e2e/predicted-deploy.test.ts: it keeps its state in an SQLite file.

import Fastify from 'fastify';
import { islet, serverComponent, sqliteStore } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { builds } from './other-code.ts';
import { servePageScript } from './page-script.ts';

const { BUILD, PORT, STORE = '' } = process.env;

const app = Fastify();
await app.register(islet, { store: sqliteStore(STORE) });
app.islet.route('/ws/days', builds[BUILD as keyof typeof builds], {
  shared: true,
  persist: true,
  predict: true,
  keeps: [],
});
await servePageScript(app, '/page.js', 'test/support/other-code-entry.ts');
app.get('/', (_, reply) =>
  reply.html(html`
    <!doctype html>
    <html lang="en">
      <head><title>Days</title><script type="module" src="/page.js"></script></head>
      <body>${serverComponent({ route: '/ws/days' })}</body>
    </html>
  `),
);
process.once('SIGTERM', () => void app.close());
console.log(await app.listen({ host: '127.0.0.1', port: Number(PORT) }));
