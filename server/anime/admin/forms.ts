/*
 * Forms that work without scripts: how they are read, and that they come from a page of this server. A browser says
 * with each POST which page sent it, so that no other site can send one in an administrator's name.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AdminProblem } from './problem.ts';

const maxBytes = 8 * 1_024;

/** Has the routes of a scope take forms, and nothing else, from its own pages alone. */
export function acceptForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: maxBytes },
    (_, body, done) => done(null, new URLSearchParams(String(body))),
  );
  scope.addHook('onRequest', async (request) => {
    if (request.method === 'POST' && !isFromHere(request)) {
      throw new AdminProblem(403, 'This form was sent from another site. Open the page here, and try again.');
    }
  });
}

/** The text of a field; empty where there is none. */
export function fieldOf({ body }: FastifyRequest, name: string): string {
  return body instanceof URLSearchParams ? (body.get(name) ?? '') : '';
}

function isFromHere({ headers, host }: FastifyRequest): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  return URL.canParse(origin) && new URL(origin).host === host;
}
