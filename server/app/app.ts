/*
 * The anime tracker as a Fastify app: its routes, its live components, its assets. It does not listen; `main.ts` does.
 */

import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { rating } from '../../components/rating.ts';
import { type IsletOptions, islet, serverComponent } from '../index.ts';
import { animeSeed as anime } from './data/seed.ts';
import { homePage } from './pages/home.ts';

export interface AppOptions {
  readonly logger?: FastifyServerOptions['logger'];
  readonly islet?: IsletOptions;
}

// Nothing on the pages is inline, and nothing comes from elsewhere.
const contentSecurityPolicy =
  "default-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Makes the app, ready to listen or to be injected into. */
export async function createApp(options: AppOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ logger: options.logger ?? false });

  await app.register(islet, options.islet ?? {});
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../../public', import.meta.url)),
    prefix: '/assets/',
    decorateReply: false,
  });

  app.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'same-origin');
    if (String(reply.getHeader('content-type')).startsWith('text/html')) {
      reply.header('content-security-policy', contentSecurityPolicy);
    }
  });

  app.islet.route('/ws/rate', rating, { shared: true });
  app.get('/', (_, reply) => reply.html(homePage({ anime, rating: serverComponent({ route: '/ws/rate' }) })));
  app.get('/api/anime', async () => anime);
  app.get('/healthz', async () => ({ status: 'ok' }));

  return app;
}
