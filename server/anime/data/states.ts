/*
 * Keeps the states of live actors beside the app's own data, so that one file, or one PostgreSQL, holds all there is to
 * back up. Input: an open database. Output: islet's store there, by connections of its own: neither waits for the
 * other.
 */

import { type ManagedStore, memoryStore, postgresStore, StoreError, sqliteStore } from '../../index.ts';
import { DatabaseError, explainFailure } from './failures.ts';
import type { DatabaseLocation } from './location.ts';

/** @throws DatabaseError with a message for a person and an exit code when the store cannot be used. */
export async function openStates(location: DatabaseLocation): Promise<ManagedStore> {
  try {
    if (location.kind === 'postgres') return await postgresStore(location.url);
    // as with votes: what was acknowledged survives a power cut too
    if (location.kind === 'file') return sqliteStore(location.name, { durability: 'power' });
    return memoryStore();
  } catch (error) {
    if (!(error instanceof StoreError)) throw explainFailure(error, location);
    if (error.kind === 'refused') throw new DatabaseError('newer', location.name, error.message, { cause: error });
    throw explainFailure(error.cause ?? error, location);
  }
}
