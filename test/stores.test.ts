// Every kind of store keeps the same promises: in memory, in a SQLite file (in the event loop, and in a thread that
// waits for the disk), and in PostgreSQL.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { memoryStore, postgresStore, type SqliteStoreOptions, sqliteStore } from '../server/index.ts';
import { type PostgresServer, postgresReason, startPostgres } from './support/postgres.ts';
import { describeStoreLaws } from './support/store-laws.ts';

const folder = mkdtempSync(join(tmpdir(), 'islet-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const inFile = (options: SqliteStoreOptions) => () => {
  const file = join(folder, `${++files}.db`);
  return () => sqliteStore(file, options);
};

describe('memoryStore', () => {
  describeStoreLaws(() => {
    const store = memoryStore();
    return () => store;
  });
});
describe('sqliteStore', () => describeStoreLaws(inFile({})));
describe('sqliteStore that survives a power cut', () => describeStoreLaws(inFile({ durability: 'power' })));

if (postgresReason !== undefined) console.warn(`PostgreSQL is not tested: ${postgresReason}`);
describe.runIf(postgresReason === undefined)('postgresStore', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());
  describeStoreLaws(async () => {
    const url = await server.createDatabase();
    return () => postgresStore(url);
  });
});
