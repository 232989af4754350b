// `npm run screenshots`: takes the pictures of docs/reference-app.md anew, from the real app in a real browser: its
// pages, each on a desktop and a phone, by day and by night, with the same data and the same doings each time.
// `npm run screenshots -- FOLDER` takes pictures to look at instead: all pages, untouched and from top to bottom.

import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright';
import { launchBrowser } from '../test/support/browser.ts';
import { createUsedApp, devices, type LookedAt, lookAt, pages, schemes, settle } from '../test/support/looks.ts';
import { createBrokenApp } from './broken-app.ts';
import { buildBundles } from './build.ts';

const [folder] = process.argv.slice(2);
const target = resolve(folder ?? join(import.meta.dirname, '../docs/images'));
const isForReadme = folder === undefined;

/** What is done on a page before its picture is taken. */
const doings = new Map<string, (page: Page, visitAgain: () => Promise<void>) => Promise<void>>([
  [
    'home',
    async (page) => {
      await rate(page, 7);
      await page.getByText('Saved: 7 of 10').waitFor();
    },
  ],
  [
    'detail',
    async (page, visitAgain) => {
      await visitAgain();
      await visitAgain();
      await rate(page, 9);
      await page.getByText('Your vote: 9').waitFor();
      await page.getByText('3 people are looking').waitFor();
    },
  ],
]);

await buildBundles();
await using browser = await launchBrowser();
if (isForReadme) await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
for (const page of pages) {
  if (isForReadme && !page.isInReadme) continue;
  for (const device of Object.keys(devices)) await take(page, device);
}

if (isForReadme) await takeOverlay();

/** Takes pictures of what development shows of an error: a button of a real app whose update throws. */
async function takeOverlay(): Promise<void> {
  const app = await createBrokenApp();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const page = await browser.newPage({ ...devices.desktop, reducedMotion: 'reduce' });
  await page.goto(address);
  await page.locator('server-component:state(live)').waitFor();
  await page.getByRole('button', { name: 'Add' }).click();
  await page.locator('islet-problem').waitFor();
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await page.screenshot({ path: join(target, `overlay-desktop-${colorScheme}.png`) });
  }
  await page.close();
  await app.close();
}

/** Takes the pictures of a page on one device, of an app of its own, in which nothing has been done before. */
async function take(looked: LookedAt, device: string): Promise<void> {
  const app = await createUsedApp();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const visit = async (): Promise<Page> => {
    const page = await browser.newPage({ ...devices[device], reducedMotion: 'reduce' });
    await lookAt(page, address, looked);
    return page;
  };
  const page = await visit();
  if (isForReadme) {
    await doings.get(looked.name)?.(page, async () => void (await visit()));
    await page.mouse.move(0, 0); // else a button is shown as pointed at
    await page.evaluate(() => scrollTo(0, 0));
  }
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await page.screenshot({
      path: join(target, `${looked.name}-${device}-${colorScheme}.png`),
      fullPage: !isForReadme,
    });
  }
  for (const context of browser.contexts()) await context.close();
  await app.close();
}

async function rate(page: Page, score: number): Promise<void> {
  const shown = page.locator('.rating-score');
  for (let at = Number(await shown.textContent()); at < score; at++) {
    await page.getByRole('button', { name: 'Rate higher' }).click();
    await shown.filter({ hasText: String(at + 1) }).waitFor();
  }
  await page.getByRole('button', { name: 'Save rating' }).click();
}
