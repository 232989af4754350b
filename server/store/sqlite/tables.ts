/*
 * The tables in a SQLite file, and the steps that bring an older file up to date. The file may be the app's own: all
 * names begin with `islet_`. Texts that may be long stand by themselves, so that a small change writes a small row.
 */

import type { DatabaseSync } from 'node:sqlite';
import { maxStateBytes, StoreError } from '../store.ts';

/** Oldest first. A step that was released is never changed: another one follows it. */
const steps: readonly string[] = [
  `
  CREATE TABLE islet_states (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    written_by TEXT NOT NULL,
    seq INTEGER NOT NULL,
    schema INTEGER NOT NULL,
    user_key TEXT,
    small_base TEXT,
    model_rows INTEGER NOT NULL,
    rendering TEXT,
    base_bytes INTEGER NOT NULL,
    patch_bytes INTEGER NOT NULL,
    rendering_bytes INTEGER NOT NULL,
    instances_bytes INTEGER NOT NULL,
    timers_bytes INTEGER NOT NULL,
    tasks_bytes INTEGER NOT NULL,
    dead_tasks INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    due_at INTEGER,
    ends_at INTEGER,
    CONSTRAINT islet_state_size CHECK (
      base_bytes + patch_bytes + rendering_bytes + instances_bytes + timers_bytes + tasks_bytes <= ${maxStateBytes}
    ),
    CONSTRAINT islet_state_base CHECK (base_bytes > 0 OR patch_bytes = 0)
  ) STRICT;
  CREATE INDEX islet_states_by_due ON islet_states (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX islet_states_by_end ON islet_states (ends_at) WHERE ends_at IS NOT NULL;
  CREATE INDEX islet_states_by_user ON islet_states (user_key) WHERE user_key IS NOT NULL;
  CREATE TABLE islet_models (
    state INTEGER NOT NULL REFERENCES islet_states ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (state, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE islet_parts (
    state INTEGER NOT NULL REFERENCES islet_states ON DELETE CASCADE,
    part TEXT NOT NULL CHECK (part IN ('instances', 'timers', 'tasks')),
    text TEXT NOT NULL,
    PRIMARY KEY (state, part)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE islet_clients (
    state INTEGER NOT NULL REFERENCES islet_states ON DELETE CASCADE,
    client TEXT NOT NULL,
    user_key TEXT,
    event INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (state, client)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX islet_clients_by_end ON islet_clients (ends_at);
  CREATE INDEX islet_clients_by_user ON islet_clients (user_key) WHERE user_key IS NOT NULL;
  `,
  `
  ALTER TABLE islet_clients ADD COLUMN account TEXT;
  CREATE INDEX islet_clients_by_account ON islet_clients (account, ends_at) WHERE account IS NOT NULL;
  `,
  `
  DROP INDEX islet_clients_by_user;
  ALTER TABLE islet_clients DROP COLUMN user_key;
  `,
];

/** Makes the tables or brings them up to date. @throws StoreError where a later version of Islet was here before. */
export function migrate(database: DatabaseSync): void {
  // who has nothing to do waits for nobody
  if (versionOf(database) === steps.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec('CREATE TABLE IF NOT EXISTS islet_version (version INTEGER NOT NULL) STRICT');
    const version = versionOf(database);
    if (version > steps.length) throw new StoreError('refused', newer(version, steps.length));
    for (const step of steps.slice(version)) database.exec(step);
    if (version < steps.length) {
      database.exec(`DELETE FROM islet_version; INSERT INTO islet_version VALUES (${steps.length})`);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'islet_version'").get();
  return isThere === undefined ? 0 : Number(database.prepare('SELECT version FROM islet_version').get()?.version ?? 0);
}

function newer(found: number, known: number): string {
  return `its islet tables are of version ${found}, and this version of islet knows ${known}: start a newer one`;
}
