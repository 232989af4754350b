// Builds the browser's bundles once before the tests of the `node` project, so that no test serves a stale one and no
// two tests write it at the same time.

import { buildBundles } from '../../scripts/build.ts';

export async function setup(): Promise<void> {
  await buildBundles();
}
