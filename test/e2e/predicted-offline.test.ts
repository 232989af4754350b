// What is done in a predicted island without a connection, in Chromium: it is kept over a reload, shown, and done once
// and in order when the server can be reached, or told.

import { expect, test } from 'vitest';
import { openPages } from '../support/pages.ts';
import {
  act,
  foretell,
  kept,
  list,
  live,
  offline,
  openScene,
  patience,
  rowsOf,
  settled,
  texts,
  written,
} from '../support/predicted-offline.ts';

const newPage = openPages();
const long = { timeout: 240_000 };

test('what is done offline is shown again after a reload, and done once and in order on return', long, async () => {
  await using scene = await openScene(newPage);
  const { page, proxy, told } = scene;
  await live(page);
  await list(page).locator('.toggle').first().click();
  await settled(page);
  proxy.refuse();
  await offline(page);
  await list(page).locator('.raise').nth(4).click();
  // the server alone knows that it is locked
  await list(page).locator('.remove').nth(2).click();
  await list(page, 'b').locator('.remove').nth(0).click();
  expect(await texts(page)).toEqual(['Thing 4', 'Thing 0', 'Thing 2', 'Thing 3']);
  await expect.poll(() => list(page).getAttribute('data-kept'), patience).toBe('2');
  await page.reload();
  await expect.poll(() => texts(page), patience).toEqual(['Thing 4', 'Thing 0', 'Thing 2', 'Thing 3']);
  await expect.poll(() => texts(page, 'b'), patience).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
  await list(page).locator('[name=text]').fill('Milk');
  await list(page).locator('.add').click();
  await expect.poll(async () => (await texts(page)).at(-1), patience).toBe('Milk');
  proxy.accept();
  await live(page);
  const expected = ['Thing 4', 'Thing 0*', 'Thing 1', 'Thing 2', 'Thing 3', 'Milk'];
  await expect.poll(() => rowsOf(page), patience).toEqual(expected);
  await settled(page);
  expect(told).toEqual([
    expect.objectContaining({
      ...{ name: 'islet:refused', code: 'ISLET_ERR_MESSAGE_REFUSED' },
      messages: [{ type: 'Removed', id: 'r1' }],
    }),
  ]);
  // nothing is done again by whoever comes next
  await page.reload();
  await live(page);
  expect(await rowsOf(page)).toEqual(expected);
  expect(await texts(page, 'b')).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
});

test(
  'an hour offline: 200 things on two lists over two reloads are each done once and in order, or told',
  long,
  async () => {
    await using scene = await openScene(newPage);
    const { page, proxy, told, context, direct } = scene;
    await context.clock.install();
    await page.reload();
    await live(page);
    const other = await (await newPage()).context().newPage();
    await other.goto(direct);
    await live(other);
    proxy.refuse();
    await offline(page);
    const done = { a: await act(page, 'a', 50, 1, 'x'), b: await act(page, 'b', 50, 2, 'x') };
    // somebody else goes on meanwhile
    await list(other).locator('.remove').nth(3).click();
    await list(other, 'b').locator('.raise').nth(2).click();
    await settled(other);
    const before = { a: await rowsOf(other, 'a'), b: await rowsOf(other, 'b') };
    await context.clock.fastForward('30:00');
    for (const round of [3, 4]) {
      await written(page);
      await page.reload();
      for (const name of ['a', 'b'] as const) {
        const { rows } = foretell(before[name], done[name], false);
        await expect.poll(() => rowsOf(page, name), patience).toEqual(rows);
      }
      done.a.push(...(await act(page, 'a', 25, round, `y${round}`)));
      done.b.push(...(await act(page, 'b', 25, -round, `y${round}`)));
      await context.clock.fastForward('15:00');
    }
    await expect.poll(() => kept(page), patience).toBe(200);
    const since = await list(page).getAttribute('data-kept-since');
    expect((await page.evaluate(() => Date.now())) - Date.parse(since ?? '')).toBeGreaterThan(3_600_000);
    proxy.accept();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await live(page);
    await settled(page);
    for (const name of ['a', 'b'] as const) {
      const expected = foretell(before[name], done[name]);
      expect(await rowsOf(page, name)).toEqual(expected.rows);
      await expect.poll(() => rowsOf(other, name), patience).toEqual(expected.rows);
    }
    const refused = [...foretell(before.a, done.a).refused, ...foretell(before.b, done.b).refused];
    expect(refused.length).toBeGreaterThan(2);
    expect(told.map(({ name, messages }) => [name, messages.length])).toEqual(refused.map(() => ['islet:refused', 1]));
  },
);

