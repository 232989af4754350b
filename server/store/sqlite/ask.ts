/*
 * How a SQLite file is asked, whichever thread it is in: by the name of a method and its arguments.
 */

import type { SqliteFile } from './file.ts';

export type FileMethod = Exclude<keyof SqliteFile, 'close' | 'identity'>;
export type FileArgs<Method extends FileMethod> = Parameters<SqliteFile[Method]>;
export type FileResult<Method extends FileMethod> = ReturnType<SqliteFile[Method]>;

export interface Asked {
  /** @throws (or rejects) what the file throws */
  ask<Method extends FileMethod>(
    method: Method,
    args: FileArgs<Method>,
  ): FileResult<Method> | Promise<FileResult<Method>>;
  close(): Promise<void>;
}

/** @throws what the file throws */
export function callFile<Method extends FileMethod>(
  file: SqliteFile,
  method: Method,
  args: FileArgs<Method>,
): FileResult<Method> {
  // a method and its arguments belong together, which TypeScript cannot follow through an index
  const call = file[method] as (...args: FileArgs<Method>) => FileResult<Method>;
  return call.apply(file, args);
}
