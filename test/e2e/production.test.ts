// Pages as production serves them, in a real browser: with built scripts, which a browser loads once; and what becomes
// of a page that is open, or was just loaded, when another version is deployed.

import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildAssets } from '../../scripts/assets.ts';
import { type Bundle, buildBundles } from '../../scripts/build.ts';
import { createApp } from '../../server/anime/app.ts';
import { builtAssets } from '../../server/anime/assets.ts';
import { openDatabase } from '../../server/anime/data/database.ts';
import { fileIn } from '../../server/anime/data/location.ts';
import { openPages } from '../support/pages.ts';
import { isLive, vote, votes } from '../support/tracker.ts';

const newPage = openPages({ pictures: true });
let bundles: Bundle[];
let folder: string;
let apps: FastifyInstance[];
let loaded: string[];

beforeAll(async () => {
  bundles = await buildBundles({ write: false });
});

beforeEach(async () => {
  [apps, loaded] = [[], []];
  folder = await mkdtemp(join(tmpdir(), 'islet-production-'));
  await buildAssets(bundles, join(folder, 'first'));
  const changed = bundles.map((bundle) => ({ ...bundle, code: `${bundle.code}\n// another version` }));
  await buildAssets(changed, join(folder, 'second'));
});

afterEach(async () => {
  for (const app of apps) await app.close();
  await rm(folder, { recursive: true, force: true });
});

test('a browser loads scripts and style sheets once, and a vote is cast with them', async () => {
  const url = await deploy('first');
  const page = await newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${url}/anime`);
  await isLive(page);
  expect(loaded.length).toBeGreaterThan(2);
  expect(loaded.filter((path) => !/-[\da-f]{10}\.\w+$|favicon\.svg$/.test(path))).toEqual([]);
  // what is loaded when the page is quiet is kept too
  await expect.poll(() => loaded.filter((path) => path.includes('/repair-'))).toHaveLength(1);
  const before = [...loaded];
  await page.goto(`${url}/anime/2`);
  await isLive(page);
  await vote(page, 8);
  await expect.poll(() => votes(page)).toBe('One vote');
  // this page has what few templates have, without the list's script, which has that with it
  expect(loaded.filter((path) => !path.includes('/special-'))).toEqual(before);
  expect(complaints).toEqual([]);
});

test('a page that is open during a deploy goes on with the new version, without being loaded again', async () => {
  const url = await deploy('first');
  const page = await newPage();
  await page.goto(`${url}/anime/2`);
  await isLive(page);
  await vote(page, 8);
  await expect.poll(() => votes(page)).toBe('One vote');
  await page.evaluate(() => document.body.setAttribute('data-mark', 'the same page'));
  await apps[0]?.close();
  await page.waitForFunction(() => document.querySelector('server-component')?.matches(':state(offline)'));
  await deploy('second', Number(new URL(url).port));
  await isLive(page);
  await expect.poll(() => votes(page)).toBe('One vote');
  await vote(page, 3);
  await expect.poll(() => page.locator('.average-score b').textContent()).toContain('3');
  expect(await page.locator('body').getAttribute('data-mark')).toBe('the same page');
});

test('a page that was sent by one version, and loads its scripts from the next, works', async () => {
  const url = await deploy('first');
  const old = await (await fetch(`${url}/anime/2`)).text();
  await apps[0]?.close();
  loaded = [];
  const next = await deploy('second', 0, (app) => {
    app.get('/from-before', (_, reply) => reply.type('text/html; charset=utf-8').send(old));
  });
  const page = await newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${next}/from-before`);
  await isLive(page);
  expect(complaints).toEqual([]);
  const [, script = ''] = /src="?(\/assets\/app-[^" >]+)/.exec(old) ?? [];
  expect(loaded).toContain(script);
  expect(loaded.filter((path) => path.startsWith('/assets/app-') && path.endsWith('.js'))).toHaveLength(2);
});

/** Starts a version on the data that all versions share. */
async function deploy(version: string, port = 0, declare: (app: FastifyInstance) => void = () => {}): Promise<string> {
  const write = (line: string): void => {
    const { msg, url } = JSON.parse(line);
    if (msg === 'request' && url.startsWith('/assets/')) loaded.push(url);
  };
  const app = await createApp({
    assets: builtAssets(join(folder, version)),
    database: await openDatabase(fileIn(folder)),
    logger: { level: 'info', stream: { write } },
  });
  declare(app);
  apps.push(app);
  await app.listen({ host: '127.0.0.1', port });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}
