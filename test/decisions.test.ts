// Holds the list of dependencies in docs/decisions.md equal to package.json: nothing is installed without a reason, and
// no reason outlives what it was for. Who installs the package gets what the package imports.

import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = read('docs/decisions.md');

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional: boolean }>;
  readonly devDependencies?: Record<string, string>;
}

const root: Manifest = JSON.parse(read('package.json'));
const app: Manifest = JSON.parse(read('server/anime/package.json'));
/** Needed by the commands `islet dev` and `islet build` alone. */
const optional = Object.keys(root.peerDependenciesMeta ?? {});
const peers = Object.keys(root.peerDependencies ?? {}).filter((name) => !optional.includes(name));
const without = (names: readonly string[], others: readonly string[]) => names.filter((name) => !others.includes(name));

test.each([
  ['at run time', 'At run time', [...Object.keys(root.dependencies), ...peers]],
  ['for development', 'For development', without(Object.keys(root.devDependencies ?? {}), peers)],
  ['of the reference app', 'Of the reference app', without(Object.keys(app.dependencies), peers)],
])('dependencies %s are those that the page gives a reason for', (_, heading, installed) => {
  const section = page.split(`### ${heading}\n`)[1]?.split(/^##/m)[0] ?? '';
  const entries = section.split(/^- /m).slice(1);
  const named = entries.flatMap((entry) => [...(entry.split(':')[0] ?? '').matchAll(/\*\*(.+?)\*\*/g)]);
  expect(named.map(([, name]) => name).sort()).toEqual([...installed].sort());
});

test('the repository and its app have the peers of the package, in one version', () => {
  expect(peers).toEqual(['@fastify/websocket', 'fastify', 'xstate']);
  for (const name of peers) expect(root.devDependencies?.[name]).toBe(app.dependencies[name]);
});

test('the package depends on what its own files import, and on nothing else', () => {
  const files = globSync('{shared,server,client-runtime,scripts/cli}/**/*.ts', { cwd: new URL('..', import.meta.url) });
  const imports = files
    .filter((path) => !/^[^/]+\/anime\//.test(path))
    .flatMap((path) => [
      ...read(path).matchAll(/(?:^(?:im|ex)port( type)? (?:[^;']*? from )?|import\()'([^.'][^']*)'/gm),
    ])
    .map(([, type, path = '']) => ({ type, name: path.split('/', path.startsWith('@') ? 2 : 1).join('/') }))
    .filter(({ name }) => !isBuiltin(name));
  const used = new Set(imports.map(({ name }) => name));
  const loaded = new Set(imports.filter(({ type }) => type === undefined).map(({ name }) => name));
  const installed = [...Object.keys(root.dependencies), ...peers, ...optional];
  expect(loaded).toContain('fastify-plugin');
  expect([...used].filter((name) => !installed.includes(name))).toEqual([]);
  // of Fastify it imports types alone, which are part of what it offers
  expect(without(installed, [...loaded])).toEqual(['fastify']);
});
