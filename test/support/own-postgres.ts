// A PostgreSQL server of their own for the tests of a block, gone with the test file.

import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type OwnPostgresServer, startOwnPostgres } from './postgres.ts';

/**
 * For the tests of a block: a server of their own, which runs at the start of each, whatever the one before did to it.
 */
export function openOwnPostgres(): () => OwnPostgresServer {
  let server: OwnPostgresServer;
  beforeAll(async () => {
    server = await startOwnPostgres();
  });
  beforeEach(() => server.start());
  afterAll(() => server?.[Symbol.asyncDispose]());
  return () => server;
}
