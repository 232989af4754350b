// Ratings of anime as several people meet them at once, in a real browser: what one votes, all see, in each open page
// of the anime and in each row of a list; and what a lost connection or a stopped server makes of it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Page } from 'playwright';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../server/anime/app.ts';
import { type Database, openDatabase } from '../../server/anime/data/database.ts';
import { fileIn } from '../../server/anime/data/location.ts';
import { openPages, servePages } from '../support/pages.ts';
import { startProxy } from '../support/proxy.ts';
import {
  average,
  choose,
  isLive,
  note,
  openTab,
  openTracker,
  people,
  rowRating,
  shows,
  titles,
  vote,
  votes,
} from '../support/tracker.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

let database: Database;

const site = servePages(async () => {
  database = await openDatabase(await freshFile());
  // those who are cut off are waited for, but not for long; all browsers here have one address
  return createApp({ database, islet: { sessionMs: 500 }, votesPerMinute: 1_000 });
});

/** Where one may vote three times a minute. */
const strictSite = servePages(() => createApp({ votesPerMinute: 3 }));

async function freshFile() {
  const folder = await mkdtemp(join(tmpdir(), 'islet-votes-'));
  folders.push(folder);
  return fileIn(folder);
}

const title = 'Cowboy Bebop';

describe('a vote', () => {
  test('is seen by all: average and number on the anime’s page, and in the row of each list', async () => {
    const [ann, ben, list, home] = await Promise.all([
      openTracker(site, '/anime/1'),
      openTracker(site, '/anime/1'),
      openTracker(site, '/anime?sort=title'),
      openTracker(site, '/'),
    ]);
    expect([await average(ann), await votes(ann), await note(ann)]).toEqual([
      '–',
      'Nobody has voted yet',
      'You have not voted yet',
    ]);
    await vote(ann, 8);
    await expect.poll(() => note(ann)).toBe('Your vote: 8');
    await vote(ben, 3);
    for (const page of [ann, ben]) {
      await expect.poll(() => average(page)).toBe('5.50');
      await expect.poll(() => votes(page)).toBe('2 votes');
    }
    expect([await note(ann), await note(ben)]).toEqual(['Your vote: 8', 'Your vote: 3']);
    await list.getByRole('link', { name: 'Show more' }).click();
    for (const page of [list, home]) await expect.poll(() => rowRating(page, title)).toBe('5.5 of 10, 2 votes');
  });

  test('is one’s own in all tabs and after a reload, and can be taken back', async () => {
    const ann = await openTracker(site, '/anime/1');
    const tab = await openTab(ann);
    await vote(ann, 8);
    for (const page of [ann, tab]) await expect.poll(() => note(page)).toBe('Your vote: 8');
    expect(await tab.locator('.vote .rating-score').textContent()).toBe('8');
    await tab.reload();
    expect(await note(tab)).toBe('Your vote: 8');
    await isLive(tab);
    await tab.getByRole('button', { name: 'Take my vote back' }).click();
    for (const page of [ann, tab]) {
      await expect.poll(() => note(page)).toBe('You have not voted yet');
      await expect.poll(() => votes(page)).toBe('Nobody has voted yet');
      await expect.poll(() => page.getByRole('button', { name: 'Take my vote back' }).count()).toBe(0);
    }
  });

  test('is taken back by keyboard without a loss of the focus, until one goes on', async () => {
    const page = await openTracker(site, '/anime/1');
    await vote(page, 8);
    await expect.poll(() => note(page)).toBe('Your vote: 8');
    const button = page.getByRole('button', { name: 'Take my vote back' });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => note(page)).toBe('You have not voted yet');
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => button.count()).toBe(0);
  });

  test('through the API shows at once in every open page, the own one in the own vote too', async () => {
    const [ann, ben] = [await openTracker(site, '/anime/1'), await openTracker(site, '/anime/1')];
    const list = await openTab(ben, `${site.address}/anime`);
    const path = `${site.address}/api/anime/1/rating`;
    await ann.context().request.put(path, { data: { score: 9 } });
    await expect.poll(() => note(ann)).toBe('Your vote: 9');
    for (const page of [ann, ben]) await expect.poll(() => average(page)).toBe('9.00');
    await expect.poll(() => rowRating(list, title)).toBe('9.0 of 10, 1 vote');
    expect(await note(ben)).toBe('You have not voted yet');
    await ann.context().request.delete(path);
    await expect.poll(() => note(ann)).toBe('You have not voted yet');
    for (const page of [ann, ben]) await expect.poll(() => average(page)).toBe('–');
    await expect.poll(() => rowRating(list, title)).toBe('– no votes');
  });

  test('is chosen in the browser: only Save crosses the wire, and what is chosen next is not overwritten', async () => {
    const ann = await openTracker(site, '/anime/1');
    await ann.evaluate(() => {
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        // that its page predicts an island is told when its code has come
        if (!`${data}`.includes('"need"'))
          Object.assign(window, { sent: [...(Reflect.get(window, 'sent') ?? []), data] });
        send.call(this, data);
      };
    });
    await choose(ann, 8);
    expect(await ann.evaluate(() => Reflect.get(window, 'sent'))).toBeUndefined();
    // all at once: the answer to the save comes after the clicks
    await ann.evaluate(() => {
      const click = (name: string) => document.querySelector<HTMLElement>(`.vote .rating-${name}`)?.click();
      for (const name of ['save', 'up', 'up']) click(name);
    });
    await expect.poll(() => note(ann)).toBe('Your vote: 8');
    expect(await ann.locator('.vote .rating-score').textContent()).toBe('10');
    expect(await ann.evaluate(() => Reflect.get(window, 'sent').length)).toBe(1);
  });

  test('that the database cannot take is refused in words, and counted nowhere; later it can be saved', async () => {
    const ann = await openTracker(site, '/anime/1');
    await sql`pragma query_only = 1`.execute(database.tables);
    await vote(ann, 8);
    await expect.poll(() => note(ann)).toMatch(/^You have not voted yet\. The server cannot store votes just now/);
    expect(await votes(ann)).toBe('Nobody has voted yet');
    await sql`pragma query_only = 0`.execute(database.tables);
    await vote(ann, 8);
    await expect.poll(() => note(ann)).toBe('Your vote: 8');
  });

  test('given too often is refused in words', async () => {
    const ann = await openTracker(strictSite, '/anime/1');
    await choose(ann, 1);
    await ann.evaluate(() => {
      const find = (name: string) => document.querySelector<HTMLElement>(`.vote .rating-${name}`);
      // each is answered before the next, or they would be taken together
      let saves = 0;
      const saveNext = (): void => {
        if (find('note')?.textContent.includes('often') || saves++ === 20) return;
        for (const name of [saves % 2 ? 'up' : 'down', 'save']) find(name)?.click();
      };
      const island = document.querySelector('.of-oneself') as Element;
      new MutationObserver(saveNext).observe(island, { attributes: true, attributeFilter: ['answers'], subtree: true });
      saveNext();
    });
    await expect.poll(() => note(ann)).toMatch(/That was quite often: wait a moment and save again/);
  });

  test('needs a cookie: who keeps none is told so, and sees all the rest', async () => {
    const ann = await site.newPage();
    await ann.route('**/assets/build/app.js', async (route) => {
      await ann.context().clearCookies();
      await route.continue();
    });
    await ann.goto(`${site.address}/anime/1`);
    await ann.getByText('your browser does not let it').waitFor();
    expect(await votes(ann)).toBe('Nobody has voted yet');
    expect(await ann.getByRole('button', { name: 'Save rating' }).count()).toBe(0);
  });
});

