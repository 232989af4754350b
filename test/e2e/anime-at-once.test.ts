// The reference app answers at once where people feel it, and afterwards shows what the server has made of it; a switch
// at the end of each page has it wait, to compare.

import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openDatabase } from '../../server/anime/data/database.ts';
import { inMemory } from '../../server/anime/data/location.ts';
import { generateUsers } from '../../server/anime/data/made-up-users.ts';
import { createAdminApp, password } from '../support/admin.ts';
import { servePages } from '../support/pages.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { isLive, note, vote } from '../support/tracker.ts';

const site = servePages(async () => {
  const database = await openDatabase(inMemory);
  await generateUsers(database, 60);
  return createAdminApp({}, { database, votesPerMinute: 2 });
});

const score = (page: Page): Promise<string> => page.locator('.of-list .rating-score').innerText();
const theSwitch = (page: Page) => page.getByLabel('Show what I do at once');

/** Opens a page, and waits until so many of its islands are predicted. */
async function open(page: Page, url: string, predicted: number): Promise<void> {
  let told = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      told += String(payload).split('["you",').length - 1;
    }),
  );
  await page.goto(url);
  await isLive(page);
  await expect.poll(() => told).toBe(predicted);
}

async function openAdmin(page: Page, proxy: TestProxy): Promise<void> {
  await page.goto(`${proxy.url}/admin/login`);
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/admin');
  await open(page, `${proxy.url}/admin`, 1);
}

test('the score of the list follows clicks while nothing reaches the server, and then on every other page', async () => {
  await using proxy = await startProxy(site.address);
  const [page, other] = [await site.newPage(), await site.newPage()];
  await open(page, `${proxy.url}/anime`, 1);
  await open(other, `${site.address}/anime`, 1);
  proxy.hold('toServer');
  for (let times = 0; times < 3; times++) await page.locator('.of-list .rating-up').click();
  await page.locator('.of-list .rating-save').click();
  expect(await score(page)).toBe('8');
  expect(await page.locator('.of-list .rating-note').innerText()).toBe('Saved: 8 of 10');
  expect(await score(other)).toBe('5');
  // and it goes on without a connection
  proxy.refuse();
  await page.locator('.of-list .rating-down').click();
  expect(await score(page)).toBe('7');
  proxy.release();
  proxy.accept();
  await expect.poll(() => score(other)).toBe('7');
  expect(await score(page)).toBe('7');
});

test('with the switch off the same page waits for the server, also the next time', async () => {
  await using proxy = await startProxy(site.address);
  const page = await site.newPage();
  await open(page, `${proxy.url}/anime`, 1);
  await Promise.all([page.waitForEvent('load'), theSwitch(page).uncheck()]);
  await isLive(page);
  expect(await theSwitch(page).isChecked()).toBe(false);
  proxy.hold('toServer');
  await page.locator('.of-list .rating-up').click();
  await expect.poll(() => page.locator('.of-list .rating-up[data-pending]').count()).toBe(1);
  expect(await score(page)).toBe('5');
  proxy.release();
  await expect.poll(() => score(page)).toBe('6');
  await Promise.all([page.waitForEvent('load'), theSwitch(page).check()]);
  expect(await theSwitch(page).isChecked()).toBe(true);
});

test('a vote that is taken back says so at once; what is over the limit comes back with the reason', async () => {
  await using proxy = await startProxy(site.address);
  const page = await site.newPage();
  await open(page, `${proxy.url}/anime/1`, 1);
  await vote(page, 8);
  await expect.poll(() => note(page)).toBe('Your vote: 8');
  await vote(page, 9);
  await expect.poll(() => note(page)).toBe('Your vote: 9');
  proxy.hold('toServer');
  await page.getByRole('button', { name: 'Take my vote back' }).click();
  await expect.poll(() => note(page)).toBe('Taking your vote back…');
  proxy.release();
  await expect.poll(() => note(page)).toContain('Your vote: 9. That was quite often');
});

test('an administrator types in a cell, filters and deletes while nothing reaches the server; all of it is done then', async () => {
  await using proxy = await startProxy(site.address);
  const page = await site.newPage();
  await openAdmin(page, proxy);
  const row = page.locator('tbody tr').first();
  const id = await row.getAttribute('id');
  proxy.hold('toServer');
  await row.locator('.name .cell').click();
  // the field is there, and has the focus with all of it chosen
  await expect.poll(() => page.evaluate(() => document.activeElement?.matches('.edit input'))).toBe(true);
  await page.keyboard.type('Aaron Aal');
  await page.locator('tbody tr').nth(1).locator('.remove').click();
  await page.locator('tbody tr[aria-busy=true]').waitFor();
  await page.getByLabel('Rows').selectOption('10');
  await page.locator('.users[aria-busy=true]').waitFor();
  expect(await page.locator('tbody tr').count()).toBe(25);
  proxy.release();
  await expect.poll(() => page.locator('tbody tr').count()).toBe(10);
  await expect.poll(() => page.getByText('was deleted by ada').count()).toBe(1);

  proxy.hold('toServer');
  await page.locator(`#${id} .name .cell`).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.matches('.edit input'))).toBe(true);
  await page.keyboard.type('Aaron Aal');
  await page.keyboard.press('Enter');
  await page.locator('.edit[aria-busy=true]').waitFor();
  proxy.release();
  await expect.poll(() => page.locator(`#${id} .name`).innerText()).toBe('Aaron Aal');
});

test('pages that predict get neither who votes nor whose session an administrator has', async () => {
  const page = await site.newPage();
  await page.goto(`${site.address}/anime/1`);
  expect(await page.content()).toContain('data-model');
  expect(await page.content()).not.toContain('"visitor"');
  await using proxy = await startProxy(site.address);
  await openAdmin(page, proxy);
  const html = await page.evaluate(async () => (await fetch('/admin')).text());
  expect(html).toContain('data-model');
  expect(html).not.toContain('author');
});
