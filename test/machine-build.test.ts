// `islet build` of an app that has a state machine and a component that is none: only the pages that show the machine
// load XState.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { buildClient } from '../scripts/cli/build.ts';
import { Assets } from '../server/assets.ts';

const root = resolve(import.meta.dirname, '..');
const islet = JSON.stringify(join(root, 'shared/index.ts'));

const modules = {
  'light.ts': `import { component, html } from ${islet};
import { createMachine } from 'xstate';
export const light = component({ name: 'a-light', machine: createMachine({}), view: () => html\`off\` });`,
  'count.ts': `import { component, effect, html } from ${islet};
export const count = component({
  name: 'a-count', init: () => [0, effect.none], update: (count) => [count, effect.none], view: () => html\`0\`,
});`,
};

/** An app with these files, built, which is gone with its test. */
async function buildApp(files: { readonly [name: string]: string }) {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'build-'));
  await mkdir(join(folder, 'client'));
  for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
  await buildClient(folder, { isDevelopment: false });
  const manifest = JSON.parse(await readFile(join(folder, 'build/manifest.json'), 'utf8'));
  return { folder, manifest, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test('a module that exports nothing is a script of pages, which needs a browser, and a page with an island loads it', async () => {
  const script = `import { predict } from 'islet/client';\nimport { count } from '../list.ts';\npredict('/ws/list', count);\nexport {};`;
  await using app = await buildApp({
    'list.ts': modules['count.ts'],
    'client/page.ts': script,
    'client/count.ts': modules['count.ts'],
  });
  const { folder } = app;
  const { scripts, components } = app.manifest;
  expect(scripts).toEqual([expect.stringMatching(/^page-\w+\.js$/)]);
  expect(Object.keys(components)).toEqual(['a-count']);
  const code = await readFile(join(folder, 'build/assets', scripts[0]), 'utf8');
  expect(code).toContain('/ws/list');
  const assets = new Assets(join(folder, 'build'), '/islet', false);
  expect(assets.complete('<head></head><server-component></server-component>', undefined)).toContain(scripts[0]);
  expect(assets.complete('<head></head><p></p>', undefined)).not.toContain(scripts[0]);
});

/** All that a file loads at once, itself included. */
async function loadedBy(folder: string, file: string, found = new Map<string, string>()): Promise<Map<string, string>> {
  if (found.has(file)) return found;
  const code = await readFile(join(folder, file), 'utf8');
  found.set(file, code);
  for (const [, name = ''] of code.matchAll(/(?:from|import)\s?"\.\/([^"]+)"/g)) await loadedBy(folder, name, found);
  return found;
}

test('a page of components of the browser loads the server component’s element only when one is shown', async () => {
  await using app = await buildApp({ 'client/count.ts': modules['count.ts'] });
  const { folder } = app;
  const { element, later, components } = app.manifest;
  const code = [...(await loadedBy(join(folder, 'build/assets'), components['a-count'])).values()].join('\n');
  expect(code).toContain('a-count');
  expect(code).not.toContain('data-outgrown');
  const assets = new Assets(join(folder, 'build'), '/islet', false);
  const scripts = (body: string): string[] =>
    [...assets.complete(`<head></head>${body}`, undefined).matchAll(/src="\/islet\/([^"]+)"/g)].map(
      ([, name = '']) => name,
    );
  expect(scripts('<a-count></a-count>')).toEqual([later, components['a-count']]);
  expect(await readFile(join(folder, 'build/assets', later), 'utf8')).toContain(element);
  const island = '<server-component></server-component>';
  expect(scripts(`<a-count></a-count>${island}`)).toEqual([element, components['a-count']]);
  expect(scripts(island)).toEqual([later, element]);
});

test('a page without a state machine loads nothing of XState, one with it all that it takes', async () => {
  await using app = await buildApp({
    'client/light.ts': modules['light.ts'],
    'client/count.ts': modules['count.ts'],
  });
  const { folder } = app;
  const { element, components } = app.manifest;
  const assets = join(folder, 'build/assets');
  const codeOf = async (file: string): Promise<string> => [...(await loadedBy(assets, file)).values()].join('\n');
  // of machines, and of what runs them
  const signs = (code: string): boolean[] => ['historyValue', 'actionExecutor'].map((sign) => code.includes(sign));
  expect(signs(await codeOf(element))).toEqual([false, false]);
  expect(signs(await codeOf(components['a-count']))).toEqual([false, false]);
  expect(signs(await codeOf(components['a-light']))).toEqual([true, true]);
});
