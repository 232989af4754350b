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

// What the page's own style sheet leaves too faint or too small. Its bar asks for descriptions of other APIs.
const pageStyle = `
  .swagger-ui .topbar { display: none }
  .swagger-ui .opblock .opblock-summary-method { color: #111; text-shadow: none }
  .swagger-ui .info .title small.version-stamp { background: #3c6e12 }
  .swagger-ui .opblock .opblock-summary-path a { display: inline-block; line-height: 24px }
  html:not(.dark-mode) .swagger-ui .info a { color: #1f5fae }
`;

// Its document does not say that it may be as narrow as a phone.
const pageScript = `
  const viewport = Object.assign(document.createElement('meta'), { name: 'viewport', content: 'width=device-width' });
  document.head.append(viewport);
`;

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
    theme: {
      title: 'Anime tracker: the API',
      css: [{ filename: 'style.css', content: pageStyle }],
      js: [{ filename: 'page.js', content: pageScript }],
    },
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
