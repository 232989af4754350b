/*
 * Where snapshots are kept: the interface, and the one in memory. `store-sqlite.ts` has the embedded default.
 * A version guards against stale writers: who saves must name the version that it loaded or saved last.
 */

export interface Saved {
  /** Plain JSON text. */
  readonly snapshot: string;
  /** Counts the saves of this key from 1. */
  readonly version: number;
}

export interface Store {
  load(key: string): Promise<Saved | undefined>;
  /**
   * Saves a snapshot as version `version`, if the stored one is `version - 1` (or none, for 1).
   *
   * @returns false if another writer was first; nothing is changed then.
   */
  save(key: string, snapshot: string, version: number): Promise<boolean>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A store that lives as long as the value itself: what is in it survives a server, but not the process. */
export function memoryStore(): Store {
  const saved = new Map<string, Saved>();
  return {
    load: async (key) => saved.get(key),
    async save(key, snapshot, version) {
      if ((saved.get(key)?.version ?? 0) !== version - 1) return false;
      saved.set(key, { snapshot, version });
      return true;
    },
    async remove(key) {
      saved.delete(key);
    },
    async close() {},
  };
}