test('how many people look goes up and down with them; their tabs count once', async () => {
  const ann = await openTracker(site, '/anime/1');
  expect(await people(ann)).toBe('Only you are looking');
  await openTab(ann);
  const ben = await openTracker(site, '/anime/1');
  const cat = await openTracker(site, '/anime');
  for (const page of [ann, ben]) await expect.poll(() => people(page)).toBe('2 people are looking');
  await cat.getByRole('link', { name: title }).click();
  for (const page of [ann, ben, cat]) await expect.poll(() => people(page)).toBe('3 people are looking');
  await cat.goBack();
  for (const page of [ann, ben]) await expect.poll(() => people(page)).toBe('2 people are looking');
  await ben.context().close();
  await expect.poll(() => people(ann)).toBe('Only you are looking');
});

test('nothing moves when numbers change, islands join, or the app goes to another anime', async () => {
  const ann = await openTracker(site, '/anime/1');
  const ben = await openTracker(site, '/anime/1');
  const before = await boxes(ann);
  await vote(ben, 10);
  await expect.poll(() => average(ann)).toBe('10.00');
  await expect.poll(() => people(ann)).toBe('2 people are looking');
  expect(await boxes(ann)).toEqual(before);
  await vote(ann, 4);
  await expect.poll(() => note(ann)).toBe('Your vote: 4');
  expect(await boxes(ann)).toEqual(before);

  // an island's place is there before the island
  await ann.getByRole('link', { name: 'All anime' }).first().click();
  await site.app.close();
  await ann.locator('.feed:state(offline)').waitFor({ state: 'attached' });
  await ann.getByRole('link', { name: title }).click();
  await shows(ann, title);
  expect(await ann.locator('.of-everybody').innerHTML()).toBe('');
  expect(await boxes(ann)).toEqual(before);
});

