/*
 * The tracker's pages: which URLs there are, with what data each is rendered, and what the status is. Input: where the
 * data is. Output: routes of the app; a URL that is none of them is a page too, with status 404, and so is a failure.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnimeQuery } from '../../../components/schema/anime.ts';
import type { AnimeList } from '../../../components/tracker/anime.ts';
import { isPage, listQueryOf, type TrackerProps } from '../../../components/tracker/model.ts';
import { pageOf, routes, toId } from '../../../components/tracker/routes.ts';
import type { Assets } from '../assets.ts';
import { findAnime, readAnime, readFacets } from '../data/anime.ts';
import type { Database } from '../data/database.ts';
import { DatabaseError } from '../data/failures.ts';
import { userOf } from '../user.ts';
import { ensureVisitor } from '../visitor.ts';
import { failureDocument, trackerDocument } from './document.ts';

export interface TrackerPagesOptions {
  readonly database: Database;
  readonly assets: Assets;
  /** Names the state of all ratings now. */
  readonly ratingsAt: () => string;
}

/** Adds the pages. */
export function trackerPages(app: FastifyInstance, { database, assets, ratingsAt }: TrackerPagesOptions): void {
  const show = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { url } = request;
    // before a socket is opened, so that it is known whose it is; this request has not brought the cookie that it gets
    const user = userOf(request, ensureVisitor(request, reply));
    try {
      // named before it is read: what changes meanwhile is asked again rather than missed
      const at = ratingsAt();
      const props = await readProps(database, url, at);
      return await reply.code(isPage(props) ? 200 : 404).html(trackerDocument(props, assets), { user });
    } catch (error) {
      const cause = database.explain(error);
      request.log.error(cause, 'a page could not be made');
      const code = cause instanceof DatabaseError ? 503 : 500;
      return reply.code(code).header('retry-after', '5').html(failureDocument(url, assets));
    }
  };

  for (const { pattern } of Object.values(routes)) app.get(pattern, show);
  app.setNotFoundHandler((request, reply) => {
    const { method, headers, url } = request;
    if (method === 'GET' && headers.accept?.includes('text/html')) return show(request, reply);
    return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: `There is no ${method} ${url}` });
  });
}

async function readProps(database: Database, url: string, at: string): Promise<TrackerProps> {
  const page = pageOf(url);
  const facets = await readFacets(database);
  const query = listQueryOf(url, facets);
  if (query !== null) return { url, facets, at, list: await readList(database, query) };
  if (page?.name !== 'detail') return { url, facets, at };
  return { url, facets, at, anime: (await readAnime(database, toId(page.params.id))) ?? null };
}

async function readList(database: Database, query: AnimeQuery): Promise<AnimeList> {
  const page = await findAnime(database, query);
  if (page !== undefined) return { anime: page.anime, total: page.total, next: page.next ?? null };
  // a cursor that was not made for this order: from the start, then
  const { cursor: _, ...start } = query;
  return readList(database, start);
}
