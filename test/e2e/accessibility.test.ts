// The home page for those who use it by keyboard, by ear, on a small screen, or over a bad connection: the real app in
// a real browser. The colours' contrasts are computed in test/contrast.test.ts.

import type { BrowserContextOptions, Locator, Page } from 'playwright';
import { expect, test } from 'vitest';
import { createApp } from '../../server/anime/app.ts';
import { readSeed } from '../../server/anime/data/seed.ts';
import { serverComponent } from '../../server/index.ts';
import { component, effect, html } from '../../shared/index.ts';
import { settle } from '../support/looks.ts';
import { servePages } from '../support/pages.ts';

const site = servePages(async () => {
  const app = await createApp({ islet: { restart: { maxFailures: 0 } } });
  app.islet.route('/ws/broken', broken);
  app.get('/broken', (_, reply) => reply.html(brokenPage()));
  return app;
});

test('a screen reader meets named regions, a list, and buttons that say what they do', async () => {
  const page = await open();
  expect(await page.getByRole('main').ariaSnapshot()).toBe(mainAsHeard);
});

test('the score and a save are announced as sentences', async () => {
  const page = await open();
  const said = page.getByRole('group', { name: 'Rating' }).getByRole('status');
  const [score, saved] = [said.first(), said.last()];
  await rateHigher(page).click();
  await expect.poll(() => score.textContent()).toBe('Score 6 of 10');
  await page.getByRole('button', { name: 'Save rating' }).click();
  await expect.poll(() => saved.textContent()).toBe('Saved: 6 of 10');
});

test('a button at an end of the scale does nothing and keeps the focus of the keyboard', async () => {
  const page = await open();
  await rateHigher(page).focus();
  for (let score = 6; score <= 10; score++) {
    await page.keyboard.press('Enter');
    await expect.poll(() => shownScore(page)).toBe(score);
  }
  expect(await rateHigher(page).getAttribute('aria-disabled')).toBe('true');
  await page.keyboard.press('Enter');
  expect(await isFocused(rateHigher(page))).toBe(true);

  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');
  await expect.poll(() => shownScore(page)).toBe(9);
  expect(await rateHigher(page).getAttribute('aria-disabled')).toBe('false');
});

test('the keyboard reaches everything in the order in which it is seen, beginning with a way past the header', async () => {
  const page = await open();
  const stops: string[] = [];
  for (let stop = 0; stop < 11; stop++) {
    await page.keyboard.press('Tab');
    stops.push(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(outline, `focus ring of ${stops.at(-1)}`).toBe('solid');
  }
  const links = ['Cowboy Bebop', 'Steins;Gate', 'Mob Psycho 100', `All ${readSeed().length} anime`];
  expect(stops).toEqual([
    'Skip to the content',
    'Anime tracker',
    'All anime',
    ...links,
    '-',
    '+',
    'Save',
    '/api/anime',
  ]);
});

test('on a phone nothing is cut off or out of reach, and buttons are large enough for a thumb', async () => {
  const page = await open('/', { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  for (const button of await page.getByRole('button').all()) {
    const box = await button.boundingBox();
    expect(box?.width).toBeGreaterThanOrEqual(44);
    expect(box?.height).toBeGreaterThanOrEqual(44);
  }
});

test('the Content-Security-Policy has nothing to complain about', async () => {
  const complaints: string[] = [];
  const page = await site.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  const response = await page.goto(site.address);
  await settle(page);
  expect(response?.headers()['content-security-policy']).toContain(
    "require-trusted-types-for 'script'; trusted-types islet",
  );
  expect(complaints).toEqual([]);
});

test('a lost connection is said without moving anything', async () => {
  const page = await open();
  const before = await boxes(page);
  const closing = site.app.close();
  await page.getByRole('status').filter({ hasText: 'No connection' }).waitFor();
  expect(await boxes(page)).toEqual(before);
  await page.context().close();
  await closing;
});

test('an island that has failed says so, and what to do', async () => {
  const page = await open('/broken');
  const before = await boxes(page);
  await page.getByRole('button').click();
  await page.locator('server-component:state(failed)').waitFor();
  expect(await hint(page)).toContain('Stopped working. Please reload.');
  expect((await boxes(page)).at(-1)).toEqual(before.at(-1));
});

async function open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const page = await site.open(path, options);
  await settle(page);
  return page;
}

const mainAsHeard = `
- main:
  - region "Worth watching":
    - heading "Worth watching" [level=1]
    - paragraph: 3 series, 87 episodes
    - list:
      - listitem:
        - link "Cowboy Bebop":
          - /url: /anime/1
        - text: 1998 · Sunrise · 26 episodes – no votes
      - listitem:
        - link "Steins;Gate":
          - /url: /anime/2
        - text: 2011 · White Fox · 24 episodes – no votes
      - listitem:
        - link "Mob Psycho 100":
          - /url: /anime/3
        - text: 2016 · Bones · 37 episodes – no votes
    - paragraph:
      - link "All ${readSeed().length} anime":
        - /url: /anime
  - region "Rate this list":
    - heading "Rate this list" [level=2]
    - paragraph: There is one score, and it belongs to everybody here. Change it and every open page follows.
    - group "Rating":
      - button "Rate lower": − -
      - status: Score 5 of 10
      - button "Rate higher": +
      - button "Save rating": Save
      - paragraph:
        - status
        - text: Not saved yet
`.trim();

const rateHigher = (page: Page): Locator => page.getByRole('button', { name: 'Rate higher' });

const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement);

async function shownScore(page: Page): Promise<number> {
  return Number(await page.locator('.rating-score').textContent());
}

/** What the style sheet writes over the first island. */
function hint(page: Page): Promise<string> {
  return page.evaluate(() => {
    const island = document.querySelector('server-component');
    return island ? getComputedStyle(island, '::after').content : '';
  });
}

/** Where everything on the page is, but for what is said over it. */
function boxes(page: Page): Promise<number[][]> {
  return page.evaluate(() =>
    Array.from(document.body.querySelectorAll(':not(.notice, .notice *)'), (element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return [x, y, width, height];
    }),
  );
}

const broken = component<null, { type: 'UserClicked' }>({
  init: () => [null, effect.none],
  update: () => [null, effect.from((_, { fail }) => fail(new Error('this actor is meant to fail')))],
  view: () => html`<p><button @click=${{ type: 'UserClicked' }}>Break</button></p>`,
});

const brokenPage = () => html`
  <!doctype html>
  <html lang="en">
    <head>
      <title>Broken</title>
      <link rel="stylesheet" href="/assets/app.css">
      <script type="module" src="/islet/element.js"></script>
    </head>
    <body>
      ${serverComponent({ route: '/ws/broken' })}
      <p>The rest of the page</p>
    </body>
  </html>
`;
