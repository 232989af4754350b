/*
 * Writes as one statement of PostgreSQL: one way to the server and back, however many they are, and all or nothing.
 * Input: writes. Output: the statement's values, and which of them are kept.
 *
 * Rows are locked in the order of their names, so that two processes with the same ones wait for each other and not
 * both.
 */

import { baseOf, checkWrite, isSmallBase, patchOf } from '../check-write.ts';
import { dueGrainMs, grainOf } from '../grain.ts';
import { toName, toStorable } from '../storable.ts';
import { droppedClients, maxClientsPerAccount, type Write } from '../store.ts';
import type { PostgresLine } from './line.ts';

/** Milliseconds, by the database’s clock. */
export const now = 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)';

const writeAll = `
WITH moment AS MATERIALIZED (SELECT ${now} AS now),
input AS MATERIALIZED (
  SELECT * FROM json_to_recordset($1::json) AS input (
    name TEXT, key TEXT, written_by TEXT, after TEXT, schema INTEGER, user_key TEXT, rendering TEXT,
    small_base TEXT, model TEXT, base_bytes INTEGER, patch_bytes INTEGER, rendering_bytes INTEGER, instances_bytes INTEGER,
    timers_bytes INTEGER, tasks_bytes INTEGER, dead_tasks INTEGER, due_in BIGINT, ends_in BIGINT,
    grain BIGINT
  )
),
locked AS MATERIALIZED (
  SELECT state.id, input.* FROM islet_states state JOIN input USING (name)
    WHERE state.written_by = input.after ORDER BY state.name FOR NO KEY UPDATE OF state
),
updated AS (
  UPDATE islet_states state SET
    written_by = locked.written_by, seq = state.seq + 1, schema = locked.schema,
    user_key = coalesce(locked.user_key, state.user_key), rendering = coalesce(locked.rendering, state.rendering),
    small_base = CASE WHEN locked.base_bytes IS NULL THEN state.small_base ELSE locked.small_base END,
    model_rows = CASE WHEN locked.base_bytes IS NULL THEN state.model_rows ELSE 0 END + (locked.model IS NOT NULL)::INTEGER,
    base_bytes = coalesce(locked.base_bytes, state.base_bytes),
    patch_bytes = CASE WHEN locked.base_bytes IS NULL THEN state.patch_bytes ELSE 0 END + locked.patch_bytes,
    rendering_bytes = coalesce(locked.rendering_bytes, state.rendering_bytes),
    instances_bytes = coalesce(locked.instances_bytes, state.instances_bytes),
    timers_bytes = coalesce(locked.timers_bytes, state.timers_bytes),
    tasks_bytes = coalesce(locked.tasks_bytes, state.tasks_bytes),
    dead_tasks = coalesce(locked.dead_tasks, state.dead_tasks), written_at = now,
    -- an index does not change where its columns do not
    due_at = CASE WHEN abs(state.due_at - now - locked.due_in) <= ${dueGrainMs} THEN state.due_at ELSE now + locked.due_in END,
    ends_at = ((now + locked.ends_in) / locked.grain + 1) * locked.grain
  FROM locked, moment WHERE state.id = locked.id AND state.written_by = locked.after
  RETURNING state.id, state.name, state.seq
),
inserted AS (
  INSERT INTO islet_states (name, key, written_by, seq, schema, user_key, small_base, model_rows,
      rendering, base_bytes, patch_bytes, rendering_bytes, instances_bytes, timers_bytes, tasks_bytes, dead_tasks, written_at, due_at, ends_at)
    SELECT name, key, written_by, 1, schema, user_key, small_base,
        (model IS NOT NULL)::INTEGER, rendering, coalesce(base_bytes, 0), patch_bytes, coalesce(rendering_bytes, 0),
        coalesce(instances_bytes, 0), coalesce(timers_bytes, 0), coalesce(tasks_bytes, 0), coalesce(dead_tasks, 0),
        now, now + due_in, ((now + ends_in) / grain + 1) * grain
      FROM input, moment WHERE after IS NULL ORDER BY name
    ON CONFLICT (name) DO NOTHING RETURNING id, name, seq
),
written AS MATERIALIZED (SELECT * FROM updated UNION ALL SELECT * FROM inserted),
-- all parts of the statement see the tables as they were before it: what is added here is not removed here
cleared AS (
  DELETE FROM islet_models USING written JOIN input USING (name) WHERE islet_models.state = written.id
    AND input.base_bytes IS NOT NULL
),
models AS (
  INSERT INTO islet_models SELECT id, seq, model FROM written JOIN input USING (name) WHERE model IS NOT NULL
),
parts AS (
  INSERT INTO islet_parts SELECT written.id, part, text
      FROM json_to_recordset($2::json) AS given (name TEXT, part TEXT, text TEXT) JOIN written USING (name)
    ON CONFLICT (state, part) DO UPDATE SET text = excluded.text
),
clients AS (
  INSERT INTO islet_clients SELECT written.id, client, event, ((now + ends_in) / grain + 1) * grain, account
      FROM json_to_recordset($3::json)
          AS given (name TEXT, client TEXT, event BIGINT, ends_in BIGINT, grain BIGINT, account TEXT)
        JOIN written USING (name), moment
    ON CONFLICT (state, client) DO UPDATE SET event = excluded.event, ends_at = excluded.ends_at
    -- no other transaction has touched a row that was made by this statement
    RETURNING state, client, account, xmax = 0 AS is_new
),
-- accounts with more clients than before, which is seldom: all that follows is about those
grown AS (SELECT account, count(*) AS more FROM clients WHERE is_new AND account IS NOT NULL GROUP BY account),
oldest AS MATERIALIZED (
  SELECT own.state, own.client FROM grown, LATERAL (
    SELECT state, client FROM islet_clients WHERE account = grown.account
      ORDER BY ends_at DESC OFFSET greatest(${maxClientsPerAccount} - grown.more, 0)
  ) own
),
-- another process may be at the same ones: nobody waits for that
dropped AS (
  DELETE FROM islet_clients WHERE (state, client) IN (
    SELECT state, client FROM islet_clients WHERE (state, client) IN (SELECT state, client FROM oldest)
        AND (state, client) NOT IN (SELECT state, client FROM clients)
      FOR UPDATE SKIP LOCKED
  ) RETURNING state, ends_at
),
marked AS (
  INSERT INTO islet_clients SELECT state, '${droppedClients}', 0, max(ends_at), NULL FROM dropped, moment
      WHERE ends_at > now GROUP BY state ORDER BY state
    ON CONFLICT (state, client) DO UPDATE SET ends_at = greatest(islet_clients.ends_at, excluded.ends_at)
)
SELECT name FROM written`;

