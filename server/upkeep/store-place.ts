/*
 * Where the store of an app lies, for commands that look after it. Input: what `--store` says, else the environment.
 * Output: a file or a database, and its store, opened; it is never made where there is none.
 */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { clientsOf } from '../store/postgres/client.ts';
import { postgresStore } from '../store/postgres/postgres.ts';
import { sqliteStore } from '../store/sqlite/sqlite.ts';
import { type ManagedStore, StoreError } from '../store/store.ts';
import { UpkeepError } from './upkeep-error.ts';

export type StorePlace =
  | { readonly kind: 'file'; readonly name: string }
  /** The name leaves the password out: it is shown in messages. */
  | { readonly kind: 'postgres'; readonly name: string; readonly url: string };

export const whereStoresAre =
  'the store that --store FILE or --store postgres://... names, else DATABASE_URL, else DATA_FILE, else data/app.db';

const advice = 'Name the store: --store FILE, or --store postgres://user:password@host/name';

export function placeOf(given: string | undefined, env: { readonly [name: string]: string | undefined }): StorePlace {
  const named = given ?? (env.DATABASE_URL || env.DATA_FILE || 'data/app.db');
  const [, scheme, rest = ''] = /^(postgres(?:ql)?):\/\/(.*)$/.exec(named) ?? [];
  if (scheme === undefined) return { kind: 'file', name: resolve(named) };
  const [place = ''] = rest.slice(rest.lastIndexOf('@') + 1).split('?');
  return { kind: 'postgres', name: `${scheme}://${place}`, url: named };
}

/** @throws UpkeepError where there is no store; StoreError where it cannot be used. */
export async function openStore(place: StorePlace): Promise<ManagedStore> {
  if (place.kind === 'postgres') {
    if (!(await hasTables(place.url))) throw new UpkeepError(`There is no store in ${place.name}. ${advice}`, 66);
    return postgresStore(place.url);
  }
  const { name } = place;
  if (!existsSync(name)) throw new UpkeepError(`There is no file ${name}. ${advice}`, 66);
  if (countStates(name) === undefined) throw new UpkeepError(`There is no store in ${name}. ${advice}`, 66);
  return sqliteStore(name);
}

/** A file of SQLite to back up, or to be put back. */
export const fileAt = (name: string) => ({ name, advice, count: sayStates });

function sayStates(database: DatabaseSync): string {
  const count = countIn(database);
  // an app may have all that it keeps in tables of its own
  if (count === undefined) return 'no tables of a store';
  return count === 1 ? '1 state' : `${count} states`;
}

/** Undefined: the file holds no store. @throws UpkeepError for what is no database. */
function countStates(name: string): number | undefined {
  try {
    using database = new DatabaseSync(name, { readOnly: true, timeout: 2_000 });
    return countIn(database);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new UpkeepError(`${name} cannot be read as a database: ${why}. ${advice}`, 65, { cause });
  }
}

function countIn(database: DatabaseSync): number | undefined {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'islet_states'").get() !== undefined;
  return isThere ? Number(database.prepare('SELECT count(*) AS count FROM islet_states').get()?.count) : undefined;
}

async function hasTables(url: string): Promise<boolean> {
  const [row] = await askPostgres(url, "SELECT to_regclass('islet_states') IS NOT NULL AS there");
  return row?.there === true;
}

/** @throws StoreError where the database cannot be reached. */
export async function askPostgres(url: string, text: string): Promise<readonly { readonly [name: string]: unknown }[]> {
  const client = await clientsOf(url)();
  // a connection that ends later has been read from already
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query({ text, query_timeout: 10_000 })).rows as readonly {
      readonly [name: string]: unknown;
    }[];
  } catch (cause) {
    throw new StoreError('unavailable', cause instanceof Error ? cause.message : String(cause), { cause });
  } finally {
    await client.end().catch(() => {});
  }
}
