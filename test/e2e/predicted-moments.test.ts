// From plain to predicted: whatever a person does, and at whichever moment of the change they do it, is done once and
// shown. Each moment is waited for, and held.

import { basename } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, buildBundles } from '../../scripts/build.ts';
import { serverComponent } from '../../server/index.ts';
import { html } from '../../shared/index.ts';
import { Line } from '../support/line.ts';
import { openPages } from '../support/pages.ts';
import { moments } from '../support/predicted-moments.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { timesOf } from '../support/times.ts';

const newPage = openPages();
let scripts: Bundle[];
let server: TestServer;
let names = 0;

beforeAll(async () => {
  scripts = await buildBundles({ entries: ['test/support/predicted-moments-entry.ts'], write: false });
  server = await startServer((app) => {
    app.islet.route('/ws/moments/:name', moments, { shared: true, predict: true, keeps: [] });
    for (const { path, code } of scripts)
      app.get(`/${basename(path)}`, (_, reply) => reply.type('text/javascript').send(code));
    app.get<{ Params: { name: string } }>('/:name', ({ params }, reply) =>
      reply.html(html`
        <!doctype html>
        <html lang="en">
          <head>
            <title>Moments</title>
            <script type="module" src="/islet/element.js"></script>
            <script type="module" src="/predicted-moments-entry.js"></script>
          </head>
          <body>${serverComponent({ route: `/ws/moments/${params.name}` })}</body>
        </html>
      `),
    );
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** What the network does while the page begins. */
const networks = [
  'quick',
  'slow to the server',
  'slow to the page',
  'lost before the server',
  'lost before the page',
] as const;
type Network = (typeof networks)[number];

/** A page that has yet to predict, and what leads from one moment to the next. */
class Scene {
  readonly page: Page;
  readonly line = new Line();
  readonly name = `page-${++names}`;
  readonly network: Network;
  #giveRepair: () => void = () => {};

  constructor(page: Page, network: Network) {
    this.page = page;
    this.network = network;
  }

  async open(isLoadedAgain: boolean): Promise<void> {
    const { page } = this;
    const repair = Promise.withResolvers<void>();
    this.#giveRepair = repair.resolve;
    await page.routeWebSocket(/islet/, (socket) => this.line.connect(socket));
    await page.route(/\/repair-/, async (route) => {
      await repair.promise;
      await route.continue();
    });
    await page.addInitScript(() => {
      const heard: unknown[] = [];
      Object.assign(globalThis, { heard, opened: 0 });
      for (const name of ['islet:refused', 'islet:dropped', 'islet:recovered', 'islet:unpredicted'])
        addEventListener(name, ({ type, detail }: CustomEventInit & Event) =>
          heard.push([type, String(detail.error ?? detail.why ?? detail.code ?? detail.reason)]),
        );
      addEventListener('cell-opened', () => {
        (globalThis as never as { opened: number }).opened++;
      });
    });
    await page.goto(`${server.url}/${this.name}`);
    await page.locator('server-component:state(live)').waitFor();
    // so that what stands there has other names than a page gives that draws it anew
    await page.locator('#raise-two').click();
    await page.locator('#open').click();
    await page.locator('#cell').press('Enter');
    await page.locator('#open').waitFor();
    if (isLoadedAgain) await page.reload();
    await page.locator('server-component:state(live)').waitFor();
    await page.evaluate('opened = 0');
    if (/to the server|before the server/.test(this.network)) this.line.hold('toServer');
    if (this.network === 'slow to the page') this.line.hold('toPage');
  }

  /** Each leads to the next moment; before the first nothing is predicted, after the last all is. */
  readonly steps: readonly (() => Promise<void>)[] = [
    async () => {
      await this.page.evaluate('askForCode()');
    },
    async () => {
      await this.page.evaluate('giveCode()');
      // the code is there, and what the island itself needs is not
      await this.page.waitForTimeout(20);
    },
    async () => {
      this.line.hold('toServer');
      this.#giveRepair();
      await expect.poll(() => this.line.sent.join()).toContain('"need"');
    },
    async () => {
      if (this.network === 'lost before the server') return;
      this.line.hold('toPage');
      this.line.release('toServer');
      await this.page.waitForTimeout(20);
    },
    async () => {
      if (/lost/.test(this.network)) await this.line.cut();
      else this.line.release('toPage');
      await expect.poll(() => this.line.received.join()).toContain('"you"');
    },
  ];

  /** What the page shows of the model's log, and what the server has. */
  readonly shown = async (): Promise<string[]> => JSON.parse((await this.page.locator('output').textContent()) ?? '');

  readonly stored = async (): Promise<string[]> => {
    const text = /<output>(.*?)<\/output>/.exec(await (await fetch(`${server.url}/${this.name}`)).text())?.[1] ?? '';
    return JSON.parse(text.replaceAll('&quot;', '"'));
  };
}

/** What somebody does within a moment, and what is told of it. */
const acts: readonly (readonly [told: readonly string[], act: (page: Page) => Promise<unknown>])[] = [
  [['pressed '], (page) => page.locator('#press').click()],
  [
    ['typed half'],
    async (page) => {
      await page.locator('#draft').pressSequentially('half');
    },
  ],
  [['waited late'], (page) => page.locator('#late').fill('late')],
  [
    ['renamed Bob'],
    async (page) => {
      await page.locator('#name').fill('Bob');
      await page.locator('#name').blur();
    },
  ],
  [['ticked '], (page) => page.locator('#tick').click()],
  [['chose admin'], (page) => page.locator('#role').selectOption('admin')],
  [
    ['sent words'],
    async (page) => {
      await page.locator('#text').fill('words');
      await page.keyboard.press('Enter');
    },
  ],
  [['raised three'], (page) => page.locator('#raise-three').click()],
  [['waited three: late'], (page) => page.locator('#late-three').fill('late')],
  [['removed one'], (page) => page.locator('#remove-one').click()],
  [['opened '], (page) => page.locator('#open').click()],
];

const momentCount = 6;

/** In which moments the acts are done: in each turn others. In the suite each network and page has one. */
function turnsOf(network: Network, isLoadedAgain: boolean): number[] {
  const first = networks.indexOf(network) + (isLoadedAgain ? networks.length : 0);
  return Array.from({ length: Math.min(timesOf(1), momentCount) }, (_, index) => (first + index) % momentCount);
}

describe.each(networks)('with a network that is %s', (network) => {
  describe.each([false, true])('on a page that is as the server wrote it: %s', (isLoadedAgain) => {
    test.each(turnsOf(network, isLoadedAgain))('what is done is done once, and shown (%i)', async (turn) => {
      const scene = new Scene(await newPage(), network);
      await scene.open(isLoadedAgain);
      const { page } = scene;
      const expected = await scene.stored();
      for (let moment = 0; moment < momentCount; moment++) {
        if (moment > 0) await scene.steps[moment - 1]?.();
        for (const [index, [told, act]] of acts.entries()) {
          if ((index + turn) % momentCount !== moment) continue;
          await act(page);
          expected.push(...told);
        }
      }
      scene.line.release('toServer');
      scene.line.release('toPage');
      // what is typed before it is sent is told as it was typed last
      const compact = (log: readonly string[]): string[] =>
        log.filter((each) => !/^typed (?!half)/.test(each)).toSorted();
      await expect.poll(async () => compact(await scene.stored())).toEqual(compact(expected));
      await page.locator('server-component:not(:state(pending))').waitFor();
      await expect.poll(scene.shown).toEqual(await scene.stored());
      expect(await page.locator('#draft').inputValue()).toBe('half');
      expect(await page.locator('#late').inputValue()).toBe('late');
      expect(await page.locator('#name').inputValue()).toBe('Bob');
      expect(await page.locator('#tick').isChecked()).toBe(true);
      expect(await page.locator('#role').inputValue()).toBe('admin');
      expect(await page.locator('li').count()).toBe(2);
      expect(await page.locator('li').first().textContent()).toContain('three');
      expect(await page.locator('#cell').count()).toBe(1);
      expect(await page.evaluate('heard')).toEqual([]);
      // what a lost answer emits is lost
      const isLost = network === 'lost before the page';
      expect(await page.evaluate('opened')).toBeOneOf(isLost ? [0, 1] : [1]);
    });
  });
});
