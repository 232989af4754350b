// Whatever happens to it, a store holds what the one in memory holds after the same. `npm run test:laws` tries
// more of them, `STORE_SEED` others.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { postgresStore, sqliteStore } from '../server/index.ts';
import { type PostgresServer, postgresReason, startPostgres } from './support/postgres.ts';
import { compareHistory, histories } from './support/store-histories.ts';
import type { OpenStore } from './support/store-laws.ts';
import { timesOf } from './support/times.ts';

const { STORE_SEED } = process.env;
const seed = STORE_SEED === undefined ? {} : { seed: Number(STORE_SEED) };
const folder = mkdtempSync(join(tmpdir(), 'islet-histories-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @param few So often in the suite. */
async function tryHistories(place: () => OpenStore | Promise<OpenStore>, few: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(histories, async (steps) => compareHistory(await place(), steps)),
    { numRuns: timesOf(few), ...seed },
  );
}

test('a SQLite file holds what memory holds', { timeout: 60_000 }, async () => {
  let files = 0;
  await tryHistories(() => {
    const file = join(folder, `${++files}.db`);
    return () => sqliteStore(file);
  }, 20);
});

describe.runIf(postgresReason === undefined)('PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  test('holds what memory holds', { timeout: 120_000 }, async () => {
    await tryHistories(async () => {
      await clear(url);
      return () => postgresStore(url);
    }, 40);
  });
});

/** A new database for each history would take longer than the history. */
async function clear(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('DROP TABLE IF EXISTS islet_version, islet_clients, islet_parts, islet_models, islet_states');
  await client.end();
}
