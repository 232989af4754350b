// Launches the test Chromium from Node, for end-to-end tests that drive real pages through Playwright.
// The path and the arguments come from chromium.ts; tests get a Playwright browser: one that all files of a worker share,
// or one of their own where they close it or look at its process.

import { type Browser, chromium, type LaunchOptions } from 'playwright';
import { chromiumArgs, chromiumPath } from './chromium.ts';

/**
 * A new headless Chromium. It closes itself at the end of the block that holds it:
 * `await using browser = await launchBrowser();`
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs, ...options });
}

export interface Sight {
  /** Whether pictures are loaded and drawn, which is more than half of what a page full of them costs. */
  readonly pictures: boolean;
}

const shared = new Map<boolean, Promise<Browser>>();

/** The browser of this process, which ends with it. Each test opens contexts of its own, and closes them. */
export async function sharedBrowser({ pictures }: Sight): Promise<Browser> {
  const launched = await shared.get(pictures);
  if (launched?.isConnected()) return launched;
  const args = pictures
    ? chromiumArgs
    : [...chromiumArgs, `--blink-settings=${[...playwrightSettings, 'imagesEnabled=false']}`];
  const launching = launchBrowser({ args });
  shared.set(pictures, launching);
  return launching;
}

/** What Playwright says in the same argument, of which only the last one counts: a mouse is there. */
const playwrightSettings = [
  'primaryHoverType=2',
  'availableHoverTypes=2',
  'primaryPointerType=4',
  'availablePointerTypes=4',
];
