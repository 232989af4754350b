/*
 * Routes that read anime: the list with its filters and pages, one of them, and the genres.
 */

import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { Anime, AnimeParams, AnimeQuery, Genre } from '../../../components/schema/anime.ts';
import { listAddress } from '../../../components/tracker/anime.ts';
import { findAnime, readAnime, readGenres } from '../data/anime.ts';
import type { Database } from '../data/database.ts';
import { problemResponses } from './documentation.ts';
import { ApiProblem } from './problem.ts';
import type { SchemaTypes } from './validation.ts';

export function animeRoutes(app: FastifyInstance, database: Database): void {
  const routes = app.withTypeProvider<SchemaTypes>();

  routes.get(
    '/anime',
    {
      schema: {
        summary: 'List anime',
        description:
          'A page of the list. The body is the page alone; `Link` leads to the next and the previous page, `X-Total-Count` says how many there are on all pages.',
        tags: ['Anime'],
        querystring: AnimeQuery,
        response: { 200: Type.Array(Anime), ...problemResponses(400, 429, 503) },
      },
    },
    async ({ query }, reply) => {
      const page = await findAnime(database, query);
      if (page === undefined) throw new ApiProblem('invalid-cursor');
      const { cursor: _, ...start } = query;
      const linkTo = (rel: string, to: AnimeQuery): string => `<${listAddress(to)}>; rel="${rel}"`;
      const links = [linkTo('first', start)];
      if (page.previous !== undefined) links.push(linkTo('prev', { ...start, cursor: page.previous }));
      if (page.next !== undefined) links.push(linkTo('next', { ...start, cursor: page.next }));
      reply.header('link', links.join(', ')).header('x-total-count', page.total).header('cache-control', 'no-cache');
      return [...page.anime];
    },
  );

  routes.get(
    '/anime/:id',
    {
      schema: {
        summary: 'One anime',
        tags: ['Anime'],
        params: AnimeParams,
        response: { 200: Anime, ...problemResponses(400, 404, 429, 503) },
      },
    },
    async ({ params }, reply) => {
      const anime = await readAnime(database, params.id);
      if (anime === undefined) throw new ApiProblem('anime-not-found');
      reply.header('cache-control', 'no-cache');
      return anime;
    },
  );

  routes.get(
    '/genres',
    {
      schema: {
        summary: 'All genres',
        tags: ['Anime'],
        response: { 200: Type.Array(Genre), ...problemResponses(429, 503) },
      },
    },
    async (_, reply) => {
      reply.header('cache-control', 'no-cache');
      return readGenres(database);
    },
  );
}
