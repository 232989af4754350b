// A deploy of another view of a shared component, in whose rows people have what is their own: islands of the server,
// components of the browser, plain fields. A process is stopped, and one of another build takes its place. What is the
// same is the same node, with all that its person did; what is not there any more is told.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { openPages } from '../support/pages.ts';
import { type Program, startProgram } from '../support/program.ts';

const newPage = openPages();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-deploy-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Deploy {
  readonly kept: 'yes' | 'no';
  readonly end: 'SIGTERM' | 'SIGKILL';
}

async function start(build: string, port: number, store: string, { kept }: Deploy): Promise<Program> {
  const program = startProgram(['test/support/deployed-server.ts'], {
    BUILD: build,
    PORT: `${port}`,
    STORE: join(folder, store),
    KEPT: kept,
  });
  await program.listening();
  return program;
}

const card = (id: number, rest: string): string => `#card${id} ${rest}`;

/** What its person does in the page of the first build; what is there then is remembered. */
async function use(page: Page): Promise<void> {
  await page.click('#add');
  await page.waitForSelector('#card5');
  await page.click('summary');
  await page.evaluate(() => {
    Object.assign(document.querySelector('iframe')?.contentWindow as object, { place: 'here' });
    document.querySelector('.cards')?.scrollTo(0, 60);
  });
  for (const id of [1, 2, 3]) {
    await page.fill(card(id, '.plain'), `plain ${id}`);
    await page.click(card(id, '.note'));
    await page.fill(card(id, '.draft'), `draft ${id}`);
    await page.click(card(id, '.count'));
    await expect.poll(() => page.textContent(card(id, 'output')), { timeout: 60_000 }).toBe(`draft ${id}`);
    await expect.poll(() => page.textContent(card(id, '.count')), { timeout: 60_000 }).toBe('1');
  }
  await page.fill('[name=search]', 'half a wo');
  await page.evaluate(() => {
    document.querySelector('.cards')?.scrollTo(0, 60);
    const field = document.querySelector<HTMLInputElement>('[name=search]') as HTMLInputElement;
    field.setSelectionRange(2, 4);
    field.addEventListener('blur', () => field.setAttribute('data-blurred', ''));
    for (const element of document.querySelectorAll(
      '#help,.cards,[name=search],.plain,test-note,[route="/ws/draft"],iframe,.draft',
    ))
      Object.assign(element, { wasHere: true });
  });
}

const areAllLive = (): boolean =>
  [...document.querySelectorAll('server-component')].every((each) => each.matches(':state(live)'));

/** Opens the first build's page, uses it, and replaces the server by the second build. */
async function deploy(what: Deploy, act: (page: Page) => Promise<void> = use) {
  const port = await freePort();
  const store = `${what.kept}-${what.end}-${port}.db`;
  // whatever fails below: no server stays alive
  await using servers = new AsyncDisposableStack();
  const first = servers.use(await start('first', port, store, what));
  const page = await newPage();
  const dropped: object[] = [];
  await page.exposeFunction('onDropped', (detail: object) => dropped.push(detail));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.evaluate(() =>
    document.addEventListener('islet:dropped', (event) => {
      const { why, targets } = (event as CustomEvent).detail;
      const names = targets.map(({ className, value }: HTMLInputElement) => `${className}: ${value}`);
      (window as unknown as { onDropped(detail: object): void }).onDropped({ why, names });
    }),
  );
  await page.waitForFunction(areAllLive);
  // what puts things right comes a while after the page
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('/repair-')),
  );
  await act(page);
  first.process.kill(what.end);
  await first.ended;
  servers.use(await start('second', port, store, what));
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Cards, anew', undefined, {
    timeout: 60_000,
  });
  await page.waitForFunction(areAllLive, undefined, { timeout: 60_000 });
  const started = servers.move();
  return { page, dropped, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** What the page shows of what its person did. */
const shown = (page: Page) =>
  page.evaluate(() => {
    const wasHere = (element: Element | null): boolean => !!element && 'wasHere' in element;
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
    const search = document.querySelector<HTMLInputElement>('[name=search]') as HTMLInputElement;
    return {
      isSame: ['#help', '.cards', '[name=search]', 'main > server-component', 'iframe'].map((selector) =>
        wasHere(document.querySelector(selector)),
      ),
      rows: all('.cards > li').map((row) => {
        const [draft, note, plain] = ['server-component', 'test-note', '.plain'].map((each) => row.querySelector(each));
        return [
          row.id,
          [draft, note, plain].map((each) => wasHere(each ?? null)),
          (plain as HTMLInputElement).value,
          note?.textContent,
          draft?.querySelector('.count')?.textContent,
          draft?.querySelector<HTMLInputElement>('.draft')?.value,
        ];
      }),
      isOpen: document.querySelector('details')?.open,
      scroll: document.querySelector('.cards')?.scrollTop,
      place: Reflect.get(document.querySelector('iframe')?.contentWindow ?? {}, 'place'),
      search: [search.value, search.selectionStart, search.selectionEnd, search.hasAttribute('data-blurred')],
      hasFocus: document.activeElement === search,
      classes: ['#help', '.cards', '.plain'].map((each) => document.querySelector(each)?.className),
    };
  });

const here = [true, true, true];
const kept = {
  isSame: [true, true, true, true, true],
  isOpen: true,
  scroll: 60,
  place: 'here',
  search: ['half a wo', 2, 4, false],
  hasFocus: true,
  classes: ['help', 'cards wide', 'plain wide'],
};

test('all that is the same in another view stays, and what is not there any more is told', async () => {
  await using scene = await deploy({ kept: 'yes', end: 'SIGTERM' });
  const { page, dropped } = scene;
  expect(await shown(page)).toEqual({
    ...kept,
    rows: [
      ['card99', [false, false, false], '', '0', '0', ''],
      ['card5', here, '', '0', '0', ''],
      ['card4', here, '', '0', '0', ''],
      ['card3', here, 'plain 3', '1', '1', 'draft 3'],
      ['card1', here, 'plain 1', '1', '1', 'draft 1'],
    ],
  });
  expect(dropped).toEqual([{ why: 'gone', names: ['plain: plain 2', 'draft: draft 2'] }]);
  // and all goes on
  await page.click(card(1, '.count'));
  await expect.poll(() => page.textContent(card(1, '.count')), { timeout: 60_000 }).toBe('2');
  await page.click('#add');
  await page.waitForSelector('#card6');
});

test('so it does where the list begins anew, since it is not kept', async () => {
  await using scene = await deploy({ kept: 'no', end: 'SIGTERM' });
  expect(await shown(scene.page)).toEqual({
    ...kept,
    rows: [
      ['card99', [false, false, false], '', '0', '0', ''],
      ['card4', here, '', '0', '0', ''],
      ['card3', here, 'plain 3', '1', '1', 'draft 3'],
      ['card1', here, 'plain 1', '1', '1', 'draft 1'],
    ],
  });
});

test('after a crash nodes and typing stay, also of islands that are kept over deploys alone', async () => {
  await using scene = await deploy({ kept: 'yes', end: 'SIGKILL' });
  expect(await shown(scene.page)).toEqual({
    ...kept,
    rows: [
      ['card99', [false, false, false], '', '0', '0', ''],
      ['card5', here, '', '0', '0', ''],
      ['card4', here, '', '0', '0', ''],
      ['card3', here, 'plain 3', '1', '0', 'draft 3'],
      ['card1', here, 'plain 1', '1', '0', 'draft 1'],
    ],
  });
});
