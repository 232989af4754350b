// Every page that a person can meet, on each device and in each colour scheme: for the tests of looks, and for the
// pictures that `npm run screenshots` takes. A new page is one line in `pages`.

import type { FastifyInstance } from 'fastify';
import type { BrowserContextOptions, Page } from 'playwright';
import { createRatings } from '../../server/anime/data/ratings.ts';
import { createAdminApp, password } from './admin.ts';
import { createTopic } from './topics.ts';
import { openUsers } from './users.ts';

export interface LookedAt {
  readonly name: string;
  readonly path: string;
  /** Whether `npm run screenshots` takes its picture for the README. */
  readonly isInReadme?: boolean;
  /** What has to be done before the page can be opened. */
  readonly enter?: (page: Page, address: string) => Promise<void>;
}

export const admin: LookedAt = { name: 'admin', path: '/admin', isInReadme: true, enter: logIn };

export const pages: readonly LookedAt[] = [
  { name: 'home', path: '/', isInReadme: true },
  { name: 'list', path: '/anime', isInReadme: true },
  { name: 'search', path: '/anime?q=mob' },
  { name: 'nothing-found', path: '/anime?q=nothing+is+called+this' },
  { name: 'detail', path: '/anime/2', isInReadme: true },
  { name: 'not-found', path: '/nothing', isInReadme: true },
  { name: 'login', path: '/admin/login', isInReadme: true },
  admin,
  { ...admin, name: 'admin-nobody-found', path: '/admin?q=nobody+is+called+this', isInReadme: false },
];

export const schemes = ['light', 'dark'] as const;

export const phoneSize = { width: 390, height: 844 } as const;

export const devices: { readonly [name: string]: BrowserContextOptions } = {
  desktop: { viewport: { width: 1200, height: 800 } },
  phone: { viewport: phoneSize, isMobile: true, hasTouch: true },
};

/** The app as it is after a while: the same votes and users each time. */
export async function createUsedApp(): Promise<FastifyInstance> {
  const database = await openUsers();
  const ratings = createRatings(database, createTopic());
  for (let animeId = 1; animeId <= 40; animeId++) {
    const voters = 3 + ((animeId * 7) % 11);
    for (let voter = 0; voter < voters; voter++) {
      const score = 10 - ((animeId + voter * voter) % 6);
      await ratings.vote({ animeId, visitor: `voter ${voter}`, score });
    }
  }
  return createAdminApp({}, { database });
}

/** Opens a page, and waits until all of it is there. */
export async function lookAt(page: Page, address: string, { path, enter }: LookedAt): Promise<void> {
  await enter?.(page, address);
  await page.goto(address + path);
  await settle(page);
}

/** Waits until a page shows what it is going to show: what it loads is there, its islands are live. */
export async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.waitForFunction(() =>
    Array.from(document.querySelectorAll('server-component')).every((island) => island.matches(':state(live)')),
  );
  await painted(page);
}

/** Resolves when what a page has by now has been painted. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))));
}

async function logIn(page: Page, address: string): Promise<void> {
  await page.goto(`${address}/admin/login`);
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/admin');
}
