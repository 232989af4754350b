/*
 * The REST API as one Fastify plugin, under /api. Input: the database and the `Ratings` service. What every route has
 * in common is added here, once: checks, errors, limits, entity tags, compression.
 */

import type { FastifyInstance } from 'fastify';
import { compressTexts } from '../compression.ts';
import type { Database } from '../data/database.ts';
import type { Ratings } from '../data/ratings.ts';
import { createRateLimit, limitRequests, type RateLimit } from '../rate-limit.ts';
import { animeRoutes } from './anime.ts';
import { addDocumentation, descriptionRoutes } from './documentation.ts';
import { addEntityTags } from './etag.ts';
import { isKnownMethod, watchMethods } from './methods.ts';
import { ApiProblem, problemHandler } from './problem.ts';
import { ratingRoutes } from './ratings.ts';
import { compileSchema } from './validation.ts';

export interface ApiOptions {
  readonly database: Database;
  readonly ratings: Ratings;
  /** How often an address may vote, here and elsewhere. */
  readonly votes: RateLimit;
  /** Origins whose scripts may read the API, or `*` for all. Voting is for this site's own pages. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Requests of one address in a minute. Default: 600. */
  readonly requestsPerMinute?: number;
}

/** Adds the API. Needs the signed cookies of visitors (`visitor.ts`). */
export async function registerApi(app: FastifyInstance, options: ApiOptions): Promise<void> {
  await app.register(async (scope) => addApi(scope, options), { prefix: '/api' });
}

async function addApi(app: FastifyInstance, options: ApiOptions): Promise<void> {
  const { database, ratings, votes, corsOrigins = [], requestsPerMinute = 600 } = options;
  app.setErrorHandler(problemHandler(database.explain));
  app.setValidatorCompiler(compileSchema);
  // the type check holds answers to their schemas; a second serializer would only cost start time
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeContentTypeParser('text/plain');
  await compressTexts(app);
  addEntityTags(app);

  if (corsOrigins.length > 0) {
    await app.register(import('@fastify/cors'), {
      delegator: ({ headers }, callback) => {
        callback(null, {
          origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
          methods: ['GET', 'HEAD'],
          exposedHeaders: ['etag', 'link', 'retry-after', 'x-total-count'],
          // OPTIONS that is no preflight is answered like anywhere else
          preflight: headers.origin !== undefined && headers['access-control-request-method'] !== undefined,
        });
      },
    });
  }
  const refuse = (after: string): Error => new ApiProblem('too-many-requests', { detail: `Try again in ${after}.` });
  const limitAll = limitRequests(createRateLimit(requestsPerMinute), refuse);
  const limitVotes = limitRequests(votes, refuse);
  app.addHook('onRequest', (request, reply) =>
    request.routeOptions.config.isVote ? limitVotes(request, reply) : limitAll(request, reply),
  );

  await addDocumentation(app);
  const declareOtherMethods = watchMethods(app);
  descriptionRoutes(app);
  animeRoutes(app, database);
  ratingRoutes(app, ratings);
  declareOtherMethods();
  app.setNotFoundHandler(({ method }) => {
    throw new ApiProblem(isKnownMethod(method) ? 'not-found' : 'method-unknown');
  });
}
