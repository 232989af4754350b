// What nobody should meet on any page, on a phone or a desktop, by day or by night: something that WCAG forbids, content
// that moves while the page loads, or what is too small to be hit. The pages are listed in test/support/looks.ts.

import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright';
import { expect, test } from 'vitest';
import {
  admin,
  createUsedApp,
  devices,
  type LookedAt,
  lookAt,
  pages,
  painted,
  phoneSize,
  schemes,
  settle,
} from '../support/looks.ts';
import { smallTargets } from '../support/looks-probes.ts';
import { servePages } from '../support/pages.ts';

const site = servePages(createUsedApp, { appFor: 'all tests', pictures: true });

/** What a page shows only at times. */
interface Moment extends LookedAt {
  /** Brings it about, on the page as it is otherwise. */
  readonly happens: (page: Page) => Promise<void>;
}

const moments: readonly Moment[] = [
  {
    name: 'a search that waits for its answer',
    path: '/anime',
    async happens(page) {
      await page.route('**/api/**', () => {});
      await page.getByRole('searchbox').fill('mob');
      await page.getByRole('status').filter({ hasText: 'Looking' }).waitFor();
    },
  },
  {
    name: 'a search that failed',
    path: '/anime',
    async happens(page) {
      await page.route('**/api/**', (route) => route.abort());
      await page.getByRole('searchbox').fill('mob');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'a page that waits for its anime',
    path: '/anime',
    async happens(page) {
      await page.route('**/api/**', () => {});
      await page.evaluate(() => history.pushState(null, '', '/anime/200'));
      await page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
      await page.getByRole('status').filter({ hasText: 'Asking' }).waitFor();
    },
  },
  {
    name: 'a vote of one’s own',
    path: '/anime/3',
    async happens(page) {
      await page.getByRole('button', { name: 'Save rating' }).click();
      await page.getByRole('button', { name: 'Take my vote back' }).waitFor();
    },
  },
  {
    name: 'a lost connection',
    path: '/anime/3',
    async happens(page) {
      await page.context().setOffline(true);
      await page.getByRole('status').filter({ hasText: 'No connection' }).waitFor();
    },
  },
  {
    name: 'a wrong password',
    path: '/admin/login',
    async happens(page) {
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill('guessed');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    ...admin,
    name: 'suggestions of users',
    async happens(page) {
      await page.getByRole('combobox').first().fill('yuki');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    ...admin,
    name: 'a cell that cannot be stored as it is, and a deleted user',
    async happens(page) {
      await page.getByRole('button', { name: 'Delete' }).last().click();
      await page.getByRole('button', { name: /^Undo/ }).first().waitFor();
      await page.locator('td.email button').first().click();
      await page.getByLabel(/^Email of/).fill('nobody');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('.edit-note').waitFor();
    },
  },
];

const everything = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// what is forbidden of colours depends on the scheme, all else on the width: each of both is looked at once
const visits = pages.flatMap((looked) =>
  Object.entries(devices).map(([device, options], at) => ({
    ...{ name: looked.name, device, looked, options },
    scheme: schemes[at % schemes.length] as (typeof schemes)[number],
  })),
);

test.for(visits)(
  '$name on a $device ($scheme) moves nothing while it loads, has nothing that WCAG forbids, and no target smaller than 24 pixels',
  async ({ looked, options, scheme }) => {
    const page = await site.newPage({ ...options, colorScheme: scheme });
    await observeShifts(page);
    await loadInSteps(page, looked);
    expect.soft(await shifts(page), 'what moved').toEqual([]);
    expect.soft(await violations(page), scheme).toEqual([]);
    expect.soft(await page.evaluate(smallTargets), 'small targets').toEqual([]);
  },
);

// as above
test.for(moments)('$name has nothing that WCAG forbids', async (moment) => {
  const page = await open(moment, devices.desktop);
  await moment.happens(page);
  expect.soft(await violations(page), 'light, on a desktop').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(phoneSize);
  expect.soft(await violations(page), 'dark, as narrow as a phone').toEqual([]);
});

test.for(Object.entries(devices))(
  'on a %s, the page about the API has nothing but what lies in Swagger UI itself',
  async ([, options]) => {
    const page = await site.open('/api/docs', options);
    await page.getByText('Take one’s vote back').waitFor();
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      const rules = new Set((await violations(page)).map((violation) => violation.split(':', 1)[0]));
      expect([...rules], colorScheme).toEqual(['heading-order', 'nested-interactive', 'region']);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  },
);

test('what moves is noticed', async () => {
  const page = await site.newPage();
  await observeShifts(page);
  await page.goto(site.address);
  await settle(page);
  await page.evaluate(() => document.body.prepend(document.createElement('hr')));
  await expect.poll(() => shifts(page)).toHaveLength(1);
});

async function open(looked: LookedAt, options?: BrowserContextOptions): Promise<Page> {
  const page = await site.newPage(options);
  await lookAt(page, site.address, looked);
  return page;
}

/** Everything that axe finds, as `rule: selector`. */
async function violations(page: Page): Promise<string[]> {
  // evaluated by way of the debugger, so that the page's own strict policy stays as it is
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (runOnly) => {
    const { axe: tool } = window as unknown as { axe: typeof axe };
    // places of what passes are found for nobody
    return (await tool.run({ runOnly, resultTypes: ['violations'] })).violations;
  }, everything);
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/** Writes each shift of the layout down, from the page's beginning. */
async function observeShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    type Shift = PerformanceEntry & { readonly value: number; readonly sources: readonly { readonly node?: Node }[] };
    const seen: string[] = [];
    Object.assign(window, { shifts: seen });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as Shift[]) {
        const moved = sources.map(({ node }) =>
          (node instanceof Element ? node.outerHTML : node?.nodeValue)?.slice(0, 60),
        );
        seen.push(`${value.toFixed(4)}: ${moved.join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

function shifts(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { readonly shifts: string[] }).shifts);
}

/**
 * Opens a page whose pictures come only when all else has been painted, and its scripts when its pictures have: what any
 * of them moves is seen to move, however fast the machine is.
 */
async function loadInSteps(page: Page, { path, enter }: LookedAt): Promise<void> {
  await enter?.(page, site.address);
  const [pictures, scripts] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const until: { readonly [kind: string]: Promise<void> } = { image: pictures.promise, script: scripts.promise };
  await page.route('**/*', async (route) => {
    await until[route.request().resourceType()];
    await route.continue();
  });
  // its load waits for what is held
  await page.goto(site.address + path, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.readyState !== 'loading');
  await painted(page);
  pictures.resolve();
  await page.waitForFunction(() =>
    Array.from(document.images)
      .filter((image) => image.getBoundingClientRect().top < innerHeight)
      .every(({ complete, naturalWidth }) => complete && naturalWidth > 0),
  );
  await painted(page);
  scripts.resolve();
  await settle(page);
}
