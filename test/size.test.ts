// What the browser has to load, as `npm run build` makes it: minified and gzip -9.

import { expect, test } from 'vitest';
import { buildBundles } from '../scripts/build.ts';

const bundles = await buildBundles({ write: false });

test('the element of server components has 14,500 bytes or less', () => {
  expect(gzipBytes('element.js')).toBeLessThanOrEqual(14_500);
});

// start, register, effects, routes, templates, diff, XState's actor; docs/decisions.md says what weighs how much
test('all that components in the browser can use has 36,000 bytes or less', () => {
  expect(gzipBytes('spa.js')).toBeLessThanOrEqual(36_000);
});

test('no state machine comes along for components that are none', () => {
  const { code = '' } = bundles.find(({ path }) => path.endsWith('/spa.js')) ?? {};
  expect(code).toContain('xstate.stop'); // the actor
  expect(code).not.toContain('historyValue');
});

test('the app shares schemas with the server as types alone: nothing of them comes along', () => {
  const { code = '' } = bundles.find(({ path }) => path.endsWith('/app.js')) ?? {};
  expect(code).toContain('/api/anime'); // the app
  expect(code).not.toMatch(/additionalProperties|From 1 to 10/);
});

test('what records clicks until the app runs has 250 bytes or less', () => {
  expect(gzipBytes('early.js')).toBeLessThanOrEqual(250);
});

function gzipBytes(name: string): number | undefined {
  return bundles.find(({ path }) => path.endsWith(`/${name}`))?.gzipBytes;
}