test('where the browser keeps nothing the page says so once, and what is done waits in memory', long, async () => {
  await using scene = await openScene(async () => {
    const page = await newPage();
    await page.addInitScript(() =>
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('not here', 'SecurityError');
        },
      }),
    );
    return page;
  });
  const { page, proxy, told } = scene;
  const state = (name: string): Promise<void> =>
    list(page, name).and(page.locator('server-component:state(live)')).waitFor(patience);
  await state('a');
  await state('b');
  await expect.poll(() => told.map(({ name, why }) => [name, why]), patience).toEqual([['islet:unkept', 'denied']]);
  await list(page).locator('.toggle').nth(0).click();
  await expect.poll(() => page.locator('[data-pending], server-component:state(pending)').count(), patience).toBe(0);
  proxy.refuse();
  await offline(page);
  await list(page).locator('.raise').nth(4).click();
  await list(page, 'b').locator('.remove').nth(0).click();
  expect((await texts(page))[0]).toBe('Thing 4');
  expect((await texts(page, 'b'))[0]).toBe('Thing 1');
  proxy.accept();
  await settled(page);
  expect(await rowsOf(page)).toEqual(['Thing 4', 'Thing 0*', 'Thing 1', 'Thing 2', 'Thing 3']);
  expect((await texts(page, 'b'))[0]).toBe('Thing 1');
  expect(told.length).toBe(1);
});

test('a tab that is closed leaves what waits to the other one, which shows and does it', long, async () => {
  await using scene = await openScene(newPage);
  const { page, proxy, told } = scene;
  const tab = await scene.openTab();
  await live(page);
  await live(tab);
  proxy.refuse();
  await offline(tab);
  await list(tab).locator('.raise').nth(4).click();
  await list(tab).locator('.toggle').nth(0).click();
  await list(page).locator('.remove').nth(0).click();
  await expect.poll(() => kept(tab), patience).toBe(2);
  expect(await rowsOf(page)).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
  await tab.close();
  await expect.poll(() => rowsOf(page), patience).toEqual(['Thing 4*', 'Thing 1', 'Thing 2', 'Thing 3']);
  await expect.poll(() => kept(page), patience).toBe(3);
  proxy.accept();
  await settled(page);
  expect(await rowsOf(page)).toEqual(['Thing 4*', 'Thing 1', 'Thing 2', 'Thing 3']);
  const another = await scene.openTab();
  expect(await rowsOf(another)).toEqual(['Thing 4*', 'Thing 1', 'Thing 2', 'Thing 3']);
  expect(told).toEqual([]);
});

