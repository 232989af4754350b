// `npm run screenshots`: takes the README's pictures anew, from the real app in a real browser: its pages, each on a
// desktop and a phone, by day and by night, with the same data each time.
// `npm run screenshots -- FOLDER` takes pictures to look at instead: all pages, from top to bottom.

import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { launchBrowser } from '../test/support/browser.ts';
import { createUsedApp, devices, type LookedAt, pages, schemes, settle } from '../test/support/looks.ts';
import { buildBundles } from './build.ts';

const [folder] = process.argv.slice(2);
const target = resolve(folder ?? join(import.meta.dirname, '../docs/images'));
const isToLookAt = folder !== undefined;

await buildBundles();
const app = await createUsedApp();
const address = await app.listen({ host: '127.0.0.1', port: 0 });
await using browser = await launchBrowser();
if (!isToLookAt) await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
for (const page of pages) {
  if (!isToLookAt && !page.isInReadme) continue;
  for (const device of Object.keys(devices)) await take(page, device);
}
await app.close();

/** Takes the pictures of a page on one device. Who looks is new, so that no page depends on what was done in another. */
async function take({ name, path, enter }: LookedAt, device: string): Promise<void> {
  const context = await browser.newContext({ ...devices[device], reducedMotion: 'reduce' });
  const page = await context.newPage();
  await enter?.(page, address);
  await page.goto(address + path);
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await page.screenshot({ path: join(target, `${name}-${device}-${colorScheme}.png`), fullPage: isToLookAt });
  }
  await context.close();
}
