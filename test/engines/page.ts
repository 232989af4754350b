// A page in whatever engine a project of vitest.config.ts stands for. A test file calls `usePages()` once: the engine
// starts before its tests and ends after them, and pages are closed after each test.

import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import type { Engine, EngineName, EngineWindow } from './engine.ts';
import { launchFirefox } from './firefox.ts';
import { launchWebKit } from './webkit.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly engine: EngineName;
    /** Where it is; null: this machine does not have it. */
    readonly enginePath: string | null;
  }
}

export const engineName = inject('engine');
const enginePath = inject('enginePath');

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

/** Opens pages; see above. */
export function usePages(): (url: string) => Promise<Page> {
  let engine: Engine | undefined;
  const windows: EngineWindow[] = [];
  beforeAll(async () => {
    if (enginePath !== null) engine = await (engineName === 'firefox' ? launchFirefox : launchWebKit)(enginePath);
  }, 60_000);
  afterEach(async () => {
    for (const window of windows.splice(0)) await window.close();
  });
  afterAll(() => engine?.[Symbol.asyncDispose]());
  return async (url) => {
    if (!engine) throw new Error('Pages are opened by tests only');
    const window = await engine.newWindow();
    windows.push(window);
    await window.goto(url);
    return pageOf(window);
  };
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
