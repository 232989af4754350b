/*
 * Where snapshots are kept: the interface, and the one in memory. `sqlite-snapshots.ts` has the one in a file.
 * Until actors commit each turn (`store.ts`), it is what they are saved by.
 * A version guards against stale writers: who saves must name the version that it loaded or saved last.
 */

export interface SavedSnapshot {
  /** Plain JSON text. */
  readonly snapshot: string;
  /** Counts the saves of this key from 1. */
  readonly version: number;
}

export interface SnapshotStore {
  load(key: string): Promise<SavedSnapshot | undefined>;
  /**
   * Saves a snapshot as version `version`, if the stored one is `version - 1` (or none, for 1).
   *
   * @param keepMs How long it is kept from now on, unless that is put off. Undefined: until it is removed.
   * @returns false if another writer was first; nothing is changed then.
   */
  save(key: string, snapshot: string, version: number, keepMs?: number): Promise<boolean>;
  /** Keeps what is stored, if anything is, for so long from now on. */
  keep(key: string, keepMs: number): Promise<void>;
  /** Removes what is to be kept no longer, by the store's own clock. @returns how many keys. */
  sweep(): Promise<number>;
  /** For whoever looks after the store: an actor that runs would not notice. */
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A store that lives as long as the value itself: what is in it survives a server, but not the process. */
export function memorySnapshots(): SnapshotStore {
  const saved = new Map<string, SavedSnapshot>();
  /** When what is not kept for ever ends. */
  const ends = new Map<string, number>();
  const forget = (key: string): void => {
    saved.delete(key);
    ends.delete(key);
  };
  return {
    load: async (key) => saved.get(key),
    async save(key, snapshot, version, keepMs) {
      if ((saved.get(key)?.version ?? 0) !== version - 1) return false;
      saved.set(key, { snapshot, version });
      if (keepMs === undefined) ends.delete(key);
      else ends.set(key, Date.now() + keepMs);
      return true;
    },
    async keep(key, keepMs) {
      if (saved.has(key)) ends.set(key, Date.now() + keepMs);
    },
    async sweep() {
      const now = Date.now();
      const over = [...ends].filter(([, end]) => end <= now);
      for (const [key] of over) forget(key);
      return over.length;
    },
    async remove(key) {
      forget(key);
    },
    async close() {},
  };
}
