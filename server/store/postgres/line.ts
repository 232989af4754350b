/*
 * One connection to PostgreSQL that is made anew when it was lost. Input: statements, one after the other. Output:
 * rows, or an error within seconds, whatever becomes of the server and the network. What was asked is never asked again
 * here: whoever asked knows what that would do.
 */

import { StoreError } from '../store.ts';
import type { CreateClient, PostgresClient, PostgresQuery } from './client.ts';

/** In milliseconds. */
export interface Deadlines {
  /** What the server gives a statement to wait for a lock. */
  readonly lockMs: number;
  /** What the server gives a statement. */
  readonly statementMs: number;
  /**
   * When an answer counts as lost: more than `statementMs`, so that it is the network that is silent, or the server.
   */
  readonly silenceMs: number;
}

/** People wait for the answer. Who holds a lock for longer than this has gone to sleep. */
export const promptly: Deadlines = { lockMs: 1_000, statementMs: 2_500, silenceMs: 3_500 };
/** Others may be migrating, and have much to do. */
export const patiently: Deadlines = { lockMs: 60_000, statementMs: 60_000, silenceMs: 65_000 };

export class PostgresLine {
  private readonly create: CreateClient;
  private readonly deadlines: Deadlines;
  private client: Promise<PostgresClient> | undefined;
  /** What was asked last: the driver would let a second statement wait without counting its time. */
  private last: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(create: CreateClient, deadlines: Deadlines) {
    this.create = create;
    this.deadlines = deadlines;
  }

  /**
   * @param name What the connection remembers the statement by: to plan it takes longer than to run it.
   * @throws what node-postgres throws; see `failures.ts`
   */
  ask(text: string, values: unknown[] = [], name?: string): Promise<readonly unknown[]> {
    const answer = this.last.then(() => this.askNow({ text, values, ...(name !== undefined && { name }) }));
    this.last = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.last;
    const client = await this.client?.catch(() => undefined);
    this.client = undefined;
    if (client === undefined) return;
    await Promise.race([client.end(), afterMs(1_000)]).catch(() => {});
    destroy(client);
  }

  private async askNow(query: Omit<PostgresQuery, 'query_timeout'>): Promise<readonly unknown[]> {
    if (this.isClosed) throw new StoreError('unavailable', 'the store is closed');
    const client = await this.connect();
    try {
      const { rows } = await client.query({ ...query, query_timeout: this.deadlines.silenceMs });
      return rows;
    } catch (error) {
      // an error that the server told leaves the connection as it was
      if (!isOfServer(error)) this.drop(client);
      throw error;
    }
  }

  private connect(): Promise<PostgresClient> {
    if (this.client !== undefined) return this.client;
    const connecting = this.open(() => {
      if (this.client === connecting) this.client = undefined;
    });
    this.client = connecting;
    connecting.catch(() => {
      if (this.client === connecting) this.client = undefined;
    });
    return connecting;
  }

  private async open(onEnd: () => void): Promise<PostgresClient> {
    const client = await this.create();
    // an error without a listener would end the process
    client.on('error', onEnd);
    client.on('end', onEnd);
    try {
      await client.connect();
      const { lockMs, statementMs, silenceMs } = this.deadlines;
      const text = `SET statement_timeout = ${statementMs}; SET lock_timeout = ${lockMs};
        SET idle_in_transaction_session_timeout = ${silenceMs}`;
      await client.query({ text, query_timeout: silenceMs });
    } catch (error) {
      destroy(client);
      throw error;
    }
    return client;
  }

  private drop(client: PostgresClient): void {
    this.client = undefined;
    destroy(client);
  }
}

function destroy(client: PostgresClient): void {
  client.connection?.stream?.destroy();
  client.end().catch(() => {});
}

/**
 * Whether PostgreSQL said it, and not the driver or the system, and the connection is as it was: it knows what it
 * remembered.
 */
function isOfServer(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|26|57P)/.test(code) && 'severity' in (error as object);
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
