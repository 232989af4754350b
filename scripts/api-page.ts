// `npm run docs:api`: writes docs/api.md, the page of every exported name. Input: the declarations that the package
// ships, with their docstrings, and the examples of test/support/api-examples/, which are type-checked and run as any
// other code. Output: the page; `test/api-page.test.ts` holds it to both.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const examples = join(root, 'test/support/api-examples');

export const entries = [
  { name: 'islet', index: 'shared/index', examples: 'islet.ts' },
  { name: 'islet/server', index: 'server/index', examples: 'server.ts' },
  { name: 'islet/client', index: 'client-runtime/index', examples: 'client.ts' },
  { name: 'islet/testing', index: 'server/testing/index', examples: 'testing.ts' },
] as const;

/** One exported name: all of its declarations, and what its docstring says. */
interface Exported {
  readonly name: string;
  readonly doc: string;
  readonly shape: string;
}

/** A part of the page: names that belong together, and an example of them. */
interface Section {
  readonly names: readonly string[];
  readonly example: string;
}

interface Entry {
  readonly name: string;
  readonly exported: readonly Exported[];
  readonly sections: readonly Section[];
}

/** Makes the page. @throws Error for a name that has no example, or no docstring, or is not exported any more. */
export function makeApiPage(all: readonly Entry[]): string {
  const problems = all.flatMap(problemsOf);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return [intro, ...all.map(pageOf)].join('\n');
}

const intro = `# Every exported name

What the four entries of the package export: shapes, units, errors, and an example of each. Times are in milliseconds, sizes in bytes, and
names say so (\`idleMs\`, \`maxFrameBytes\`). How they are used together is in the other pages; what each error means is in
[errors.md](errors.md). This page is made of the sources' docstrings by \`npm run docs:api\`, and a test holds it to them.
`;

export async function readEntries(): Promise<readonly Entry[]> {
  const folder = join(root, 'node_modules/.cache/api-page');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const options = ['-p', 'tsconfig.package.json', '--emitDeclarationOnly', '--outDir', folder];
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), options, { cwd: root });
  return Promise.all(
    entries.map(async ({ name, index, examples: file }) => ({
      name,
      exported: await readExports(join(folder, `${index}.d.ts`)),
      sections: readSections(await readFile(join(examples, file), 'utf8')),
    })),
  );
}

/** What is missing of an entry, or too much. */
function problemsOf({ name: entry, exported, sections }: Entry): string[] {
  const shown = sections.flatMap(({ names }) => names);
  const names = exported.map(({ name }) => name);
  const place = `test/support/api-examples/ of ${entry}`;
  return [
    ...names.filter((name) => !shown.includes(name)).map((name) => `${place}: ${name} has no example`),
    ...shown.filter((name) => !names.includes(name)).map((name) => `${place}: ${name} is not exported`),
    ...shown.filter((name, at) => shown.indexOf(name) !== at).map((name) => `${place}: ${name} has two examples`),
    ...exported.filter(({ doc }) => doc === '').map(({ name }) => `${entry}: ${name} has no docstring`),
  ];
}

function pageOf({ name, exported, sections }: Entry): string {
  const parts = sections.map(({ names, example }) => {
    const described = names.map((each) => {
      const { doc, shape } = exported.find((one) => one.name === each) as Exported;
      return `${doc}\n\n\`\`\`ts\n${shape}\n\`\`\`\n`;
    });
    const title = names.map((each) => `\`${each}\``).join(', ');
    return `### ${title}\n\n${described.join('\n')}\nExample:\n\n\`\`\`ts\n${example}\n\`\`\`\n`;
  });
  return `## \`${name}\`\n\n${parts.join('\n')}`;
}

/** Sections of a module of examples: each begins with `//// name, name`. What is above the first is not shown. */
function readSections(text: string): Section[] {
  return text
    .split(/^\/\/\/\/ /m)
    .slice(1)
    .map((part) => {
      const [names = '', ...lines] = part.split('\n');
      return { names: names.split(', '), example: lines.join('\n').trim() };
    });
}

async function readExports(index: string): Promise<Exported[]> {
  const text = await readFile(index, 'utf8');
  const found: Exported[] = [];
  for (const [, list = '', from = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';/gm)) {
    const statements = splitStatements(
      await readFile(join(dirname(index), from.replace(/\.(ts|js)$/, '.d.ts')), 'utf8'),
    );
    for (const item of list.split(',')) {
      const [inner = '', outer = inner] = item
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      if (inner !== '') found.push({ ...describe(inner, statements), name: outer });
    }
  }
  return found;
}

interface Statement {
  readonly doc: string;
  readonly code: string;
}

/** Top-level statements of a declaration file, each with the comment above it: they begin where a line is not indented. */
function splitStatements(text: string): Statement[] {
  return text.split(/^(?=\/\*\*)|(?<!\*\/\n)^(?=(?:export|declare|interface|type|import)\b)/m).map((part) => {
    const [, doc = '', code = ''] = /^(\/\*\*.*?\*\/\n)?(.*)$/s.exec(part) ?? [];
    return { doc: doc.trim(), code: code.trim() };
  });
}

function describe(name: string, statements: readonly Statement[]): Omit<Exported, 'name'> {
  const head = new RegExp(
    `^(?:export )?(?:declare )?(?:abstract )?(?:async )?(?:function|const|class|interface|type|let|abstract class) ${name}\\b`,
  );
  const own = statements.filter(({ code }) => head.test(code));
  const named = statements.filter(({ code }) => {
    const [, inner = ''] = /^(?:declare )?interface (\w+)/.exec(code) ?? [];
    return (
      inner !== '' &&
      own.some(({ code }) => new RegExp(`\\b${inner}\\b`).test(code)) &&
      !own.some((each) => each.code === code)
    );
  });
  return {
    doc: textOf(own.map(({ doc }) => doc).find((doc) => doc !== '') ?? ''),
    // what has no entry of its own is shown where it is named
    shape: [...own.map(({ code }) => cleaned(code)), ...named.map(shown)].join('\n'),
  };
}

function shown({ doc, code }: Statement): string {
  return `\n${doc === '' ? '' : `${doc}\n`}${cleaned(code)}`;
}

/** A declaration without what nobody can use. */
function cleaned(code: string): string {
  return code
    .replace(/^export (declare )?/gm, '')
    .split('\n')
    .filter((line) => !/^\s+(private |#private|declare |readonly '~|readonly \[checked\]|'~)/.test(line))
    .join('\n');
}

/** A docstring as text: what it says first, then parameters and errors as a list. Its examples are those of this page. */
function textOf(doc: string): string {
  const lines = doc
    .replace(/^\/\*\*\s?|\s*\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''));
  const [first = '', ...tags] = lines.join('\n').split(/^(?=@)|(?<=\S )(?=@(?:param|returns|throws)\b)/m);
  const items = tags
    .filter((tag) => !tag.startsWith('@example'))
    .map((tag) => tag.trim().replace(/\s+/g, ' '))
    .map((tag) =>
      tag
        .replace(/^@(?:param|typeParam) (\w+)/, '* `$1`:')
        .replace(/^@throws (\w+)/, '* Throws `$1`:')
        .replace(/^@returns/, '* Returns:'),
    );
  const said = first.trim().replace(/(?<!\n)\n(?!\n|[*-] )/g, ' ');
  return items.length > 0 ? `${said}\n\n${items.join('\n')}` : said;
}

if (import.meta.main) await writeFile(join(root, 'docs/api.md'), makeApiPage(await readEntries()));
