/*
 * The tracker's pages: which URLs there are, with what data each is rendered, and what the status is.
 * Input: where anime come from. Output: routes of the app; a URL that is none of them is a page too, with status 404.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Anime, AnimeList } from '../../../components/tracker/anime.ts';
import { isPage } from '../../../components/tracker/model.ts';
import { pageOf, routes, toId } from '../../../components/tracker/routes.ts';
import type { Assets } from '../assets.ts';
import { trackerDocument } from './document.ts';

/** Where the pages' anime come from. */
export interface AnimeSource {
  /** The first page of the list, of those that the text finds; empty text: of all. */
  list(search: string): Promise<AnimeList>;
  read(id: number): Promise<Anime | undefined>;
}

/** Adds the pages. */
export function trackerPages(app: FastifyInstance, source: AnimeSource, assets: Assets): void {
  const show = async ({ url }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const page = pageOf(url);
    const id = page?.name === 'detail' ? toId(page.params.id) : Number.NaN;
    const [list, anime] = await Promise.all([
      source.list(page?.name === 'list' ? page.query.q : ''),
      Number.isNaN(id) ? undefined : source.read(id),
    ]);
    const props = { url, list, ...(page?.name === 'detail' && { anime: anime ?? null }) };
    return reply.code(isPage(props) ? 200 : 404).html(trackerDocument(props, assets));
  };

  for (const { pattern } of Object.values(routes)) app.get(pattern, show);
  app.setNotFoundHandler((request, reply) => {
    const { method, headers, url } = request;
    if (method === 'GET' && headers.accept?.includes('text/html')) return show(request, reply);
    return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: `There is no ${method} ${url}` });
  });
}
