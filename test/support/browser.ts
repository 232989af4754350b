// Launches the test Chromium from Node, for end-to-end tests that drive real pages through Playwright.
// The path and the arguments come from chromium.ts; tests in test/e2e/ get a Playwright browser.

import { type Browser, chromium, type LaunchOptions } from 'playwright';
import { chromiumArgs, chromiumPath } from './chromium.ts';

/**
 * A new headless Chromium. It closes itself at the end of the block that holds it:
 * `await using browser = await launchBrowser();`
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs, ...options });
}
