/*
 * Opens a database, SQLite or PostgreSQL, and brings it up to date. Input: a location. Output: kysely over its tables.
 * Queries are written once for both: only what SQL itself leaves no common words for asks which one it is.
 */

import { Kysely, PostgresDialect } from 'kysely';
import { explainFailure } from './failures.ts';
import type { DatabaseLocation } from './location.ts';
import { migrate } from './migrate.ts';
import { sqliteDialect } from './sqlite.ts';
import type { Tables } from './tables.ts';

export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly location: DatabaseLocation;
  readonly tables: Kysely<Tables>;
  /** Says what an error of a query means, or gives it back where the database is not at fault. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

/** @throws DatabaseError with a message for a person and an exit code when the database cannot be used. */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await connect(location);
    await migrate(database);
    return database;
  } catch (error) {
    await database?.close();
    throw explainFailure(error, location);
  }
}

async function connect(location: DatabaseLocation): Promise<Database> {
  const isPostgres = location.kind === 'postgres';
  const dialect = isPostgres ? await postgresDialect(location.url) : sqliteDialect(location);
  const tables = new Kysely<Tables>({ dialect });
  return {
    kind: isPostgres ? 'postgres' : 'sqlite',
    location,
    tables,
    explain: (error) => explainFailure(error, location),
    close: () => tables.destroy(),
  };
}

async function postgresDialect(connectionString: string): Promise<PostgresDialect> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 5_000 });
  // a connection that ends while it is idle is replaced at the next query; without a listener it would end the process
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}
