// Pages with one of the components of field-components.ts, on both sides: a server component behind a proxy, or the
// same component started in the browser. `await using scene = await openFields('server', 'box');`

import { basename } from 'node:path';
import type { Locator, Page } from 'playwright';
import { type Bundle, buildBundles } from '../../scripts/build.ts';
import { clientApp, serverComponent } from '../../server/index.ts';
import { html, unsafeHtml } from '../../shared/index.ts';
import { components, type Name, type Told } from './field-components.ts';
import { type Frames, readFrames } from './frames.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import { startServer, type TestServer } from './server.ts';

export type Side = 'server' | 'client';

export interface Scene extends AsyncDisposable {
  readonly page: Page;
  readonly proxy: TestProxy;
  readonly frames: Frames;
  readonly server: TestServer;
  /** What the component was told so far. */
  log(): Promise<readonly Told[]>;
  find(selector: string): Locator;
  /** Lets the script run that was held back. */
  allowScript(): Promise<void>;
  /** Another page of the same component. */
  another(): Promise<Page>;
  /** Another server takes the place of this one. */
  restart(): Promise<void>;
}

export interface SceneOptions {
  readonly isShared?: boolean;
  readonly isScriptLate?: boolean;
  /** Whether the page loads early.js. */
  readonly isEarly?: boolean;
  /** The script runs when the page's `runScript()` is called. */
  readonly isScriptAsked?: boolean;
  /** So many islands are in the page. */
  readonly islands?: number;
}

let scripts: Promise<Bundle[]> | undefined;

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>';

/** Serves a page with one of the components. */
export async function serveFields(
  side: Side,
  name: Name,
  { isShared = false, isEarly = false, isScriptAsked = false, islands = 1 }: SceneOptions = {},
): Promise<TestServer> {
  scripts ??= buildBundles({ entries: ['test/support/start-fields.ts'], write: false });
  const all = await scripts;
  const src = side === 'server' ? '/islet/element.js' : '/start.js';
  const early = isEarly ? html`<script src="/islet/early.js"></script>` : null;
  return startServer((app) => {
    app.islet.route('/ws/fields/:name', components[name], isShared ? { shared: true } : {});
    // and what it loads later
    for (const [index, { path, code }] of all.entries())
      app.get(index ? `/${basename(path)}` : '/start.js', (_, reply) => reply.type('text/javascript').send(code));
    app.get('/there.svg', (_, reply) => reply.type('image/svg+xml').send(svg));
    app.get('/other', (_, reply) => reply.html(html`<p>other</p>`));
    app.get('/', (_, reply) =>
      reply.header('cache-control', 'no-cache').html(html`
        <!doctype html>
        <html lang="en">
          <head>
            <title>Fields</title>
            ${early}
            ${isScriptAsked ? unsafeHtml(`<script>runScript = () => import('${src}')</script>`) : html`<script type="module" async src=${src}></script>`}
          </head>
          <body data-name=${name}>
            ${
              side === 'server'
                ? Array.from({ length: islands }, (_each, index) => serverComponent({ route: `/ws/fields/${index}` }))
                : clientApp(components[name], {})
            }
          </body>
        </html>
      `),
    );
  });
}

/** @param newPage Opens a page of a visitor of its own. */
export async function openFields(
  newPage: () => Promise<Page>,
  side: Side,
  name: Name,
  options: SceneOptions = {},
): Promise<Scene> {
  const servers = [await serveFields(side, name, options)];
  const proxy = await startProxy(servers[0]?.url as string);
  const held = Promise.withResolvers<void>();
  const isLive = async (page: Page): Promise<void> => {
    if (side === 'server')
      await page
        .locator('server-component:state(live)')
        .nth((options.islands ?? 1) - 1)
        .waitFor();
    // it has been started where its data is gone
    else await page.locator('#app:not(:has(> script))').waitFor();
  };
  const open = async (page: Page): Promise<Page> => {
    if (options.isScriptLate) {
      await page.route(/element\.js|start\.js/, async (route) => {
        await held.promise;
        await route.continue();
      });
      await page.goto(proxy.url, { waitUntil: 'commit' });
      await page.locator('output').waitFor();
    } else {
      await page.goto(proxy.url);
      await isLive(page);
    }
    return page;
  };
  const page = await newPage();
  const frames = readFrames(page);
  await open(page);
  return {
    page,
    proxy,
    frames,
    get server() {
      return servers.at(-1) as TestServer;
    },
    log: async () => JSON.parse((await page.locator('output').first().textContent()) ?? ''),
    find: (selector) => page.locator(selector).first(),
    async allowScript() {
      held.resolve();
      await isLive(page);
    },
    another: async () => open(await newPage()),
    async restart() {
      proxy.refuse();
      await page.locator('server-component:state(offline)').first().waitFor();
      await servers.at(-1)?.[Symbol.asyncDispose]();
      servers.push(await serveFields(side, name, options));
      proxy.target = servers.at(-1)?.url as string;
      proxy.accept();
      await isLive(page);
    },
    async [Symbol.asyncDispose]() {
      await page.context().close();
      await proxy[Symbol.asyncDispose]();
      await servers.at(-1)?.[Symbol.asyncDispose]();
    },
  };
}
