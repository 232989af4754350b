// `npm run screenshots`: takes the README's pictures anew, from the real app in a real browser, in both colour schemes.
// `npm run screenshots -- FOLDER` takes pictures to look at instead: each scheme in a wide window and on a phone.

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions } from 'playwright';
import { createApp } from '../server/app/app.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { buildBundles } from './build.ts';

const schemes = ['light', 'dark'] as const;
const wide: BrowserContextOptions = { viewport: { width: 1200, height: 700 } };
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

const [folder] = process.argv.slice(2);
await buildBundles();
const app = await createApp();
const address = await app.listen({ host: '127.0.0.1', port: 0 });
await using browser = await launchBrowser();

if (folder === undefined) {
  const images = resolve(import.meta.dirname, '../docs/images');
  await take(wide, 'light', join(images, 'home.png'));
  await take(wide, 'dark', join(images, 'home-dark.png'));
} else {
  await mkdir(folder, { recursive: true });
  for (const scheme of schemes) {
    await take(wide, scheme, join(folder, `wide-${scheme}.png`));
    await take(phone, scheme, join(folder, `phone-${scheme}.png`));
  }
}
await app.close();

/** Takes one picture of the home page, with a score of 7 that was saved. */
async function take(device: BrowserContextOptions, colorScheme: 'light' | 'dark', path: string): Promise<void> {
  const page = await browser.newPage({ ...device, colorScheme, deviceScaleFactor: 2, reducedMotion: 'reduce' });
  await page.goto(address);
  const score = page.locator('.rating-score');
  for (let shown = Number(await score.textContent()); shown < 7; shown++) {
    await page.getByRole('button', { name: 'Rate higher' }).click();
    await score.filter({ hasText: String(shown + 1) }).waitFor();
  }
  await page.getByRole('button', { name: 'Save rating' }).click();
  await page.getByText('Saved: 7 of 10').waitFor();
  await page.mouse.move(0, 0); // else the button is shown as pointed at
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
