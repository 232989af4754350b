// The examples of docs/testing.md and docs/recipes.md are run as their readers would run them, by Node's own test
// runner, and pass the type check.

import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bin, root, run } from './support/installed.ts';

const read = async (name: string) => {
  const page = await readFile(join(root, `docs/${name}.md`), 'utf8');
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
};

const pages = [
  { page: 'testing', blocks: await read('testing') },
  { page: 'recipes', blocks: await read('recipes') },
];

const modulesOf = (blocks: readonly string[]) =>
  blocks.map((code) => ({ name: /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? '', code }));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-testing-doc-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const { page, blocks } of pages) {
    await mkdir(join(folder, page));
    for (const { name, code } of modulesOf(blocks)) await writeFile(join(folder, page, name), code);
  }
});

afterAll(() => rm(folder, { recursive: true }));

describe.each(pages)('docs/$page.md', ({ page, blocks }) => {
  test('every block is a file with a name', () => {
    expect(modulesOf(blocks).filter(({ name }) => name === '')).toEqual([]);
  });

  test('the tests of the page pass', { timeout: 60_000 }, async () => {
    const fromSource = join(root, 'test/support/from-source.ts');
    const said = await run(
      process.execPath,
      ['--import', fromSource, '--test', '--test-isolation=none', '--test-reporter=tap', '*.test.ts'],
      join(folder, page),
    );
    const tests = blocks.join('').match(/^test\(/gm)?.length ?? 0;
    expect(tests).toBeGreaterThan(6);
    expect(said).toContain(`# pass ${tests}\n# fail 0\n`);
  });
});

test('the blocks of both pages pass the type check', { timeout: 60_000 }, async () => {
  const faces = {
    islet: 'shared/index.ts',
    'islet/server': 'server/index.ts',
    'islet/testing': 'server/testing/index.ts',
  };
  const paths = Object.fromEntries(Object.entries(faces).map(([name, path]) => [name, [join(root, path)]]));
  const compilerOptions = { paths, lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'], types: ['node'] };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*/*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const said = await run(join(bin, 'tsc'), ['-p', '.'], folder).catch((error: Error) => error.message);
  // what is wrong in the sources themselves, the type check of the repository says
  expect(said.split('\n').filter((line) => /^(testing|recipes)\/[\w-]+(\.test)?\.ts/.test(line))).toEqual([]);
});
