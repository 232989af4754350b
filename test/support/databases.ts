// Runs the same tests on each kind of database:
// `describeDatabases((place) => { test(..., async () => { ... place() ... }) })`.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { type Database, openDatabase } from '../../server/anime/data/database.ts';
import { type DatabaseLocation, fileIn, postgresAt } from '../../server/anime/data/location.ts';
import { type PostgresServer, postgresReason, startPostgres } from './postgres.ts';

export interface DatabasePlace {
  /** A place with nothing in it yet, another one each time. */
  fresh(): Promise<DatabaseLocation>;
  /** Opens a database that is closed after the test. Without a location: a new one, which is up to date already. */
  open(location?: DatabaseLocation): Promise<Database>;
}

/** Declares tests for SQLite, and for PostgreSQL where there is one; where not, they are reported as skipped. */
export function describeDatabases(declare: (place: DatabasePlace) => void): void {
  describe('SQLite', () => {
    const folders: string[] = [];
    afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
    declare(
      placeOf(async () => {
        const folder = await mkdtemp(join(tmpdir(), 'islet-data-'));
        folders.push(folder);
        return fileIn(folder);
      }),
    );
  });

  if (postgresReason !== undefined) console.warn(`PostgreSQL is not tested: ${postgresReason}`);
  describe.runIf(postgresReason === undefined)('PostgreSQL', () => {
    let server: PostgresServer;
    let upToDate: Promise<string> | undefined;
    beforeAll(async () => {
      server = await startPostgres();
    }, 60_000);
    afterAll(() => server?.[Symbol.asyncDispose]());
    // to bring one up to date takes longer than most tests
    const makeUpToDate = async (): Promise<string> => {
      const url = await server.createDatabase();
      await (await openDatabase(postgresAt(url))).close();
      return url;
    };
    const copyUpToDate = async (): Promise<DatabaseLocation> => {
      upToDate ??= makeUpToDate();
      return postgresAt(await server.createDatabase(await upToDate));
    };
    declare(placeOf(async () => postgresAt(await server.createDatabase()), copyUpToDate));
  });
}

function placeOf(fresh: () => Promise<DatabaseLocation>, upToDate = fresh): DatabasePlace {
  const opened: Database[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((database) => database.close())));
  return {
    fresh,
    async open(location) {
      const database = await openDatabase(location ?? (await upToDate()));
      opened.push(database);
      return database;
    },
  };
}
