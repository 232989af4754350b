/*
 * SQLite for kysely, by Node's own driver. Kysely's dialect expects another driver's statements; the few lines here
 * make Node's look like those. Transactions begin as writers (`begin immediate`): one that began as a reader and then
 * had to wait for another process could only be given up.
 */

import { existsSync, mkdirSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { DatabaseError } from './failures.ts';
import type { DatabaseLocation } from './location.ts';

/** How long a statement waits for another process that writes. */
const maxWaitMs = 2_000;
const retryMs = 10;
const maxStatements = 200;
const sqliteBusy = 5;

type SqliteLocation = Exclude<DatabaseLocation, { kind: 'postgres' }>;

/** Opens the file, or makes it and its folder. @throws what the driver throws; see `failures.ts` */
export function sqliteDialect(location: SqliteLocation): Dialect {
  if (location.kind === 'file') makeFolder(location.folder);
  const database = new DatabaseSync(location.kind === 'file' ? location.name : ':memory:', { timeout: maxWaitMs });
  try {
    prepare(database, location);
  } catch (error) {
    database.close();
    throw error;
  }
  return new NodeSqliteDialect(database);
}

/** Makes the last folder of a path only: one that is missing above it is a slip, or a volume that was not mounted. */
function makeFolder(folder: string): void {
  if (!existsSync(folder)) mkdirSync(folder);
}

/** Nothing is written before the file is known to be sound. */
function prepare(database: DatabaseSync, location: SqliteLocation): void {
  const [first] = database.prepare('PRAGMA quick_check(1)').all();
  if (first?.quick_check !== 'ok') throw new DatabaseError('corrupt', location.name, String(first?.quick_check));
  // FULL: what was acknowledged survives a power cut too, and not only a crash of this process
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  // SQLite would wait with the whole event loop; from here on `PatientConnection` waits without
  database.exec('PRAGMA busy_timeout = 0;');
}

class NodeSqliteDialect extends SqliteDialect {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super({ database: adapt(database) });
    this.#database = database;
  }

  override createDriver(): SqliteDriver {
    return new NodeSqliteDriver(this.#database);
  }
}

class NodeSqliteDriver extends SqliteDriver {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super({ database: adapt(database) });
    this.#database = database;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return new PatientConnection(await super.acquireConnection());
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** After some failures, a full disk among them, SQLite has rolled back already; to ask again would hide the cause. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await super.rollbackTransaction(connection);
  }
}

/** Tries a statement again while another process writes. What SQLite answered `busy` to has had no effect. */
class PatientConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const giveUpAt = performance.now() + maxWaitMs;
    for (;;) {
      try {
        return await this.#connection.executeQuery<Row>(query);
      } catch (error) {
        if ((error as { errcode?: number }).errcode !== sqliteBusy || performance.now() > giveUpAt) throw error;
        await setTimeout(retryMs);
      }
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery<Row>(query, chunkSize);
  }
}

function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, ReturnType<typeof adaptStatement>>();
  return {
    close: () => database.close(),
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = adaptStatement(database, sql);
        if (statements.size >= maxStatements) statements.clear();
        statements.set(sql, statement);
      }
      return statement;
    },
  };
}

function adaptStatement(database: DatabaseSync, sql: string) {
  const statement = database.prepare(sql);
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
    run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
  };
}
