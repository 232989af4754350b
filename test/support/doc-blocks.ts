// The blocks of code in the pages that readers get. Input: the Markdown files of this repository. Output: each block
// with its page, place and language, and who tries it: a test that runs or compiles it, or a reason why nobody can.

import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('docs/*.md', { cwd: root }).sort(),
  ...globSync('scripts/starter/*/README.md', { cwd: root }).sort(),
];

export interface Block {
  readonly page: string;
  /** The heading above it, of the second level. */
  readonly section: string;
  /** Counted from one, of its first fence. */
  readonly line: number;
  /** What stands behind the fence: `ts`, `sh serve`. */
  readonly info: string;
  readonly code: string;
  /** The comment right above it: `not run: there is no nginx here`. */
  readonly note: string;
}

export function readBlocks(page: string): Block[] {
  return blocksOf(page, readFileSync(join(root, page), 'utf8'));
}

/** @throws Error for a block that is indented, or that does not end: nothing would look at it. */
export function blocksOf(page: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let section = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line.startsWith('## ')) section = line.slice(3);
    const at = `${page}:${index + 1}`;
    if (/^( {4,}|\t)\S/.test(line) && lines[index - 1] === '') throw new Error(`${at}: write code between fences`);
    // a list's, which would not be found by its end
    if (/^ +```/.test(line)) throw new Error(`${at}: a fence stands at the beginning of its line`);
    if (!line.startsWith('```')) continue;
    const end = lines.indexOf('```', index + 1);
    if (end < 0) throw new Error(`${at}: this block does not end`);
    const [, note = ''] = /^<!-- (.*) -->$/.exec(lines[index - 1] ?? '') ?? [];
    const code = lines
      .slice(index + 1, end)
      .map((each) => `${each}\n`)
      .join('');
    blocks.push({ page, section, line: index + 1, info: line.slice(3).trim(), code, note });
    index = end;
  }
  return blocks;
}

/** The name of the module that a block of TypeScript is, where it says one: `// app.ts`. */
export function moduleOf({ code }: Block): string | undefined {
  return /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
}

export type Trial =
  /** Written, run and looked at by a test that goes through its whole page. */
  | 'followed'
  /** Type-checked as a user's module, and run in a browser where it is for one. */
  | 'compiled'
  /** Each of its commands is looked up. */
  | 'commands'
  /** A test names its page. */
  | 'named'
  /** It stands like this in a file that is tested. */
  | 'quoted'
  | 'not run';

/** Pages all of whose blocks one test takes, and fails for what it cannot take. */
const followed: Readonly<Record<string, (block: Block) => boolean>> = {
  // test/guide.test.ts
  'docs/guide.md': () => true,
  // test/testing-doc.test.ts
  'docs/testing.md': ({ info }) => info === 'ts',
  'docs/recipes.md': ({ info }) => info === 'ts',
  // test/api-page.test.ts: made of modules
  'docs/api.md': () => true,
  // test/protocol-doc.test.ts
  'docs/protocol.md': ({ note }) => note.startsWith('captured: '),
  // test/package.test.ts
  'README.md': ({ info, section }) => ['ts', 'sh'].includes(info) && section === 'Use it',
};

/** Who tries a block. @throws Error that says what can be done, where nobody does. */
export function trialOf(block: Block): Trial {
  const { page, line, info, note } = block;
  if (followed[page]?.(block)) return 'followed';
  const [, mark, text = ''] = /^(not run|checked by|quoted from): (.+)$/.exec(note) ?? [];
  if (mark === 'not run') return 'not run';
  if (mark === 'checked by' && read(text).includes(basename(page))) return 'named';
  if (mark === 'quoted from' && withoutIndents(read(text)).includes(withoutIndents(block.code))) return 'quoted';
  if (mark === undefined && info === 'ts') return 'compiled';
  if (mark === undefined && info === 'sh') return 'commands';
  if (mark === undefined && info === 'html' && isMarkupOfExample(block)) return 'compiled';
  const choices = 'checked by: test/FILE (which names the page), quoted from: FILE, or not run: WHY';
  throw new Error(`${page}:${line}: nobody tries this block (${info || 'no language'}). Above it write ${choices}`);
}

/** The first block of HTML below a component of the browser is the page that the example is run in. */
function isMarkupOfExample({ page, section, line }: Block): boolean {
  const all = readBlocks(page).filter((each) => each.section === section);
  const first = all.find(({ info }) => info === 'html');
  return first?.line === line && all.some(({ info, code }) => info === 'ts' && code.includes("'islet/client'"));
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function withoutIndents(text: string): string {
  return text.replace(/^\s+/gm, '').trim();
}
