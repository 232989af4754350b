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

/** @returns the exit code. */
export async function runState(args: readonly string[], { name, where, open }: StateProgram): Promise<number> {
  const help = helpOf(name, where);
  let request: Request;
  try {
    request = readCommand(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    return 2;
  }
  const { command, store: given } = request;
  if (command.kind === 'help') {
    console.log(help);
    return 0;
  }
  // whoever reads the output may have read enough
  process.stdout.on('error', () => process.exit(0));
  try {
    const store = await open(given);
    try {
      const output = { print: writerOf(outputOf(command)), warn: (line: string) => console.error(line) };
      return await run(store, command, output);
    } finally {
      await store.close();
    }
  } catch (error) {
    const explained = explain(error) ?? explainHere(command, error);
    if (explained === undefined) throw error;
    console.error(explained.message);
    return explained.code;
  }
}

function explainHere(command: Command, error: unknown): { message: string; code: number } | undefined {
  if (error instanceof StoreError) return { message: error.message, code: 75 };
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  if (command.kind === 'import') return { message: `${command.file} cannot be read: ${error.message}`, code: 66 };
  return command.kind === 'export' ? { message: `It cannot be written: ${error.message}`, code: 74 } : undefined;
}

function outputOf(command: Command): Writable {
  if (command.kind !== 'export' || command.file === undefined) return process.stdout;
  const { file } = command;
  try {
    // who exports again means another file
    return createWriteStream(file, { fd: openSync(file, 'wx') });
  } catch (error) {
    throw toProblem(file, error as NodeJS.ErrnoException);
  }
}

/** A line is written when what it gives has resolved: what cannot be is no success. */
function writerOf(output: Writable) {
  return async (line: string): Promise<void> => {
    if (output === process.stdout) {
      if (!output.write(`${line}\n`)) await once(output, 'drain');
      return;
    }
    await new Promise<void>((resolve, reject) => {
      output.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
    });
  };
}

function toProblem(file: string, { code, message }: NodeJS.ErrnoException): UpkeepError {
  return new UpkeepError(code === 'EEXIST' ? `${file} is there already.` : `${file} cannot be written: ${message}`, 73);
}
