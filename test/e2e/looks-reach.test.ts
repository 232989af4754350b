// Every page for those who see little, use no mouse, or get sick of motion. The pages are listed in
// test/support/looks.ts, and each is opened once for all that is asked; what only one of them has is tested in
// accessibility.test.ts.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { createUsedApp, devices, lookAt, pages } from '../support/looks.ts';
import { cutOff, motions, type Stop, stopHere, unreached } from '../support/looks-probes.ts';
import { servePages } from '../support/pages.ts';

const site = servePages(createUsedApp, { appFor: 'all tests' });

test.for(pages)(
  'on $name the keyboard reaches all, styles move nothing unasked, and nothing is cut off in a narrow window or with large text',
  async (looked) => {
    const page = await site.newPage(devices.desktop);
    await lookAt(page, site.address, looked);

    const stops = await tabThrough(page);
    expect
      .soft(
        stops.filter(({ isSeen }) => !isSeen),
        'where the focus is not seen',
      )
      .toEqual([]);
    expect.soft(await page.evaluate(unreached), 'what Tab does not reach').toEqual([]);

    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect.soft(await page.evaluate(motions), 'what moves for those who want no motion').toEqual([]);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect.soft(await page.evaluate(motions), 'what moves for others').not.toEqual([]);

    await page.setViewportSize({ width: 320, height: 640 });
    expect.soft(await page.evaluate(cutOff), '320 pixels wide').toEqual([]);
    await page.setViewportSize({ width: 640, height: 800 });
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    expect.soft(await page.evaluate(cutOff), 'with text of twice the size').toEqual([]);
  },
);

test('what is cut off is noticed', async () => {
  const page = await site.newPage(devices.desktop);
  await lookAt(page, site.address, { name: 'home', path: '/' });
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => {
    const wide = document.createElement('hr');
    wide.style.width = '400px';
    document.body.append(wide);
  });
  expect(await page.evaluate(cutOff)).toEqual(['hr']);
});

/** Presses Tab until the focus has left the page or begins anew, from where the page sets it. */
async function tabThrough(page: Page): Promise<Stop[]> {
  const first = await page.evaluate(stopHere);
  const stops = first === null ? [] : [first];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(stopHere);
    if (stop === null) return stops;
    stops.push(stop);
  }
}
