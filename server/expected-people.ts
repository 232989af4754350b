/*
 * Who was here when a server stopped, for the next one on the same store: their pages are about to come back, and nobody
 * is to see them leave and come. Input: presences. Output: a row of the store for half a minute, and what is read there.
 */

import { randomUUID } from 'node:crypto';
import type { Presences } from './cluster/presences.ts';
import type { Log } from './inspect/log.ts';
import { maxStateBytes, type Store } from './store/store.ts';

/** No path of a route. */
const key = 'people';
/** A server that comes later than that finds nobody. */
const keptMs = 30_000;
const maxListLength = maxStateBytes / 4;

/** Keeps who is here. What cannot be kept is done without: people are seen to come back then. */
export async function keepPeople(presences: Presences, store: Store, log: Log): Promise<void> {
  const base = presences.list();
  if (base === undefined || base.length > maxListLength) return;
  try {
    const before = await store.load(key);
    await store.commit([{ key, by: randomUUID(), after: before?.by, schema: 0, model: { base }, endsInMs: keptMs }]);
  } catch (err) {
    log.warn({ err }, 'who was here is not known to the next server');
  }
}

/** Shows those who were here when the server before this one stopped. */
export async function expectPeople(presences: Presences, store: Store, log: Log): Promise<void> {
  try {
    const listed = (await store.load(key))?.model?.base;
    if (listed !== undefined) presences.expect(listed);
  } catch (err) {
    log.warn({ err }, 'who was here before this server is not known');
  }
}
