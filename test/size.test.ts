// What the browser has to load, as `npm run build` makes it: minified and gzip -9.

import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { buildBundles, esbuildOptions } from '../scripts/build.ts';

const bundles = await buildBundles({ write: false });

/*
 * Counted is what such a page loads and runs until it is live, and while somebody fills in its form: text fields,
 * checkboxes, single choices, what is submitted, clicked and debounced; adoption, patches and lists; and the connection,
 * with all that brings it back. Not counted is what is loaded when a page has it, or when it happens.
 */
test('all scripts that run until a page with a live form is live have 13,800 bytes or less', () => {
  expect(gzipBytes('element.js') + gzipBytes('early.js')).toBeLessThanOrEqual(13_800);
});

test('what keeps a page over another view, puts right what others have done, and tells what happened before, has 8,010 bytes or less', () => {
  expect(gzipBytes('repair-')).toBeLessThanOrEqual(8_010);
});

test('the controls and listeners that few templates have, which are loaded before the first of them, have 3,040 bytes or less', () => {
  expect(gzipBytes('special-')).toBeLessThanOrEqual(3_040);
});

test('what provides contexts, which is loaded for the first one, has 410 bytes or less', () => {
  expect(gzipBytes('context-provider-')).toBeLessThanOrEqual(410);
});

test('all that a page of server components may load has 25,240 bytes or less', () => {
  const names = ['element.js', 'early.js', 'repair-', 'special-', 'context-provider-'];
  expect(names.reduce((sum, name) => sum + gzipBytes(name), 0)).toBeLessThanOrEqual(25_240);
  // nothing else is loaded later, but the reference app's own script, and what it predicts with
  const later = new Set(
    bundles.flatMap(({ code }) => [...code.matchAll(/import\(\W\.\/(.*?)-[\da-f]{10}\.js/g)].map(([, name]) => name)),
  );
  const ofApp = ['answers-users', 'offline'];
  expect([...later].filter((name) => !ofApp.includes(name ?? '')).sort()).toEqual([
    'context-provider',
    'repair',
    'special',
  ]);
});

test('no module is in two of the scripts that a page of server components may load', () => {
  const names = ['element.js', 'repair-', 'special-', 'context-provider-'];
  const all = names.flatMap((name) => modulesIn(name));
  expect(all.filter((module, index) => all.indexOf(module) !== index)).toEqual([]);
  // what the main script has, and the others use
  expect(modulesIn('element.js')).toEqual(expect.arrayContaining(['client-runtime/dom/controls.ts']));
  expect(modulesIn('repair-')).toEqual(expect.arrayContaining(['client-runtime/dom/mend.ts']));
  // components in the browser have these at once, and they know nothing from one call to the next
  expect(modulesIn('repair-').filter((module) => modulesIn('spa.js').includes(module))).toEqual([
    'client-runtime/dom/attribute-parts.ts',
    'client-runtime/dom/replay.ts',
  ]);
});

// start, register, effects, routes, templates, diff; docs/decisions.md says what weighs how much
test('all that components in the browser can use has 37,800 bytes or less', () => {
  expect(gzipBytes('spa.js')).toBeLessThanOrEqual(37_800);
});

test('an app in the browser that only starts has 29,100 bytes or less', async () => {
  const [app] = await buildBundles({ entries: ['client-runtime/app/start.ts'], write: false });
  expect(app?.gzipBytes).toBeLessThanOrEqual(29_100);
});

// the renderer and the compiler of templates, which an app in the browser has anyway, are most of it
test('what a page needs to predict its islands, beside the element and their components, has 12,740 bytes or less', async () => {
  const [predict, ...later] = await buildBundles({ entries: ['client-runtime/predict/predict.ts'], write: false });
  expect(predict?.gzipBytes).toBeLessThanOrEqual(12_740);
  expect(predict?.gzipBytes).toBeGreaterThan(5_000);
  // what keeps events offline is loaded where it is asked for
  const sizes = later.map(({ path, gzipBytes }) => [path.replace(/.*\/|-[\da-f]{10}\.js/g, ''), gzipBytes]);
  expect(sizes.map(([name]) => name)).toEqual(['offline']);
  const { offline = 0 } = Object.fromEntries(sizes) as Record<string, number>;
  expect(offline).toBeLessThanOrEqual(8_400);
});

test('what an app does not use of a face is not in its bundle', async () => {
  expect(await modulesOf("import './shared/index.ts'")).toEqual([]);
  // what the DOM's own functions are, and where scripts come from, is noted at once
  expect(await modulesOf("import './client-runtime/app/start.ts'")).toEqual([
    'client-runtime/dom/load-parts.ts',
    'client-runtime/dom/native.ts',
  ]);
  expect(await modulesOf("import './client-runtime/index.ts'")).toEqual([
    'client-runtime/dom/load-parts.ts',
    'client-runtime/dom/native.ts',
  ]);
  // so is all of `islet/client`: who starts a component in the browser has nothing of the server's element
  const start = await modulesOf("import { start } from './client-runtime/app/start.ts'; start()");
  expect(await modulesOf("import { start } from './client-runtime/index.ts'; start()")).toEqual(start);
  expect(start.filter((path) => path.includes('/element/'))).toEqual([]);
});

test('nothing of XState comes along for components that are no state machines', () => {
  for (const name of ['spa.js', 'app.js', 'admin.js', 'element.js']) {
    expect(modulesIn(name).filter((module) => module.includes('xstate'))).toEqual([]);
    expect(modulesIn(name)).not.toEqual([]);
  }
});

test('the app shares schemas with the server as types alone: nothing of them comes along', () => {
  const { code = '' } = bundles.find(({ path }) => path.endsWith('/app.js')) ?? {};
  expect(code).toContain('/api/anime'); // the app
  expect(code).not.toMatch(/additionalProperties|From 1 to 10/);
});

test('what records clicks until the app runs has 470 bytes or less', () => {
  expect(gzipBytes('early.js')).toBeLessThanOrEqual(470);
});

/** Of which modules there is more than a few names in what a bundler makes of an app's code. */
async function modulesOf(contents: string): Promise<string[]> {
  const outside: Plugin = {
    name: 'later',
    setup: ({ onResolve }) =>
      onResolve({ filter: /./ }, ({ kind, path }) =>
        kind === 'dynamic-import' ? { path, external: true } : undefined,
      ),
  };
  const { entryPoints: _, ...options } = esbuildOptions();
  const stdin = { contents, resolveDir: resolve(import.meta.dirname, '..') };
  const { metafile } = await build({ ...options, stdin, sourcemap: false, metafile: true, plugins: [outside] });
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 250 ? [path] : []))
    .sort();
}

/** What a script is made of; not what it is given. */
function modulesIn(name: string): string[] {
  const { map = '' } = bundles.find(({ path }) => path.includes(`/${name}`)) ?? {};
  const sources: string[] = JSON.parse(map).sources;
  return sources.filter((each) => !each.includes('given:')).map((each) => each.replace(/^(\.\.\/)+/, ''));
}

/** @param name Of a script; or how it begins, before the hash of its content. */
function gzipBytes(name: string): number {
  const bundle = bundles.find(({ path }) => path.includes(`/${name}`));
  if (!bundle) throw new Error(`there is no ${name}`);
  return bundle.gzipBytes;
}
