// The main job on real input: the home page with its live rating, as several people have it open at once, in a real
// browser and from the real app.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { createApp } from '../../server/anime/app.ts';
import { readFrames } from '../support/frames.ts';
import { servePages } from '../support/pages.ts';
import { isLive } from '../support/tracker.ts';

const site = servePages(() => createApp());

test('a click in one page shows in both', async () => {
  const [one, other] = await Promise.all([open(), open()]);
  await one.locator('.card .rating-up').click();
  await expect.poll(() => score(one)).toBe('6');
  await expect.poll(() => score(other)).toBe('6');
});

test('after 50 mixed clicks from two pages both show the same score, which is the one that the server has', async () => {
  const pages = await Promise.all([open(), open()]);
  const clicks = [1, 1, -1, 1, -1, -1, 1, 1, 1, -1, 1, -1, 1, -1, -1, -1, 1, -1, -1, 1, -1, -1, 1, 1, -1];
  await Promise.all(
    pages.map(async (page, index) => {
      for (const direction of index === 0 ? clicks : clicks.toReversed()) {
        await page.locator(`.card ${direction > 0 ? '.rating-up' : '.rating-down'}`).click();
      }
      // events of a page arrive in order: once its save is told, all its clicks have been counted
      const saved = page.evaluate(() => new Promise((told) => addEventListener('change', told, { once: true })));
      await page.locator('.card .rating-save').click();
      await saved;
    }),
  );
  const served = await score(await open());
  for (const page of pages) await expect.poll(() => score(page)).toBe(served);
});

test('a reload keeps the score', async () => {
  const page = await open();
  await page.locator('.card .rating-up').click();
  await expect.poll(() => score(page)).toBe('6');
  await page.reload();
  expect(await score(page)).toBe('6');
});

test('without JavaScript the page shows the list and the score', async () => {
  const page = await site.open('/', { javaScriptEnabled: false });
  const titles = ['Cowboy Bebop', 'Steins;Gate', 'Mob Psycho 100'];
  for (const title of titles) expect(await page.getByRole('listitem').filter({ hasText: title }).count()).toBe(1);
  expect(await score(page)).toBe('5');
});

test('the first load changes none of the nodes that the server rendered, and moves nothing', async () => {
  const page = await site.newPage();
  await page.addInitScript(watchFirstLoad);
  await page.goto(site.address);
  await isLive(page);
  const { kept, changes, shift } = await page.evaluate(async () => {
    const { nodes, observer, changes } = (window as unknown as FirstLoad).firstLoad;
    // two frames later, what moved has been noticed
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    changes.push(...observer.takeRecords().map(({ type }) => type));
    const now = document.createNodeIterator(document.querySelector('.card server-component') as Node);
    const kept = nodes.filter((node) => node === now.nextNode()).length - nodes.length;
    const shifts = new PerformanceObserver(() => {});
    shifts.observe({ type: 'layout-shift', buffered: true });
    const shift = shifts.takeRecords().reduce((sum, entry) => sum + (entry as unknown as { value: number }).value, 0);
    return { kept: kept === 0 && now.nextNode() === null, changes, shift };
  });
  expect(changes).toEqual([]);
  expect(kept).toBe(true);
  expect(shift).toBe(0);
});

test('joining sends nothing of the tree', async () => {
  const page = await site.newPage();
  const frames = readFrames(page);
  await page.goto(site.address);
  await isLive(page);
  // the score is predicted: what that needs besides is asked for when it is live
  await expect.poll(() => frames.received.length).toBe(4);
  expect(frames.sent.map((frame) => frame[1])).toEqual(['hello', 'join', 'join', 'need']);
  expect(frames.received.map((frame) => frame[1])).toEqual(['hello', 'live', 'live', 'live']);
  expect(frames.received.slice(1, 3).map((frame) => frame.length)).toEqual([5, 5]);
  expect(frames.received[3]?.slice(5).flat()[0]).toBe('you');
});

test('a keyboard is enough', async () => {
  const page = await open();
  const heard = page.evaluate(
    () => new Promise((tell) => addEventListener('change', (event) => tell((event as CustomEvent).detail))),
  );
  const isAt = (name: string): Promise<boolean> =>
    page.evaluate((text) => document.activeElement?.matches(`server-component .rating-${text}`) === true, name);
  while (!(await isAt('up'))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await expect.poll(() => score(page)).toBe('7');
  while (!(await isAt('save'))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await heard).toBe(7);
});

async function open(): Promise<Page> {
  const page = await site.newPage();
  await page.goto(site.address);
  await isLive(page);
  return page;
}

async function score(page: Page): Promise<string | null> {
  return page.locator('.card .rating-score').textContent();
}

interface FirstLoad {
  firstLoad: { nodes: Node[]; observer: MutationObserver; changes: string[] };
}

/**
 * Runs in the page before everything else: notes the island's nodes as parsed, and each change of them from then on.
 */
function watchFirstLoad(): void {
  const changes: string[] = [];
  const nodes: Node[] = [];
  const observer = new MutationObserver((records) => changes.push(...records.map(({ type }) => type)));
  (window as unknown as FirstLoad).firstLoad = { nodes, observer, changes };
  // scripts that are modules run after this
  document.addEventListener(
    'readystatechange',
    () => {
      const island = document.querySelector('.card server-component') as Element;
      const iterator = document.createNodeIterator(island);
      for (let node = iterator.nextNode(); node; node = iterator.nextNode()) nodes.push(node);
      observer.observe(island, { childList: true, characterData: true, subtree: true });
    },
    { once: true },
  );
}
