/*
 * Where the data lies, as the environment says: DATABASE_URL names a PostgreSQL database, else DATA_DIR the folder of a
 * SQLite file. Input: environment variables. Output: a location for `openDatabase`.
 */

import { resolve } from 'node:path';

export type DatabaseLocation =
  | { readonly kind: 'memory'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly folder: string }
  | { readonly kind: 'postgres'; readonly name: string; readonly url: string };

/** A database of this process alone, gone with it. */
export const inMemory: DatabaseLocation = { kind: 'memory', name: 'in memory' };

/** @throws Error for a DATABASE_URL that is not one of PostgreSQL. */
export function databaseLocation(env: { readonly [name: string]: string | undefined }): DatabaseLocation {
  if (env.DATABASE_URL) return postgresAt(env.DATABASE_URL);
  return fileIn(env.DATA_DIR || 'data');
}

export function fileIn(folder: string): DatabaseLocation & { kind: 'file' } {
  return { kind: 'file', name: resolve(folder, 'anime.db'), folder: resolve(folder) };
}

/** The name leaves the password out: it is shown in messages. */
export function postgresAt(url: string): DatabaseLocation {
  const [, scheme, rest = ''] = /^(postgres(?:ql)?):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === undefined) throw new Error('DATABASE_URL must begin with postgres://');
  const [place = ''] = rest.slice(rest.lastIndexOf('@') + 1).split('?');
  return { kind: 'postgres', name: `${scheme}://${place}`, url };
}
