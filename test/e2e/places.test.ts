// The element finds its socket wherever the app stands: at the root, under a path, in a bundle, on another origin. No
// element says where that is.

import Fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright';
import { afterEach, expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { islet, serverComponent } from '../../server/index.ts';
import { html, type Template } from '../../shared/index.ts';
import { counter } from '../support/counter.ts';
import { openPages } from '../support/pages.ts';
import { startProxyUnder } from '../support/path-proxy.ts';

const apps: FastifyInstance[] = [];
const newPage = openPages();

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** An app's own bundle. */
const [script] = await buildBundles({ entries: ['client-runtime/element/element.ts'], write: false });

interface Place {
  /** The scope's prefix. */
  readonly prefix?: string;
  /** What the page says in its head; it is served at `/page`. */
  readonly head: Template;
  readonly attributes?: { readonly [name: string]: string };
  readonly allowedOrigins?: readonly string[];
}

async function start({ prefix = '', head, attributes = {}, allowedOrigins = [] }: Place): Promise<string> {
  const app = Fastify({ forceCloseConnections: true });
  apps.push(app);
  const declare = async (scope: FastifyInstance): Promise<void> => {
    await scope.register(islet, { allowedOrigins });
    scope.islet.route('/ws/count', counter, { shared: true });
    // an app's own bundle, named by its content
    scope.get('/assets/app-4f2a.js', (_, reply) => reply.type('text/javascript').send(script?.code));
    scope.get('/page', (_, reply) =>
      reply.html(html`
        <!doctype html>
        <html lang="en">
          <head><title>Places</title>${head}</head>
          <body>${serverComponent({ route: '/ws/count', attributes })}</body>
        </html>
      `),
    );
  };
  await app.register(declare, { prefix });
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function open(url: string): Promise<Page> {
  const page = await newPage();
  await page.goto(url);
  return page;
}

/** The island is live, and answers. */
async function expectToCount(page: Page): Promise<void> {
  await page.locator('server-component:state(live)').waitFor();
  await page.getByRole('button').click();
  await expect.poll(() => page.getByRole('button').textContent()).toBe('1');
}

const relative = html`<script type="module" src="islet/element.js"></script>`;

test('at the root', async () => {
  const url = await start({ head: html`<script type="module" src="/islet/element.js"></script>` });
  await expectToCount(await open(`${url}/page`));
});

test('with something behind the name of the script', async () => {
  const url = await start({ head: html`<script type="module" src="/islet/element.js?v=3#x"></script>` });
  await expectToCount(await open(`${url}/page`));
});

test('under a path that a proxy strips, of which the app knows nothing', async () => {
  const url = await start({ head: relative });
  await using proxy = await startProxyUnder('/app', url, { strips: true });
  await expectToCount(await open(`${proxy.url}/page`));
});

test('under a path that a proxy keeps, as a prefix of Fastify', async () => {
  const url = await start({
    prefix: '/app',
    head: html`<script type="module" src="/app/islet/element.js"></script>`,
  });
  await using proxy = await startProxyUnder('/app', url, { strips: false });
  await expectToCount(await open(`${proxy.url}/page`));
});

test('in a bundle at the root', async () => {
  const url = await start({ head: html`<script type="module" src="/assets/app-4f2a.js"></script>` });
  await expectToCount(await open(`${url}/page`));
});

test.each(['/app/islet', 'islet'])('in a bundle under a path, by what the page says: %s', async (content) => {
  const url = await start({
    head: html`<meta name="islet" content=${content}><script type="module" src="assets/app-4f2a.js"></script>`,
  });
  await using proxy = await startProxyUnder('/app', url, { strips: true });
  await expectToCount(await open(`${proxy.url}/page`));
});

test('where the element says so, whatever the page and the script say', async () => {
  const url = await start({
    head: html`<meta name="islet" content="/nowhere">${relative}`,
    attributes: { socket: '/islet' },
  });
  await expectToCount(await open(`${url}/page`));
});

test('on another origin, if that allows the page', async () => {
  const pageApp = Fastify({ forceCloseConnections: true });
  apps.push(pageApp);
  let url = '';
  pageApp.get('/page', (_, reply) => {
    // such a page lets nothing in that does not say that it may be
    reply.headers({ 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' });
    return reply.type('text/html').send(`<!doctype html><title>Elsewhere</title>
      <script type="module" src="${url}/islet/element.js"></script>
      <server-component route="/ws/count"></server-component>`);
  });
  const refusedAt = await pageApp.listen({ host: '127.0.0.1', port: 0 });
  const allowed = refusedAt.replace('127.0.0.1', 'localhost');
  url = await start({ head: relative, allowedOrigins: [allowed.toUpperCase()] });

  await expectToCount(await open(`${allowed}/page`));
  const other = await newPage();
  const refused = other.waitForEvent('console', (message) => message.text().includes('403'));
  await other.goto(`${refusedAt}/page`);
  await refused;
  expect(await other.locator('server-component:state(live)').count()).toBe(0);
});
