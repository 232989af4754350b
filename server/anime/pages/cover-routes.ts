/*
 * GET /covers/:id.svg: the covers as files that browsers may keep. Input: anime from the database. They are drawn on
 * request, which costs less than reading a file.
 */

import type { FastifyInstance } from 'fastify';
import { addEntityTags } from '../api/etag.ts';
import { problemHandler } from '../api/problem.ts';
import { compressTexts } from '../compression.ts';
import { readAnime } from '../data/anime.ts';
import type { Database } from '../data/database.ts';
import { drawCover } from './cover.ts';

/** A picture changes only with its anime's title, or when it is drawn otherwise: then a week late is soon enough. */
const caching = 'public, max-age=604800';

export async function coverRoutes(app: FastifyInstance, database: Database): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler(problemHandler(database.explain));
    await compressTexts(scope, 512);
    addEntityTags(scope);

    scope.get<{ Params: { id: string } }>('/covers/:id(^[1-9]\\d{0,9}).svg', async ({ params }, reply) => {
      const anime = await readAnime(database, Number(params.id));
      if (anime === undefined) return reply.callNotFound();
      return (
        reply
          .type('image/svg+xml')
          .header('cache-control', caching)
          // opened by itself, it is a document of this site: it can do nothing
          .header('content-security-policy', "default-src 'none'; sandbox")
          .send(drawCover(anime))
      );
    });
  });
}
