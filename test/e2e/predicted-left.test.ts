// What pages have left that predict offline, in Chromium: it is said before what is done now, under numbers that were
// written down first, and also where the place is dead at which it was to be said.

import { expect, test } from 'vitest';
import { readFrames } from '../support/frames.ts';
import { openPages } from '../support/pages.ts';
import {
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
import { startProxy } from '../support/proxy.ts';

const newPage = openPages();
const long = { timeout: 240_000 };

test('what was left is done before what is done now in the same list, and other lists do not wait', long, async () => {
  await using scene = await openScene(newPage);
  const { page, proxy, told, holdNext } = scene;
  await live(page);
  proxy.refuse();
  await offline(page);
  await list(page).locator('.raise').nth(4).click();
  await expect.poll(() => kept(page), patience).toBe(1);
  await written(page);
  await page.reload();
  await expect.poll(async () => (await texts(page))[0], patience).toBe('Thing 4');
  const release = holdNext();
  proxy.accept();
  await live(page);
  // the server is asked about what was left, and does not answer yet
  await list(page).locator('.raise').nth(4).click();
  await list(page, 'b').locator('.raise').nth(4).click();
  expect((await texts(page)).slice(0, 2)).toEqual(['Thing 3', 'Thing 4']);
  await expect.poll(() => list(page, 'b').getAttribute('data-kept'), patience).toBe('0');
  expect(await list(page).getAttribute('data-kept')).toBe('2');
  release();
  await settled(page);
  await page.reload();
  await live(page);
  expect(await texts(page)).toEqual(['Thing 3', 'Thing 4', 'Thing 0', 'Thing 1', 'Thing 2']);
  expect(told).toEqual([]);
});

test('no event is sent before the browser has written down under which number', long, async () => {
  await using scene = await openScene(newPage);
  const { page, url } = scene;
  const frames = readFrames(page);
  await page.goto(url);
  await live(page);
  await list(page).locator('.toggle').nth(0).click();
  await settled(page);
  const sent = (): number => frames.sent.filter(([, kind]) => typeof kind === 'number').length;
  await expect.poll(sent, patience).toBe(1);
  // somebody else writes, and takes a while
  await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('islet', 1);
      request.onsuccess = () => resolve(request.result);
    });
    const transaction = database.transaction(['streams', 'events', 'models'], 'readwrite');
    const state = Object.assign(globalThis, { isWriting: true });
    const goOn = (): void => {
      if (state.isWriting) transaction.objectStore('models').count().onsuccess = goOn;
      else database.close();
    };
    goOn();
  });
  await list(page).locator('.toggle').nth(1).click();
  expect((await rowsOf(page))[1]).toBe('Thing 1*');
  // whatever is sent at once has been sent by now
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await page.evaluate(() => 0);
  expect(sent()).toBe(1);
  await page.evaluate(() => Object.assign(globalThis, { isWriting: false }));
  await settled(page);
  await expect.poll(sent, patience).toBe(2);
});

test(
  'where a place is dead at which something was to be said, it holds up nobody, and is said where that list is now',
  long,
  async () => {
    await using scene = await openScene(newPage);
    const { page, proxy, told, url, direct } = scene;
    // the first list had its socket elsewhere, which is no more
    const former = await startProxy(proxy.target);
    const socketOf = (each: { readonly url: string }): string =>
      encodeURIComponent(`${each.url.replace('http', 'ws')}/islet`);
    const both = `${direct}?socket=${socketOf(former)}&socketB=${socketOf(proxy)}`;
    await page.goto(both);
    await live(page);
    // what later pages have left comes later
    const later = await page.context().newPage();
    await later.goto(both);
    await live(later);
    former.refuse();
    proxy.refuse();
    await page.locator('server-component:state(offline)').nth(1).waitFor(patience);
    await list(page).locator('.raise').nth(4).click();
    await list(page).locator('.raise').nth(4).click();
    await expect.poll(() => kept(page), patience).toBe(2);
    await written(page);
    await later.locator('server-component:state(offline)').nth(1).waitFor(patience);
    await list(later, 'b').locator('.raise').nth(4).click();
    await expect.poll(() => kept(later), patience).toBe(1);
    await written(later);
    await former[Symbol.asyncDispose]();
    const other = await page.context().newPage();
    await page.close();
    await later.close();
    proxy.accept();
    // the second list is done while nobody can say anything of the first
    await other.goto(both);
    await expect.poll(() => list(other, 'b').getAttribute('data-kept'), patience).toBe('0');
    expect((await texts(other, 'b'))[0]).toBe('Thing 4');
    expect(await list(other).getAttribute('data-kept')).toBe('2');
    await other.goto(url);
    await live(other);
    await settled(other);
    expect(await texts(other)).toEqual(['Thing 3', 'Thing 4', 'Thing 0', 'Thing 1', 'Thing 2']);
    expect(told).toEqual([]);
  },
);
