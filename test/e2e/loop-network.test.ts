// The bad network that development can give a page: delayed, cut, mended, by its console, its address or the command
// line. And client components that a page shows only later. In a real browser, with the app that `islet dev` runs.

import type { Page } from 'playwright';
import { expect, test, vi } from 'vitest';
import type { Network } from '../../client-runtime/development/network.ts';
import { LoopApp } from '../support/loop-app.ts';
import { openPages } from '../support/pages.ts';

// what development gives to a page's console
declare const islet: Network;

vi.setConfig({ testTimeout: 90_000 });

const newPage = openPages();

async function open(app: LoopApp, query = ''): Promise<Page> {
  const page = await newPage();
  await page.goto(app.url + query);
  await page.locator('server-component:state(live)').nth(1).waitFor();
  return page;
}

/** How long a click takes to show, at least: what a delay makes of it no busy machine makes shorter. */
async function clickMs(page: Page): Promise<number> {
  const before = await page.getByText(/^Count: \d+$/).textContent();
  return page.evaluate(async (shown) => {
    const button = [...document.querySelectorAll('button')].find((each) => each.textContent === 'Plus');
    const started = performance.now();
    button?.click();
    while (document.querySelector('p')?.textContent === shown) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - started;
  }, before);
}

test('a round trip takes as long as the console says, in order, until it is ended', async () => {
  await using app = await LoopApp.start();
  const page = await open(app);
  await page.evaluate(() => islet.latency(400));
  expect(await clickMs(page)).toBeGreaterThanOrEqual(400);
  // what is said in this tab holds for the next page, too
  await page.reload();
  await page.locator('server-component:state(live)').nth(1).waitFor();
  expect(await clickMs(page)).toBeGreaterThanOrEqual(400);
  // many at once: none overtakes another, also where the delay ends meanwhile
  await page.evaluate(() => {
    const button = [...document.querySelectorAll('button')].find((each) => each.textContent === 'Plus');
    for (let click = 0; click < 5; click++) button?.click();
    islet.latency(0);
    for (let click = 0; click < 5; click++) button?.click();
  });
  await page.getByText('Count: 12').waitFor();
  await page.close();
});

test('... or the address, or the command line', async () => {
  await using app = await LoopApp.start(['--latency', '300']);
  const page = await open(app);
  expect(await clickMs(page)).toBeGreaterThanOrEqual(300);
  const other = await open(app, '/?islet-latency=600');
  expect(await clickMs(other)).toBeGreaterThanOrEqual(600);
});

test('what is done while the connection is cut waits until it is mended', async () => {
  await using app = await LoopApp.start();
  const page = await open(app);
  await page.evaluate(() => islet.cut());
  await page.locator('server-component:state(offline)').nth(1).waitFor();
  await page.getByRole('button', { name: 'Plus' }).click();
  await page.evaluate(() => islet.restore());
  await page.getByText('Count: 1').waitFor();
  // by itself, after a time
  await page.evaluate(() => islet.cut(100));
  await page.getByRole('button', { name: 'Plus' }).click();
  await page.getByText('Count: 2').waitFor();
});

test('a client component that a page shows only later gets its script, also inside of another', async () => {
  const inner = `import { component, effect, html } from 'islet';
export const innerBox = component<number, { type: 'UserClicked' }>({
  name: 'inner-box',
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html\`<button @click=\${{ type: 'UserClicked' }}>Inner \${count}</button>\`,
});
`;
  const late = inner
    .replaceAll('innerBox', 'lateBox')
    .replaceAll('inner-box', 'late-box')
    .replace('Inner ${count}</button>', 'Late ${count}</button>${count > 0 && html`<inner-box></inner-box>`}');
  await using app = await LoopApp.start([], { 'client/inner-box.ts': inner, 'client/late-box.ts': late });
  await app.change('components/counter.ts', [
    'Plus</button>`',
    'Plus</button> <i>renewed</i> ${count > 1 && html`<late-box></late-box>`}`',
  ]);
  // a page that is asked for while its server ends is none
  await app.isUpToDate('components/counter.ts');
  const page = await open(app);
  const scripts = (): Promise<string[]> =>
    page.evaluate(() =>
      performance.getEntriesByType('resource').flatMap(({ name }) => /(star|late|inner)-box/.exec(name)?.[0] ?? []),
    );
  expect(await page.content()).toContain('later-');
  await page.getByText('renewed').waitFor();
  expect(await scripts()).toEqual(['star-box']);
  await page.getByRole('button', { name: 'Plus' }).click();
  await page.getByRole('button', { name: 'Plus' }).click();
  await page.getByRole('button', { name: 'Late 0' }).click();
  await page.getByRole('button', { name: 'Inner 0' }).click();
  await page.getByRole('button', { name: 'Inner 1' }).waitFor();
  expect(await scripts()).toEqual(['star-box', 'late-box', 'inner-box']);
  // and follows changes, as those do that were there at first
  await app.change('client/late-box.ts' as never, ['Late ', 'Later ']);
  await page.getByRole('button', { name: 'Later 1' }).waitFor();
});
