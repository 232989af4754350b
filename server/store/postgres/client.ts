/*
 * What the store needs of node-postgres, and how it gets it. Input: an address, or a function that makes clients.
 * Output: clients that are not connected yet. The driver is loaded only where a PostgreSQL is used: it is the app's to
 * install.
 */

/** A client of node-postgres, as far as it is used. */
export interface PostgresClient {
  connect(): Promise<unknown>;
  query(query: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>;
  end(): Promise<void>;
  on(event: 'error' | 'end', listener: (error: Error) => void): unknown;
  /** What is ended when nobody answers any more: to take leave of a dead network would wait for it. */
  readonly connection?: { readonly stream?: { destroy(): void } };
}

/** A statement as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  readonly name?: string;
  readonly values?: unknown[];
  /** When the answer counts as lost, in milliseconds. */
  readonly query_timeout: number;
}

/** Makes a connection to PostgreSQL, where `pg` is not to. */
export type CreateClient = () => PostgresClient | Promise<PostgresClient>;

const connectMs = 2_000;
/** Before the system asks a silent connection whether it is still there. */
const keepAliveMs = 10_000;

/** Clients of an address, by the driver that the app has installed. */
export function clientsOf(connectionString: string): CreateClient {
  return async () => {
    // caught here, a bundler leaves out a driver that is not installed
    const { default: driver } = await import('pg').catch((cause: unknown) => {
      throw new Error('postgresStore needs the driver: npm install pg', { cause });
    });
    return new driver.Client({
      connectionString,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
    });
  };
}
