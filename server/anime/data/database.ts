/*
 * Opens a database, SQLite or PostgreSQL, and brings it up to date. Input: a location. Output: kysely over its tables.
 * Queries are written once for both: only what SQL itself leaves no common words for asks which one it is.
 */

import { type Dialect, Kysely, sql } from 'kysely';
import { explainFailure } from './failures.ts';
import type { DatabaseLocation } from './location.ts';
import { migrate } from './migrate.ts';
import { patiently, postgresDialect, promptly } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { Tables } from './tables.ts';

export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly location: DatabaseLocation;
  readonly tables: Kysely<Tables>;
  /** Says what an error of a query means, or gives it back where the database is not at fault. */
  explain(error: unknown): unknown;
  /** Resolves where the database can do its work now. @throws what a query throws, or DatabaseError `gone` */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** For a program that nobody waits for: PostgreSQL may take its time, for others' locks too. Default: no. */
  readonly isPatient?: boolean;
}

/** @throws DatabaseError with a message for a person and an exit code when the database cannot be used. */
export async function openDatabase(
  location: DatabaseLocation,
  { isPatient = false }: DatabaseOptions = {},
): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await connect(location, true);
    await migrate(database);
    if (location.kind !== 'postgres' || isPatient) return database;
    await database.close();
    return await connect(location, false);
  } catch (error) {
    await database?.close();
    throw explainFailure(error, location);
  }
}

async function connect(location: DatabaseLocation, isPatient: boolean): Promise<Database> {
  const { dialect, check } =
    location.kind === 'postgres'
      ? { dialect: await postgresDialect(location.url, isPatient ? patiently : promptly), check: () => {} }
      : openSqlite(location);
  return over(dialect, location, check);
}

function over(dialect: Dialect, location: DatabaseLocation, checkFile: () => void): Database {
  const tables = new Kysely<Tables>({ dialect });
  return {
    kind: location.kind === 'postgres' ? 'postgres' : 'sqlite',
    location,
    tables,
    explain: (error) => explainFailure(error, location),
    async check() {
      checkFile();
      // a table, so that the file is read, and not only the driver asked
      await sql`select 1 from settings limit 1`.execute(tables);
    },
    close: () => tables.destroy(),
  };
}
