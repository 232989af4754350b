/*
 * What happens in the browser, measured in Chromium: how long the script of each table operation takes, for patches
 * that come from a server and for views that run in the page; from a click to the painted change, near and far from the
 * server; and what the bundles weigh. Pages are isolated, so that their clock has a resolution of 5 microseconds.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { chromiumArgs, chromiumPath } from '../../test/support/chromium.ts';
import { type Operation, operations, turns } from '../app/rows.ts';
import { type BrowserBundle, buildBrowserBundles } from '../build.ts';
import { type ServerProcess, startServer } from '../driver/server-process.ts';
import { median, percentile, trimmedMean } from '../driver/statistics.ts';
import type { Collector } from '../results.ts';
import { type SubjectName, subjects } from '../subjects.ts';
import { startDelayProxy } from './proxy.ts';
import type { TableBench, Times } from './tables.ts';

export interface BrowserOptions {
  readonly collector: Collector;
  readonly isWanted: (name: string) => boolean;
  readonly isQuick: boolean;
  readonly rounds: number;
}

const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Measures in all rounds; figures go to the collector as `dom/...`, `click/...` and `size`. */
export async function measureBrowser({ collector, isWanted, isQuick, rounds }: BrowserOptions): Promise<void> {
  const bundles = await buildBrowserBundles();
  if (isWanted('size')) {
    for (const { name, minifiedBytes, gzipBytes } of bundles) {
      if (name !== 'vanilla' && name !== 'echo-client') collector.add('size', name, { minifiedBytes, gzipBytes });
    }
  }
  if (!isWanted('dom') && !isWanted('click')) return;
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs });
  const site = await serveBundles(bundles);
  try {
    for (let round = 1; round <= rounds; round++) {
      if (isWanted('dom')) {
        process.stderr.write(`round ${round} of ${rounds}: table operations in Chromium\n`);
        await measureTables({ browser, site, bundles, collector, isQuick });
      }
      if (!isWanted('click')) continue;
      for (const roundTripMs of [0, 100]) {
        process.stderr.write(`round ${round} of ${rounds}: click to painted change, ${roundTripMs} ms\n`);
        for (const name of ['ws', 'islet', 'liveviewjs'] as const) {
          const figures = await withServers([name], bundles, ([server]) =>
            measureClicks(browser, server as ServerProcess, name, bundles, roundTripMs, isQuick ? 5 : 25),
          );
          collector.add(`click/${roundTripMs}`, name, figures);
        }
      }
    }
  } finally {
    site.close();
    await browser.close();
  }
}

/** One of those who draw the table, in a page that stays open for a round. */
interface TableSubject {
  readonly name: string;
  measure(turn: readonly Operation[], repetitions: number): Promise<Times>;
}

/** So many repetitions are timed at a stretch, so many before are not, and so often everybody's turn comes. */
const stretch = 10;
const warmup = 50;
const stretches = 20;
/** What is slow gets fewer repetitions, and no more time. */
const maxStretchMs = 500;

/**
 * Times each operation in all pages: a few repetitions in one, then in the next; who begins changes each time. So what
 * slows the machine for a while slows all of them.
 */
async function measureTables(options: {
  readonly browser: Browser;
  readonly site: Server;
  readonly bundles: readonly BrowserBundle[];
  readonly collector: Collector;
  readonly isQuick: boolean;
}): Promise<void> {
  const { browser, site, bundles, collector, isQuick } = options;
  const names = ['islet', 'liveviewjs'] as const;
  await withServers(names, bundles, async (servers) => {
    const context = await openContext(browser);
    try {
      const subjects: TableSubject[] = [];
      for (const { name, isTable } of bundles) {
        if (isTable) subjects.push(await openView(await openPage(context), site, name));
      }
      for (const [index, name] of names.entries())
        subjects.push(await openPatched(await openPage(context), servers[index] as ServerProcess, name));
      for (const turn of turns) {
        const all = subjects.map(() => ({}) as MutableTimes);
        for (const { measure } of subjects) await measure(turn, isQuick ? stretch : warmup);
        for (let number = 0; number < (isQuick ? 2 : stretches); number++) {
          for (let place = 0; place < subjects.length; place++) {
            const at = (number + place) % subjects.length;
            const { measure } = subjects[at] as TableSubject;
            addTimes(all[at] as MutableTimes, await measure(turn, stretch));
          }
        }
        subjects.forEach(({ name }, at) => void collect(collector, name, all[at] as Times));
      }
    } finally {
      await context.close();
    }
  });
}

