/*
 * Snapshots over a store of states, until actors commit each turn themselves.
 */

import { memorySnapshots, type SnapshotStore } from './snapshots.ts';
import { maxStateBytes, type Store } from './store.ts';
import { WriteNames } from './write-names.ts';

export function toSnapshots(store: Store | SnapshotStore | undefined): SnapshotStore {
  if (store === undefined) return memorySnapshots();
  return 'commit' in store ? snapshotsOver(store) : store;
}

function snapshotsOver(store: Store): SnapshotStore {
  const names = new WriteNames();
  const known = new Map<string, { by: string; version: number }>();
  return {
    async load(key) {
      const saved = await store.load(key);
      if (saved?.model === undefined) return undefined;
      known.set(key, { by: saved.by, version: saved.seq });
      return { snapshot: saved.model.base, version: saved.seq };
    },
    async save(key, snapshot, version, keepMs) {
      const last = version === 1 ? undefined : known.get(key);
      if (version !== 1 && last?.version !== version - 1) return false;
      const by = names.next();
      const ends = keepMs === undefined ? {} : { endsInMs: keepMs };
      const [isKept = false] = await store.commit([
        { key, by, after: last?.by, schema: 0, model: { base: snapshot }, ...ends },
      ]);
      if (isKept) known.set(key, { by, version });
      return isKept;
    },
    async keep(key, keepMs) {
      const saved = await store.load(key);
      if (saved === undefined) return;
      const by = names.next();
      const [isKept] = await store.commit([{ key, by, after: saved.by, schema: saved.schema, endsInMs: keepMs }]);
      const last = known.get(key);
      if (isKept && last?.by === saved.by) known.set(key, { by, version: last.version });
    },
    sweep: () => store.sweep(maxStateBytes),
    async remove(key) {
      const saved = await store.load(key);
      if (saved !== undefined) await store.remove(key, saved.by);
    },
    close: () => store.close(),
  };
}
