// Holds the layers: every source file imports only what its layer may. The rules themselves are in support/layers.ts
// and are tried here on small made-up files first.

import { globSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layerFolders, layerViolations } from './support/layers.ts';

const root = resolve(import.meta.dirname, '..');

test('every source file keeps the import rules of its layer', () => {
  const files = globSync(`{${layerFolders.join(',')}}/**/*.{ts,js,mts,mjs}`, { cwd: root });
  const violations = files.flatMap((file) =>
    layerViolations(file.split(sep).join('/'), readFileSync(resolve(root, file), 'utf8')),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(violations).toEqual([]);
});

describe('allowed', () => {
  test.each([
    ['shared/runtime/logic.ts', `import { createActor } from 'xstate'; import type { A } from './tree.ts';`],
    ['shared/deep/a.ts', `import { b } from '../b.ts'; export const c = b; export type { D };`],
    ['components/rating.ts', `import { html } from '../shared/index.ts'; import { star } from './star.ts';`],
    ['components/schema/a.ts', `import Type from 'typebox'; import { score } from './score.ts';`],
    ['components/list.ts', `import type { Anime } from './schema/anime.ts';`],
    ['server/anime/api/a.ts', `import { Anime } from '../../../components/schema/anime.ts';`],
    ['server/store/store.ts', `import { DatabaseSync } from 'node:sqlite'; import fastify from 'fastify';`],
    [
      'server/anime/main.ts',
      `import { rating } from '../../components/rating.ts'; import { islet } from '../index.ts';`,
    ],
    [
      'client-runtime/anime/app.ts',
      `import { rating } from '../components/rating.ts'; import { start } from './start.ts';`,
    ],
    ['client-runtime/index.ts', `export { register } from './register.ts'; export * from './start.ts';`],
  ])('%s: %s', (path, source) => {
    expect(layerViolations(path, source)).toEqual([]);
  });
});

describe('refused', () => {
  test.each([
    ['shared/a.ts', `import '../server/b.ts';`, 'shared/a.ts imports ../server/b.ts: shared/ may import only shared/'],
    ['shared/a.ts', `import type { B } from '../components/b.ts';`, 'imports ../components/b.ts'],
    [
      'shared/a.ts',
      `import { readFile } from 'node:fs/promises';`,
      'imports node:fs/promises: shared/ runs in browsers',
    ],
    ['shared/a.ts', `import { readFileSync } from 'fs';`, 'imports fs: shared/ runs in browsers'],
    ['shared/a.ts', `import { parse } from 'parse5';`, 'imports parse5: the npm packages that shared/ may import'],
    ['shared/a.ts', `type B = import('../server/b.ts').B;`, 'imports ../server/b.ts'],
    ['shared/a.ts', `const b = await import('../server/b.ts');`, 'imports ../server/b.ts'],
    ['shared/a.ts', `const b = await import(name);`, 'imports name'],
    ['components/a.ts', `import { assign } from 'xstate';`, 'the npm packages that components/ may import are: none'],
    ['components/a.ts', `import Type from 'typebox';`, 'the npm packages that components/ may import are: none'],
    ['components/schema/a.ts', `import { b } from '../b.ts';`, 'may import only components/schema/'],
    ['components/a.ts', `import { b } from '../client-runtime/b.ts';`, 'imports ../client-runtime/b.ts'],
    ['server/a.ts', `import { b } from '../client-runtime/b.ts';`, 'server/ may import only server/, shared/, not'],
    ['server/a.ts', `import { b } from '../components/b.ts';`, 'not components/'],
    ['server/a.ts', `import { b } from './anime/b.ts';`, 'not server/anime/'],
    ['server/a.ts', `import { html } from 'islet';`, 'by relative path'],
    ['server/anime/a.ts', `import { b } from '../../client-runtime/b.ts';`, 'not client-runtime/'],
    ['client-runtime/a.ts', `import { b } from '../server/b.ts';`, 'not server/'],
    ['client-runtime/a.ts', `import { b } from '../components/b.ts';`, 'not components/'],
    ['client-runtime/a.ts', `import { b } from '../test/support/b.ts';`, 'client-runtime/ may import only'],
    ['shared/a.ts', `export { b } from './b.ts';`, 'shared/a.ts re-exports b from ./b.ts: only the faces do'],
    ['shared/a.ts', `export * from './b.ts';`, 're-exports * from ./b.ts'],
    ['shared/a.ts', `import { b } from './b.ts'; export { b as c };`, 're-exports b from ./b.ts'],
    ['server/anime/index.ts', `export type { B } from './b.ts';`, 're-exports B from ./b.ts'],
  ])('%s: %s', (path, source, message) => {
    expect(layerViolations(path, source)).toEqual([expect.stringContaining(message)]);
  });
});
