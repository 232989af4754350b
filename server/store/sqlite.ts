/*
 * The embedded store: one SQLite file, by Node's own driver; no server needed.
 */

import type { Saved, Store } from './store.ts';

// Milliseconds, by the database's clock.
const now = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;
/** So long from now; null: never. */
const endsAt = `${now} + CAST(? AS INTEGER)`;

/**
 * Opens (or makes) the file at `path`; `:memory:` keeps it in memory.
 *
 * @throws Error of node:sqlite when the file cannot be opened.
 */
export function sqliteStore(path: string): Store {
  // asked for when it is needed: an import of what an old Node lacks would fail before its version is looked at
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 2000;
    CREATE TABLE IF NOT EXISTS islet_snapshots (
      key TEXT PRIMARY KEY, snapshot TEXT NOT NULL, version INTEGER NOT NULL, ends_at INTEGER
    ) STRICT, WITHOUT ROWID;
  `);
  // a file made before there was `ends_at`
  const hasEnds = database.prepare(`SELECT 1 FROM pragma_table_info('islet_snapshots') WHERE name = 'ends_at'`).get();
  if (!hasEnds) database.exec('ALTER TABLE islet_snapshots ADD COLUMN ends_at INTEGER');
  database.exec(`
    CREATE INDEX IF NOT EXISTS islet_snapshots_by_end ON islet_snapshots (ends_at) WHERE ends_at IS NOT NULL;
  `);
  const load = database.prepare('SELECT snapshot, version FROM islet_snapshots WHERE key = ?');
  const insert = database.prepare(`INSERT INTO islet_snapshots VALUES (?, ?, 1, ${endsAt}) ON CONFLICT DO NOTHING`);
  const update = database.prepare(
    `UPDATE islet_snapshots SET snapshot = ?, version = ?, ends_at = ${endsAt} WHERE key = ? AND version = ?`,
  );
  const keep = database.prepare(`UPDATE islet_snapshots SET ends_at = ${endsAt} WHERE key = ?`);
  const sweep = database.prepare(`DELETE FROM islet_snapshots WHERE ends_at <= ${now}`);
  const remove = database.prepare('DELETE FROM islet_snapshots WHERE key = ?');
  return {
    load: async (key) => load.get(key) as Saved | undefined,
    async save(key, snapshot, version, keepMs) {
      const wanted = keepMs ?? null;
      const { changes } =
        version === 1 ? insert.run(key, snapshot, wanted) : update.run(snapshot, version, wanted, key, version - 1);
      return changes === 1;
    },
    async keep(key, keepMs) {
      keep.run(keepMs, key);
    },
    async sweep() {
      return Number(sweep.run().changes);
    },
    async remove(key) {
      remove.run(key);
    },
    async close() {
      database.close();
    },
  };
}
