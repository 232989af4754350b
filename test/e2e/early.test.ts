// What is clicked and sent before its script runs, in pages whose scripts come one by one: each island hears of it once,
// and what is no island's is left to the browser.

import { basename } from 'node:path';
import Fastify from 'fastify';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { clientApp, clientComponent, islet, serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { note, outer, shadowNote } from '../support/early.ts';
import { servePages } from '../support/pages.ts';

const entries = ['test/support/start-early.ts', 'test/support/start-early-app.ts'];

const site = servePages(
  async () => {
    const app = Fastify();
    await app.register(islet, { components: [note, shadowNote] });
    app.islet.route('/ws/outer', outer);
    for (const { path, code } of await buildBundles({ entries, write: false }))
      app.get(`/${basename(path)}`, (_, reply) => reply.type('text/javascript').send(code));
    app.get('/sent', (_, reply) => reply.html(html`<p>sent</p>`));
    app.get<{ Querystring: { early?: string; text?: string } }>('/', ({ query }, reply) =>
      reply.html(html`
        <!doctype html>
        <html lang="en">
          <head>
            <title>Early</title>
            ${query.early === undefined ? null : html`<script src="/islet/early.js"></script>`}
          </head>
          <body>
            <p class="text">${query.text ?? ''}</p>
            <form class="plain"><input name="early"><input name="text" value="native"><button>Plain</button></form>
            ${serverComponent({ route: '/ws/outer' })}
            ${clientComponent(note, { attributes: { id: 'alone' } })}
            ${clientComponent(shadowNote)}
            ${clientApp(outer, undefined)}
          </body>
        </html>
      `),
    );
    return app;
  },
  { appFor: 'all tests', pictures: true },
);

const scripts = { element: '/islet/element.js', notes: '/start-early.js', app: '/start-early-app.js' };
type Script = keyof typeof scripts;

async function open(path: string): Promise<Page> {
  const page = await site.open(path);
  page.setDefaultTimeout(20_000);
  return page;
}

async function run(page: Page, script: Script): Promise<void> {
  await page.addScriptTag({ type: 'module', url: scripts[script] });
  if (script === 'element') await page.locator('server-component:state(live)').waitFor();
  if (script === 'notes') await page.locator('early-note:not(:defined)').first().waitFor({ state: 'detached' });
  if (script === 'app') await page.locator('#app:not(:has(> script))').waitFor();
}

const places = {
  server: 'server-component > .outer',
  inServer: 'server-component early-note output',
  alone: '#alone output',
  shadow: 'early-shadow output',
  app: '#app > .outer',
  inApp: '#app early-note output',
};

async function act(page: Page): Promise<void> {
  for (const place of ['server-component early-note', '#alone', 'early-shadow', '#app early-note']) {
    await page.locator(`${place} >> button`).first().click();
    await page.locator(`${place} >> form button`).click();
  }
}

async function counted(page: Page): Promise<Record<string, string | null>> {
  const texts = Object.entries(places).map(async ([name, place]) => [name, await page.locator(place).textContent()]);
  return Object.fromEntries(await Promise.all(texts));
}

const orders: readonly (readonly Script[])[] = [
  ['element', 'notes', 'app'],
  ['element', 'app', 'notes'],
  ['app', 'element', 'notes'],
  ['notes', 'app', 'element'],
];

describe.each(orders)('scripts that come as %s, %s, %s', (...order) => {
  test('deliver what was done before all of them to each island once', async () => {
    const page = await open('/?early');
    await act(page);
    for (const script of order) await run(page, script);
    // a button of a form is heard as a click, too
    await expect
      .poll(() => counted(page))
      .toEqual({
        server: '2 clicks, 1 sent, 0 failed',
        inServer: '1 clicks, 1 sent, 1 failed',
        alone: '1 clicks, 1 sent, 1 failed',
        shadow: '1 clicks, 1 sent, 1 failed',
        app: '2 clicks, 1 sent, 0 failed',
        inApp: '1 clicks, 1 sent, 1 failed',
      });
    // what was told again leaves nothing behind that would stop what comes later
    const isHeard = await page.evaluate(() => {
      let isHeard = false;
      document.addEventListener('error', () => (isHeard = true));
      document.querySelector('#alone img')?.dispatchEvent(new Event('error', { bubbles: true }));
      return isHeard;
    });
    expect(isHeard).toBe(true);
  });

  // without early.js, the element is the first that hears
  test.each(['/?early', ...(order[0] === 'element' ? ['/'] : [])])(
    'deliver what is done between them once (%s)',
    async (path) => {
      const page = await open(path);
      for (const script of order) {
        await run(page, script);
        await act(page);
      }
      const times = order.length;
      await expect
        .poll(() => counted(page))
        .toEqual({
          server: `${2 * times} clicks, ${times} sent, 0 failed`,
          inServer: `${times} clicks, ${times} sent, 1 failed`,
          alone: `${times} clicks, ${times} sent, 1 failed`,
          shadow: `${times} clicks, ${times} sent, 1 failed`,
          app: `${2 * times} clicks, ${times} sent, 0 failed`,
          inApp: `${times} clicks, ${times} sent, 1 failed`,
        });
    },
  );
});

test.each([[[]], [['element']], [['element', 'notes', 'app']]] as Script[][][])(
  'a form of the page itself is sent by the browser, whatever runs (%s)',
  async (order) => {
    const page = await open('/?early');
    for (const script of order) await run(page, script);
    await page.getByRole('button', { name: 'Plain' }).click();
    await expect.poll(() => page.locator('.text').textContent()).toBe('native');
  },
);
