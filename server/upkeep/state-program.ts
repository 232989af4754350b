/*
 * `islet state` as a program: `npm run state` of an app is the same with a store of its own. Input: arguments, and how a
 * store is opened. Output: lines on the standard output or in a file, what is wrong on the standard error, an exit code.
 */

import { once } from 'node:events';
import { createWriteStream, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { type ManagedStore, StoreError } from '../store/store.ts';
import { type Command, helpOf, type Request, readCommand } from './command.ts';
import { run } from './run.ts';
import { explain, UpkeepError } from './upkeep-error.ts';

export interface StateProgram {
  /** How it is called, for its help: `npx islet state`. */
  readonly name: string;
  /** Which store that is, for its help. */
  readonly where: string;
  /** @param store What `--store` said. */
  open(store: string | undefined): Promise<ManagedStore> | ManagedStore;
}

/** Where a program's lines go. */
export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** @returns the exit code. */
export async function runState(
  args: readonly string[],
  { name, where, open }: StateProgram,
  { stdout, stderr }: Streams = process,
): Promise<number> {
  const warn = (line: string): unknown => stderr.write(`${line}\n`);
  const help = helpOf(name, where);
  let request: Request;
  try {
    request = readCommand(args);
  } catch (error) {
    warn(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
  const { command, store: given } = request;
  if (command.kind === 'help') {
    stdout.write(`${help}\n`);
    return 0;
  }
  // whoever reads the output may have read enough
  stdout.once('error', () => process.exit(0));
  try {
    const store = await open(given);
    try {
      const output = outputOf(command);
      return await run(store, command, { print: output ? fileWriter(output) : streamWriter(stdout), warn });
    } finally {
      await store.close();
    }
  } catch (error) {
    const explained = explain(error) ?? explainHere(command, error);
    if (explained === undefined) throw error;
    warn(explained.message);
    return explained.code;
  }
}

function explainHere(command: Command, error: unknown): { message: string; code: number } | undefined {
  if (error instanceof StoreError) return { message: error.message, code: 75 };
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  if (command.kind === 'import') return { message: `${command.file} cannot be read: ${error.message}`, code: 66 };
  return command.kind === 'export' ? { message: `It cannot be written: ${error.message}`, code: 74 } : undefined;
}

/** The file that is named, if one is. */
function outputOf(command: Command): Writable | undefined {
  if (command.kind !== 'export' || command.file === undefined) return undefined;
  const { file } = command;
  try {
    // who exports again means another file
    return createWriteStream(file, { fd: openSync(file, 'wx') });
  } catch (error) {
    throw toProblem(file, error as NodeJS.ErrnoException);
  }
}

/** What it gives resolves when more can be written. */
function streamWriter(stdout: Writable) {
  return async (line: string): Promise<void> => {
    if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
  };
}

/** What it gives resolves when the line is written: what cannot be is no success. */
function fileWriter(file: Writable) {
  return (line: string): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      file.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
    });
}

function toProblem(file: string, { code, message }: NodeJS.ErrnoException): UpkeepError {
  return new UpkeepError(code === 'EEXIST' ? `${file} is there already.` : `${file} cannot be written: ${message}`, 73);
}
