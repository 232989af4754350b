/*
 * SQLite for kysely, by Node's own driver: one connection that writes, and one beside it that reads and so never waits
 * for a writer, of this process or another. Nothing waits in SQLite itself, which would stop the whole process: who has
 * to wait is asked to come again, for so long. Transactions begin as writers (`begin immediate`): one that began as a
 * reader and then had to wait for another process could only be given up.
 */

import { existsSync, mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  type Dialect,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { DatabaseError } from './failures.ts';
import { type FilePlace, watchFile } from './file-place.ts';
import { type Lane, type Lanes, lanesDialect, type Place } from './lanes.ts';
import type { DatabaseLocation } from './location.ts';
import { prepareOnce, type RunStatement } from './sqlite-statements.ts';
import { createTurns } from './turns.ts';

/** How long a statement, or a whole transaction before it has begun, waits for others that write. */
const maxWaitMs = 2_000;
const retryMs = 10;
/** Who writes takes some milliseconds: more than these could not write in time. */
const maxWaiting = 200;
const sqliteBusy = 5;

type SqliteLocation = Exclude<DatabaseLocation, { kind: 'postgres' }>;

/** A dialect, and whether its file is still there. */
export interface Sqlite {
  readonly dialect: Dialect;
  /** @throws DatabaseError `gone` */
  check(): void;
}

/** Opens the file, or makes it and its folder. @throws what the driver throws; see `failures.ts` */
export function openSqlite(location: SqliteLocation): Sqlite {
  if (location.kind === 'file') makeFolder(location.folder);
  const isFile = location.kind === 'file';
  const writer = new DatabaseSync(isFile ? location.name : ':memory:', { timeout: maxWaitMs });
  try {
    prepare(writer, location);
    // one in memory has no second connection: who reads takes turns with who writes
    const reader = isFile ? new DatabaseSync(location.name, { readOnly: true, timeout: 0 }) : undefined;
    const file = isFile ? watchFile(location.name) : undefined;
    const dialect = lanesDialect(lanesOf(writer, reader, file, location), language);
    return { dialect, check: () => file?.check() };
  } catch (error) {
    writer.close();
    throw error;
  }
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
  // SQLite would wait with the whole event loop; from here on `patiently` waits without
  database.exec('PRAGMA busy_timeout = 0;');
}

class TwoLaneAdapter extends SqliteAdapter {
  /** The lanes say who waits for whom; kysely would have everybody wait for everybody. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

const language = {
  createAdapter: () => new TwoLaneAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (database: ConstructorParameters<typeof SqliteIntrospector>[0]) =>
    new SqliteIntrospector(database),
};

function lanesOf(
  writer: DatabaseSync,
  reader: DatabaseSync | undefined,
  file: FilePlace | undefined,
  { name }: SqliteLocation,
): Lanes {
  const refuse = (why: string): Error => new DatabaseError('locked', name, why);
  const turns = createTurns({ maxWaiting, refuse });
  const write = prepareOnce(writer);
  const writers: Lane = {
    async enter() {
      const giveUpAt = performance.now() + maxWaitMs;
      // what would be written to a file that nobody finds again is not acknowledged
      file?.check();
      return placeOf(write, giveUpAt, await turns.take(giveUpAt), () => writer.isTransaction);
    },
  };
  const readers: Lane = reader === undefined ? writers : readersOf(prepareOnce(reader));
  return {
    readers,
    writers,
    begin: 'begin immediate',
    async close() {
      // the last one to close writes what is in the log into the file, which a reader cannot
      reader?.close();
      writer.close();
    },
  };
}

function readersOf(read: RunStatement): Lane {
  return { enter: async () => placeOf(read, performance.now() + maxWaitMs) };
}

/** @param giveUpAt Until when its first statement waits: what waited for its turn already has waited. */
function placeOf(
  run: RunStatement,
  giveUpAt: number,
  leave: () => void = () => {},
  isTransaction: () => boolean = () => false,
): Place {
  let waitUntil = giveUpAt;
  return {
    async run(query) {
      const result = await patiently(() => run<never>(query), waitUntil);
      waitUntil = performance.now() + maxWaitMs;
      return result;
    },
    /**
     * After some failures, a full disk among them, SQLite has rolled back already; to ask again would hide the cause.
     */
    async rollBack() {
      if (isTransaction()) run(CompiledQuery.raw('rollback'));
    },
    leave,
  };
}

/** Tries again while another process writes. What SQLite answered `busy` to has had no effect. */
async function patiently<Row>(run: () => QueryResult<Row>, giveUpAt: number): Promise<QueryResult<Row>> {
  for (;;) {
    try {
      return run();
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== sqliteBusy || performance.now() > giveUpAt) throw error;
      await setTimeout(retryMs);
    }
  }
}
