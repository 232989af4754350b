// Components inside components, on both sides: what stands in an inner one is its own, whatever its outer one does.

import Fastify from 'fastify';
import type { BrowserContextOptions, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { clientApp, islet } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { nestedApp, nestedServer, note } from '../support/nested.ts';
import { servePageScript } from '../support/page-script.ts';
import { servePages } from '../support/pages.ts';

const site = servePages(
  async () => {
    const app = Fastify();
    await app.register(islet, { components: [note] });
    app.islet.route('/ws/nested', nestedServer);
    await servePageScript(app, '/page.js', 'test/support/nested-page.ts');
    app.get('/', (_, reply) =>
      reply.html(html`
        <!doctype html>
        <html lang="en">
          <head><title>Nested</title><script type="module" src="/page.js"></script></head>
          <body>${clientApp(nestedApp, undefined)}</body>
        </html>
      `),
    );
    return app;
  },
  { appFor: 'all tests' },
);

test('the page shows all of it without scripts', async () => {
  const page = await open({ javaScriptEnabled: false });
  expect(await page.locator('.note').allTextContents()).toEqual(['a: 0', 'b: 0', 'c: 0', 'a: 0', 'b: 0', 'c: 0']);
});

test('the browser takes it over as it is, from the outermost to the innermost', async () => {
  const complaints: string[] = [];
  const page = await site.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(() => {
    document.addEventListener('readystatechange', () => {
      if (document.readyState === 'interactive')
        Object.assign(window, { parsed: [...document.querySelectorAll('#app *')] });
    });
  });
  await page.goto(site.address);
  await page.locator('server-component:state(live)').waitFor();
  await expect
    .poll(() =>
      page.evaluate(() => {
        const parsed: Element[] = Reflect.get(window, 'parsed');
        return parsed.filter((element) => !element.isConnected).map(({ outerHTML }) => outerHTML);
      }),
    )
    .toEqual([expect.stringContaining('data-islet')]); // the props, which have been read
  expect(complaints).toEqual([]);
});

describe.each([
  ['an app', '.app'],
  ['a server component', 'server-component'],
])('%s and the client components in it', (_, place) => {
  test('talk: attributes go in, events with their detail come out', async () => {
    const page = await open();
    const outer = page.locator(place);
    await outer.getByText('b: 0').click();
    await outer.getByText('b: 1').click();
    await outer.getByText('c: 0').click();
    const heard = [
      { clicks: 1, text: 'b' },
      { clicks: 2, text: 'b' },
      { clicks: 1, text: 'c' },
    ];
    await expect.poll(async () => JSON.parse((await outer.locator('.heard').textContent()) ?? '')).toEqual(heard);
  });

  test('leave each other alone: the inner ones keep their nodes and what they counted', async () => {
    const page = await open();
    const outer = page.locator(place);
    await outer.getByText('a: 0').click();
    await outer.getByText('a: 1').waitFor();
    const buttons = await outer.locator('.note').elementHandles();
    await outer.locator('.turn').click();
    await outer.locator('.toggle').click();
    await expect.poll(() => outer.locator('.note').allTextContents()).toEqual(['b: 0', 'c: 0', 'a: 1']);
    await expect.poll(() => outer.getByText('open', { exact: true }).count()).toBe(0);
    for (const button of buttons) expect(await button.evaluate((node) => node.isConnected)).toBe(true);
  });
});

test('a patch of the app does not reach into the server component inside it', async () => {
  const page = await open();
  const island = page.locator('server-component');
  await island.locator('.turn').click();
  await expect.poll(() => island.locator('.note').allTextContents()).toEqual(['b: 0', 'c: 0', 'a: 0']);
  const inside = await island.evaluateHandle((element) => [...element.querySelectorAll('*')]);
  await page.locator('.app .toggle').click();
  await expect.poll(() => island.getAttribute('class')).toBe('closed');
  expect(await inside.evaluate((elements) => elements.every((element) => element.isConnected))).toBe(true);
  expect(await island.locator('.note').allTextContents()).toEqual(['b: 0', 'c: 0', 'a: 0']);
  // and it is still live
  await island.locator('.turn').click();
  await expect.poll(() => island.locator('.note').allTextContents()).toEqual(['c: 0', 'a: 0', 'b: 0']);
});

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await site.open('/', options);
  if (options.javaScriptEnabled !== false) await page.locator('server-component:state(live)').waitFor();
  return page;
}