test(
  "another person at the same browser sees and sends nothing of the former one's, who finds it again",
  long,
  async () => {
    await using scene = await openScene(newPage);
    const { page, proxy, told, context } = scene;
    await scene.become('anna');
    await page.reload();
    await live(page);
    proxy.refuse();
    await offline(page);
    await list(page).locator('.remove').nth(0).click();
    await expect.poll(() => kept(page), patience).toBe(1);
    // one page stays open while its person changes, the other one is loaded
    await scene.become('ben');
    const tab = await scene.openTab();
    await list(tab).and(tab.locator('[data-kept]')).waitFor(patience);
    expect((await texts(tab))[0]).toBe('Thing 0');
    expect(await kept(tab)).toBe(0);
    proxy.accept();
    await live(tab);
    await live(page);
    await expect.poll(async () => (await texts(page))[0], patience).toBe('Thing 0');
    for (const each of [page, tab]) {
      await list(each).locator('.toggle').nth(3).click();
      await settled(each);
      await expect.poll(() => kept(each), patience).toBe(0);
    }
    expect(await rowsOf(page)).toEqual(['Thing 0', 'Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
    expect(told).toEqual([]);
    proxy.refuse();
    const later = await scene.openTab();
    await list(later).and(later.locator('[data-kept]')).waitFor(patience);
    expect([(await texts(later))[0], await kept(later)]).toEqual(['Thing 0', 0]);
    await later.close();
    proxy.accept();
    await scene.become('anna');
    const again = await context.newPage();
    await again.goto(scene.url);
    await expect.poll(() => rowsOf(again), patience).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
    await live(again);
    await settled(again);
    await expect.poll(() => rowsOf(tab), patience).toEqual(['Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
    expect(told).toEqual([]);
  },
);

test(
  'a server that has forgotten the numbers does nothing twice: what it may have heard is told, the rest is done',
  long,
  async () => {
    await using scene = await openScene(newPage);
    const { page, proxy, told } = scene;
    await scene.context.clock.install();
    await page.reload();
    await live(page);
    proxy.hold('toClient');
    // the server does it, and the page does not hear of it
    await list(page).locator('.toggle').nth(0).click();
    const other = await (await newPage()).context().newPage();
    await other.goto(scene.direct);
    await expect.poll(async () => (await rowsOf(other))[0], patience).toBe('Thing 0*');
    proxy.refuse();
    proxy.release();
    await offline(page);
    await scene.context.clock.fastForward('24:00:00');
    await list(page).locator('.toggle').nth(1).click();
    await written(page);
    await page.close();
    await scene.forget();
    proxy.accept();
    const again = await scene.openTab();
    await live(again);
    await settled(again);
    expect(await rowsOf(again)).toEqual(['Thing 0*', 'Thing 1*', 'Thing 2', 'Thing 3', 'Thing 4']);
    expect(told).toEqual([
      { name: 'islet:dropped', why: 'unknown', events: 1, messages: [{ type: 'Toggled', id: 'r0' }] },
    ]);
  },
);

test(
  'what is older than the app allows is told and not done, in the page that did it and in a later one',
  long,
  async () => {
    await using scene = await openScene(newPage, { limits: { maxAgeMs: 3_600_000 } });
    const { page, proxy, told, context } = scene;
    await context.clock.install();
    for (const isLater of [false, true]) {
      await page.reload();
      await live(page);
      proxy.refuse();
      await offline(page);
      await list(page).locator('.toggle').nth(0).click();
      await context.clock.fastForward('59:00');
      await list(page).locator('.toggle').nth(1).click();
      await written(page);
      await context.clock.fastForward('02:00');
      if (isLater) await page.reload();
      proxy.accept();
      await page.evaluate(() => dispatchEvent(new Event('online')));
      await live(page);
      await settled(page);
      expect(await rowsOf(page)).toEqual(['Thing 0', `Thing 1${isLater ? '' : '*'}`, 'Thing 2', 'Thing 3', 'Thing 4']);
      const old = { name: 'islet:dropped', why: 'old', events: 1, messages: [{ type: 'Toggled', id: 'r0' }] };
      expect(told).toEqual(isLater ? [old, old] : [old]);
    }
  },
);

test(
  'where there is no more room the page says so and goes on; what was kept before is done by a later page',
  long,
  async () => {
    await using scene = await openScene(newPage, { limits: { maxLength: 1_500 } });
    const { page, proxy, told } = scene;
    await live(page);
    proxy.refuse();
    await offline(page);
    for (let row = 0; row < 5; row++) await list(page).locator('.toggle').nth(row).click();
    expect((await rowsOf(page)).every((row) => row.endsWith('*'))).toBe(true);
    await expect.poll(() => told.map(({ name, why }) => [name, why]), patience).toEqual([['islet:unkept', 'full']]);
    await written(page);
    const count = await kept(page);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(5);
    await page.reload();
    await expect.poll(async () => (await rowsOf(page)).filter((row) => row.endsWith('*')).length, patience).toBe(count);
    proxy.accept();
    await settled(page);
    expect((await rowsOf(page)).filter((row) => row.endsWith('*')).length).toBe(count);
  },
);

test(
  'an island that is taken away while its page is offline is not forgotten: what was done there is done on return',
  long,
  async () => {
    await using scene = await openScene(newPage);
    const { page, proxy, told, direct } = scene;
    await live(page);
    proxy.refuse();
    await offline(page);
    await list(page).locator('.raise').nth(4).click();
    await list(page, 'b').locator('.toggle').nth(0).click();
    await list(page).evaluate((element) => element.remove());
    await list(page, 'b').locator('.toggle').nth(1).click();
    proxy.accept();
    await settled(page);
    expect((await rowsOf(page, 'b')).slice(0, 2)).toEqual(['Thing 0*', 'Thing 1*']);
    const other = await (await newPage()).context().newPage();
    await other.goto(direct);
    await expect.poll(async () => (await texts(other))[0], patience).toBe('Thing 4');
    expect(told).toEqual([]);
  },
);

test(
  'whoever removes what is kept at a logout leaves nothing behind, and the page that is open goes on',
  long,
  async () => {
    await using scene = await openScene(newPage);
    const { page, proxy, told } = scene;
    await live(page);
    proxy.refuse();
    await offline(page);
    await list(page).locator('.toggle').nth(0).click();
    await expect.poll(() => kept(page), patience).toBe(1);
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          indexedDB.deleteDatabase('islet').onsuccess = resolve;
        }),
    );
    await expect.poll(() => told.map(({ name, why }) => [name, why]), patience).toEqual([['islet:unkept', 'lost']]);
    await page.reload();
    await offline(page);
    expect(await rowsOf(page)).toEqual(['Thing 0', 'Thing 1', 'Thing 2', 'Thing 3', 'Thing 4']);
    expect(await kept(page)).toBe(0);
  },
);
