// What is wrong with a command that a page names, without running it: npm scripts, files, options and variables that
// are not there. Input: a line of a shell. Output: complaints, for a person. Programs of others are taken at their word.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { workloads } from '../../bench/workloads.ts';
import { readCommand } from '../../server/upkeep/command.ts';

const root = resolve(import.meta.dirname, '../..');
const ofOthers = new Set(['docker', 'fly', 'cd', 'git', 'pg_dump', 'pg_restore', 'env', 'tsc']);
const npmItself = new Set(['ci', 'install', 'init', 'pkg', 'pack']);
const cli = 'scripts/cli/main.ts';
const backups = 'server/upkeep/backup-program.ts';

/** The scripts of a `package.json`, and where the variables that its programs read are named. */
interface Home {
  readonly scripts: Readonly<Record<string, string>>;
  readonly variables: string;
}

export function homeOf(page: string): Home {
  const isStarter = page.startsWith('scripts/starter/');
  const isOfApp = isStarter || page === 'docs/guide.md';
  const folder = isStarter ? dirname(page) : isOfApp ? 'scripts/starter/minimal' : '.';
  const sources = isOfApp ? [`${folder}/server.ts`] : ['docs/deploy-tracker.md', 'compose.yaml', 'fly.nats.toml'];
  return {
    scripts: JSON.parse(read(`${folder}/package.json`)).scripts,
    variables: sources.map(read).join('\n'),
  };
}

/** The commands of a block: continued lines joined, comments left out, what `&&` joins apart. */
export function commandsIn(code: string): string[] {
  return code
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/ && | \| /))
    .filter((line) => line !== '');
}

export function complaintsAbout(command: string, home: Home): string[] {
  const words = [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word);
  // NODE_ENV is Node's own
  const variables = [...command.matchAll(/(?:^|[\s'])([A-Z][A-Z_]+)=/g)].map(([, name = '']) => name);
  const unread = variables.filter((name) => name !== 'NODE_ENV' && !new RegExp(`\\b${name}\\b`).test(home.variables));
  const rest = words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
  return [...unread.map((name) => `nobody reads ${name}`), ...aboutProgram(rest, home)];
}

function aboutProgram([program = '', ...args]: readonly string[], home: Home): string[] {
  if (program === 'npm') return aboutNpm(args, home);
  if (program === 'npx') return aboutProgram(args, home);
  if (program === 'islet' && args[0] === 'state') return aboutState(args.slice(1));
  if (program === 'islet' && (args[0] === 'backup' || args[0] === 'restore')) return aboutOptions(backups, args);
  if (program === 'islet') return [...aboutOptions(cli, args), ...aboutSubcommand(args[0])];
  if (program === 'vitest') return args.filter((word) => word.startsWith('test/') && !exists(word)).map(missing);
  if (program === 'node') return aboutNode(args);
  if (!ofOthers.has(program)) return [`nobody knows the program '${program}'`];
  // what they run inside of a container
  const [, inner] = /\bnode ((?:\/app\/)?scripts\/[^']*)/.exec(args.join(' ')) ?? [];
  const configs = args.flatMap((word) => (args[args.indexOf(word) - 1] === '--config' ? [word] : []));
  return [
    ...configs.filter((path) => !exists(path)).map(missing),
    ...(inner === undefined ? [] : aboutNode(inner.replace('/app/', '').split(' '))),
  ];
}

function aboutNpm([verb = '', ...args]: readonly string[], { scripts }: Home): string[] {
  if (npmItself.has(verb)) return [];
  const [name = '', ...more] = verb === 'run' ? args : [verb, ...args];
  const script = scripts[name] ?? (name === 'test' || name === 'start' ? undefined : '');
  if (!script) return [`there is no script '${name}'`];
  const given = more[0] === '--' ? more.slice(1) : [];
  if (more.length > 0 && more[0] !== '--') return [`npm keeps '${more.join(' ')}': write -- before it`];
  if (name === 'state' && given.length > 0) return aboutState(given);
  if (name === 'bench' || name === 'bench:profile') return [...aboutWorkloads(given), ...aboutScript(script, given)];
  return aboutScript(script, given);
}

function aboutScript(script: string, given: readonly string[]): string[] {
  const [, file] = /^node (\S+\.ts)/.exec(script) ?? [];
  if (script === 'islet backup' || script === 'islet restore') return aboutOptions(backups, given);
  if (file === undefined) return given.length === 0 ? [] : [`nobody knows what '${script}' takes`];
  // what stands in the script itself is there for the program
  return file === 'server.ts' ? [] : aboutOptions(file, given);
}

function aboutNode([file = '', ...args]: readonly string[]): string[] {
  if (file.startsWith('--') || file === 'server.ts') return [];
  return exists(file) ? aboutOptions(file, args) : [missing(file)];
}

/** An option is one that the program, or a module beside it, has a word for. */
function aboutOptions(file: string, args: readonly string[]): string[] {
  const source = read(file);
  const imported = [...source.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => join(dirname(file), path));
  const all = [source, ...imported.filter(exists).map(read)].join('\n');
  const names = args.flatMap((word) => /^--([\w-]+)/.exec(word)?.[1] ?? []);
  return names
    .filter((name) => !new RegExp(`'--${name}'|(?:^|[\\s{])'?${name}'?: \\{ type: '`).test(all))
    .map((name) => `${file} knows no --${name}`);
}

function aboutSubcommand(name = ''): string[] {
  return new RegExp(`command === '${name}'`).test(read(cli)) ? [] : [`islet has no command '${name}'`];
}

function aboutState(args: readonly string[]): string[] {
  try {
    readCommand(args);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function aboutWorkloads(args: readonly string[]): string[] {
  const only = args[args.indexOf('--only') + 1] ?? '';
  const named = args.includes('--only') ? only.split(',') : args.filter((word) => !word.startsWith('-')).slice(0, 1);
  if (args.some((word) => word === '--port' || word === '--rounds')) return [];
  const known = [...Object.keys(workloads), 'heap'];
  return named
    .filter((name) => !known.some((each) => each === name || each.startsWith(`${name}/`)))
    .map((name) => `there is no workload '${name}'`);
}

function missing(path: string): string {
  return `there is no ${path}`;
}

function exists(path: string): boolean {
  return existsSync(join(root, path));
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
