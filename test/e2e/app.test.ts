// The anime tracker as a person meets it: pages from the server that an app takes over, in a real browser. The list has
// its own tests in list.test.ts, votes have theirs in votes.test.ts.

import { sql } from 'kysely';
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import type { EarlyEvents } from '../../client-runtime/dom/record.ts';
import { createApp } from '../../server/anime/app.ts';
import { type Database, openDatabase } from '../../server/anime/data/database.ts';
import { inMemory } from '../../server/anime/data/location.ts';
import { openPages, servePages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import { average, isLive, openTracker, rowRating, shows, titles } from '../support/tracker.ts';

let database: Database;
const site = servePages(async () => {
  database = await openDatabase(inMemory);
  return createApp({ database });
});

describe('the server', () => {
  test.each([
    ['/', 200, 'Anime tracker', 'Worth watching'],
    ['/anime', 200, 'All anime – Anime tracker', 'All anime'],
    ['/anime?q=mob%20psycho', 200, 'All anime – Anime tracker', 'Mob Psycho 100'],
    ['/anime/2', 200, 'Steins;Gate – Anime tracker', '24 episodes'],
    ['/anime/2/', 200, 'Steins;Gate – Anime tracker', '24 episodes'],
    ['/anime/999999', 404, 'Not found – Anime tracker', 'There is no such anime'],
    ['/anime/two', 404, 'Not found – Anime tracker', 'There is no such anime'],
    ['/anime/2/episodes', 404, 'Not found – Anime tracker', 'There is no such page'],
    ['/nothing', 404, 'Not found – Anime tracker', 'There is no such page'],
  ])('answers %s with %i and the page itself', async (url, status, title, text) => {
    const { statusCode, body } = await site.app.inject({ url, headers: { accept: 'text/html' } });
    expect(statusCode).toBe(status);
    expect(body).toContain(`<title>${title}</title>`);
    expect(body).toContain(text);
  });

  test('gives those who want no page an answer that is none', async () => {
    const { statusCode, headers } = await site.app.inject({ url: '/nothing' });
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toContain('json');
  });

  test('gives a visitor a cookie with the first page, and renders the own vote into the next', async () => {
    const first = await site.app.inject('/anime/1');
    const [cookie] = String(first.headers['set-cookie']).split(';');
    expect(first.headers['cache-control']).toBe('private, no-cache');
    const headers = { cookie };
    await site.app.inject({ method: 'PUT', url: '/api/anime/1/rating', headers, payload: { score: 7 } });
    const again = await site.app.inject({ url: '/anime/1', headers });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(again.body).toContain('Your vote: 7');
    const other = await site.app.inject('/anime/1');
    expect(other.body).not.toContain('Your vote:');
    for (const { body } of [first, again, other]) expect(body).not.toContain(visitorIn(cookie));
  });

  test('says in a page that it cannot make one, and why in its log alone', async () => {
    await sql`drop table anime_genres`.execute(database.tables);
    const page = await site.open('/anime/2');
    expect(await page.locator('h1').textContent()).toBe('Not just now');
    expect(await page.getByRole('link', { name: 'Try again' }).getAttribute('href')).toBe('/anime/2');
    const { statusCode, body } = await site.app.inject('/anime/2');
    expect(statusCode).toBe(500);
    expect(body).not.toContain('anime_genres');
  });
});

describe('the app', () => {
  test.each(['/', '/anime', '/anime?q=mob&genre=Comedy&sort=-rating', '/anime/2', '/nothing'])(
    'takes %s over as it is, without asking for anything and without complaint',
    async (path) => {
      const complaints: string[] = [];
      const asked: string[] = [];
      const page = await site.newPage();
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.addInitScript(() => {
        document.addEventListener('readystatechange', () => {
          const parsed = [...document.querySelectorAll('#app *:not(script)')];
          if (document.readyState === 'interactive') Object.assign(window, { parsed });
        });
      });
      await page.goto(site.address + path);
      await isLive(page);
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
    const page = await openTracker(site, '/');
    await page.evaluate(() => Object.assign(window, { isFirst: true }));
    await page.getByRole('link', { name: 'Cowboy Bebop' }).click();
    await shows(page, 'Cowboy Bebop');
    expect(page.url()).toBe(`${site.address}/anime/1`);
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

  test('shows of another anime nothing of the one before', async () => {
    const page = await openTracker(site, '/anime');
    for (const [id, score] of [
      [1, 3],
      [2, 9],
    ]) {
      await page.context().request.put(`${site.address}/api/anime/${id}/rating`, { data: { score } });
    }
    for (const [title, shown] of [
      ['Cowboy Bebop', '3.00'],
      ['Steins;Gate', '9.00'],
    ] as const) {
      await page.getByRole('link', { name: title }).click();
      await expect.poll(() => average(page)).toBe(shown);
      await page.getByText(`Your vote: ${Number(shown)}`).waitFor();
      await page.goBack();
      await shows(page, 'All anime');
    }
    await page.evaluate(() => history.go(1));
    await page.locator('.of-everybody').waitFor();
    expect(await page.locator('.of-everybody').textContent()).not.toContain('3.00');
  });

  test('goes back from an anime to the list as it was filtered', async () => {
    const page = await openTracker(site, '/anime?genre=Music&sort=title');
    const before = await titles(page);
    await page.getByRole('link', { name: before[0] as string }).click();
    await shows(page, before[0] as string);
    await page.getByRole('article').getByRole('link', { name: 'All anime' }).click();
    await expect.poll(() => titles(page)).toEqual(before);
  });

  test('says that a page is not there', async () => {
    const page = await openTracker(site, '/');
    await follow(page, '/anime/999999');
    await shows(page, 'Nothing here');
    await expect.poll(() => page.title()).toBe('Not found – Anime tracker');
    expect(await page.locator('.card').count()).toBe(0);
  });

  test.each([true, false])(
    'leads on from a page that is not there, with scripts or without (%j)',
    async (hasScripts) => {
      const page = await site.open('/nothing', { javaScriptEnabled: hasScripts });
      await page.getByText('There is no such page').waitFor();
      expect(await page.getByRole('link', { name: 'Worth watching' }).getAttribute('href')).toBe('/');
      await page.getByLabel('Title or studio').fill('bebop');
      await page.getByLabel('Title or studio').press('Enter');
      await expect.poll(() => titles(page)).toEqual(['Cowboy Bebop']);
      expect(new URL(page.url()).search).toBe('?q=bebop');
    },
  );

  test('asks for an anime that it has not seen, and says so meanwhile', async () => {
    const page = await openTracker(site, '/anime/250');
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route('**/api/anime/251', async (route) => {
      await promise;
      await route.continue();
    });
    await follow(page, '/anime/251');
    await page.getByText('Asking for this anime…').waitFor();
    expect(await page.getByRole('article').getAttribute('aria-busy')).toBe('true');
    resolve();
    await page.locator('.synopsis').waitFor();
    await expect.poll(() => page.title()).toBe(`${await page.locator('h1').textContent()} – Anime tracker`);
    // who listens has been told of the heading, and still stands there
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('h1');
    await isLive(page);
  });

  test('leaves a link to a page of the server to the browser', async () => {
    const page = await openTracker(site, '/');
    await page.getByRole('link', { name: '/api/anime' }).click();
    await page.waitForURL('**/api/anime');
    expect(await page.locator('body').textContent()).toContain('Cowboy Bebop');
  });

  test('has one connection for all its islands, and keeps what is on more than one page', async () => {
    const sockets: string[] = [];
    const page = await site.newPage();
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(site.address);
    await isLive(page);
    const island = page.locator('.card server-component');
    await island.getByRole('button', { name: 'Rate higher' }).click();
    await expect.poll(() => island.locator('.rating-score').textContent()).toBe('6');
    const inside = await island.evaluateHandle((element) => [element, ...element.querySelectorAll('*')]);
    await page.getByRole('navigation').getByRole('link', { name: 'All anime' }).click();
    await shows(page, 'All anime');
    expect(await inside.evaluate((elements) => elements.every((element) => element.isConnected))).toBe(true);
    await island.getByRole('button', { name: 'Rate higher' }).click();
    await expect.poll(() => island.locator('.rating-score').textContent()).toBe('7');
    await page.getByRole('link', { name: 'Cowboy Bebop' }).click();
    await shows(page, 'Cowboy Bebop');
    await isLive(page);
    await page.goBack();
    await expect.poll(() => island.locator('.rating-score').textContent()).toBe('7');
    expect(sockets).toHaveLength(1);
  });
});

describe('what a person does before the script has come', () => {
  test('is done as soon as it has, and waits for no other', async () => {
    const page = await site.newPage();
    // never answered
    await page.route('**/assets/build/repair-*', () => {});
    const { promise: sent, resolve: send } = Promise.withResolvers<void>();
    await page.route('**/assets/build/app.js', async (route) => {
      await sent;
      await route.continue();
    });
    await page.goto(`${site.address}/anime`, { waitUntil: 'commit' });
    await page.waitForFunction(() => 'isletEarly' in customElements);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByLabel('Title or studio').fill('mob psycho');
    await page.getByLabel('Order').selectOption('-title');
    send();
    await page.waitForURL('**/anime?q=mob+psycho&sort=-title');
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100: Reigen', 'Mob Psycho 100']);
    await page.getByText('Refreshed in this browser').waitFor();
    expect(await page.getByLabel('Title or studio').inputValue()).toBe('mob psycho');
  });
});

describe('refreshing', () => {
  test('says that it is under way, and when it was done, also on the next visit', async () => {
    const page = await openTracker(site, '/anime');
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
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

  test('offline is not possible, which is said, and done by itself when the network is back', async () => {
    const page = await openTracker(site, '/anime');
    await page.context().setOffline(true);
    await page.getByRole('status').getByText('No connection. What is here can still be read').waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('It is asked for again as soon as there is a connection').waitFor();
    expect(await titles(page)).toHaveLength(50);
    await page.context().setOffline(false);
    await page.getByText('Refreshed in this browser').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await expect.poll(() => page.getByText('No connection').count()).toBe(0);
  });

  test('that the server does not let happen can be tried again', async () => {
    const page = await openTracker(site, '/anime');
    await page.route('**/api/**', (route) => route.fulfill({ status: 429, json: {} }));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('The server asks for a short break').waitFor();
    expect(await titles(page)).toHaveLength(50);
    await page.unroute('**/api/**');
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByText('Refreshed in this browser').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('goes on by itself when a server that could not be reached is back', async () => {
    await using proxy = await startProxy(site.address);
    const page = await site.newPage();
    await page.goto(`${proxy.url}/anime`);
    await isLive(page);
    proxy.refuse();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').getByText('This could not be loaded').waitFor();
    proxy.accept();
    await page.getByText('Refreshed in this browser').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe('a page that is older than the feed of ratings', () => {
  const newPage = openPages({ pictures: true });

  test('asks for those that it has missed, and for nothing else', async () => {
    await using proxy = await startProxy(site.address);
    const page = await newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    // what happened before the script, such as an image that did not come, keeps nothing of what islands tell from the app
    const { promise: recording, resolve: record } = Promise.withResolvers<void>();
    await page.route('**/covers/**', async (route) => {
      await recording;
      await route.abort();
    });
    const { promise: sent, resolve: send } = Promise.withResolvers<void>();
    await page.route('**/assets/build/app.js', async (route) => {
      await sent;
      await route.continue();
    });
    await page.goto(`${proxy.url}/anime`, { waitUntil: 'commit' });
    // all of the document has come: what is cut below is no part of it
    await page.waitForFunction(() => 'isletEarly' in customElements && document.readyState !== 'loading');
    record();
    await page.waitForFunction(() => (customElements as unknown as { isletEarly: EarlyEvents }).isletEarly.events[0]);
    // the script comes after a new start of the server, which knows of a vote that nobody was told
    const other = await createApp();
    await other.inject({ method: 'PUT', url: '/api/anime/50/rating', payload: { score: 4 } });
    proxy.target = await other.listen({ host: '127.0.0.1', port: 0 });
    proxy.cut();
    const rows = await titles(page);
    send();
    await expect.poll(() => rowRating(page, rows[49] as string)).toBe('4.0 of 10, 1 vote');
    expect(asked.filter((url) => url.includes('/api/')).length).toBe(1);
    expect(await titles(page)).toEqual(rows);
    await page.context().close();
    await other.close();
  });
});

test('where the browser keeps nothing, nothing else is lost', async () => {
  const page = await site.newPage();
  await page.addInitScript(() => {
    const get = (): never => {
      throw new DOMException('The user lets no page in.', 'SecurityError');
    };
    Object.defineProperty(window, 'localStorage', { get });
  });
  await page.goto(`${site.address}/anime`);
  await isLive(page);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('Refreshed in this browser').waitFor();
});

/** Follows a link that the app has no place for. */
async function follow(page: Page, href: string): Promise<void> {
  await page.evaluate((to) => {
    const link = Object.assign(document.createElement('a'), { href: to });
    document.body.append(link);
    link.click();
    link.remove();
  }, href);
}

/** The id in a visitor's cookie, without the signature. */
function visitorIn(cookie: string | undefined): string {
  return decodeURIComponent(cookie?.split('=')[1] ?? '').split('.')[0] ?? '';
}
