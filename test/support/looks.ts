// Every page that a person can meet, on each device and in each colour scheme: for the tests of looks, and for the
// pictures that `npm run screenshots` takes. A new page is one line in `pages`.

import type { FastifyInstance } from 'fastify';
import type { BrowserContextOptions, Page } from 'playwright';
import { createApp } from '../../server/app/app.ts';
import { openDatabase } from '../../server/app/data/database.ts';
import { inMemory } from '../../server/app/data/location.ts';
import { createRatings } from '../../server/app/data/ratings.ts';

export interface LookedAt {
  readonly name: string;
  readonly path: string;
}

export const pages: readonly LookedAt[] = [
  { name: 'home', path: '/' },
  { name: 'list', path: '/anime' },
  { name: 'search', path: '/anime?q=mob' },
  { name: 'nothing-found', path: '/anime?q=nothing+is+called+this' },
  { name: 'detail', path: '/anime/2' },
  { name: 'not-found', path: '/nothing' },
];

export const schemes = ['light', 'dark'] as const;

export const devices: { readonly [name: string]: BrowserContextOptions } = {
  desktop: { viewport: { width: 1200, height: 800 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
};

/** The app as it is after a while: the same votes each time. */
export async function createUsedApp(): Promise<FastifyInstance> {
  const database = await openDatabase(inMemory);
  const ratings = createRatings(database, (error) => {
    throw error;
  });
  for (let animeId = 1; animeId <= 40; animeId++) {
    const voters = 3 + ((animeId * 7) % 11);
    for (let voter = 0; voter < voters; voter++) {
      const score = 10 - ((animeId + voter * voter) % 6);
      await ratings.vote({ animeId, visitor: `voter ${voter}`, score });
    }
  }
  return createApp({ database });
}

/** Waits until a page shows what it is going to show: what it loads is there, its islands are live. */
export async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.waitForFunction(() =>
    Array.from(document.querySelectorAll('server-component')).every((island) => island.matches(':state(live)')),
  );
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
}
