// docs/api.md lists every exported name of the package's entries, with its shape, what its docstring says, and an
// example. The examples are modules of this repository, so that its type check holds them; here they run.

import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { makeApiPage, readEntries } from '../scripts/api-page.ts';
import * as server from '../server/index.ts';
import * as testing from '../server/testing/index.ts';
import * as islet from '../shared/index.ts';
import * as serverExamples from './support/api-examples/server.ts';
import * as testingExamples from './support/api-examples/testing.ts';

const page = await readFile(new URL('../docs/api.md', import.meta.url), 'utf8');

let entries: Awaited<ReturnType<typeof readEntries>>;
beforeAll(async () => {
  entries = await readEntries();
}, 120_000);

test('the page is what the docstrings and the examples say; else: npm run docs:api', () => {
  expect(page).toBe(makeApiPage(entries));
});

test('what can be imported is on it, entry by entry', () => {
  const real = { islet, 'islet/server': server, 'islet/testing': testing };
  for (const [name, values] of Object.entries(real)) {
    const named = entries.find((entry) => entry.name === name)?.exported.map((each) => each.name) ?? [];
    expect(named).toEqual(expect.arrayContaining(Object.keys(values)));
    const [, part = ''] = page.split(`\n## \`${name}\`\n`);
    for (const each of named) expect(part.split('\n## `')[0]).toMatch(new RegExp(`^### .*\`${each}\``, 'm'));
  }
});

test('an error that a docstring names is one of docs/errors.md', async () => {
  const errors = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const named = new Set(page.match(/ISLET_ERR_[A-Z_]*[A-Z]/g));
  expect(named.size).toBeGreaterThan(10);
  for (const code of named) expect(errors).toContain(`### ${code}\n`);
});

test.each(Object.entries(testingExamples))('the example %s of islet/testing runs', async (_, example) => {
  await example();
});

test('the apps of the examples of islet/server start', async () => {
  for (const create of [serverExamples.createApp, serverExamples.createTypedApp]) {
    const app = await create();
    await app.ready();
    await app.close();
  }
  expect(await serverExamples.modelIn(serverExamples.inMemory)).toEqual({ base: '7', patches: [] });
});
