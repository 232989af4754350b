import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { html } from 'islet';
import { islet, serverComponent } from 'islet/server';
import { counter } from './components/counter.ts';

export async function createApp(): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(islet, { assets: join(import.meta.dirname, 'build') });
  app.islet.route('/ws/counter', counter, { shared: true });
  app.get('/', (_, reply) =>
    reply.html(html`
      <!doctype html>
      <html lang="en">
        <head><title>Clicks</title></head>
        <body>${serverComponent({ route: '/ws/counter' })}</body>
      </html>
    `),
  );
  return app;
}
