/*
 * What happens in the browser, measured in Chromium: how long the script of each table operation takes, for patches
 * that come from a server and for views that run in the page; from a click to the painted change, near and far from the
 * server; and what the bundles weigh. Pages are isolated, so that their clock has a resolution of 5 microseconds.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright';
import { chromiumArgs, chromiumPath } from '../../test/support/chromium.ts';
import { type Operation, operations } from '../app/rows.ts';
import { type BrowserBundle, buildBrowserBundles } from '../build.ts';
import { type ServerProcess, startServer } from '../driver/server-process.ts';
import { median, percentile, trimmedMean } from '../driver/statistics.ts';
import type { Collector } from '../results.ts';
import { type SubjectName, subjects } from '../subjects.ts';
import { startDelayProxy } from './proxy.ts';
import type { TableBench } from './tables.ts';

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
  const repetitions = isQuick ? 20 : 100;
  try {
    for (let round = 1; round <= rounds; round++) {
      if (isWanted('dom')) {
        process.stderr.write(`round ${round} of ${rounds}: table operations in Chromium\n`);
        for (const { name, isTable } of bundles) {
          if (isTable) addTimes(collector, name, await measureView(browser, site, name, repetitions));
        }
        for (const name of ['islet', 'liveviewjs'] as const) {
          const times = await withServer(name, bundles, (server) => measurePatches(browser, server, name, repetitions));
          addTimes(collector, `${name}-page`, times);
        }
      }
      if (!isWanted('click')) continue;
      for (const roundTripMs of [0, 100]) {
        process.stderr.write(`round ${round} of ${rounds}: click to painted change, ${roundTripMs} ms\n`);
        for (const name of ['ws', 'islet', 'liveviewjs'] as const) {
          const figures = await withServer(name, bundles, (server) =>
            measureClicks(browser, server, name, bundles, roundTripMs, repetitions / 4),
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

type Times = { readonly [operation in Operation]?: readonly number[] };

function addTimes(collector: Collector, subject: string, times: Times): void {
  for (const [operation, values] of Object.entries(times)) {
    collector.add(`dom/${operation}`, subject, { us: trimmedMean(values), p95Us: percentile(values, 0.95) });
  }
}

/** A view that runs in the page by itself. */
async function measureView(browser: Browser, site: Server, name: string, repetitions: number): Promise<Times> {
  const page = await openPage(browser);
  try {
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/${name}`);
    return await page.evaluate(
      ([warmup, count]) => (globalThis as unknown as { tableBench: TableBench }).tableBench.measure(warmup, count),
      [20, repetitions] as const,
    );
  } finally {
    await page.close();
  }
}

/** Patches from a server: the time that the client's code spends on the message that answers a click. */
async function measurePatches(
  browser: Browser,
  server: ServerProcess,
  name: 'islet' | 'liveviewjs',
  repetitions: number,
): Promise<Times> {
  const page = await openPage(browser);
  try {
    await page.addInitScript(timeMessages);
    await page.goto(`http://127.0.0.1:${server.port}${pathOf(name, 'table')}`);
    await waitUntilLive(page, name);
    return await page.evaluate(clickTable, { operations, warmup: 20, repetitions });
  } finally {
    await page.close();
  }
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
  const page = await openPage(browser);
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
    await page.close();
    proxy.close();
  }
}

function pathOf(name: SubjectName, page: 'counter' | 'table'): string {
  return name === 'islet' ? `/bench/page/${page}` : `/bench/${page}`;
}

async function openPage(browser: Browser): Promise<Page> {
  // a document that Playwright hands over comes from nowhere; its socket to this machine needs a permission
  const page = await browser.newPage({ permissions: ['local-network-access'] });
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

async function withServer<Result>(
  name: SubjectName,
  bundles: readonly BrowserBundle[],
  run: (server: ServerProcess) => Promise<Result>,
): Promise<Result> {
  const launch = await subjects[name].launch();
  const client = bundles.find((bundle) => bundle.name === 'liveview-client') as BrowserBundle;
  const server = await startServer({ ...launch, env: { ...launch.env, BENCH_CLIENT_BUNDLE: client.path } });
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}

function echoPage(bundles: readonly BrowserBundle[]): string {
  const code = bundles.find(({ name }) => name === 'echo-client')?.code ?? '';
  return `<!doctype html><title>echo</title><div><button>Up</button><output>0</output></div><script type="module">${code}</script>`;
}

/** One page for each view, with its bundle in it. */
async function serveBundles(bundles: readonly BrowserBundle[]): Promise<Server> {
  const server = createServer((request, response) => {
    const code = bundles.find(({ name }) => `/${name}` === request.url)?.code;
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
  readonly warmup: number;
  readonly repetitions: number;
}): Promise<Times> {
  const { operations: names, warmup, repetitions } = options;
  const turns: Operation[][] = [
    ['one'],
    ['update10'],
    ['swap'],
    ['select'],
    ['append', 'remove'],
    ['prepend', 'remove'],
    ['reverse'],
  ];
  const body = document.querySelector('tbody') as Element;
  const times: Partial<Record<Operation, number[]>> = {};
  for (const turn of turns) {
    // a slow one gets fewer repetitions, and no more time
    const end = performance.now() + 5_000;
    for (let repetition = -warmup; repetition < repetitions; repetition++) {
      if (performance.now() > end) repetition = Math.max(repetition, repetitions - 1);
      for (const operation of turn) {
        const before = body.innerHTML;
        const us = await new Promise<number>((resolve, reject) => {
          // a message that changes nothing, such as the answer to a heartbeat, is not the click's
          const onHandled = (time: number) => body.innerHTML !== before && resolve(time);
          Object.assign(globalThis, { onHandled });
          setTimeout(() => reject(new Error(`no message changed the table after a click on ${operation}`)), 10_000);
          document.querySelectorAll('button')[names.indexOf(operation)]?.click();
        });
        body.getBoundingClientRect();
        if (repetition < 0) continue;
        times[operation] ??= [];
        times[operation].push(us);
      }
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
