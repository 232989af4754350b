/*
 * Gives every address of the API an answer to every method: 405 with `Allow` to those that it does not know, and
 * `Allow` to OPTIONS.
 */

import type { FastifyInstance, HTTPMethods } from 'fastify';
import { ApiProblem } from './problem.ts';

/** What Fastify routes; it has no address for anything else. */
const allMethods: readonly HTTPMethods[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY',
  'TRACE',
];

export function isKnownMethod(method: string): boolean {
  return allMethods.includes(method);
}

/** Watches the routes that are declared from now on. The function that it gives declares the rest. */
export function watchMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<HTTPMethods>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    known.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...known]) {
      const allow = [...methods, 'OPTIONS'].sort().join(', ');
      const others = allMethods.filter((method) => !methods.has(method) && method !== 'OPTIONS');
      // the address as it was declared, without the prefix that this scope adds again
      const path = url.slice(app.prefix.length);
      app.route({
        method: others,
        url: path,
        schema: { hide: true },
        // before the body is read: it does not matter what is in it
        onRequest: async (_, reply) => {
          reply.header('allow', allow);
          throw new ApiProblem('method-not-allowed', { detail: `Allowed here: ${allow}.` });
        },
        handler: () => {},
      });
      if (!methods.has('OPTIONS')) {
        app.options(path, { schema: { hide: true } }, (_, reply) => reply.header('allow', allow).code(204).send());
      }
    }
  };
}