/** Where a new row may stand in the way of one whose time is over. */
const removeEnded = `DELETE FROM islet_states WHERE name = ANY ($1) AND ends_at <= ${now}`;

/** A write whose answer was lost may have been kept by a statement that ended after this one had begun. */
const readWriters = 'SELECT name, written_by FROM islet_states WHERE name = ANY ($1)';

/** @throws StoreError for what is no write, and what the line throws. */
export async function commit(line: PostgresLine, writes: readonly Write[]): Promise<boolean[]> {
  const rows = writes.map(toRow);
  const first = rows.filter(({ after }) => after === null).map(({ name }) => name);
  if (first.length > 0) await line.ask(removeEnded, [first]);
  const parts = writes.flatMap(toParts);
  const clients = writes.flatMap(toClients);
  const values = [rows, parts, clients].map((each) => JSON.stringify(each));
  const written = await line.ask(writeAll, values, 'islet_commit');
  const names = new Set(written.map((row) => (row as { name: string }).name));
  const missing = rows.filter(({ name }) => !names.has(name));
  if (missing.length > 0) {
    const found = await line.ask(readWriters, [missing.map(({ name }) => name)]);
    const writers = new Map(found.map((row) => Object.values(row as object) as [string, string]));
    for (const { name, written_by } of missing) if (writers.get(name) === written_by) names.add(name);
  }
  return rows.map(({ name }) => names.has(name));
}

function toRow(write: Write) {
  const sizes = checkWrite(write);
  const isSmall = isSmallBase(sizes);
  return {
    name: toName(write.key),
    key: toStorable(write.key),
    written_by: write.by,
    after: write.after ?? null,
    schema: write.schema,
    user_key: write.user === undefined ? null : toStorable(write.user),
    rendering: write.rendering ?? null,
    small_base: isSmall ? baseOf(write) : null,
    model: (isSmall ? undefined : baseOf(write)) ?? patchOf(write) ?? null,
    base_bytes: sizes.base ?? null,
    patch_bytes: sizes.patch ?? 0,
    rendering_bytes: sizes.rendering ?? null,
    instances_bytes: sizes.instances ?? null,
    timers_bytes: sizes.timers ?? null,
    tasks_bytes: sizes.tasks ?? null,
    dead_tasks: write.tasks?.dead ?? null,
    due_in: toWholeMs(write.dueInMs),
    ends_in: toWholeMs(write.endsInMs),
    grain: grainOf(write.endsInMs ?? 0),
  };
}

function toParts({ key, instances, timers, tasks }: Write) {
  const name = toName(key);
  const parts = Object.entries({ instances, timers, tasks: tasks?.json });
  return parts.filter(([, text]) => text !== undefined).map(([part, text]) => ({ name, part, text }));
}

function toClients({ key, clients = [] }: Write) {
  const name = toName(key);
  return clients.map(({ client, event, endsInMs, account }) => ({
    name,
    client: toStorable(client),
    event,
    ends_in: toWholeMs(endsInMs),
    grain: grainOf(endsInMs),
    account: account === undefined ? null : toStorable(account),
  }));
}

function toWholeMs(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.ceil(ms);
}
