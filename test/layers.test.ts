// Holds the layers: every source file imports only what its layer may, and no modules wait for each other. The rules
// are in support/layers.ts and support/circles.ts, and are tried here on small made-up files too.

import { globSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { valueCircles } from './support/circles.ts';
import { layerFolders, layerViolations } from './support/layers.ts';

const root = resolve(import.meta.dirname, '..');
const files = new Map(
  globSync(`{${layerFolders.join(',')}}/**/*.{ts,js,mts,mjs}`, { cwd: root }).map((file) => [
    file.split(sep).join('/'),
    readFileSync(resolve(root, file), 'utf8'),
  ]),
);

test('every source file keeps the import rules of its layer', () => {
  expect(files.size).toBeGreaterThan(100);
  expect([...files].flatMap(([path, source]) => layerViolations(path, source))).toEqual([]);
});

test('no modules have to be evaluated before each other', () => {
  expect(valueCircles(files)).toEqual([]);
});

describe('a circle', () => {
  const circlesOf = (sources: Record<string, string>) => valueCircles(new Map(Object.entries(sources)));

  test.each([
    ['of two', { 'a/a.ts': `import { b } from '../b.ts';`, 'b.ts': `export { a } from './a/a.ts';` }],
    [
      'whose names are types only, as the module is still evaluated',
      {
        'a/a.ts': `import { type B } from '../b.ts';`,
        'b.ts': `import './a/a.ts';`,
      },
    ],
  ])('%s is found', (_, sources) => {
    expect(circlesOf(sources)).toEqual(['b.ts -> a/a.ts -> b.ts']);
  });

  test('of three is found once, and named with all of them', () => {
    const sources = {
      'a.ts': `import { b } from './b.ts';`,
      'b.ts': `export * from './c.ts'; import { d } from './d.ts';`,
      'c.ts': `import { a } from './a.ts';`,
      'd.ts': ``,
    };
    expect(circlesOf(sources)).toEqual(['c.ts -> a.ts -> b.ts -> c.ts']);
  });

  test('of types, or through what is imported later, is none', () => {
    expect(circlesOf({ 'a.ts': `import type { B } from './b.ts';`, 'b.ts': `import { a } from './a.ts';` })).toEqual(
      [],
    );
    expect(circlesOf({ 'a.ts': `await import('./b.ts');`, 'b.ts': `import { a } from './a.ts';` })).toEqual([]);
    expect(circlesOf({ 'a.ts': `export type { B } from './b.ts';`, 'b.ts': `import { a } from './a.ts';` })).toEqual(
      [],
    );
  });
});

describe('allowed', () => {
  test.each([
    ['shared/runtime/logic.ts', `import { createActor } from 'xstate'; import type { A } from './tree.ts';`],
    ['shared/tree/a.ts', `import { b } from '../wire/b.ts'; export const c = b; export type { D };`],
    ['shared/index.ts', `export { b } from './browser/b.ts';`],
    ['components/rating.ts', `import { html } from '../shared/index.ts'; import { star } from './star.ts';`],
    ['components/schema/a.ts', `import Type from 'typebox'; import { score } from './score.ts';`],
    ['components/list.ts', `import type { Anime } from './schema/anime.ts';`],
    ['server/anime/api/a.ts', `import { Anime } from '../../../components/schema/anime.ts';`],
    ['server/anime/data/a.ts', `import { b } from '../../store/sqlite.ts';`],
    ['server/store/store.ts', `import { DatabaseSync } from 'node:sqlite'; import fastify from 'fastify';`],
    ['server/sessions/a.ts', `import type { Transport } from '../transport/transport.ts';`],
    ['server/pages/a.ts', `import { b } from '../actors/b.ts'; import { compile } from '../html-parser.ts';`],
    ['server/plugin.ts', `import { a } from './sessions/a.ts'; import { b } from './transport/websocket.ts';`],
    [
      'server/anime/main.ts',
      `import { rating } from '../../components/rating.ts'; import { islet } from '../index.ts';`,
    ],
    ['client-runtime/element/a.ts', `import { b } from '../dom/b.ts'; import { c } from '../../shared/wire/c.ts';`],
    ['client-runtime/app/a.ts', `import { Runtime } from '../../shared/runtime/runtime.ts';`],
    [
      'client-runtime/anime/app.ts',
      `import { rating } from '../../components/rating.ts'; import { start } from '../app/start.ts';`,
    ],
    ['client-runtime/index.ts', `export { register } from './app/register.ts'; export * from './element/element.ts';`],
  ])('%s: %s', (path, source) => {
    expect(layerViolations(path, source)).toEqual([]);
  });
});

describe('refused', () => {
  test.each([
    ['shared/a.ts', `import '../server/b.ts';`, 'shared/a.ts imports ../server/b.ts: shared may import only shared'],
    ['shared/a.ts', `import type { B } from '../components/b.ts';`, 'imports ../components/b.ts'],
    [
      'shared/a.ts',
      `import { readFile } from 'node:fs/promises';`,
      'imports node:fs/promises: shared runs in browsers',
    ],
    ['shared/a.ts', `import { readFileSync } from 'fs';`, 'imports fs: shared runs in browsers'],
    ['shared/a.ts', `import { parse } from 'parse5';`, 'imports parse5: the npm packages that shared may import'],
    ['shared/a.ts', `type B = import('../server/b.ts').B;`, 'imports ../server/b.ts'],
    ['shared/a.ts', `const b = await import('../server/b.ts');`, 'imports ../server/b.ts'],
    ['shared/a.ts', `const b = await import(name);`, 'imports name'],
    ['shared/language/a.ts', `import { b } from '../template/b.ts';`, 'not shared/template'],
    ['shared/language/a.ts', `import { b } from '../browser/b.ts';`, 'not shared/browser'],
    ['shared/template/a.ts', `import type { B } from '../wire/b.ts';`, 'not shared/wire'],
    ['shared/wire/a.ts', `import { b } from '../tree/b.ts';`, 'not shared/tree'],
    ['shared/tree/a.ts', `import { b } from '../runtime/b.ts';`, 'not shared/runtime'],
    [
      'shared/tree/a.ts',
      `import { createActor } from 'xstate';`,
      'the npm packages that shared/tree may import are: none',
    ],
    ['shared/runtime/a.ts', `import { b } from '../browser/b.ts';`, 'not shared/browser'],
    ['shared/runtime/a.ts', `import { b } from '../index.ts';`, 'not shared'],
    ['shared/browser/a.ts', `import { b } from '../runtime/b.ts';`, 'not shared/runtime'],
    ['components/a.ts', `import { assign } from 'xstate';`, 'the npm packages that components may import are: none'],
    ['components/a.ts', `import Type from 'typebox';`, 'the npm packages that components may import are: none'],
    ['components/schema/a.ts', `import { b } from '../b.ts';`, 'may import only components/schema'],
    ['components/a.ts', `import { b } from '../client-runtime/b.ts';`, 'imports ../client-runtime/b.ts'],
    ['server/a.ts', `import { b } from '../client-runtime/b.ts';`, 'not client-runtime'],
    ['server/a.ts', `import { b } from '../components/b.ts';`, 'not components'],
    ['server/a.ts', `import { b } from './anime/b.ts';`, 'not server/anime'],
    ['server/a.ts', `import { html } from 'islet';`, 'by relative path'],
    ['server/transport/a.ts', `import type { B } from '../sessions/b.ts';`, 'not server/sessions'],
    ['server/transport/a.ts', `import type { B } from '../actors/b.ts';`, 'not server/actors'],
    ['server/store/a.ts', `import type { B } from '../actors/b.ts';`, 'not server/actors'],
    ['server/inspect/a.ts', `import { b } from '../pages/b.ts';`, 'not server/pages'],
    ['server/options.ts', `import type { B } from './actors/b.ts';`, 'not server/actors'],
    ['server/actors/a.ts', `import type { B } from '../sessions/b.ts';`, 'not server/sessions'],
    ['server/actors/a.ts', `import { b } from '../pages/b.ts';`, 'not server/pages'],
    ['server/sessions/a.ts', `import { b } from '../transport/websocket.ts';`, 'not server/transport'],
    ['server/sessions/a.ts', `import { b } from '../pages/b.ts';`, 'not server/pages'],
    ['server/sessions/a.ts', `import { b } from '../plugin.ts';`, 'not server'],
    ['server/anime/a.ts', `import { b } from '../../client-runtime/b.ts';`, 'not client-runtime'],
    ['client-runtime/a.ts', `import { b } from '../server/b.ts';`, 'not server'],
    ['client-runtime/a.ts', `import { b } from '../components/b.ts';`, 'not components'],
    ['client-runtime/a.ts', `import { b } from './anime/b.ts';`, 'not client-runtime/anime'],
    ['client-runtime/a.ts', `import { b } from '../test/support/b.ts';`, 'client-runtime may import only'],
    ['client-runtime/dom/a.ts', `import { b } from '../element/b.ts';`, 'not client-runtime/element'],
    ['client-runtime/element/a.ts', `import { b } from '../app/b.ts';`, 'not client-runtime/app'],
    ['client-runtime/element/a.ts', `import { b } from '../../shared/tree/b.ts';`, 'not shared/tree'],
    ['client-runtime/app/a.ts', `import { b } from '../element/b.ts';`, 'not client-runtime/element'],
    ['shared/a.ts', `export { b } from './b.ts';`, 'shared/a.ts re-exports b from ./b.ts: only the faces do'],
    ['shared/a.ts', `export * from './b.ts';`, 're-exports * from ./b.ts'],
    ['shared/a.ts', `import { b } from './b.ts'; export { b as c };`, 're-exports b from ./b.ts'],
    ['server/anime/index.ts', `export type { B } from './b.ts';`, 're-exports B from ./b.ts'],
  ])('%s: %s', (path, source, message) => {
    expect(layerViolations(path, source)).toEqual([expect.stringContaining(message)]);
  });
});
