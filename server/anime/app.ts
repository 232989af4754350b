/*
 * The anime tracker as a Fastify app: its routes, its live components, its assets. It does not listen; `main.ts` does.
 */

import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { rating } from '../../components/rating.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type IsletOptions, islet } from '../index.ts';
import { type AdminOptions, mayJoin, registerAdmin } from './admin/admin.ts';
import { type ApiOptions, registerApi } from './api/api.ts';
import { answerUnreadable, answerUnroutable } from './api/problem.ts';
import { type Assets, plainAssets } from './assets.ts';
import { compressTexts } from './compression.ts';
import { strictPolicy } from './content-policy.ts';
import { type Database, openDatabase } from './data/database.ts';
import { inMemory } from './data/location.ts';
import { createRatings } from './data/ratings.ts';
import { readCookieSecret } from './data/secret.ts';
import { openStates } from './data/states.ts';
import { healthRoutes } from './health.ts';
import { liveRoutes } from './live.ts';
import { type LogOptions, logSettings, logSockets } from './log.ts';
import { coverRoutes } from './pages/cover-routes.ts';
import { trackerPages } from './pages/tracker.ts';
import { createRateLimit } from './rate-limit.ts';
import { watchForSecondServer } from './second-server.ts';
import { isUser, userOf } from './user.ts';

export interface AppOptions {
  /** Default: nothing is logged. */
  readonly logger?: LogOptions;
  /** Which proxies before this server say whom they speak for; without one, limits count all their visitors as one. */
  readonly trustProxy?: FastifyServerOptions['trustProxy'];
  readonly islet?: IsletOptions;
  /** The app closes it when it closes. Default: one in memory, with the seed. */
  readonly database?: Database;
  /** Where pages find their scripts and style sheets. Default: plain files, for development. */
  readonly assets?: Assets;
  readonly api?: Omit<ApiOptions, 'database' | 'ratings' | 'votes'>;
  /** Who may log in to the admin page. Default: nobody, and then there is none. */
  readonly admin?: AdminOptions;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Votes of one address in a minute, on live pages and by the API together. Default: 60. */
  readonly votesPerMinute?: number;
}

/** Makes the app, ready to listen or to be injected into. */
export async function createApp(options: AppOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    ...logSettings(options.logger),
    trustProxy: options.trustProxy ?? false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
  });
  logSockets(app);
  const { assets = plainAssets } = options;
  const database = options.database ?? (await openDatabase(inMemory));
  app.addHook('onClose', () => database.close());

  await app.register(cookie, { secret: await readCookieSecret(database) });
  await app.register(islet, {
    components: [rating],
    authenticate: (request) => userOf(request),
    authorize: ({ user }, route) => mayJoin(user, route, app.adminSessions),
    // a visitor's cookie costs nothing, and is no name
    userKey: (user) => (isUser(user) && user.admin !== null ? user.admin.name : null),
    ...options.islet,
    store: options.islet?.store ?? (await openStates(database.location)),
  });
  const ratings = createRatings(database, app.islet.topic('rating changes'));
  await assets.serve(app);

  app.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'same-origin');
    if (String(reply.getHeader('content-type')).startsWith('text/html')) {
      if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', strictPolicy);
      // pages are made for one visitor, and say what is so now
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
    }
  });

  app.islet.route('/ws/rate', rating, { shared: true, persist: true, predict: true, keeps: [] });
  const votes = createRateLimit(options.votesPerMinute ?? 60, { counted: app.islet.topic('votes counted') });
  const news = liveRoutes(app, { database, ratings, votes });
  healthRoutes(app, database);
  watchForSecondServer(app, database, { clock: options.clock, hasBus: options.islet?.bus !== undefined });
  await registerApi(app, { ...options.api, database, ratings, votes });
  await coverRoutes(app, database);
  await registerAdmin(app, database, assets, options.admin ?? { accounts: [] });
  await app.register(async (pages) => {
    await compressTexts(pages);
    trackerPages(pages, { database, assets, ratingsAt: () => news.at });
  });

  return app;
}
