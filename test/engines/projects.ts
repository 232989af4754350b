// The behaviours that matter most, in engines besides Chromium: `npm run test:engines`, and TEST_ENGINES=1 has them run
// beside all other tests. One project for each engine, both run the same files. What is tested in them is what is
// installed: Firefox ESR (`firefox-esr`, or FIREFOX_PATH), WebKitGTK (`webkit2gtk-driver` and `xvfb`). Tests of an engine
// that is not there are skipped.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestProjectConfiguration } from 'vitest/config';
import type { EngineName } from './engine.ts';

const paths: Record<EngineName, string | null> = {
  firefox: process.env.FIREFOX_PATH || findProgram('firefox-esr') || findProgram('firefox'),
  webkit: findProgram('Xvfb') && findProgram('WebKitWebDriver'),
};
const packages: Record<EngineName, string> = { firefox: 'firefox-esr', webkit: 'webkit2gtk-driver xvfb' };

const engines: readonly EngineName[] = ['firefox', 'webkit'];
for (const engine of engines) {
  if (paths[engine] !== null) continue;
  console.log(
    `SKIPPED: ${engine} is not installed here; on Debian it comes by \`apt-get install ${packages[engine]}\``,
  );
}

/** @param hasBothSides Whether what is tried on the server and in the browser is tried on both in each engine. */
export const engineProjects = (hasBothSides: boolean): TestProjectConfiguration[] =>
  engines.map((engine) => ({
    test: {
      name: engine,
      include: ['test/engines/**/*.test.ts'],
      globalSetup: ['test/support/build.ts'],
      provide: { engine, enginePath: paths[engine], hasBothSides },
      // files of a worker share its engine
      isolate: false,
      // a machine may be busy with others
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 30_000 } },
    },
  }));

function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return null;
}
