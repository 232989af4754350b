/*
 * PostgreSQL for kysely, by node-postgres: an answer within seconds, whatever becomes of the server and the network,
 * and on again when they are back. Input: an address and deadlines. Output: two lanes, each a pool of its own, so that
 * who waits for a lock keeps nobody from reading. A client that failed, or did not answer in time, is ended and not
 * used again.
 */

import {
  AbortedTransactionError,
  CompiledQuery,
  type Dialect,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type pg from 'pg';
import { type Lane, lanesDialect, type Place } from './lanes.ts';

/** In milliseconds; 0 for no end. */
export interface Deadlines {
  /** Until there is a client: a new connection, or one that others give back. */
  readonly connectMs: number;
  /** What the server gives a statement to wait for a lock. */
  readonly lockMs: number;
  /** What the server gives a statement. It says so when that is over, and the client stays. */
  readonly statementMs: number;
  /**
   * When a statement counts as lost: more than `statementMs`, so that it is the network that is silent, or the server.
   */
  readonly silenceMs: number;
  /** What a whole transaction may take. */
  readonly transactionMs: number;
}

/** For requests and live pages: somebody waits for the answer. */
export const promptly: Deadlines = {
  connectMs: 2_000,
  lockMs: 2_000,
  statementMs: 2_500,
  silenceMs: 3_500,
  transactionMs: 5_000,
};

/** For migrations and programs, which wait for each other and have much to do. */
export const patiently: Deadlines = { connectMs: 5_000, lockMs: 0, statementMs: 0, silenceMs: 0, transactionMs: 0 };

/** Together as many as node-postgres has by itself. Votes for one anime wait for each other in the server anyway. */
const maxReaders = 6;
const maxWriters = 4;
/** More than these would not get a client in time. */
const maxWaiting = 200;
/** Before the system asks a silent connection whether it is still there. */
const keepAliveMs = 10_000;

export async function postgresDialect(connectionString: string, deadlines: Deadlines): Promise<Dialect> {
  const { default: driver } = await import('pg');
  const { connectMs, lockMs, statementMs, transactionMs } = deadlines;
  const config: pg.PoolConfig = {
    connectionString,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    lock_timeout: lockMs,
    statement_timeout: statementMs,
    // the server must not keep locks for a client that the network has swallowed
    idle_in_transaction_session_timeout: transactionMs,
  };
  const poolOf = (max: number): ClientPool => new ClientPool(new driver.Pool({ ...config, max }), deadlines, dropIdle);
  // where one connection is dead, the others are as well
  const dropIdle = (): void => {
    readers.dropIdle();
    writers.dropIdle();
  };
  const readers = poolOf(maxReaders);
  const writers = poolOf(maxWriters);
  const close = async (): Promise<void> => {
    await Promise.all([readers.close(), writers.close()]);
  };
  return lanesDialect({ readers, writers, begin: 'begin', close }, language);
}

const language = {
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (database: Kysely<never>) => new PostgresIntrospector(database),
};

/** What the clients of a pool have in common. */
class ClientPool implements Lane {
  readonly #pool: pg.Pool;
  readonly #deadlines: Deadlines;
  readonly #onSilence: () => void;
  readonly #clients = new Set<pg.PoolClient>();
  readonly #idle = new Set<pg.PoolClient>();

  /** @param onSilence A client did not answer in time. */
  constructor(pool: pg.Pool, deadlines: Deadlines, onSilence: () => void) {
    this.#pool = pool;
    this.#deadlines = deadlines;
    this.#onSilence = onSilence;
    // the pool replaces a client that ends while nobody has it; an error without a listener would end the process
    pool.on('error', () => {});
    pool.on('connect', (client) => {
      // the pool listens only while nobody has the client
      client.on('error', () => {});
      this.#clients.add(client);
    });
    pool.on('acquire', (client) => this.#idle.delete(client));
    pool.on('release', (_, client) => this.#idle.add(client));
    pool.on('remove', (client) => {
      this.#idle.delete(client);
      this.#clients.delete(client);
    });
  }

  async enter(): Promise<Place> {
    if (this.#pool.waitingCount >= maxWaiting)
      throw new ClientError('EBUSY', `${maxWaiting} wait for a connection already`);
    return new ClientPlace(await this.#pool.connect(), this.#deadlines, this.#onSilence);
  }

  /** Ends clients that nobody has. */
  dropIdle(): void {
    for (const client of this.#idle) client.connection.stream.destroy();
  }

  async close(): Promise<void> {
    await this.#pool.end();
    // the pool takes leave of the server, which a dead network never hears
    for (const client of this.#clients) client.connection.stream.destroy();
  }
}

/** What this side of a connection finds. `code` is read by `failures.ts`. */
class ClientError extends Error {
  readonly code: 'EBUSY' | 'ETIMEDOUT';

  constructor(code: ClientError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A client while somebody has it. */
class ClientPlace implements Place {
  readonly #client: pg.PoolClient;
  readonly #deadlines: Deadlines;
  readonly #giveUpAt: number;
  readonly #onSilence: () => void;
  /** Why it cannot be used any more. */
  #failure: Error | undefined;
  #isBack = false;

  constructor(client: pg.PoolClient, deadlines: Deadlines, onSilence: () => void) {
    this.#client = client;
    this.#deadlines = deadlines;
    this.#giveUpAt = performance.now() + (deadlines.transactionMs || Number.POSITIVE_INFINITY);
    this.#onSilence = onSilence;
    client.on('error', this.#onError);
  }

  async run<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#failure !== undefined) throw this.#failure;
    const { command, rowCount, rows } = await this.#inTime(this.#client.query(sql, [...parameters]));
    // how the server answers where an earlier statement of the transaction failed
    if (sql === 'commit' && command === 'ROLLBACK') throw new AbortedTransactionError();
    const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
    return { rows, ...(isChange && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  async rollBack(): Promise<void> {
    // the server does it by itself for a client that is gone
    if (this.#failure === undefined) await this.run(CompiledQuery.raw('rollback')).catch(this.#onError);
  }

  leave(): void {
    if (this.#isBack) return;
    this.#isBack = true;
    this.#client.off('error', this.#onError);
    this.#client.release(this.#failure);
  }

  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
  };

  /** Waits for an answer; a client that does not give it in time is ended at once, and so is what it was asked. */
  async #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const left = this.#giveUpAt - performance.now();
    const ms = Math.min(this.#deadlines.silenceMs || Number.POSITIVE_INFINITY, Math.max(0, left));
    if (ms === Number.POSITIVE_INFINITY) return answer;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#failure = new ClientError('ETIMEDOUT', `no answer in ${Math.round(ms)} ms`);
        reject(this.#failure);
        this.leave();
        this.#onSilence();
      }, ms);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
