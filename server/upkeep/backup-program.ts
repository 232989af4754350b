/*
 * `islet backup` and `islet restore` as programs: an app's own commands are the same with a database of its own. Input:
 * arguments, and which database. Output: a copy or a database put back, a line about it, an exit code.
 */

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { StoreError } from '../store/store.ts';
import { backUp, restore, type SqliteFile } from './backup.ts';
import { dump, putBack } from './dump.ts';
import { fileAt, placeOf, type StorePlace } from './store-place.ts';
import { explain, UpkeepError } from './upkeep-error.ts';

export interface BackupProgram {
  /** How it is called: `npx islet backup`. */
  readonly name: string;
  readonly isRestore: boolean;
  /** @param store What `--store` said. @throws UpkeepError */
  find(store: string | undefined): SqliteFile | (StorePlace & { readonly kind: 'postgres' });
}

/** A store of an app that says where it is. */
export function databaseOf(store: string | undefined): ReturnType<BackupProgram['find']> {
  const place = placeOf(store, process.env);
  return place.kind === 'postgres' ? place : fileAt(place.name);
}

/** @returns the exit code. */
export async function runBackup(args: readonly string[], { name, isRestore, find }: BackupProgram): Promise<number> {
  try {
    const { file, store, force } = readArguments(args, name, isRestore);
    const database = find(store);
    if (isRestore) await runRestore(database, file);
    else {
      const { bytes, content } = await ('url' in database
        ? dump(database, file, force)
        : backUp(database, file, force));
      console.log(`${file}: ${bytes} bytes, ${content}`);
    }
    return 0;
  } catch (error) {
    const explained =
      explain(error) ?? (error instanceof StoreError ? { message: error.message, code: 75 } : undefined);
    if (explained === undefined) throw error;
    console.error(explained.message);
    return explained.code;
  }
}

async function runRestore(database: ReturnType<BackupProgram['find']>, file: string): Promise<void> {
  if ('url' in database) {
    await putBack(database, file);
    console.log(`${database.name} is ${basename(file)} now.`);
    return;
  }
  const { content, kept } = restore(database, file, new Date());
  console.log(`${database.name} is ${basename(file)} now, with ${content}.`);
  if (kept !== null) console.log(`What was there is kept as ${kept}`);
}

function readArguments(args: readonly string[], name: string, isRestore: boolean) {
  const usage = `Which file? ${name} FILE`;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { store: { type: 'string' }, force: { type: 'boolean' } },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error(usage);
    if (isRestore && values.force) throw new Error(`${name} takes no --force: what it replaces is kept.`);
    return { file, store: values.store, force: values.force ?? false };
  } catch (error) {
    throw new UpkeepError(error instanceof Error ? error.message : usage, 2);
  }
}
