// Two pages that predict, many random operations, refusals, cuts, a server that is replaced, and a machine that another
// one takes over from, in any browser: each frame that is painted shows what the server has said with what it has not
// answered yet, what was shown and has gone does not come back, and in the end all are what the server has.

import { expect } from 'vitest';
import { createMemoryHub } from '../../server/cluster/memory.ts';
import { memoryStore } from '../../server/index.ts';
import type { ListMessage } from './predicted-list.ts';
import type { Oracle } from './predicted-oracle.ts';
import { servePredicted } from './predicted-page.ts';
import { startProxy } from './proxy.ts';

/** A page, whatever drives it. What both exchange is JSON. */
export interface CheckedPage {
  evaluate<Args extends readonly unknown[], Result>(
    run: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>>;
}

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

/** @param open Opens a page of its own. */
export async function expectConverging(
  open: (url: string) => Promise<CheckedPage>,
  operations: number,
  seed = 7,
): Promise<void> {
  const store = memoryStore();
  const hub = createMemoryHub();
  const serve = () => servePredicted({ store, bus: hub.connect() }, { persist: true, rows: 40 });
  await using servers = new AsyncDisposableStack();
  const first = servers.use(await serve());
  await using proxy = await startProxy(first.url);
  const pages = [await open(`${proxy.url}/checked`), await open(`${proxy.url}/checked`)] as const;
  const isReady = (page: CheckedPage): Promise<boolean> =>
    page.evaluate(() => (globalThis as never as WithOracle).oracle.isReady);
  for (const page of pages) await expect.poll(() => isReady(page)).toBe(true);
  const random = randomFrom(seed);
  const press = (page: CheckedPage, kind: string, row: number, text: string): Promise<void> =>
    page.evaluate(
      (what, at, word) => (globalThis as never as WithOracle).oracle.press(what as 'Toggled', at, word),
      kind,
      row,
      text,
    );
  const waiting = (page: CheckedPage): Promise<number> =>
    page.evaluate(() => (globalThis as never as WithOracle).oracle.waiting);
  proxy.delayMs = 15;
  let current = first;
  for (let step = 0; step < operations; step++) {
    const page = pages[random(2)] as CheckedPage;
    // the first page tries what the server refuses, too, right after something that it takes
    if (step % 20 === 5) {
      await pages[0].evaluate(
        (row, text) => {
          const { oracle } = globalThis as never as WithOracle;
          oracle.press('Renamed', row, text);
          oracle.press('Removed', -1, '');
        },
        random(40),
        `before ${step}`,
      );
    }
    await press(page, kinds[random(kinds.length)] as string, random(40), `text ${step}`);
    if (step % 23 === 9) proxy.cut();
    if (step % 31 === 12) proxy.refuse();
    if (step % 31 === 18) {
      proxy.accept();
      // a page keeps no more than 200
      for (const each of pages) await expect.poll(() => waiting(each), { timeout: 60_000 }).toBeLessThan(100);
    }
    if (step === Math.floor(operations / 3)) {
      // another process takes over what is stored
      await first[Symbol.asyncDispose]();
      current = servers.use(await serve());
      proxy.target = current.url;
    }
    if (step === Math.floor((operations * 2) / 3)) {
      // the pages go to a second machine, while the first still runs what they look at
      proxy.target = servers.use(await serve()).url;
      proxy.cut();
    }
  }
  proxy.accept();
  for (const page of pages) await expect.poll(() => waiting(page), { timeout: 60_000 }).toBe(0);
  // what the machine has that the pages have never been at since
  const html = await (await fetch(`${current.url}/plain`)).text();
  const told = [...html.matchAll(/<li class="(\w+)">[\s\S]*?<b>([^<]*)<\/b>/g)].map(
    ([, state, text]) => `${state} ${text}/${text}`,
  );
  expect(told.length).toBeGreaterThan(3);
  let refused = 0;
  for (const page of pages) {
    await expect
      .poll(() => page.evaluate(() => (globalThis as never as WithOracle).oracle.shown))
      .toBe(told.join('\n'));
    const { painted, ahead, wrong, returned, refusals, mounts } = await page.evaluate(() => {
      const { painted, ahead, wrong, returned, refusals, mounts } = (globalThis as never as WithOracle).oracle;
      return { painted, ahead, wrong, returned, refusals, mounts };
    });
    refused += refusals;
    expect(wrong).toEqual([]);
    expect(returned).toEqual([]);
    // it was predicted at each of the machines
    expect(mounts).toBe(0);
    // else nothing was checked that matters
    expect(painted).toBeGreaterThan(10);
    expect(ahead).toBeGreaterThan(3);
  }
  expect(refused).toBeGreaterThan(0);
}
