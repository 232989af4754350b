// A build of an app in a process of its own, for test/e2e/deploy-islands.test.ts: it keeps its state in an SQLite file.

import Fastify from 'fastify';
import { islet, serverComponent, sqliteStore } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { builds, draft, note } from './deployed.ts';
import { servePageScript } from './page-script.ts';

const { BUILD, PORT, STORE = '', KEPT } = process.env;

const app = Fastify();
await app.register(islet, { store: sqliteStore(STORE), components: [note] });
app.islet.route('/ws/cards', builds[BUILD as keyof typeof builds], { shared: true, persist: KEPT === 'yes' });
app.islet.route('/ws/draft', draft);
await servePageScript(app, '/page.js', 'test/support/deployed-page.ts');
app.get('/', (_, reply) =>
  reply.html(html`
    <!doctype html>
    <html lang="en">
      <head><title>Cards</title><script type="module" src="/page.js"></script></head>
      <body>${serverComponent({ route: '/ws/cards' })}</body>
    </html>
  `),
);
process.once('SIGTERM', () => void app.close());
console.log(await app.listen({ host: '127.0.0.1', port: Number(PORT) }));
