/*
 * Kysely over two lanes to a database, so that who reads never waits for who writes. Input: the lanes, which SQLite and
 * PostgreSQL each make in their own way. Output: a dialect. The first statement of a connection says which lane it
 * takes, and it keeps that place until kysely gives it back: for one statement, or for one transaction.
 */

import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';

export interface Lane {
  /** Waits for a place. @throws Where none is free in time. */
  enter(): Promise<Place>;
}

/** A place in a lane: its statements run one after another. */
export interface Place {
  /** @throws What the database says, or that it did not answer in time. */
  run<Row>(query: CompiledQuery): Promise<QueryResult<Row>>;
  /** Undoes a transaction, if the database has not done so already. */
  rollBack(): Promise<void>;
  leave(): void;
}

export interface Lanes {
  readonly readers: Lane;
  readonly writers: Lane;
  /** How a transaction begins. */
  readonly begin: string;
  close(): Promise<void>;
}

/** What a kind of database brings besides: its words for queries. */
export interface Language {
  createAdapter(): DialectAdapter;
  createQueryCompiler(): QueryCompiler;
  // biome-ignore lint/suspicious/noExplicitAny: kysely's own interface says so
  createIntrospector(database: Kysely<any>): DatabaseIntrospector;
}

export function lanesDialect(lanes: Lanes, language: Language): Dialect {
  return {
    createAdapter: () => language.createAdapter(),
    createQueryCompiler: () => language.createQueryCompiler(),
    createIntrospector: (database) => language.createIntrospector(database),
    createDriver: () => driverOf(lanes),
  };
}

function driverOf(lanes: Lanes): Driver {
  return {
    async init() {},
    acquireConnection: async () => new Lease(lanes),
    beginTransaction: (connection) => runPlain(connection, lanes.begin),
    commitTransaction: (connection) => runPlain(connection, 'commit'),
    async rollbackTransaction(connection) {
      if (connection instanceof Lease) await connection.rollBack();
    },
    async releaseConnection(connection) {
      if (connection instanceof Lease) connection.release();
    },
    destroy: () => lanes.close(),
  };
}

async function runPlain(connection: DatabaseConnection, statement: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(statement));
}

/** Statements that are safe beside a writer. `with` may lead to either kind, and so counts as writing. */
const reading = /^\s*(select|explain)\b/i;

/** What kysely takes for a connection. */
class Lease implements DatabaseConnection {
  readonly #lanes: Lanes;
  #place: Place | undefined;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { readers, writers } = this.#lanes;
    this.#place ??= await (reading.test(query.sql) ? readers : writers).enter();
    return this.#place.run(query);
  }

  // biome-ignore lint/correctness/useYield: kysely asks for it, and nothing here streams
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('rows are not streamed: execute the query instead');
  }

  async rollBack(): Promise<void> {
    await this.#place?.rollBack();
  }

  release(): void {
    this.#place?.leave();
    this.#place = undefined;
  }
}
