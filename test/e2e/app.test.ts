// The anime tracker as a person meets it: pages from the server that an app takes over, in a real browser.

import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../server/app/app.ts';
import { launchBrowser } from '../support/browser.ts';

let browser: Browser;
let app: FastifyInstance;
let address: string;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  app = await createApp();
  address = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await app.close();
});

describe('the server', () => {
  test.each([
    ['/', 200, 'Anime tracker', 'Worth watching'],
    ['/anime', 200, 'All anime – Anime tracker', 'All anime'],
    ['/anime?q=mob%20psycho', 200, 'All anime – Anime tracker', 'Mob Psycho 100'],
    ['/anime/2', 200, 'Steins;Gate – Anime tracker', '24 episodes'],
    ['/anime/2/', 200, 'Steins;Gate – Anime tracker', '24 episodes'],
    ['/anime/999999', 404, 'Not found – Anime tracker', 'There is no such page'],
    ['/anime/two', 404, 'Not found – Anime tracker', 'There is no such page'],
    ['/anime/2/episodes', 404, 'Not found – Anime tracker', 'There is no such page'],
    ['/nothing', 404, 'Not found – Anime tracker', 'There is no such page'],
  ])('answers %s with %i and the page itself', async (url, status, title, text) => {
    const { statusCode, body } = await app.inject({ url, headers: { accept: 'text/html' } });
    expect(statusCode).toBe(status);
    expect(body).toContain(`<title>${title}</title>`);
    expect(body).toContain(text);
  });

  test('gives those who want no page an answer that is none', async () => {
    const { statusCode, headers } = await app.inject({ url: '/nothing' });
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toContain('json');
  });

  test('shows on each page what is on it to those without scripts, searching included', async () => {
    const page = await open('/', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Steins;Gate' }).click();
    await shows(page, 'Steins;Gate');
    await page.getByRole('link', { name: 'All anime' }).first().click();
    await page.getByLabel('Title or studio').fill('mob psycho');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await titles(page)).toEqual(['Mob Psycho 100', 'Mob Psycho 100: Reigen']);
    expect(await page.locator('server-component .rating-score').textContent()).toBe('5');
  });
});

describe('the app', () => {
  test.each(['/', '/anime', '/anime?q=mob', '/anime/2', '/nothing'])(
    'takes %s over as it is, without asking for anything and without complaint',
    async (path) => {
      const complaints: string[] = [];
      const asked: string[] = [];
      const page = await browser.newPage();
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.addInitScript(() => {
        document.addEventListener('readystatechange', () => {
          const parsed = [...document.querySelectorAll('#app *:not(script)')];
          if (document.readyState === 'interactive') Object.assign(window, { parsed });
        });
      });
      await page.goto(address + path);
      await page.locator('server-component:state(live)').waitFor();
      await expect.poll(() => page.locator('script[data-islet]').count()).toBe(0);
      const lost = await page.evaluate(
        () => (Reflect.get(window, 'parsed') as Element[]).filter((element) => !element.isConnected).length,
      );
      expect(lost).toBe(0);
      expect(asked.filter((pathname) => pathname.startsWith('/api'))).toEqual([]);
      expect(complaints.filter((text) => !text.includes('404 (Not Found)'))).toEqual([]);
    },
  );

  test('goes from page to page without loading one, says where it is, and goes back', async () => {
    const page = await open('/');
    await page.evaluate(() => Object.assign(window, { isFirst: true }));
    await page.getByRole('link', { name: 'Cowboy Bebop' }).click();
    await shows(page, 'Cowboy Bebop');
    expect(page.url()).toBe(`${address}/anime/1`);
    await expect.poll(() => page.title()).toBe('Cowboy Bebop – Anime tracker');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cowboy Bebop');
    await page.getByRole('navigation').getByRole('link', { name: 'All anime' }).click();
    await shows(page, 'All anime');
    expect(await page.getByRole('navigation').getByRole('link').getAttribute('aria-current')).toBe('page');
    await page.goBack();
    await shows(page, 'Cowboy Bebop');
    await page.goBack();
    await shows(page, 'Worth watching');
    await expect.poll(() => page.title()).toBe('Anime tracker');
    expect(await page.evaluate(() => 'isFirst' in window)).toBe(true);
  });

  test('says that a page is not there', async () => {
    const page = await open('/');
    await page.evaluate(() => {
      const link = Object.assign(document.createElement('a'), { href: '/anime/999999', textContent: 'Missing' });
      document.querySelector('.lede')?.append(link);
    });
    await page.getByRole('link', { name: 'Missing' }).click();
    await shows(page, 'Nothing here');
    await expect.poll(() => page.title()).toBe('Not found – Anime tracker');
  });

  test('asks for an anime that its list does not have', async () => {
    const page = await open('/anime/250');
    const title = await page.locator('h1').textContent();
    await page.getByRole('link', { name: 'Anime tracker' }).click();
    await shows(page, 'Worth watching');
    await page.goBack();
    await shows(page, title);
    await page.goto(address);
    await page.evaluate(() => {
      const link = Object.assign(document.createElement('a'), { href: '/anime/251', textContent: 'Another' });
      document.querySelector('.lede')?.append(link);
    });
    await page.getByRole('link', { name: 'Another' }).click();
    await expect.poll(() => page.locator('.synopsis').count()).toBe(1);
    await expect.poll(() => page.title()).toBe(`${await page.locator('h1').textContent()} – Anime tracker`);
  });

  test('leaves a link to a page of the server to the browser', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: '/api/anime' }).click();
    await page.waitForURL('**/api/anime');
    expect(await page.locator('body').textContent()).toContain('Cowboy Bebop');
  });

  test('keeps the live rating, its connection included, while pages change around it', async () => {
    const sockets: string[] = [];
    const page = await browser.newPage();
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(address);
    await page.locator('server-component:state(live)').waitFor();
    const island = page.locator('server-component');
    await island.getByRole('button', { name: 'Rate higher' }).click();
    await expect.poll(() => island.locator('.rating-score').textContent()).toBe('6');
    const inside = await island.evaluateHandle((element) => [element, ...element.querySelectorAll('*')]);
    await page.getByRole('link', { name: 'Cowboy Bebop' }).click();
    await shows(page, 'Cowboy Bebop');
    await page.getByRole('navigation').getByRole('link', { name: 'All anime' }).click();
    await shows(page, 'All anime');
    expect(await inside.evaluate((elements) => elements.every((element) => element.isConnected))).toBe(true);
    await island.getByRole('button', { name: 'Rate higher' }).click();
    await expect.poll(() => island.locator('.rating-score').textContent()).toBe('7');
    expect(sockets).toHaveLength(1);
  });
});

