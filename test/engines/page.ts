// A page in whatever engine a project of projects.ts stands for. A test file calls `usePages()` once: pages end after each
// test, and the engine, which all files of a worker share, with the worker.

import { afterEach, beforeAll, inject } from 'vitest';
import type { Side } from '../support/fields-page.ts';
import type { Engine, EngineName, EngineWindow } from './engine.ts';
import { launchFirefox } from './firefox.ts';
import { launchWebKit } from './webkit.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly engine: EngineName;
    /** Where it is; null: this machine does not have it. */
    readonly enginePath: string | null;
    /** Whether components of the server and of the browser are both tried in it. */
    readonly hasBothSides: boolean;
  }
}

export const engineName = inject('engine');
const enginePath = inject('enginePath');

/** Where components run: in the suite, on one side in each engine, and on both by `npm run test:engines`. */
export const sides: readonly Side[] = inject('hasBothSides')
  ? ['server', 'client']
  : [engineName === 'firefox' ? 'server' : 'client'];

/** Tests of an engine that this machine does not have are skipped, and are counted as such. */
export const isMissing = enginePath === null;

export interface Page extends EngineWindow {
  /** Clicks in the middle of the first element that matches; `name` is its whole text or its `aria-label`. */
  click(selector: string, name?: string): Promise<void>;
  /** The text of the first element that matches, or null without one. */
  text(selector: string): Promise<string | null>;
  texts(selector: string): Promise<string[]>;
  count(selector: string): Promise<number>;
}

/** Of this worker: to start one costs more than most files. */
let engine: Engine | undefined;
/** In the test that runs. */
const windows: EngineWindow[] = [];
/** Empty ones that are left of earlier tests: to open a window costs more than most tests. */
const idle: EngineWindow[] = [];

async function start(): Promise<void> {
  if (enginePath === null || engine) return;
  engine = await (engineName === 'firefox' ? launchFirefox : launchWebKit)(enginePath);
}

// how Vitest ends a worker: half a second later it is gone, and an engine that takes longer to end would stay
process.once('SIGTERM', () => engine?.kill());

/** Opens pages; see above. */
export function usePages(): (url: string) => Promise<Page> {
  beforeAll(start, 60_000);
  afterEach(async () => {
    const used = windows.splice(0);
    const isEmpty = await Promise.all(used.map((window) => within(emptyMs, empty(window))));
    if (isEmpty.every(Boolean)) {
      idle.push(...used);
      return;
    }
    // an engine in which a page hangs would fail all tests after this one
    idle.length = 0;
    engine?.kill();
    engine = undefined;
    await start();
  });
  return async (url) => {
    if (!engine) throw new Error('Pages are opened by tests only');
    const window = idle.pop() ?? (await engine.newWindow());
    windows.push(window);
    await window.goto(url);
    return pageOf(window);
  };
}

/** How long a page may take to make way, on a machine that is busy. */
const emptyMs = 20_000;

/** Ends the page of a window, as if the window were closed: nothing of it is left to the next one. */
async function empty(window: EngineWindow): Promise<void> {
  // after what the page itself does at its end
  await window.evaluate(() => addEventListener('pagehide', () => sessionStorage.clear()));
  await window.goto('about:blank');
}

/** Whether it was done, and in time. */
async function within(ms: number, done: Promise<void>): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), ms);
  const outcome = await Promise.race([
    done.then(
      () => true,
      () => false,
    ),
    timeout.promise,
  ]);
  clearTimeout(timer);
  return outcome;
}

function pageOf(window: EngineWindow): Page {
  const texts = (selector: string): Promise<string[]> =>
    window.evaluate(
      (wanted) => Array.from(document.querySelectorAll(wanted), (element) => element.textContent.trim()),
      selector,
    );
  return {
    ...window,
    async click(selector, name) {
      const { x, y } = await window.evaluate(middleOf, selector, name ?? null);
      await window.clickAt(x, y);
    },
    text: async (selector) => (await texts(selector))[0] ?? null,
    texts,
    count: async (selector) => (await texts(selector)).length,
  };
}

/** Waits a while for the element, brings it into view, and says where it is. Runs in the page. */
async function middleOf(selector: string, name: string | null): Promise<{ x: number; y: number }> {
  const find = (): Element | undefined =>
    [...document.querySelectorAll(selector)].find(
      (element) => name === null || [element.textContent.trim(), element.getAttribute('aria-label')].includes(name),
    );
  for (let left = 200; !find() && left > 0; left--) await new Promise((resolve) => setTimeout(resolve, 20));
  const element = find();
  if (!element) throw new Error(`No ${selector} ${name ?? ''} in ${document.body.innerHTML}`);
  element.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}
