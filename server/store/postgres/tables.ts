/*
 * The tables in PostgreSQL, and the steps that bring older ones up to date. Input: a line to the server. The database
 * may be the app's own: all names begin with `islet_`. Texts that may be long stand by themselves, so that a small
 * change writes a small row.
 */

import { maxStateBytes, StoreError } from '../store.ts';
import type { PostgresLine } from './line.ts';

/** Any number, but always the same: PostgreSQL's lock has no name. */
const lockNumber = 19_980_404;

/** Oldest first. A step that was released is never changed: another one follows it. */
const steps: readonly string[] = [
  `
  CREATE TABLE islet_states (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    key TEXT NOT NULL,
    written_by TEXT NOT NULL,
    seq BIGINT NOT NULL,
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
    written_at BIGINT NOT NULL,
    due_at BIGINT,
    ends_at BIGINT,
    CONSTRAINT islet_state_size CHECK (
      base_bytes + patch_bytes + rendering_bytes + instances_bytes + timers_bytes + tasks_bytes <= ${maxStateBytes}
    ),
    CONSTRAINT islet_state_base CHECK (base_bytes > 0 OR patch_bytes = 0)
  );
  CREATE INDEX islet_states_by_due ON islet_states (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX islet_states_by_end ON islet_states (ends_at) WHERE ends_at IS NOT NULL;
  CREATE INDEX islet_states_by_user ON islet_states USING hash (user_key) WHERE user_key IS NOT NULL;
  CREATE TABLE islet_models (
    state BIGINT NOT NULL REFERENCES islet_states ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (state, seq)
  );
  CREATE TABLE islet_parts (
    state BIGINT NOT NULL REFERENCES islet_states ON DELETE CASCADE,
    part TEXT NOT NULL CHECK (part IN ('instances', 'timers', 'tasks')),
    text TEXT NOT NULL,
    PRIMARY KEY (state, part)
  );
  CREATE TABLE islet_clients (
    state BIGINT NOT NULL REFERENCES islet_states ON DELETE CASCADE,
    client TEXT COLLATE "C" NOT NULL,
    user_key TEXT,
    event BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (state, client)
  );
  CREATE INDEX islet_clients_by_end ON islet_clients (ends_at);
  CREATE INDEX islet_clients_by_user ON islet_clients USING hash (user_key) WHERE user_key IS NOT NULL;
  `,
  `
  ALTER TABLE islet_clients ADD COLUMN account TEXT COLLATE "C";
  CREATE INDEX islet_clients_by_account ON islet_clients (account, ends_at) WHERE account IS NOT NULL;
  `,
  `
  DROP INDEX islet_clients_by_user;
  ALTER TABLE islet_clients DROP COLUMN user_key;
  `,
];

/**
 * Makes the tables or brings them up to date, all in one transaction that locks out every other process.
 *
 * @throws StoreError where a later version of Islet was here before, and what the line throws.
 */
export async function migrate(line: PostgresLine): Promise<void> {
  const version = await versionOf(line);
  if (version > steps.length) throw new StoreError('refused', newer(version));
  if (version === steps.length) return;
  // what another process has made meanwhile is not made again
  const missing = steps.map((step, index) => `IF found < ${index + 1} THEN ${step} END IF;`).join('\n');
  // statements of one text are one transaction
  await line.ask(
    `SELECT pg_advisory_xact_lock(${lockNumber});
    CREATE TABLE IF NOT EXISTS islet_version (version INTEGER NOT NULL);
    DO $islet$
      DECLARE found INTEGER := coalesce((SELECT max(version) FROM islet_version), 0);
      BEGIN
        ${missing}
        IF found < ${steps.length} THEN
          DELETE FROM islet_version;
          INSERT INTO islet_version VALUES (${steps.length});
        END IF;
      END
    $islet$`,
  );
}

async function versionOf(line: PostgresLine): Promise<number> {
  const [there] = await line.ask(`SELECT to_regclass('islet_version') IS NOT NULL AS yes`);
  if (!(there as { yes: boolean }).yes) return 0;
  const [row] = await line.ask('SELECT max(version) AS version FROM islet_version');
  return Number((row as { version: number | null }).version ?? 0);
}

function newer(found: number): string {
  return `its islet tables are of version ${found}, and this version of islet knows ${steps.length}: start a newer one`;
}