describe('what a person does before the script has come', () => {
  test('is done as soon as it has', async () => {
    const page = await browser.newPage();
    let send: () => void = () => {};
    const sent = new Promise<void>((resolve) => {
      send = resolve;
    });
    await page.route('**/islet/app.js', async (route) => {
      await sent;
      await route.continue();
    });
    await page.goto(`${address}/anime`, { waitUntil: 'commit' });
    await page.waitForFunction(() => 'isletEarly' in window);
    await page.getByLabel('Title or studio').fill('mob psycho');
    await page.getByRole('button', { name: 'Refresh' }).click();
    send();
    await page.getByText('Refreshed in this browser').waitFor();
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100']);
    expect(await page.getByLabel('Title or studio').inputValue()).toBe('mob psycho');
  });
});

describe('searching', () => {
  test('filters the list while one types, without asking the server', async () => {
    const page = await open('/anime');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByLabel('Title or studio').pressSequentially('mob psy');
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100']);
    await page.getByLabel('Title or studio').fill('no such thing');
    await page.getByText('Nothing here has this in its title or studio.').waitFor();
    await page.getByLabel('Title or studio').fill('');
    await expect.poll(async () => (await titles(page)).length).toBe(50);
    expect(asked).toEqual([]);
  });

  test('asks the server when it is sent, and has a URL of its own', async () => {
    const page = await open('/anime');
    await page.getByLabel('Title or studio').fill('bones');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/anime?q=bones');
    await page.getByText(/with “bones”/).waitFor();
    const found = await titles(page);
    expect(found).toContain('Mob Psycho 100');
    await page.reload();
    expect(await titles(page)).toEqual(found);
    expect(await page.getByLabel('Title or studio').inputValue()).toBe('bones');
    await page.getByRole('navigation').getByRole('link', { name: 'All anime' }).click();
    await expect.poll(async () => (await titles(page)).length).toBe(50);
    expect(await page.getByLabel('Title or studio').inputValue()).toBe('');
    await page.goBack();
    await expect.poll(() => titles(page)).toEqual(found);
  });

  test('offers to look through those that are not here yet', async () => {
    const page = await open('/anime');
    await page.getByLabel('Title or studio').fill('no such thing');
    await page.getByRole('button', { name: /Search all/ }).click();
    await page.getByText('0 with “no such thing”').waitFor();
  });
});

