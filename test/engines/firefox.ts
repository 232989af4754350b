// Firefox as an engine, through puppeteer-core and WebDriver BiDi.

import { launch } from 'puppeteer-core';
import type { Engine, EngineWindow } from './engine.ts';

/** Starts a Firefox without a screen. It ends with the block that holds it. */
export async function launchFirefox(executablePath: string): Promise<Engine> {
  const browser = await launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    defaultViewport: { width: 1000, height: 700 },
    // else a page that another window covers gets no animation frames, and its timers are slow
    extraPrefsFirefox: {
      'widget.windows.window_occlusion_tracking.enabled': false,
      'dom.min_background_timeout_value': 4,
      // one process for all pages, and none in advance: pages of tests are not hostile, and processes cost time
      'dom.ipc.processPrelaunch.enabled': false,
      'dom.ipc.processCount': 1,
      'fission.autostart': false,
    },
  });
  return {
    async newWindow(): Promise<EngineWindow> {
      const page = await browser.newPage({ type: 'window' });
      return {
        async goto(url) {
          await page.goto(url);
        },
        async reload() {
          await page.reload();
        },
        // `goBack()` waits for a load, which a page that was only set aside does not have
        async back() {
          await page.evaluate('setTimeout(() => history.back())');
        },
        async evaluate<Args extends readonly unknown[], Result>(
          run: (...args: Args) => Result,
          ...args: Args
        ): Promise<Awaited<Result>> {
          return (await page.evaluate(`(${run}).apply(null, ${JSON.stringify(args)})`)) as Awaited<Result>;
        },
        clickAt: (x, y) => page.mouse.click(x, y),
        type: (text) => page.keyboard.type(text),
        press: (key) => page.keyboard.press(key),
        close: () => page.close(),
      };
    },
    kill() {
      browser.process()?.kill('SIGKILL');
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
