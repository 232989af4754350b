// What the browser has to load for server components: the bundle as `npm run build` makes it, minified and gzip -9.

import { expect, test } from 'vitest';
import { buildBundles } from '../scripts/build.ts';

const bundles = await buildBundles({ write: false });

test('the element of server components has 5,000 bytes or less', () => {
  const element = bundles.find(({ path }) => path.endsWith('/element.js'));
  expect(element?.gzipBytes).toBeLessThanOrEqual(5_000);
});
