// The list as a person uses it: search, filters, order and paging, which stand in the URL, with scripts and without.

import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { readSeed } from '../../server/anime/data/seed.ts';
import { createUsedApp } from '../support/looks.ts';
import { servePages } from '../support/pages.ts';
import { openTracker, rowRating, shows, titles } from '../support/tracker.ts';

const site = servePages(createUsedApp);
const all = readSeed();
const mobPsycho = ['Mob Psycho 100', 'Mob Psycho 100: Reigen'];

describe('searching', () => {
  test('finds while one types, by one step in the history, and Enter makes another', async () => {
    const page = await openTracker(site, '/anime');
    await search(page).pressSequentially('mob psy');
    await expect.poll(() => urlOf(page)).toBe('/anime?q=mob+psy');
    await expect.poll(() => titles(page)).toEqual(mobPsycho);
    await search(page).pressSequentially('cho 100: r');
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100: Reigen']);
    expect(await search(page).inputValue()).toBe('mob psycho 100: r');
    await search(page).press('Enter');
    await search(page).fill('bones');
    await expect.poll(() => urlOf(page)).toBe('/anime?q=bones');
    await page.goBack();
    await expect.poll(() => titles(page)).toEqual(['Mob Psycho 100: Reigen']);
    expect(await search(page).inputValue()).toBe('mob psycho 100: r');
    await page.goBack();
    await expect.poll(() => amount(page)).toBe(`50 of ${all.length} anime`);
    expect(await search(page).inputValue()).toBe('');
  });

  test('leaves what is typed alone when an answer comes', async () => {
    const page = await openTracker(site, '/anime');
    await search(page).pressSequentially('mob psycho ');
    await expect.poll(() => titles(page)).toEqual(mobPsycho);
    expect(await search(page).inputValue()).toBe('mob psycho ');
  });

  test('that finds nothing says what was looked for, and the ways out', async () => {
    const page = await openTracker(site, '/anime?q=mob+psycho&genre=Romance');
    await page.getByText('There is no anime in Romance with “mob psycho” in title or studio.').waitFor();
    await page.getByRole('link', { name: 'Look for “mob psycho” everywhere' }).click();
    await expect.poll(() => titles(page)).toEqual(mobPsycho);
    await search(page).fill('nothing is called this');
    await page.getByText('There is no anime with “nothing is called this” in title or studio.').waitFor();
    await page.getByRole('link', { name: 'Show all anime' }).click();
    await expect.poll(() => amount(page)).toBe(`50 of ${all.length} anime`);
  });
});

describe('filters and order', () => {
  test('are in the URL: to go back and forward through, to load again, and to share', async () => {
    const page = await openTracker(site, '/anime');
    const states = [{ url: urlOf(page), titles: await titles(page), values: await values(page) }];
    for (const [label, option] of [
      ['Genre', 'Drama'],
      ['Year', '2016'],
      ['Order', '-title'],
    ] as const) {
      await page.getByLabel(label).selectOption(option);
      await expect.poll(() => urlOf(page)).not.toBe(states.at(-1)?.url);
      await expect.poll(() => page.locator('.shelf[aria-busy=false]').count()).toBe(1);
      states.push({ url: urlOf(page), titles: await titles(page), values: await values(page) });
    }
    expect(urlOf(page)).toBe('/anime?genre=Drama&year=2016&sort=-title');
    expect(states.at(-1)?.titles).toEqual(expected(({ genres, year }) => genres.includes('Drama') && year === 2016));
    for (const [state, go] of [
      ...states
        .slice(0, -1)
        .reverse()
        .map((each) => [each, () => page.goBack()] as const),
      ...states.slice(1).map((each) => [each, () => page.goForward()] as const),
    ]) {
      await go();
      await expect.poll(() => titles(page)).toEqual(state.titles);
      expect([urlOf(page), await values(page)]).toEqual([state.url, state.values]);
    }
    await page.reload();
    expect([await titles(page), await values(page)]).toEqual([states.at(-1)?.titles, states.at(-1)?.values]);
    const other = await openTracker(site, urlOf(page));
    expect(await titles(other)).toEqual(states.at(-1)?.titles);
  });

  test('that cannot be meant are left out, which is said', async () => {
    const page = await openTracker(site, '/anime?genre=Operetta&year=soon&sort=best&q=mob+psycho');
    await page
      .getByText('Left out, since nothing here has it: the genre “Operetta”, the year “soon”, the order “best”.')
      .waitFor();
    expect(await titles(page)).toEqual(mobPsycho);
  });

  test('are reached from an anime’s page, by its genre, year and studio', async () => {
    const page = await openTracker(site, '/anime/3');
    await page.getByRole('list', { name: 'Genres' }).getByRole('link', { name: 'Supernatural' }).click();
    await expect.poll(() => urlOf(page)).toBe('/anime?genre=Supernatural');
    await shows(page, 'All anime');
    expect(await page.getByLabel('Genre').inputValue()).toBe('Supernatural');
    await page.goBack();
    await page.getByRole('link', { name: 'Bones' }).click();
    await expect.poll(() => search(page).inputValue()).toBe('Bones');
  });

  test('best rated first is by average, and the order stays as it is while votes come', async () => {
    const page = await openTracker(site, '/anime?sort=-rating');
    const before = await titles(page);
    const averages = await page.locator('.entry-average').allTextContents();
    expect(averages).toEqual([...averages].sort((one, other) => Number(other) - Number(one)));
    const title = before[9] as string;
    const was = await rowRating(page, title);
    const id = all.find((each) => each.title === title)?.id;
    await page.context().request.put(`${site.address}/api/anime/${id}/rating`, { data: { score: 10 } });
    await expect.poll(() => rowRating(page, title)).not.toBe(was);
    expect(await titles(page)).toEqual(before);
  });
});

