// The anime tracker's server is killed while something that a person did is under way, on each page where one can do
// something: what is stored with each turn has counted once when the new server is there, of what is not the page says
// that it may be lost.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../server/anime/app.ts';
import { freePort } from '../support/free-port.ts';
import { openPages, servePages } from '../support/pages.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { isLive, note, vote } from '../support/tracker.ts';

const newPage = openPages();

describe('a server that is killed', { timeout: 60_000 }, () => {
  let folder: string;
  let port: number;
  let server: Program;
  let proxy: TestProxy;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'islet-lost-clicks-'));
    port = await freePort();
    await start();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    // the server that took the place of one that was killed; none where that test failed before
    if (server.process.exitCode !== null || server.process.signalCode !== null) await start();
    proxy = await startProxy(`http://127.0.0.1:${port}`);
    return () => proxy[Symbol.asyncDispose]();
  });

  async function start(): Promise<void> {
    server = startProgram(['server/anime/main.ts'], { PORT: String(port), DATA_DIR: folder });
    await server.listening();
  }

  async function open(path: string): Promise<Page> {
    const page = await newPage();
    await page.goto(proxy.url + path);
    await isLive(page);
    return page;
  }

  /** Kills the server while what `act` does is on its way to it, or its answer on the way back, and starts another. */
  async function killDuring(act: () => Promise<unknown>, direction: 'toServer' | 'toClient'): Promise<void> {
    proxy.hold(direction);
    await act();
    server.process.kill('SIGKILL');
    await server.ended;
    proxy.cut();
    proxy.release();
    await start();
  }

  const score = (page: Page) => page.locator('.of-list .rating-score').textContent();
  const up = (page: Page) => page.locator('.of-list .rating-up').click();
  const down = (page: Page) => page.locator('.of-list .rating-down').click();

  test.each([
    ['/', 'toServer'],
    ['/', 'toClient'],
    ['/anime', 'toServer'],
    ['/anime?genre=Music&sort=title', 'toClient'],
  ] as const)(
    'during a click on the list’s score on %s has counted it once when it is back (%s)',
    async (path, direction) => {
      const page = await open(path);
      const before = Number(await score(page));
      await killDuring(() => up(page), direction);
      await isLive(page);
      await expect.poll(() => score(page), { timeout: 30_000 }).toBe(String(before + 1));
      await down(page);
      await expect.poll(() => score(page)).toBe(String(before));
      expect(await page.getByRole('status').getByText('What you last clicked may not have counted').count()).toBe(0);
    },
  );

  test.each(['toServer', 'toClient'] as const)(
    'during the first vote says so, and the vote waits for nothing more (%s)',
    async (direction) => {
      const page = await open('/anime/1');
      await killDuring(() => vote(page, 8), direction);
      await page.getByRole('status').getByText('Your last vote may not have arrived').waitFor({ timeout: 30_000 });
      await isLive(page);
      // it was stored, or it was not: nothing is under way any more
      const notes = direction === 'toServer' ? /^You have not voted yet$/ : /^(You have not voted yet|Your vote: 8)$/;
      await expect.poll(() => note(page)).toMatch(notes);
      await vote(page, 6);
      await expect.poll(() => note(page)).toBe('Your vote: 6');
    },
  );
});

describe('while there is no connection', { timeout: 30_000 }, () => {
  const site = servePages(() => createApp());
  let proxy: TestProxy;
  beforeEach(async () => {
    proxy = await startProxy(site.address);
    return () => proxy[Symbol.asyncDispose]();
  });
  const score = (page: Page) => page.locator('.of-list .rating-score').textContent();

  /** A page that has lost its connection. */
  async function openAway(path: string): Promise<Page> {
    const page = await site.newPage();
    await page.goto(proxy.url + path);
    await isLive(page);
    proxy.refuse();
    await page.locator('.of-list:state(offline)').waitFor();
    return page;
  }

  test.each(['/', '/anime'])('the list’s score on %s says so, and its clicks are sent later', async (path) => {
    const page = await openAway(path);
    const hint = page.getByText('What you click here is sent, in order, once it is connected again');
    await hint.waitFor();
    for (let clicks = 0; clicks < 2; clicks++) await page.locator('.of-list .rating-up').click();
    proxy.accept();
    await expect.poll(() => score(page), { timeout: 30_000 }).toBe('7');
    await hint.waitFor({ state: 'detached' });
    expect(await page.getByText('may not have counted').count()).toBe(0);
  });

  test('whoever changes the score and goes on to an anime is told that it was not sent', async () => {
    const page = await openAway('/');
    await page.locator('.of-list .rating-up').click();
    await page.getByRole('link', { name: 'Cowboy Bebop' }).click();
    await page.getByRole('status').getByText('What you last clicked may not have counted').waitFor();
  });

  test('whoever changes the score and goes on to the whole list has changed it', async () => {
    const page = await openAway('/');
    await page.locator('.of-list .rating-up').click();
    await page.getByRole('navigation').getByRole('link', { name: 'All anime' }).click();
    proxy.accept();
    await expect.poll(() => score(page), { timeout: 30_000 }).toBe('6');
    expect(await page.getByText('may not have counted').count()).toBe(0);
  });
});
