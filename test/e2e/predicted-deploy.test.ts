// A deploy of another view of a component that open pages predict: a process is stopped, and one of another build takes
// its place. A page whose code draws something else shows what the server draws from then on, without being loaded
// again, and what is done in it counts. One whose code draws the same goes on answering at once.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import type { builds } from '../support/other-code.ts';
import { openPages } from '../support/pages.ts';
import { untilPredicted } from '../support/predicted-page.ts';
import { type Program, startProgram } from '../support/program.ts';

const newPage = openPages();
const timeout = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-predicted-deploy-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(build: keyof typeof builds, port: number): Promise<Program> {
  const store = join(folder, `${port}.db`);
  const program = startProgram(['test/support/other-code-server.ts'], { BUILD: build, PORT: `${port}`, STORE: store });
  await program.listening();
  return program;
}

/** Opens a page of the first build, votes in it, and replaces the server. */
async function deploy(build: keyof typeof builds, between: (page: Page) => Promise<void> = async () => {}) {
  const port = await freePort();
  // whatever fails below: no server stays alive
  await using servers = new AsyncDisposableStack();
  const first = servers.use(await start('first', port));
  const page = await newPage();
  const refused: string[] = [];
  const warned: string[] = [];
  await page.exposeFunction('onRefused', (code: string) => refused.push(code));
  page.on('console', (message) => message.text().includes('no longer predicted') && warned.push(message.text()));
  const predicted = untilPredicted(page);
  await page.goto(`http://127.0.0.1:${port}/`);
  await predicted;
  await page.evaluate(() => {
    addEventListener('islet:refused', (event) =>
      (window as unknown as { onRefused(code: string): void }).onRefused((event as CustomEvent).detail.code),
    );
    Object.assign(document.querySelector('.vote') as Element, { wasHere: true });
  });
  await vote(page, 'mon');
  await settled(page);
  first.process.kill('SIGTERM');
  await first.ended;
  await between(page);
  const rejoined = untilPredicted(page);
  servers.use(await start(build, port));
  await rejoined;
  const started = servers.move();
  return { page, refused, warned, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

const button = (page: Page, day: string, kind: string) => page.locator('li', { hasText: day }).locator(`.${kind}`);
const vote = (page: Page, day: string): Promise<void> => button(page, day, 'vote').click();
const settled = (page: Page): Promise<void> =>
  expect.poll(() => page.locator('[data-pending], server-component:state(pending)').count(), { timeout }).toBe(0);
const rows = (page: Page): Promise<string[]> =>
  page.locator('li').evaluateAll((all) => all.map((each) => (each.textContent ?? '').replace(/\s+/g, ' ').trim()));

test('a page whose rows the new server draws otherwise shows those, and votes and removes in it count', {
  timeout,
}, async () => {
  await using scene = await deploy('row');
  const { page, refused } = scene;
  await expect.poll(() => rows(page), { timeout }).toEqual(['mon x 1 Remove', 'tue x 0 Remove', 'wed x 0 Remove']);
  await vote(page, 'wed');
  await button(page, 'tue', 'remove').click();
  await expect.poll(() => rows(page), { timeout }).toEqual(['mon x 1 Remove', 'wed x 1 Remove']);
  await settled(page);
  expect(refused).toEqual([]);
});

test('a page whose literals are the same shows another text that the new server has', { timeout }, async () => {
  await using scene = await deploy('value');
  const { page, refused } = scene;
  await expect.poll(() => page.textContent('h1'), { timeout }).toBe('Press');
  await vote(page, 'mon');
  await expect.poll(() => rows(page), { timeout }).toEqual(['mon 2 Remove', 'tue 0 Remove', 'wed 0 Remove']);
  expect(refused).toEqual([]);
  // the nodes of what is drawn alike stay
  expect(await page.evaluate(() => 'wasHere' in (document.querySelector('.vote') as Element))).toBe(true);
});

test('a page that draws the same goes on predicting, until the new server draws what its code does not', {
  timeout,
}, async () => {
  await using scene = await deploy('later');
  const { page, refused, warned } = scene;
  await vote(page, 'tue');
  await expect.poll(() => rows(page), { timeout }).toEqual(['mon 1 Remove', 'tue 1 Remove', 'wed 0 Remove']);
  await settled(page);
  expect(warned).toEqual([]);
  await vote(page, 'mon');
  await expect.poll(() => rows(page), { timeout }).toEqual(['Many: mon 2 Remove', 'tue 1 Remove', 'wed 0 Remove']);
  expect(warned).toHaveLength(1);
  await vote(page, 'mon');
  await expect.poll(() => rows(page), { timeout }).toEqual(['Many: mon 3 Remove', 'tue 1 Remove', 'wed 0 Remove']);
  expect(refused).toEqual([]);
});

test('what was done while no server was there, in rows that the new one draws otherwise, is told as refused', {
  timeout,
}, async () => {
  await using scene = await deploy('row', (page) => vote(page, 'mon'));
  const { page, refused } = scene;
  await expect.poll(() => rows(page), { timeout }).toEqual(['mon x 1 Remove', 'tue x 0 Remove', 'wed x 0 Remove']);
  await settled(page);
  expect(refused).toEqual(['ISLET_ERR_EVENT_UNKNOWN_TARGET']);
  await vote(page, 'mon');
  await expect.poll(() => rows(page), { timeout }).toEqual(['mon x 2 Remove', 'tue x 0 Remove', 'wed x 0 Remove']);
});

test('a page that has ended prediction begins again when a server draws what its code draws', { timeout }, async () => {
  const port = await freePort();
  const first = await start('first', port);
  const page = await newPage();
  const places: unknown[] = [];
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const frame: unknown[] = JSON.parse(String(payload));
      if (typeof frame[1] === 'number' && frame.length > 4) places.push(typeof frame[4]);
    }),
  );
  const predicted = untilPredicted(page);
  await page.goto(`http://127.0.0.1:${port}/`);
  await predicted;
  first.process.kill('SIGTERM');
  await first.ended;
  const second = await start('value', port);
  await expect.poll(() => page.textContent('h1'), { timeout }).toBe('Press');
  await vote(page, 'mon');
  await settled(page);
  expect(places).toEqual(['number']);
  second.process.kill('SIGTERM');
  await second.ended;
  const again = untilPredicted(page);
  await using _third = await start('first', port);
  await again;
  await expect.poll(() => page.textContent('h1'), { timeout }).toBe('Go');
  await vote(page, 'mon');
  await settled(page);
  expect(places).toEqual(['number', 'object']);
  expect(await rows(page)).toEqual(['mon 2 Remove', 'tue 0 Remove', 'wed 0 Remove']);
});
