// `islet build` of an app that has a state machine and a component that is none: only the pages that show the machine
// load XState.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { buildClient } from '../scripts/cli/build.ts';

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

/** All that a file loads at once, itself included. */
async function loadedBy(folder: string, file: string, found = new Map<string, string>()): Promise<Map<string, string>> {
  if (found.has(file)) return found;
  const code = await readFile(join(folder, file), 'utf8');
  found.set(file, code);
  for (const [, name = ''] of code.matchAll(/(?:from|import)\s?"\.\/([^"]+)"/g)) await loadedBy(folder, name, found);
  return found;
}

test('a page without a state machine loads nothing of XState, one with it all that it takes', async () => {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'machine-build-'));
  try {
    await mkdir(join(folder, 'client'));
    for (const [name, code] of Object.entries(modules)) await writeFile(join(folder, 'client', name), code);
    await buildClient(folder, { isDevelopment: false });
    const { element, components } = JSON.parse(await readFile(join(folder, 'build/manifest.json'), 'utf8'));
    const assets = join(folder, 'build/assets');
    const codeOf = async (file: string): Promise<string> => [...(await loadedBy(assets, file)).values()].join('\n');
    // of machines, and of what runs them
    const signs = (code: string): boolean[] => ['historyValue', 'actionExecutor'].map((sign) => code.includes(sign));
    expect(signs(await codeOf(element))).toEqual([false, false]);
    expect(signs(await codeOf(components['a-count']))).toEqual([false, false]);
    expect(signs(await codeOf(components['a-light']))).toEqual([true, true]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
