// The anime tracker as tests look at it in a browser: pages whose islands are live, and what stands on them.

import type { BrowserContextOptions, Locator, Page } from 'playwright';
import { expect } from 'vitest';
import type { Site } from './pages.ts';

/** Opens a page as a visitor of its own, and waits until all of it is live. */
export async function openTracker(site: Site, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await site.newPage(options);
  await goTo(page, site.address + path);
  return page;
}

/** Opens another tab of the same visitor. */
export async function openTab(page: Page, url = page.url()): Promise<Page> {
  const tab = await page.context().newPage();
  await goTo(tab, url);
  return tab;
}

async function goTo(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await isLive(page);
}

/** Resolves when every island of the page is live. */
export async function isLive(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const islands = [...document.querySelectorAll('server-component')];
    return islands.length > 0 && islands.every((island) => island.matches(':state(live)'));
  });
}

/** Resolves when the page has this heading. */
export async function shows(page: Page, heading: string | null): Promise<void> {
  await expect
    .poll(() =>
      page
        .locator('h1')
        .textContent({ timeout: 1_000 })
        .catch(() => null),
    )
    .toBe(heading);
}

export const titles = (page: Page): Promise<string[]> => page.locator('.entry-title').allTextContents();

/** What the row of an anime says of its rating, in words: `7.5 of 10, 2 votes`. */
export const rowRating = (page: Page, title: string): Promise<string> =>
  wordsOf(page.locator('.entry').filter({ hasText: title }).first().locator('.entry-rating'));

/** What everybody says of the anime of a detail page: `7.50 / 10 of 10`, `2 votes`, who is looking. */
export const average = (page: Page): Promise<string> => wordsOf(page.locator('.average-score b'));
export const votes = (page: Page): Promise<string> => wordsOf(page.locator('.average-votes'));
export const people = (page: Page): Promise<string> => wordsOf(page.locator('.average-people'));

/** What is said of one's own vote. */
export const note = (page: Page): Promise<string> => wordsOf(page.locator('.vote .rating-note'));

/** Chooses a score by the buttons, and saves it. */
export async function vote(page: Page, score: number): Promise<void> {
  await choose(page, score);
  await page.locator('.vote .rating-save').click();
}

/** Chooses a score by the buttons. */
export async function choose(page: Page, score: number): Promise<void> {
  const shown = page.locator('.vote .rating-score');
  for (let at = Number(await shown.textContent()); at !== score; at += Math.sign(score - at)) {
    await page.locator(at < score ? '.vote .rating-up' : '.vote .rating-down').click();
    await expect.poll(() => shown.textContent()).toBe(String(at + Math.sign(score - at)));
  }
}

async function wordsOf(locator: Locator): Promise<string> {
  return ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim();
}
