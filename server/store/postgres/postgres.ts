/*
 * The store in PostgreSQL, by connections of its own: who waits for the app's keeps no actor from being kept, and no
 * actor keeps others from reading. Input: writes. Output: what the database says; all times are its own.
 */

import { fromStorable, toName, toStorable } from '../storable.ts';
import type { Listed, ManagedStore, Saved } from '../store.ts';
import { type CreateClient, clientsOf } from './client.ts';
import { commit, now } from './commit.ts';
import { explain } from './failures.ts';
import { PostgresLine, patiently, promptly } from './line.ts';
import { migrate } from './tables.ts';

/**
 * Opens the store, and makes its tables or brings them up to date. The database may be the app's own: tables begin with
 * `islet_`.
 *
 * @param database Its address, such as `postgres://user:password@host/name`, for the package `pg`, which the app has to
 *   install; or a function that makes a client of it.
 * @throws StoreError where the database cannot be used, or a later version of Islet made its tables.
 */
export async function postgresStore(database: string | CreateClient): Promise<ManagedStore> {
  const create = typeof database === 'string' ? clientsOf(database) : database;
  const first = new PostgresLine(create, patiently);
  await migrate(first)
    .catch(rethrow)
    .finally(() => first.close());
  const writer = new PostgresLine(create, promptly);
  const reader = new PostgresLine(create, promptly);
  const answer = async <Result>(answered: Promise<Result>): Promise<Result> => answered.catch(rethrow);
  return {
    load: (key) => answer(load(reader, key)),
    commit: (writes) => answer(commit(writer, writes)),
    remove: (key, by) => answer(remove(writer, key, by)),
    due: (withinMs, limit) => answer(due(reader, withinMs, limit)),
    sweep: (limit) => answer(sweep(reader, limit)),
    list: (after, limit) => answer(list(reader, after, limit)),
    removeUser: (user, account) => answer(removeUser(reader, user, account)),
    async close() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

function rethrow(error: unknown): never {
  throw explain(error);
}

interface StateRow {
  readonly written_by: string;
  readonly seq: string;
  readonly schema: number;
  readonly user_key: string | null;
  readonly small_base: string | null;
  readonly rendering: string | null;
  readonly dead_tasks: number;
  readonly age: string;
  readonly models: readonly string[] | null;
  readonly parts: { readonly [part: string]: string } | null;
  readonly clients: readonly (readonly [client: string, event: number])[] | null;
}

/** One statement, so that it is of one moment. */
async function load(line: PostgresLine, key: string): Promise<Saved | undefined> {
  const [found] = await line.ask(
    `SELECT written_by, seq, schema, user_key, small_base, rendering, dead_tasks, ${now} - written_at AS age,
        (SELECT json_agg(text ORDER BY seq) FROM islet_models WHERE state = id) AS models,
        (SELECT json_object_agg(part, text) FROM islet_parts WHERE state = id) AS parts,
        (SELECT json_agg(json_build_array(client, event)) FROM islet_clients WHERE state = id AND ends_at > ${now}) AS clients
      FROM islet_states WHERE name = $1 AND (ends_at IS NULL OR ends_at > ${now})`,
    [toName(key)],
    'islet_load',
  );
  if (found === undefined) return undefined;
  const row = found as StateRow;
  const [base, ...patches] = [...(row.small_base === null ? [] : [row.small_base]), ...(row.models ?? [])];
  const { instances, timers, tasks } = row.parts ?? {};
  return {
    by: row.written_by,
    seq: Number(row.seq),
    schema: row.schema,
    user: row.user_key === null ? undefined : fromStorable(row.user_key),
    model: base === undefined ? undefined : { base, patches },
    rendering: row.rendering ?? undefined,
    instances,
    timers,
    tasks: tasks === undefined ? undefined : { json: tasks, dead: row.dead_tasks },
    clients: (row.clients ?? []).map(([client, event]) => ({ client: fromStorable(client), event })),
    ageMs: Number(row.age),
  };
}

async function remove(line: PostgresLine, key: string, by: string): Promise<boolean> {
  const name = toName(key);
  await line.ask('DELETE FROM islet_states WHERE name = $1 AND written_by = $2', [name, by]);
  return (await line.ask('SELECT 1 FROM islet_states WHERE name = $1', [name])).length === 0;
}

async function due(line: PostgresLine, withinMs: number, limit: number): Promise<readonly string[]> {
  const rows = await line.ask(
    `SELECT key FROM islet_states WHERE due_at <= ${now} + $1 AND (ends_at IS NULL OR ends_at > ${now})
      ORDER BY due_at LIMIT $2`,
    [Math.ceil(withinMs), limit],
  );
  return rows.map((row) => fromStorable((row as { key: string }).key));
}

/** What another server is sweeping already is left to it. */
async function sweep(line: PostgresLine, limit: number): Promise<number> {
  const removed = await line.ask(
    `DELETE FROM islet_states WHERE id IN
        (SELECT id FROM islet_states WHERE ends_at <= ${now} LIMIT $1 FOR UPDATE SKIP LOCKED)
      RETURNING 1`,
    [limit],
  );
  const clients = await line.ask(
    `DELETE FROM islet_clients WHERE (state, client) IN
        (SELECT state, client FROM islet_clients WHERE ends_at <= ${now} LIMIT $1 FOR UPDATE SKIP LOCKED)
      RETURNING 1`,
    [limit - removed.length],
  );
  return removed.length + clients.length;
}

interface ListedRow {
  readonly id: string;
  readonly key: string;
  readonly schema: number;
  readonly seq: string;
  readonly user_key: string | null;
  readonly bytes: number;
  readonly clients: string;
  readonly dead_tasks: number;
  readonly age: string;
  readonly due_in: string | null;
  readonly ends_in: string | null;
}

async function list(line: PostgresLine, after: number, limit: number): Promise<readonly Listed[]> {
  const rows = await line.ask(
    `SELECT id, key, schema, seq, user_key, dead_tasks, ${now} - written_at AS age, due_at - ${now} AS due_in,
        ends_at - ${now} AS ends_in,
        base_bytes + patch_bytes + rendering_bytes + instances_bytes + timers_bytes + tasks_bytes AS bytes,
        (SELECT count(*) FROM islet_clients WHERE state = id) AS clients
      FROM islet_states WHERE id > $1 ORDER BY id LIMIT $2`,
    [after, limit],
  );
  return rows.map((each) => {
    const row = each as ListedRow;
    return {
      place: Number(row.id),
      key: fromStorable(row.key),
      schema: row.schema,
      seq: Number(row.seq),
      user: row.user_key === null ? undefined : fromStorable(row.user_key),
      bytes: row.bytes,
      clients: Number(row.clients),
      deadTasks: row.dead_tasks,
      ageMs: Number(row.age),
      dueInMs: row.due_in === null ? undefined : Number(row.due_in),
      endsInMs: row.ends_in === null ? undefined : Number(row.ends_in),
    };
  });
}

async function removeUser(
  line: PostgresLine,
  user: string,
  account: string,
): Promise<{ states: number; clients: number }> {
  const states = await line.ask('DELETE FROM islet_states WHERE user_key = $1 RETURNING 1', [toStorable(user)]);
  const clients = await line.ask('DELETE FROM islet_clients WHERE account = $1 RETURNING 1', [toStorable(account)]);
  return { states: states.length, clients: clients.length };
}
