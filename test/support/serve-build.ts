// A build of an app in a process of its own, for tests of deploys: which one, where it listens and where its SQLite file is
// say BUILD, PORT and STORE. It says its address when it listens, and ends by SIGTERM as apps do.

import Fastify, { type FastifyInstance } from 'fastify';
import { type IsletOptions, islet, serverComponent, sqliteStore } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { servePageScript } from './page-script.ts';

/** @param route Of the island that its page shows. @param script Source of the page's script. */
export async function serveBuild(
  { title, route, script, options }: { title: string; route: string; script: string; options?: IsletOptions },
  declare: (app: FastifyInstance) => void,
): Promise<void> {
  const { PORT, STORE = '' } = process.env;
  const app = Fastify();
  await app.register(islet, { store: sqliteStore(STORE), ...options });
  declare(app);
  await servePageScript(app, '/page.js', script);
  app.get('/', (_, reply) =>
    reply.html(html`
      <!doctype html>
      <html lang="en">
        <head><title>${title}</title><script type="module" src="/page.js"></script></head>
        <body>${serverComponent({ route })}</body>
      </html>
    `),
  );
  process.once('SIGTERM', () => void app.close());
  console.log(await app.listen({ host: '127.0.0.1', port: Number(PORT) }));
}
