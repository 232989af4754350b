// What is kept of live components: `npm run state -- list | show KEY | export | import FILE | tasks | remove KEY`, in the database that
// DATA_DIR or DATABASE_URL names, also while the server runs. docs/state.md says what there is to see.

import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { DatabaseError } from '../server/anime/data/failures.ts';
import { databaseLocation } from '../server/anime/data/location.ts';
import { openStates } from '../server/anime/data/states.ts';
import { type Command, help, readCommand } from '../server/anime/state/command.ts';
import { run } from '../server/anime/state/run.ts';
import { StoreError } from '../server/index.ts';

const command = orEnd(() => readCommand(process.argv.slice(2)));
if (command.kind === 'help') {
  console.log(help);
  process.exit(0);
}
const location = orEnd(() => databaseLocation(process.env));
if (location.kind === 'file' && !existsSync(location.name)) {
  end(`There is no database ${location.name}. Name its folder: DATA_DIR`, 66);
}
// whoever reads the output may have read enough
process.stdout.on('error', () => process.exit(0));
try {
  const store = await openStates(location);
  process.exitCode = await run(store, command, {
    ...{ print: writerOf(outputOf(command)), warn: (line) => console.error(line) },
  }).finally(() => store.close());
} catch (error) {
  if (error instanceof DatabaseError) end(error.message, error.exitCode);
  if (error instanceof StoreError) end(error.message, 75);
  if (command.kind === 'import' && error instanceof Error && 'syscall' in error) {
    end(`${command.file} cannot be read: ${error.message}`, 66);
  }
  throw error;
}

function outputOf(command: Command): Writable {
  if (command.kind !== 'export' || command.file === undefined) return process.stdout;
  const { file } = command;
  // who exports again means another file
  const output = createWriteStream(file, { flags: 'wx' });
  output.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    end(code === 'EEXIST' ? `${file} is there already.` : `${file} cannot be written: ${message}`, 73);
  });
  return output;
}

function writerOf(output: Writable) {
  return async (line: string): Promise<void> => {
    if (!output.write(`${line}\n`)) await once(output, 'drain');
  };
}

function orEnd<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    end(`${error instanceof Error ? error.message : error}\n\n${help}`, 2);
  }
}

function end(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}
