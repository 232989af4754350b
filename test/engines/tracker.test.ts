// The anime tracker in further engines: it takes over what the server rendered, is live in several pages at once, and
// goes from page to page.

import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../server/anime/app.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { engineName, isMissing, type Page, usePages } from './page.ts';

/** Notes, before any other script runs, which nodes the page has when it is parsed. */
const watchScript = `document.addEventListener('readystatechange', () => {
  if (document.readyState !== 'interactive') return;
  const walker = document.createTreeWalker(document.body);
  window.parsed = [];
  while (walker.nextNode()) if (!walker.currentNode.parentNode.closest('script')) parsed.push(walker.currentNode);
});`;

describe.skipIf(isMissing)(engineName, () => {
  const openPage = usePages();
  let app: FastifyInstance;
  let proxy: TestProxy;

  beforeEach(async () => {
    app = await createApp();
    app.get('/watch.js', (_, reply) => reply.type('text/javascript').send(watchScript));
    // the page is changed on its way, which needs it as text
    app.addHook('onRequest', async ({ headers }) => void delete headers['accept-encoding']);
    app.addHook('onSend', async (_, reply, payload) => {
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
      return isPage ? String(payload).replace('<head>', '<head><script src="/watch.js"></script>') : payload;
    });
    proxy = await startProxy(await app.listen({ host: '127.0.0.1', port: 0 }));
  });

  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await app.close();
  });

  const open = async (path: string): Promise<Page> => {
    const page = await openPage(proxy.url + path);
    await isLive(page);
    return page;
  };

  test.each(['/', '/anime', '/anime?q=mob&sort=-title', '/anime/2', '/nothing'])(
    'takes %s over node for node',
    async (path) => {
      const page = await open(path);
      await expect.poll(() => page.count('script[data-islet]')).toBe(0);
      const { count, lost } = await page.evaluate(() => {
        const parsed = Reflect.get(window, 'parsed') as Node[];
        const isLost = (node: Node): boolean => !node.isConnected && !(node instanceof HTMLScriptElement);
        return { count: parsed.length, lost: parsed.filter(isLost).map((node) => node.textContent) };
      });
      expect(count).toBeGreaterThan(30);
      expect(lost).toEqual([]);
    },
  );

  test('shows a click in one page in another, and keeps it over a reload', async () => {
    const [one, other] = [await open('/'), await open('/')];
    await one.click('.card button', 'Rate higher');
    await one.click('.card button', 'Rate higher');
    await other.click('.card button', 'Rate lower');
    for (const page of [one, other]) await expect.poll(() => score(page)).toBe('6');
    await one.reload();
    expect(await score(one)).toBe('6');
    await one.click('.card button', 'Rate higher');
    await expect.poll(() => score(other)).toBe('7');
  });

  test('delivers clicks made while disconnected once', async () => {
    const [one, other] = [await open('/'), await open('/')];
    proxy.refuse();
    await expect.poll(() => one.count('.card server-component:state(offline)')).toBe(1);
    for (const _ of [6, 7, 8]) await one.click('.card button', 'Rate higher');
    // the page itself may answer at once
    expect(await score(other)).toBe('5');
    proxy.accept();
    for (const page of [one, other]) await expect.poll(() => score(page)).toBe('8');
    await one.click('.card button', 'Rate higher');
    for (const page of [one, other]) await expect.poll(() => score(page)).toBe('9');
  });

  test('goes from page to page without loading one, and back and forward', async () => {
    const page = await open('/');
    await page.evaluate(() => void Reflect.set(window, 'isFirst', true));
    await page.click('a', 'Cowboy Bebop');
    await shows(page, 'Cowboy Bebop', '/anime/1');
    await expect.poll(() => page.evaluate(() => document.title)).toBe('Cowboy Bebop – Anime tracker');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cowboy Bebop');
    await page.click('nav a', 'All anime');
    await shows(page, 'All anime', '/anime');
    await page.evaluate(() => scrollTo(0, 900));
    await page.click('a', 'Anime tracker');
    await shows(page, 'Worth watching', '/');
    await go(page, -1);
    await shows(page, 'All anime', '/anime');
    await go(page, -1);
    await shows(page, 'Cowboy Bebop', '/anime/1');
    await go(page, 1);
    await shows(page, 'All anime', '/anime');
    expect(await page.evaluate(() => 'isFirst' in window)).toBe(true);
    expect(await page.evaluate(() => document.querySelector('.feed')?.matches(':state(live)'))).toBe(true);
  });

  test('comes back to where one was on a page', async () => {
    const page = await open('/anime');
    await page.evaluate(() => scrollTo(0, 900));
    await page.evaluate(() => (document.querySelector('.brand') as HTMLElement).click());
    await shows(page, 'Worth watching', '/');
    await go(page, -1);
    await shows(page, 'All anime', '/anime');
    await expect.poll(() => page.evaluate(() => Math.round(scrollY))).toBe(900);
  });

  test('finds while one types, filters, and has a URL for it', async () => {
    const page = await open('/anime');
    await page.click('input[name=q]');
    await page.type('mob psy');
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100', 'Mob Psycho 100: Reigen']);
    await page.evaluate(() => {
      const order = document.querySelector('#sort') as HTMLSelectElement;
      order.value = '-title';
      order.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100: Reigen', 'Mob Psycho 100']);
    await shows(page, 'All anime', '/anime?q=mob+psy&sort=-title');
    await page.reload();
    expect(await titles(page)).toEqual(['Mob Psycho 100: Reigen', 'Mob Psycho 100']);
    expect(await page.evaluate(() => (document.querySelector('#sort') as HTMLSelectElement).value)).toBe('-title');
    await go(page, -1);
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100', 'Mob Psycho 100: Reigen']);
  });

  test('shows more of the list below', async () => {
    const page = await open('/anime');
    await page.click('a', 'Show more');
    await expect.poll(() => page.count('.entry')).toBe(100);
    expect(new Set(await titles(page)).size).toBe(100);
  });

  test('shows a vote in every open page, and as one’s own', async () => {
    const [one, other, list] = [await open('/anime/1'), await open('/anime/1'), await open('/anime')];
    for (const _ of [6, 7]) await one.click('anime-rating button', 'Rate higher');
    await one.click('anime-rating button', 'Save rating');
    await expect.poll(() => one.text('.vote [role=status]')).toBe('Your vote: 7');
    for (const page of [one, other]) await expect.poll(() => page.text('.average-score b')).toBe('7.00');
    await expect.poll(() => list.text('.entry-average')).toBe('7.0');
    await one.reload();
    await expect.poll(() => one.text('anime-rating .rating-score')).toBe('7');
    await isLive(one);
    await one.click('button', 'Take my vote back');
    await expect.poll(() => one.text('.vote [role=status]')).toBe('You have not voted yet');
    for (const page of [one, other]) await expect.poll(() => page.text('.average-score b')).toBe('–');
  });

  test('refreshes its list, and says when', async () => {
    const page = await open('/anime');
    await page.click('button', 'Refresh');
    await expect.poll(() => page.evaluate(() => document.body.textContent)).toContain('Refreshed in this browser');
    expect(await page.count('[role=alert]')).toBe(0);
  });
});

const score = (page: Page): Promise<string | null> => page.text('.card .rating-score');

const titles = (page: Page): Promise<string[]> => page.texts('.entry-title');

async function shows(page: Page, heading: string, url: string): Promise<void> {
  await expect.poll(() => page.text('h1')).toBe(heading);
  expect(await page.evaluate(() => location.pathname + location.search)).toBe(url);
}

async function isLive(page: Page): Promise<void> {
  await expect.poll(() => page.count('server-component')).toBeGreaterThan(0);
  await expect.poll(() => page.count('server-component:not(:state(live))')).toBe(0);
}

const go = (page: Page, delta: number): Promise<void> => page.evaluate((by) => history.go(by), delta);
