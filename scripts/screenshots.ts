// `npm run screenshots`: takes the README's pictures anew, from the real app in a real browser: its pages, each on a
// desktop and a phone, by day and by night, with the same data each time.
// `npm run screenshots -- FOLDER` takes pictures to look at instead: all pages, from top to bottom.

import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { launchBrowser } from '../test/support/browser.ts';
import { createUsedApp, devices, type LookedAt, lookAt, pages, schemes, settle } from '../test/support/looks.ts';
import { buildBundles } from './build.ts';

const [folder] = process.argv.slice(2);
const target = resolve(folder ?? join(import.meta.dirname, '../docs/images'));
const isToLookAt = folder !== undefined;

await buildBundles();
await using browser = await launchBrowser();
if (!isToLookAt) await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
for (const page of pages) {
  if (!isToLookAt && !page.isInReadme) continue;
  for (const device of Object.keys(devices)) await take(page, device);
}

/** Takes the pictures of a page on one device, of an app of its own: nobody else looks or was here before. */
async function take(looked: LookedAt, device: string): Promise<void> {
  const app = await createUsedApp();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const page = await browser.newPage({ ...devices[device], reducedMotion: 'reduce' });
  await lookAt(page, address, looked);
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await page.screenshot({ path: join(target, `${looked.name}-${device}-${colorScheme}.png`), fullPage: isToLookAt });
  }
  await page.close();
  await app.close();
}
