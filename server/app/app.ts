/*
 * The anime tracker as a Fastify app: its routes, its live components, its assets. It does not listen; `main.ts` does.
 */

import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { rating } from '../../components/rating.ts';
import { isFound } from '../../components/tracker/anime.ts';
import { type IsletOptions, islet } from '../index.ts';
import { animeSeed } from './data/seed.ts';
import { type AnimeSource, trackerPages } from './pages/tracker.ts';

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

  await app.register(islet, { components: [rating], ...options.islet });
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
  app.get('/api/anime', async () => animeSeed);
  app.get('/api/anime/:id', async ({ params }, reply) => {
    const anime = await seedSource.read(Number((params as { id: string }).id));
    return anime ?? reply.callNotFound();
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  trackerPages(app, seedSource);

  return app;
}

const seedSource: AnimeSource = {
  async list(search) {
    const anime = animeSeed.filter((each) => isFound(each, search));
    return { anime, total: anime.length, next: null };
  },
  read: async (id) => animeSeed.find((anime) => anime.id === id),
};