describe('who was away', () => {
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  beforeEach(async () => {
    proxy = await startProxy(site.address);
    return () => proxy[Symbol.asyncDispose]();
  });
  const open = async (path: string): Promise<Page> => {
    const page = await site.newPage();
    await page.goto(proxy.url + path);
    await isLive(page);
    return page;
  };

  test('is told calmly, once, and loses nothing: votes wait, and all numbers are right again', {
    timeout: 30_000,
  }, async () => {
    const [ann, list] = [await open('/anime/1'), await open('/anime?genre=Drama')];
    proxy.refuse();
    for (const page of [ann, list]) {
      await page.getByRole('status').getByText('No connection').waitFor();
      const said = await page.evaluate(() =>
        [...document.querySelectorAll('server-component')].map((each) => getComputedStyle(each, '::after').content),
      );
      expect(new Set(said)).toEqual(new Set(['none']));
    }
    await vote(ann, 8);
    expect(await note(ann)).toBe('Sending…');
    // another one votes meanwhile, for longer than the server waits for those who are away
    const ben = await openTracker(site, '/anime/1');
    await vote(ben, 4);
    await expect.poll(() => note(ben)).toBe('Your vote: 4');
    await expect.poll(() => people(ben)).toBe('Only you are looking');
    const rows = await titles(list);
    proxy.accept();
    await expect
      .poll(() => rowRating(list, title), { timeout: 30_000 })
      .toMatch(/^(4\.0 of 10, 1|6\.0 of 10, 2) votes?$/);
    await expect.poll(() => ann.getByText('No connection').count(), { timeout: 30_000 }).toBe(0);
    expect(await titles(list)).toEqual(rows);
  });

  test('and went on before a vote could be sent is told that it was not', async () => {
    const ann = await open('/anime/1');
    proxy.refuse();
    await ann.getByRole('status').getByText('No connection').waitFor();
    await vote(ann, 8);
    await ann.getByRole('link', { name: 'Anime tracker' }).click();
    await ann.getByRole('status').getByText('Your last vote may not have arrived').waitFor();
    await ann.getByRole('button', { name: 'All right' }).click();
    await ann.getByRole('status').getByText('No connection').waitFor();
    proxy.accept();
    await expect.poll(() => ann.getByText('No connection').count()).toBe(0);
    expect((await (await fetch(`${site.address}/api/anime/1/rating`)).json()).votes).toBe(0);
  });

  test('for a moment only has voted', async () => {
    const ann = await open('/anime/1');
    proxy.refuse();
    await ann.locator('.feed:state(offline)').waitFor({ state: 'attached' });
    await vote(ann, 8);
    proxy.accept();
    await expect.poll(() => note(ann)).toBe('Your vote: 8');
    await expect.poll(() => votes(ann)).toBe('One vote');
  });
});

describe('a server that stops and starts again', () => {
  const newPage = openPages();

  test('has all votes, and the pages that stayed open show the right numbers', { timeout: 30_000 }, async () => {
    const location = await freshFile();
    let app = await createApp({ database: await openDatabase(location) });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const port = Number(new URL(address).port);
    const [ann, list] = [await newPage(), await newPage()];
    await ann.goto(`${address}/anime/1`);
    await list.goto(`${address}/anime?sort=-votes`);
    for (const page of [ann, list]) await isLive(page);
    await vote(ann, 8);
    await expect.poll(() => rowRating(list, title)).toBe('8.0 of 10, 1 vote');
    await app.close();
    await list.getByText('No connection').waitFor();

    // while it is not there for them, somebody votes: nobody hears of it
    const meanwhile = await createApp({ database: await openDatabase(location) });
    await meanwhile.inject({ method: 'PUT', url: '/api/anime/1/rating', payload: { score: 3 } });
    await meanwhile.close();

    app = await createApp({ database: await openDatabase(location) });
    await app.listen({ host: '127.0.0.1', port });
    await expect.poll(() => rowRating(list, title), { timeout: 30_000 }).toBe('5.5 of 10, 2 votes');
    await expect.poll(() => average(ann), { timeout: 30_000 }).toBe('5.50');
    expect(await note(ann)).toBe('Your vote: 8');
    await vote(ann, 9);
    await expect.poll(() => average(ann)).toBe('6.00');
    await expect.poll(() => rowRating(list, title)).toBe('6.0 of 10, 2 votes');
    for (const page of [ann, list]) await expect.poll(() => page.getByText('No connection').count()).toBe(0);
    await Promise.all([ann, list].map((page) => page.context().close()));
    await app.close();
  });
});

/** Where the parts of the page are, those of the rating above all. */
function boxes(page: Page): Promise<Record<string, number[]>> {
  return page.evaluate(() =>
    Object.fromEntries(
      ['h1', '.about', '.card', '.of-everybody', '.of-oneself', '.colophon'].map((selector) => {
        const { x, y, width, height } = document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
        return [selector, [x, y + scrollY, width, height].map(Math.round)];
      }),
    ),
  );
}