test('more of the list is shown on demand, each anime once', async () => {
  const page = await open('/anime');
  expect(await titles(page)).toHaveLength(50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(async () => (await titles(page)).length).toBe(100);
  expect(new Set(await titles(page)).size).toBe(100);
});

describe('refreshing', () => {
  test('says that it is under way, and when it was done, also on the next visit', async () => {
    const page = await open('/anime');
    let answer: () => void = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/api/anime', async (route) => {
      await answered;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('button', { name: 'Refreshing…' }).waitFor();
    expect(await page.getByRole('region', { name: 'All anime' }).getAttribute('aria-busy')).toBe('true');
    answer();
    await page.getByText('Refreshed in this browser').waitFor();
    await page.getByRole('button', { name: 'Refresh', exact: true }).waitFor();
    const time = await page.locator('time').getAttribute('datetime');
    await page.reload();
    await expect.poll(() => page.locator('time').getAttribute('datetime')).toBe(time);
  });

  test('says that one is offline, and goes on by itself when the network is back', async () => {
    const page = await open('/anime');
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('You are offline').waitFor();
    expect(await titles(page)).toHaveLength(50);
    await page.context().setOffline(false);
    await page.getByText('Refreshed in this browser').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('that fails can be tried again', async () => {
    const page = await open('/anime');
    const { port } = new URL(address);
    await app.close();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('The server cannot be reached').waitFor();
    app = await createApp();
    await app.listen({ host: '127.0.0.1', port: Number(port) });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Refreshed in this browser').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('says that the server would not', async () => {
    await app.close();
    app = await createApp({ api: { requestsPerMinute: 1 } });
    address = await app.listen({ host: '127.0.0.1', port: 0 });
    const page = await open('/anime');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Refreshed in this browser').waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('of no use here').waitFor();
    expect(await titles(page)).toHaveLength(50);
  });
});

describe('the own score of an anime', () => {
  test('is set in the rating by the page, heard when it is saved, and kept', async () => {
    const page = await open('/anime/1');
    const own = page.locator('anime-rating');
    expect(await own.locator('.rating-score').textContent()).toBe('5');
    for (const _ of [6, 7]) await own.getByRole('button', { name: 'Rate higher' }).click();
    await own.getByRole('button', { name: 'Save rating' }).click();
    await page.getByText('You gave it 7 of 10').waitFor();
    expect(await own.getAttribute('value')).toBe('7');
    await page.getByRole('link', { name: 'All anime' }).first().click();
    await page.getByText('you: 7').waitFor();
    await page.reload();
    await page.getByText('you: 7').waitFor();
    await page.getByRole('link', { name: 'Cowboy Bebop' }).click();
    await expect.poll(() => own.locator('.rating-score').textContent()).toBe('7');
    await page.getByRole('button', { name: 'Forget it' }).click();
    await expect.poll(() => own.locator('.rating-score').textContent()).toBe('5');
    await page.reload();
    await page.getByText('It is kept in this browser alone.').waitFor();
  });

  test('is not the one of another anime, nor the one that everybody shares', async () => {
    const page = await open('/anime/1');
    await page.locator('anime-rating').getByRole('button', { name: 'Rate lower' }).click();
    await expect.poll(() => page.locator('anime-rating .rating-score').textContent()).toBe('4');
    expect(await page.locator('server-component .rating-score').textContent()).toBe('5');
    await page.getByRole('link', { name: 'All anime' }).first().click();
    await page.getByRole('link', { name: 'Steins;Gate' }).click();
    await shows(page, 'Steins;Gate');
    expect(await page.locator('anime-rating .rating-score').textContent()).toBe('5');
  });

  test('is forgotten where the browser keeps nothing, and nothing else is lost', async () => {
    const page = await browser.newPage();
    await page.addInitScript(() => {
      const get = (): never => {
        throw new DOMException('The user lets no page in.', 'SecurityError');
      };
      Object.defineProperty(window, 'localStorage', { get });
    });
    await page.goto(`${address}/anime/1`);
    await page.locator('server-component:state(live)').waitFor();
    await page.locator('anime-rating').getByRole('button', { name: 'Save rating' }).click();
    await page.getByText('You gave it 5 of 10').waitFor();
  });
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options);
  await page.goto(address + path);
  if (options.javaScriptEnabled !== false) await page.locator('server-component:state(live)').waitFor();
  return page;
}

async function shows(page: Page, heading: string | null): Promise<void> {
  await expect
    .poll(() =>
      page
        .locator('h1')
        .textContent({ timeout: 1_000 })
        .catch(() => null),
    )
    .toBe(heading);
}

const titles = (page: Page): Promise<string[]> => page.locator('.entry-title').allTextContents();