type MutableTimes = { [operation in Operation]?: { readonly script: number[]; readonly layout: number[] } };

function addTimes(all: MutableTimes, times: Times): void {
  for (const operation of Object.keys(times) as Operation[]) {
    all[operation] ??= { script: [], layout: [] };
    all[operation].script.push(...(times[operation]?.script ?? []));
    all[operation].layout.push(...(times[operation]?.layout ?? []));
  }
}

function collect(collector: Collector, subject: string, times: Times): void {
  for (const [operation, { script, layout }] of Object.entries(times)) {
    collector.add(`dom/${operation}`, subject, {
      us: trimmedMean(script),
      p95Us: percentile(script, 0.95),
      layoutUs: trimmedMean(layout),
    });
  }
}

/** A view that runs in the page by itself. */
async function openView(page: Page, site: Server, name: string): Promise<TableSubject> {
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/${name}`);
  return {
    name,
    measure: (turn, repetitions) =>
      page.evaluate((call) => (globalThis as unknown as { tableBench: TableBench }).tableBench.measure(...call), [
        turn,
        repetitions,
        maxStretchMs,
      ] as const),
  };
}

/** Patches from a server: the time that the client's code spends on the message that answers a click. */
async function openPatched(page: Page, server: ServerProcess, name: 'islet' | 'liveviewjs'): Promise<TableSubject> {
  await page.addInitScript(timeMessages);
  await page.goto(`http://127.0.0.1:${server.port}${pathOf(name, 'table')}`);
  await waitUntilLive(page, name);
  return {
    name: `${name}-page`,
    measure: (turn, repetitions) => page.evaluate(clickTable, { operations, turn, repetitions, maxMs: maxStretchMs }),
  };
}

async function measureClicks(
  browser: Browser,
  server: ServerProcess,
  name: 'ws' | 'islet' | 'liveviewjs',
  bundles: readonly BrowserBundle[],
  roundTripMs: number,
  repetitions: number,
): Promise<{ readonly [figure: string]: number }> {
  const proxy = await startDelayProxy(server.port, roundTripMs / 2);
  const context = await openContext(browser);
  const page = await openPage(context);
  try {
    const url = `http://127.0.0.1:${proxy.port}${pathOf(name, 'counter')}`;
    if (name === 'ws')
      await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: echoPage(bundles) }));
    await page.goto(url);
    await waitUntilLive(page, name);
    const times = await page.evaluate(clickCounter, repetitions);
    const painted = times.map(([, ms]) => ms);
    return { changedMs: median(times.map(([ms]) => ms)), paintedMs: median(painted), p95Ms: percentile(painted, 0.95) };
  } finally {
    await context.close();
    proxy.close();
  }
}

function pathOf(name: SubjectName, page: 'counter' | 'table'): string {
  return name === 'islet' ? `/bench/page/${page}` : `/bench/${page}`;
}

/** A document that Playwright hands over comes from nowhere; its socket to this machine needs a permission. */
function openContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ permissions: ['local-network-access'] });
}

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') return route.fallback();
    const response = await route.fetch();
    return route.fulfill({ response, headers: { ...response.headers(), ...isolation } });
  });
  return page;
}

async function waitUntilLive(page: Page, name: SubjectName): Promise<void> {
  if (name === 'islet') await page.waitForFunction(() => document.querySelector('server-component:state(live)'));
  else if (name === 'ws') await page.waitForSelector('[data-live]');
  else await page.waitForSelector('.phx-connected');
}

