// Makes once, before the tests of a run, what they would otherwise make at the same time or again and again: the browser's
// bundles, so that no test serves a stale one, and the compiled code of the server.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildBundles } from '../../scripts/build.ts';

export async function setup(): Promise<void> {
  // another project of the same run has done it
  if (process.env.ISLET_TEST_RUN !== undefined) return;
  // by it test files know that they belong together
  process.env.ISLET_TEST_RUN = randomUUID();
  await Promise.all([buildBundles(), compileServer()]);
}

/** In a clean checkout. Most servers that tests start are killed, and what is killed leaves no compiled code to others. */
async function compileServer(): Promise<void> {
  const folder = process.env.NODE_COMPILE_CACHE;
  if (!folder || existsSync(folder)) return;
  const modules = ['./server/anime/app.ts', './server/anime/assets.ts', './server/anime/data/start.ts'];
  const source = modules.map((path) => `await import('${path}');`).join('');
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: resolve(import.meta.dirname, '../..'),
  });
}
