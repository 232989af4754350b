// Builds the browser's bundles once before the tests of the `node` project, so that no test serves a stale one and no
// two tests write it at the same time.

import { randomUUID } from 'node:crypto';
import { buildBundles } from '../../scripts/build.ts';

export async function setup(): Promise<void> {
  // by it test files know that they belong together
  process.env.ISLET_TEST_RUN = randomUUID();
  await buildBundles();
}
