/*
 * The embedded store: one SQLite file, by Node's own driver; no server needed.
 */

import { DatabaseSync } from 'node:sqlite';
import type { Saved, Store } from './store.ts';

/**
 * Opens (or makes) the file at `path`; `:memory:` keeps it in memory.
 *
 * @throws Error of node:sqlite when the file cannot be opened.
 */
export function sqliteStore(path: string): Store {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS islet_snapshots (
      key TEXT PRIMARY KEY, snapshot TEXT NOT NULL, version INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `);
  const load = database.prepare('SELECT snapshot, version FROM islet_snapshots WHERE key = ?');
  const insert = database.prepare('INSERT INTO islet_snapshots VALUES (?, ?, 1) ON CONFLICT DO NOTHING');
  const update = database.prepare('UPDATE islet_snapshots SET snapshot = ?, version = ? WHERE key = ? AND version = ?');
  const remove = database.prepare('DELETE FROM islet_snapshots WHERE key = ?');
  return {
    load: async (key) => load.get(key) as Saved | undefined,
    async save(key, snapshot, version) {
      const { changes } = version === 1 ? insert.run(key, snapshot) : update.run(snapshot, version, key, version - 1);
      return changes === 1;
    },
    async remove(key) {
      remove.run(key);
    },
    async close() {
      database.close();
    },
  };
}