async function withServers<Result>(
  names: readonly SubjectName[],
  bundles: readonly BrowserBundle[],
  run: (servers: readonly ServerProcess[]) => Promise<Result>,
): Promise<Result> {
  const client = bundles.find((bundle) => bundle.name === 'liveview-client') as BrowserBundle;
  const servers: ServerProcess[] = [];
  try {
    for (const name of names) {
      const launch = await subjects[name].launch();
      servers.push(await startServer({ ...launch, env: { ...launch.env, BENCH_CLIENT_BUNDLE: client.path } }));
    }
    return await run(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

function echoPage(bundles: readonly BrowserBundle[]): string {
  const code = bundles.find(({ name }) => name === 'echo-client')?.code ?? '';
  return `<!doctype html><title>echo</title><div><button>Up</button><output>0</output></div><script type="module">${code}</script>`;
}

/** One page for each view, with its bundle in it; and what a bundle loads later, which would else be asked for again and again. */
async function serveBundles(bundles: readonly BrowserBundle[]): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const later = bundles.map((bundle) => bundle.later.get(url.slice(1))).find((script) => script);
    if (later) {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(later);
      return;
    }
    const code = bundles.find(({ name }) => `/${name}` === url)?.code;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><meta charset="utf-8"><title>bench</title><body><script type="module">${code}</script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

// What follows runs in the page: it may use nothing from outside its own function.

/** Times every handler of a WebSocket message, whoever sets it. */
function timeMessages(): void {
  const Native = globalThis.WebSocket;
  class TimedWebSocket extends Native {
    override set onmessage(handler: ((event: MessageEvent) => unknown) | null) {
      super.onmessage =
        handler &&
        ((event) => {
          const started = performance.now();
          handler.call(this, event);
          const us = (performance.now() - started) * 1_000;
          // not what changes nothing, such as the answer to a heartbeat
          if (/^\[\d+,\[|"diff":/.test(event.data))
            (globalThis as unknown as { onHandled?: (us: number) => void }).onHandled?.(us);
        });
    }
    override get onmessage(): ((event: MessageEvent) => unknown) | null {
      return super.onmessage as ((event: MessageEvent) => unknown) | null;
    }
  }
  globalThis.WebSocket = TimedWebSocket;
}

async function clickTable(options: {
  readonly operations: readonly Operation[];
  readonly turn: readonly Operation[];
  readonly repetitions: number;
  readonly maxMs: number;
}): Promise<Times> {
  const { operations: names, turn, repetitions, maxMs } = options;
  const body = document.querySelector('tbody') as Element;
  const times: { [operation in Operation]?: { script: number[]; layout: number[] } } = {};
  const end = performance.now() + maxMs;
  for (let repetition = 0; repetition < repetitions && performance.now() < end; repetition++) {
    for (const operation of turn) {
      const us = await new Promise<number>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`nothing has come for a click on ${operation}`)), 10_000);
        const onHandled = (time: number): void => {
          clearTimeout(late);
          resolve(time);
        };
        Object.assign(globalThis, { onHandled });
        document.querySelectorAll('button')[names.indexOf(operation)]?.click();
      });
      const changed = performance.now();
      body.getBoundingClientRect();
      times[operation] ??= { script: [], layout: [] };
      times[operation].script.push(us);
      times[operation].layout.push((performance.now() - changed) * 1_000);
    }
  }
  return times;
}

async function clickCounter(repetitions: number): Promise<[changedMs: number, paintedMs: number][]> {
  const times: [number, number][] = [];
  for (let repetition = 0; repetition < repetitions + 5; repetition++) {
    // clicks come at any time between two frames
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 20));
    const time = await new Promise<[number, number]>((resolve, reject) => {
      const started = performance.now();
      setTimeout(() => reject(new Error('nothing changed after a click')), 10_000);
      const observer = new MutationObserver(() => {
        observer.disconnect();
        const changed = performance.now() - started;
        requestAnimationFrame(() => {
          // a message posted before a frame arrives after it has been painted
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve([changed, performance.now() - started]);
          port2.postMessage(null);
        });
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      document.querySelector('button')?.click();
    });
    if (repetition >= 5) times.push(time);
  }
  return times;
}
