// Holds the list of dependencies in docs/decisions.md equal to package.json: nothing is installed without a reason, and no
// reason outlives what it was for. Who installs the package gets what the package imports.

import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { describe, expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = read('docs/decisions.md');

describe.each([
  ['package.json', 'dependencies', 'At run time'],
  ['package.json', 'devDependencies', 'For development'],
  ['server/anime/package.json', 'dependencies', 'Of the reference app'],
])('of %s the %s', (path, kind, heading) => {
  test('are those that the page gives a reason for', () => {
    const section = page.split(`### ${heading}\n`)[1]?.split(/^##/m)[0] ?? '';
    const entries = section.split(/^- /m).slice(1);
    const named = entries.flatMap((entry) => [...(entry.split(':')[0] ?? '').matchAll(/\*\*(.+?)\*\*/g)]);
    const manifest: Record<string, object> = JSON.parse(read(path));
    expect(named.map(([, name]) => name).sort()).toEqual(Object.keys(manifest[kind] ?? {}).sort());
  });
});

test('the package depends on what its own files import, and on nothing else', () => {
  const files = globSync('{shared,server,client-runtime}/**/*.ts', { cwd: new URL('..', import.meta.url) });
  const imports = files
    .filter((path) => !/^[^/]+\/anime\//.test(path))
    .flatMap((path) => [
      ...read(path).matchAll(/(?:^(?:im|ex)port( type)? (?:[^;']*? from )?|import\()'([^.'][^']*)'/gm),
    ])
    .map(([, type, path = '']) => ({ type, name: path.split('/', path.startsWith('@') ? 2 : 1).join('/') }))
    .filter(({ name }) => !isBuiltin(name));
  const used = new Set(imports.map(({ name }) => name));
  const loaded = new Set(imports.filter(({ type }) => type === undefined).map(({ name }) => name));
  const { dependencies, peerDependencies } = JSON.parse(read('package.json'));
  expect(loaded).toContain('fastify-plugin');
  expect(used).toContain('ws');
  expect([...loaded].filter((name) => !(name in dependencies || name in peerDependencies))).toEqual([]);
  // of Fastify it imports types alone, which are part of what it offers
  expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
});
