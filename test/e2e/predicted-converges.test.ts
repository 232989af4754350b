// Two pages that predict, many random operations, refusals, cuts and a server that is replaced: each frame that is
// painted shows what the server has said with what it has not answered yet, and in the end all are what the server has.
// `PREDICTED_OPERATIONS=500` does more of it.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { memoryStore } from '../../server/index.ts';
import { openPages } from '../support/pages.ts';
import type { ListMessage } from '../support/predicted-list.ts';
import type { Oracle } from '../support/predicted-oracle.ts';
import { openPredicted, servePredicted, shown } from '../support/predicted-page.ts';

const newPage = openPages();
const operations = Number(process.env.PREDICTED_OPERATIONS ?? 80);
const kinds: readonly ListMessage['type'][] = [
  'Removed',
  'Toggled',
  'Toggled',
  'Toggled',
  'Raised',
  'Raised',
  'Renamed',
  'Renamed',
];

type WithOracle = { readonly oracle: Oracle };

/** Numbers that are the same each time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 8) & 0xffff) % below;
  };
}

test('every frame that two pages paint is right, whatever is refused, cut and replaced', {
  timeout: 120_000,
}, async () => {
  const store = memoryStore();
  const route = { persist: true, rows: 40 };
  await using scene = await openPredicted(newPage, '/checked', { store }, route);
  const { proxy, open } = scene;
  const pages = [scene.page, await open('/checked')] as const;
  for (const page of pages)
    await expect.poll(() => page.evaluate(() => (globalThis as never as WithOracle).oracle.isReady)).toBe(true);
  const random = randomFrom(7);
  const press = (page: Page, kind: string, row: number, text: string): Promise<void> =>
    page.evaluate(
      ([what, at, word]) =>
        (globalThis as never as WithOracle).oracle.press(what as 'Toggled', at as number, word as string),
      [kind, row, text],
    );
  const waiting = (page: Page): Promise<number> =>
    page.evaluate(() => (globalThis as never as WithOracle).oracle.waiting);
  proxy.delayMs = 15;
  let second: AsyncDisposable | undefined;
  for (let step = 0; step < operations; step++) {
    const page = pages[random(2)] as Page;
    // the first page tries what the server refuses, too
    if (step % 20 === 5) await press(pages[0], 'Removed', -1, '');
    await press(page, kinds[random(kinds.length)] as string, random(40), `text ${step}`);
    if (step % 23 === 9) proxy.cut();
    if (step % 31 === 12) proxy.refuse();
    if (step % 31 === 18) {
      proxy.accept();
      // a page keeps no more than 200
      for (const each of pages) await expect.poll(() => waiting(each), { timeout: 30_000 }).toBeLessThan(100);
    }
    if (step === Math.floor(operations / 2)) {
      // another process takes over what is stored
      await scene.server[Symbol.asyncDispose]();
      const next = await servePredicted({ store }, route);
      second = next;
      proxy.target = next.url;
    }
  }
  proxy.accept();
  for (const page of pages) await expect.poll(() => waiting(page), { timeout: 30_000 }).toBe(0);
  const plain = await newPage();
  await plain.goto(`${proxy.url}/plain`);
  await plain.locator('server-component:state(live)').waitFor();
  for (const page of pages) await expect.poll(async () => (await shown(page)) === (await shown(plain))).toBe(true);
  let refused = 0;
  for (const page of pages) {
    const { painted, ahead, wrong, refusals } = await page.evaluate(() => {
      const { painted, ahead, wrong, refusals } = (globalThis as never as WithOracle).oracle;
      return { painted, ahead, wrong, refusals };
    });
    refused += refusals;
    expect(wrong).toEqual([]);
    // else nothing was checked that matters
    expect(painted).toBeGreaterThan(10);
    expect(ahead).toBeGreaterThan(3);
  }
  expect(refused).toBeGreaterThan(0);
  await second?.[Symbol.asyncDispose]();
});
