// Pages with a predicted list, behind a proxy: `await using scene = await openPredicted(newPage);`

import { basename } from 'node:path';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import { type Bundle, buildBundles } from '../../scripts/build.ts';
import { type IsletOptions, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { type Frames, readFrames } from './frames.ts';
import { predictedList } from './predicted-list.ts';
import { startProxy, type TestProxy } from './proxy.ts';
import { startServer, type TestServer } from './server.ts';

export interface PredictedScene extends AsyncDisposable {
  readonly page: Page;
  readonly frames: Frames;
  readonly proxy: TestProxy;
  readonly server: TestServer;
  /** Another page of the same list. @param path `/plain`: without the code. */
  open(path?: string): Promise<Page>;
}

/** What no page may ever have. */
export const secretWord = 'sesame-42-open';

let scripts: Promise<Bundle[]> | undefined;

/** What a page loads of its own. */
export async function predictedScripts(): Promise<Bundle[]> {
  scripts ??= buildBundles({
    entries: ['test/support/predicted-entry.ts', 'test/support/predicted-oracle.ts'],
    write: false,
  });
  return scripts;
}

/** Serves pages with the list at `/ws/list/:name`: at `/` it is predicted, at `/checked` and each frame looked at, at `/later` when asked to, at `/plain` never. */
export async function servePredicted(
  options: IsletOptions = {},
  route: { readonly persist?: boolean; readonly code?: string; readonly rows?: number } = {},
): Promise<TestServer> {
  const all = await predictedScripts();
  const { code, persist, rows = 5 } = route;
  return startServer((app) => {
    const predict = code === undefined ? true : { code };
    const props = () => ({ word: secretWord, rows });
    const more = { predict, keeps: ['secret'], props } as const;
    if (persist) app.islet.route('/ws/list/:name', predictedList, { shared: true, persist: true, ...more });
    else app.islet.route('/ws/list/:name', predictedList, { shared: true, ...more });
    app.islet.route('/ws/own/:name', predictedList, more);
    for (const { path, code: script } of all)
      app.get(`/${basename(path)}`, (_, reply) => reply.type('text/javascript').send(script));
    for (const path of ['/', '/later', '/plain', '/checked'])
      app.get(path, (_, reply) =>
        reply.header('cache-control', 'no-cache').html(html`
          <!doctype html>
          <html lang="en" data-predict=${path === '/' || path === '/checked' ? '' : null}>
            <head>
              <title>List</title>
              ${path === '/checked' ? html`<script type="module" src="/predicted-oracle.js"></script>` : null}
              <script type="module" src="/islet/element.js"></script>
              ${path === '/plain' ? null : html`<script type="module" src="/predicted-entry.js"></script>`}
            </head>
            <body>${serverComponent({ route: '/ws/list/a' })}</body>
          </html>
        `),
      );
  }, options);
}

/** Opens a page whose island is predicted. */
export async function openPredicted(
  newPage: () => Promise<Page>,
  path = '/',
  options: IsletOptions = {},
  route: Parameters<typeof servePredicted>[1] = {},
): Promise<PredictedScene> {
  const server = await servePredicted(options, route);
  const proxy = await startProxy(server.url);
  const open = async (to = '/', frames?: (page: Page) => void): Promise<Page> => {
    const page = await newPage();
    frames?.(page);
    const predicted = to === '/' || to === '/checked' ? untilPredicted(page) : undefined;
    await page.goto(proxy.url + to);
    await page.locator('server-component:state(live)').waitFor();
    await predicted;
    return page;
  };
  let frames: Frames | undefined;
  const page = await open(path, (each) => {
    frames = readFrames(each);
  });
  return {
    page,
    frames: frames as Frames,
    proxy,
    server,
    open: (to) => open(to),
    async [Symbol.asyncDispose]() {
      await page.context().close();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Resolves when the server has said as whom the page's handlers are called: from then on it tells the model. */
export function untilPredicted(page: Page): Promise<void> {
  return new Promise((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('["you",')) resolve();
      }),
    );
  });
}

/** What a page shows of the list, and that it is the model. */
export function shown(page: Page): Promise<string> {
  return page
    .locator('li')
    .evaluateAll((rows) =>
      rows
        .map((row) => `${row.className} ${row.querySelector('b')?.textContent}/${row.querySelector('input')?.value}`)
        .join('\n'),
    );
}

export async function expectSame(...pages: readonly Page[]): Promise<void> {
  const [first, ...others] = pages as [Page, ...Page[]];
  for (const other of others) await expect.poll(() => shown(other)).toBe(await shown(first));
}