describe('more of the list', () => {
  test('is added below, each anime once, and the focus moves on to it', async () => {
    const page = await openTracker(site, '/anime?sort=title');
    expect(await amount(page)).toBe(`50 of ${all.length} anime`);
    await page.getByRole('link', { name: 'Show more' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => amount(page)).toBe(`100 of ${all.length} anime`);
    const shown = await titles(page);
    expect(new Set(shown).size).toBe(100);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(shown[50]);
    for (let count = 150; count < all.length; count += 50) {
      await page.getByRole('link', { name: 'Show more' }).click();
      await expect.poll(() => amount(page)).toBe(`${count} of ${all.length} anime`);
    }
    await page.getByRole('link', { name: 'Show more' }).click();
    await expect.poll(() => amount(page)).toBe(`${all.length} anime`);
    expect(await page.getByRole('link', { name: 'Show more' }).count()).toBe(0);
    expect(urlOf(page)).toBe('/anime?sort=title');
  });

  test('and the place in it are still there when one comes back from an anime', async () => {
    const page = await openTracker(site, '/anime');
    await page.getByRole('link', { name: 'Show more' }).click();
    await expect.poll(async () => (await titles(page)).length).toBe(100);
    const row = page.locator('.entry-title').nth(80);
    const title = await row.textContent();
    await row.scrollIntoViewIfNeeded();
    const place = await page.evaluate(() => Math.round(scrollY));
    expect(place).toBeGreaterThan(3_000);
    await row.click();
    await shows(page, title);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goBack();
    await shows(page, 'All anime');
    expect((await titles(page)).length).toBe(100);
    await expect.poll(() => page.evaluate(() => Math.round(scrollY))).toBe(place);
    expect(asked.filter((url) => url.includes('/api/'))).toEqual([]);
  });

  test('has an address of its own, from which one gets to the start', async () => {
    const page = await openTracker(site, '/anime?sort=title');
    const first = await titles(page);
    const href = await page.getByRole('link', { name: 'Show more' }).getAttribute('href');
    const later = await openTracker(site, href as string);
    const second = await titles(later);
    expect(second).toHaveLength(50);
    expect(first.filter((title) => second.includes(title))).toEqual([]);
    await later.getByRole('link', { name: 'To the start of the list' }).click();
    await expect.poll(() => titles(later)).toEqual(first);
  });

  test('from a cursor that is none begins at the start', async () => {
    const page = await openTracker(site, '/anime?sort=title&cursor=made-up');
    expect((await titles(page))[0]).toBe(expected(() => true, 1)[0]);
  });
});

describe('without scripts', () => {
  test('search, filters, order and paging load pages', async () => {
    const page = await site.open('/', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Steins;Gate' }).click();
    expect(await page.locator('h1').textContent()).toBe('Steins;Gate');
    expect(await page.locator('.average-votes').textContent()).toBe('6 votes');
    await page.getByRole('link', { name: 'All anime' }).first().click();
    await search(page).fill('studio');
    await page.getByLabel('Genre').selectOption('Fantasy');
    await page.getByLabel('Order').selectOption('title');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    expect(new URL(page.url()).search).toBe('?q=studio&genre=Fantasy&year=&sort=title');
    expect(await values(page)).toEqual(['studio', 'Fantasy', '', 'title']);
    const found = await titles(page);
    expect(found).toContain('Spirited Away');
    expect(found).toEqual([...found].sort((one, other) => one.localeCompare(other)));
    await page.getByRole('link', { name: 'All anime' }).first().click();
    const first = await titles(page);
    await page.getByRole('link', { name: 'Show more' }).click();
    const second = await titles(page);
    expect([second.length, first.filter((title) => second.includes(title))]).toEqual([50, []]);
    await page.getByRole('link', { name: 'To the start of the list' }).click();
    expect(await titles(page)).toEqual(first);
    expect(await rowRating(page, 'Steins;Gate')).toBe('7.8 of 10, 6 votes');
  });
});

describe('while an answer is waited for', () => {
  test('the list before stays, and says that it is about to be replaced', async () => {
    const page = await openTracker(site, '/anime');
    const before = await titles(page);
    const answer = await holdBack(page);
    await page.getByLabel('Genre').selectOption('Music');
    await expect.poll(() => page.getByRole('region', { name: 'All anime' }).getAttribute('aria-busy')).toBe('true');
    expect([await titles(page), await amount(page), await page.locator('.is-old').count()]).toEqual([
      before,
      'Looking…',
      1,
    ]);
    answer();
    await expect.poll(() => page.locator('.is-old').count()).toBe(0);
    expect(await titles(page)).toEqual(all.filter(({ genres }) => genres.includes('Music')).map(({ title }) => title));
  });

  test('rows that were never there have their places kept', async () => {
    const page = await openTracker(site, '/');
    const answer = await holdBack(page);
    await page.getByRole('link', { name: 'All anime', exact: true }).click();
    await shows(page, 'All anime');
    const ghost = await page.locator('.ghosts .entry').first().boundingBox();
    answer();
    await expect.poll(async () => (await titles(page)).length).toBe(50);
    expect(await page.locator('.entry').first().boundingBox()).toEqual(ghost);
  });

  test('that does not come, that is said, and one can try again', async () => {
    const page = await openTracker(site, '/anime');
    await page.route('**/api/**', (route) => route.abort());
    await page.getByLabel('Genre').selectOption('Music');
    await page.getByRole('alert').getByText('This could not be loaded').waitFor();
    expect(await titles(page)).toEqual([]);
    await page.unroute('**/api/**');
    await page.getByRole('link', { name: 'Try again' }).click();
    await expect.poll(() => titles(page)).toContain('Belle');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('that is tried again keeps its place and the focus meanwhile, and gives the focus on when it comes', async () => {
    const page = await openTracker(site, '/anime');
    await page.route('**/api/**', (route) => route.abort());
    await page.getByLabel('Genre').selectOption('Music');
    const alert = page.getByRole('alert');
    const box = await alert.boundingBox();
    await page.unroute('**/api/**');
    const letAnswer = await holdBack(page);
    await page.getByRole('link', { name: 'Try again' }).press('Enter');
    await page.getByRole('link', { name: 'Trying…' }).waitFor();
    expect(await alert.boundingBox()).toEqual(box);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Trying…');
    letAnswer();
    await expect.poll(() => titles(page)).toContain('Belle');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('All anime');
  });
});

const search = (page: Page) => page.getByLabel('Title or studio');
const amount = (page: Page) => page.locator('.toolbar .lede').textContent();
const urlOf = (page: Page): string => page.url().slice(site.address.length);

function values(page: Page): Promise<string[]> {
  return Promise.all(['Title or studio', 'Genre', 'Year', 'Order'].map((label) => page.getByLabel(label).inputValue()));
}

/** Titles as the seed has them, from Z to A; or the other way, some of them. */
function expected(isWanted: (anime: (typeof all)[number]) => boolean, first?: number): string[] {
  const found = all.filter(isWanted).map(({ title }) => title);
  const sorted = found.sort((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1));
  return first === undefined ? sorted.reverse() : sorted.slice(0, first);
}

/** Keeps answers of the API back until the function is called. */
async function holdBack(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/api/**', async (route) => {
    await promise;
    await route.continue();
  });
  return resolve;
}
