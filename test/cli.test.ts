// What `islet` says to who types something wrong: a line that says what to do, and no stack. The command is a process of
// its own.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteStore } from '../server/index.ts';
import { startProgram } from './support/program.ts';

const main = resolve(import.meta.dirname, '../scripts/cli/main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-cli-'));
  await mkdir(join(folder, 'full/client'), { recursive: true });
  await mkdir(join(folder, 'empty'));
  await writeFile(join(folder, 'full/client/wrong.ts'), 'export const a = ;');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a line in place of a stack', () => {
  test.each<[string, string, readonly string[], RegExp]>([
    [
      'new, into a folder that is not empty',
      '.',
      ['new', 'full'],
      /full is not empty: name a folder that is not there yet/,
    ],
    ['new, of a name that is none', '.', ['new', '7!'], /'7!' is no name for an app/],
    ['new, without a folder', '.', ['new'], /islet new needs the name of a folder\.\n\nislet new FOLDER/],
    ['build, where no app is', 'empty', ['build'], /empty is no app's folder: .*npx islet new FOLDER/],
    ['build, of code that does not compile', 'full', ['build'], /client\/wrong\.ts:1:18: Unexpected ";"/],
    [
      'routes, of a server that is not there',
      'full',
      ['routes', 'nope.ts'],
      /nope\.ts is not there: .*npx islet routes SERVER/,
    ],
    ['dev, with a latency that is none', 'full', ['dev', '--latency', 'much'], /--latency takes milliseconds/],
    ['a command that there is not', '.', ['dve'], /There is no command 'dve'\.\n\nislet new FOLDER/],
  ])('%s', { timeout: 60_000 }, async (_, where, args, said) => {
    const { code, stderr } = await startProgram([main, ...args], {}, { cwd: join(folder, where) }).ended;
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBeGreaterThan(0);
  });
});

describe('a file of SQLite that cannot be opened is named', () => {
  test.each(['process', 'power'] as const)('with what survives the end of %s', async (durability) => {
    expect(() => sqliteStore(folder, { durability })).toThrow(`${folder}: unable to open database file`);
    const file = join(folder, `${durability}.db`);
    await writeFile(file, 'this is no database, and long enough for its header to be looked at '.repeat(20));
    expect(() => sqliteStore(file, { durability })).toThrow(`${file}: file is not a database`);
  });
});
