// Two Vitest projects: `node` (unit, server and end-to-end tests) and `browser` (test/browser/, run inside a real
// headless Chromium). `vitest run` runs both; `vitest run --project node` one of them. With TEST_ENGINES=1 those in further
// browsers are run beside them, first (slow-first.ts), since they wait for most of their time: test/engines/projects.ts.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, chromiumPath } from './test/support/chromium.ts';
import { hasSameCases } from './test/support/same-cases.ts';
import { SlowFirst } from './test/support/slow-first.ts';
import { times } from './test/support/times.ts';

const engines =
  process.env.TEST_ENGINES === '1' ? (await import('./test/engines/projects.ts')).engineProjects(false) : [];
const launchOptions = { executablePath: await chromiumPath(), args: chromiumArgs };

// workers, and programs that tests start, are compiled once, not at each of their many starts
process.env.NODE_COMPILE_CACHE ??= resolve(import.meta.dirname, 'node_modules/.cache/compiled');

export default defineConfig({
  test: {
    // tests wait for browsers, sockets and processes for a part of their time; four at once fill two cores, which makes each
    // of them slower, and no run shorter by much
    maxWorkers: Math.max(3, Math.floor(availableParallelism() / 2)),
    sequence: { sequencer: SlowFirst },
    projects: [
      ...engines,
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/engines/**'],
          globalSetup: ['test/support/build.ts'],
          setupFiles: ['test/support/same-cases.ts'],
          // files of a worker share modules and a browser, which cost more to load and launch than most files
          isolate: false,
          // a machine may be busy with others: what happens at all is waited for, and only what never does fails
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        // Named here because a dependency first met while tests run makes Vite reload their page.
        optimizeDeps: { include: ['fast-check', 'parse5', 'uhtml', 'xstate'] },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          setupFiles: ['test/browser/same-cases.ts'],
          provide: { times, hasSameCases },
          // as above: laws try thousands of cases, beside two other workers
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
