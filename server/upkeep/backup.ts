/*
 * Copies a SQLite file while a server writes to it, and puts a copy back. Input: the database's file, and the copy's
 * name. Output: one file that holds everything acknowledged before, checked, under its name only when it is whole.
 */

import { chownSync, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { UpkeepError } from './upkeep-error.ts';

export interface Copied {
  readonly bytes: number;
  /** What is in it, in words. */
  readonly content: string;
}

export interface SqliteFile {
  readonly name: string;
  /** What to do where it is not there. */
  readonly advice: string;
  /** Says what a copy holds, in words. @throws For what is no database of this app. */
  readonly count: (database: DatabaseSync) => string;
}

const sqliteBusy = 5;
const waitMs = 2_000;
/** At once, since between two batches somebody would write, and the copy would begin again. */
const allPages = 2 ** 31 - 1;

/** @throws UpkeepError; nothing is left of a copy that failed. */
export async function backUp({ name, advice, count }: SqliteFile, file: string, overwrite = false): Promise<Copied> {
  if (!existsSync(name)) throw new UpkeepError(`There is no database ${name}. ${advice}`, 66);
  if (existsSync(file) && !overwrite) throw new UpkeepError(`${file} is there already. Overwrite it: --force`, 73);
  const part = `${file}.${process.pid}.part`;
  try {
    using source = new DatabaseSync(name, { timeout: waitMs });
    await backup(source, part, { rate: allPages });
    const copied = check(part, count);
    renameSync(part, file);
    return copied;
  } catch (cause) {
    if (cause instanceof UpkeepError) throw cause;
    throw new UpkeepError(`${name} could not be copied to ${file}: ${messageOf(cause)}`, 74, { cause });
  } finally {
    removeParts(part);
  }
}

/**
 * Puts a copy in the place of the database, which is kept beside it; gives the name that it has now.
 *
 * @throws UpkeepError, with everything as it was, where the copy is damaged or a server runs.
 */
export function restore(
  { name, count }: SqliteFile,
  file: string,
  now: Date,
): Copied & { readonly kept: string | null } {
  if (!existsSync(file)) throw new UpkeepError(`There is no backup ${file}`, 66);
  const part = `${name}.${process.pid}.part`;
  try {
    copyFileSync(file, part);
    const copied = check(part, count);
    giveAway(part, dirname(name));
    const kept = existsSync(name) ? putAside(name, now) : null;
    renameSync(part, name);
    return { ...copied, kept };
  } catch (cause) {
    if (cause instanceof UpkeepError) throw cause;
    throw new UpkeepError(`${file} could not be put in the place of ${name}: ${messageOf(cause)}`, 74, { cause });
  } finally {
    removeParts(part);
  }
}

/** Reads the whole copy, and makes it one file: what is copied on must not need another beside it. */
function check(file: string, count: SqliteFile['count']): Copied {
  try {
    using database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = DELETE');
    const [first] = database.prepare('PRAGMA integrity_check').all();
    if (first?.integrity_check !== 'ok') throw new Error(String(first?.integrity_check));
    return { bytes: statSync(file).size, content: count(database) };
  } catch (cause) {
    throw new UpkeepError(`The copy is no database of this app, or damaged: ${messageOf(cause)}`, 65, { cause });
  }
}

/** Whatever is left of a file that was to become a copy, with what SQLite keeps beside it. */
function removeParts(part: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(part + end, { force: true });
}

/** What root puts back belongs to whose folder it is, or the server could read it and not write. */
function giveAway(file: string, folder: string): void {
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
}

/** The log of a database that was not closed belongs to it: beside another one, it would be written into that. */
function putAside(name: string, now: Date): string {
  try {
    using database = new DatabaseSync(name, { timeout: 0 });
    // fails where anybody else has the file open
    database.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    const isInUse = cause instanceof Error && 'errcode' in cause && cause.errcode === sqliteBusy;
    if (isInUse) throw new UpkeepError(`${name} is in use. Stop the server first.`, 75, { cause });
    // a damaged one is what somebody restores a backup for
  }
  const kept = `${name}.before-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const end of ['', '-wal', '-shm']) if (existsSync(name + end)) renameSync(name + end, kept + end);
  return kept;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
