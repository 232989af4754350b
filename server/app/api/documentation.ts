/*
 * The API's description, out of the schemas that its routes check by: `/api/openapi.json`, `/api/docs` for people, and
 * `/api/problems`, where the types of errors lead.
 */

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { Problem, problems } from '../../../components/schema/problem.ts';

// The page's own scripts come from here; it sets styles on elements by script.
const pagePolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Must come before the routes that it describes. */
export async function addDocumentation(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Anime tracker', version: '1', description: 'A list of anime, and what visitors think of them.' },
      tags: [{ name: 'Anime' }, { name: 'Ratings' }],
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: '/api',
    staticCSP: pagePolicy,
    uiConfig: { tryItOutEnabled: true },
    theme: { title: 'Anime tracker: the API' },
  });
}

export function descriptionRoutes(app: FastifyInstance): void {
  const hidden = { schema: { hide: true } };
  app.get('/openapi.json', hidden, async () => app.swagger());
  app.get('/problems', hidden, async () =>
    Object.entries(problems).map(([code, { status, title }]) => ({ type: `/api/problems#${code}`, status, title })),
  );
}

/** The errors that a route may answer with, for its schema. */
export function problemResponses(...statuses: number[]) {
  const titleOf = (status: number) =>
    Object.values(problems)
      .filter((problem) => problem.status === status)
      .map(({ title }) => title)
      .join(', or: ');
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: titleOf(status), content: { 'application/problem+json': { schema: Problem } } },
    ]),
  );
}
