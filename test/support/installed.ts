// The package as its users get it: packed once, and installed into folders that are empty before. Input: this
// repository, and the registry that npm knows. Output: folders in which a program can be run, type-checked or bundled.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

export const root = resolve(import.meta.dirname, '../..');
export const bin = join(root, 'node_modules/.bin');

/**
 * Whatever a test starts runs in this Node, and knows nothing of the test's own runner, or of the npm that started it.
 */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(VITEST|NODE_ENV|NODE_OPTIONS|INIT_CWD|npm_(package|lifecycle)|npm_config_local_prefix)/.test(name),
    ),
  ),
  PATH: dirname(process.execPath) + delimiter + process.env.PATH,
  CI: 'true',
  // what npm has, it need not ask for; and nobody reads what else it would ask the registry
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

/** Runs a command to its end. @throws Error with all that it said, where it fails. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  more: NodeJS.ProcessEnv = {},
): Promise<string> {
  const options = { cwd, env: { ...environment, ...more }, maxBuffer: 64 * 1024 * 1024 };
  const { stdout, stderr } = await promisify(execFile)(command, args, options).catch((failed) => {
    throw new Error(`${command} ${args.join(' ')}\n${failed.stdout}\n${failed.stderr}`);
  });
  return stdout + stderr;
}

/**
 * Runs a command that packs the repository, alone: `npm pack` makes `dist/` anew, and test files that run side by side
 * pack the same one. The first of a run makes it; those after it pack what is there.
 */
export async function runPacking(command: string, args: readonly string[], cwd: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache');
  await mkdir(folder, { recursive: true });
  // a lock that is gone with its process, however that ends
  using lock = new DatabaseSync(join(folder, 'packing.db'));
  while (!isTaken(lock)) await pause(100);
  const stamp = join(folder, 'packed-by-run');
  const testRun = process.env.ISLET_TEST_RUN ?? '';
  const isMade = testRun !== '' && (await readFile(stamp, 'utf8').catch(() => '')) === testRun;
  const said = await run(command, args, cwd, isMade ? { npm_config_ignore_scripts: 'true' } : {});
  await writeFile(stamp, testRun);
  return said;
}

function isTaken(lock: DatabaseSync): boolean {
  const busy = 5;
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode !== busy) throw error;
    return false;
  }
}

/** Packs the repository; resolves to the tarball in a folder of its own. */
export async function packPackage(): Promise<{ readonly tarball: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-packed-'));
  const packed = await runPacking('npm', ['pack', '--silent', '--pack-destination', folder], root);
  return {
    tarball: join(folder, packed.trim().split('\n').at(-1) ?? ''),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Makes an empty folder, and runs the commands of a shell in it one after the other. */
export async function createFolder(commands: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-app-'));
  for (const line of commands.split('\n').filter((each) => each.trim() !== '')) {
    await run('sh', ['-c', line], folder);
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** A program that serves, until the end of the block that holds it. */
export async function serve(
  args: readonly string[],
  cwd: string,
  address: string,
): Promise<AsyncDisposable & { readonly output: () => string }> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const exited = once(child, 'exit');
  while (!(await fetch(address).then(Boolean, () => false))) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with code ${child.exitCode}:\n${output}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
