/*
 * States in one SQLite file, by a connection of their own. All is done at once, in the thread that asks: `sqlite.ts` says
 * which one that is. Input: writes and keys. Output: rows, or what the driver throws.
 */

import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { baseOf, checkWrite, patchOf } from '../check-write.ts';
import { grainOf } from '../grain.ts';
import { fromStorable, toName, toStorable } from '../storable.ts';
import type { ClientWrite, Listed, Saved, Write } from '../store.ts';
import { migrate } from './tables.ts';

export interface SqliteFileOptions {
  /** Whether what is kept survives a power cut, and not only the end of the process. */
  readonly isPowerSafe: boolean;
  /** How long the driver may wait for others who write, with its whole thread. */
  readonly busyMs: number;
}

/** How long the start may wait for others who write, or migrate. */
const openMs = 5_000;

export class SqliteFile {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly identity: string | undefined;

  /** Opens the file, or makes it. @throws what node:sqlite throws */
  constructor(path: string, { isPowerSafe, busyMs }: SqliteFileOptions) {
    this.path = path;
    this.database = new DatabaseSync(path, { timeout: openMs });
    try {
      this.database.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON');
      this.database.exec(`PRAGMA synchronous = ${isPowerSafe ? 'FULL' : 'NORMAL'}`);
      migrate(this.database);
      this.database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    } catch (error) {
      this.database.close();
      throw error;
    }
    this.identity = identify(path);
  }

  load(key: string): Saved | undefined {
    return this.transact('BEGIN', () => {
      const now = Date.now();
      const row = this.get(
        `SELECT id, written_by, seq, schema, user_key, rendering, dead_tasks, written_at FROM islet_states
          WHERE name = ? AND (ends_at IS NULL OR ends_at > ?)`,
        [toName(key), now],
      );
      if (row === undefined) return undefined;
      const id = Number(row.id);
      const [base, ...patches] = this.all('SELECT text FROM islet_models WHERE state = ? ORDER BY seq', [id]).map(
        ({ text }) => String(text),
      );
      const parts = new Map(
        this.all('SELECT part, text FROM islet_parts WHERE state = ?', [id]).map(({ part, text }) => [
          String(part),
          String(text),
        ]),
      );
      const tasks = parts.get('tasks');
      const clients = this.all('SELECT client, event FROM islet_clients WHERE state = ? AND ends_at > ?', [id, now]);
      return {
        by: String(row.written_by),
        seq: Number(row.seq),
        schema: Number(row.schema),
        user: row.user_key === null ? undefined : fromStorable(String(row.user_key)),
        model: base === undefined ? undefined : { base, patches },
        rendering: row.rendering === null ? undefined : String(row.rendering),
        instances: parts.get('instances'),
        timers: parts.get('timers'),
        tasks: tasks === undefined ? undefined : { json: tasks, dead: Number(row.dead_tasks) },
        clients: clients.map(({ client, event }) => ({ client: fromStorable(String(client)), event: Number(event) })),
        ageMs: now - Number(row.written_at),
      };
    });
  }

  commit(writes: readonly Write[]): boolean[] {
    this.checkPlace();
    return this.transact('BEGIN IMMEDIATE', () => writes.map((write) => this.write(write)));
  }

  remove(key: string, by: string): boolean {
    return this.transact('BEGIN IMMEDIATE', () => {
      const name = toName(key);
      this.run('DELETE FROM islet_states WHERE name = ? AND written_by = ?', [name, by]);
      return this.get('SELECT 1 FROM islet_states WHERE name = ?', [name]) === undefined;
    });
  }

  due(withinMs: number, limit: number): string[] {
    const now = Date.now();
    const rows = this.all(
      `SELECT key FROM islet_states WHERE due_at <= ? AND (ends_at IS NULL OR ends_at > ?)
        ORDER BY due_at LIMIT ?`,
      [now + withinMs, now, limit],
    );
    return rows.map(({ key }) => fromStorable(String(key)));
  }

  sweep(limit: number): number {
    const now = Date.now();
    return this.transact('BEGIN IMMEDIATE', () => {
      const states = this.run(
        'DELETE FROM islet_states WHERE id IN (SELECT id FROM islet_states WHERE ends_at <= ? LIMIT ?)',
        [now, limit],
      );
      const clients = this.run(
        `DELETE FROM islet_clients WHERE (state, client) IN
          (SELECT state, client FROM islet_clients WHERE ends_at <= ? LIMIT ?)`,
        [now, limit - states],
      );
      return states + clients;
    });
  }

  list(after: number, limit: number): Listed[] {
    const now = Date.now();
    const rows = this.all(
      `SELECT id, key, schema, seq, user_key, dead_tasks, written_at, due_at, ends_at,
          base_bytes + patch_bytes + rendering_bytes + instances_bytes + timers_bytes + tasks_bytes AS bytes,
          (SELECT count(*) FROM islet_clients WHERE state = id) AS clients
        FROM islet_states WHERE id > ? ORDER BY id LIMIT ?`,
      [after, limit],
    );
    return rows.map((row) => ({
      place: Number(row.id),
      key: fromStorable(String(row.key)),
      schema: Number(row.schema),
      seq: Number(row.seq),
      user: row.user_key === null ? undefined : fromStorable(String(row.user_key)),
      bytes: Number(row.bytes),
      clients: Number(row.clients),
      deadTasks: Number(row.dead_tasks),
      ageMs: now - Number(row.written_at),
      dueInMs: row.due_at === null ? undefined : Number(row.due_at) - now,
      endsInMs: row.ends_at === null ? undefined : Number(row.ends_at) - now,
    }));
  }

  removeUser(user: string): { states: number; clients: number } {
    const key = toStorable(user);
    return this.transact('BEGIN IMMEDIATE', () => ({
      states: this.run('DELETE FROM islet_states WHERE user_key = ?', [key]),
      clients: this.run('DELETE FROM islet_clients WHERE user_key = ?', [key]),
    }));
  }

  close(): void {
    this.database.close();
  }

  private write(write: Write): boolean {
    const { key, by, after, clients } = write;
    const now = Date.now();
    const name = toName(key);
    const row = after === undefined ? this.insert(write, name, now) : this.update(write, name, now);
    // a write whose answer was lost is there already
    if (row === undefined) {
      return this.get('SELECT 1 FROM islet_states WHERE name = ? AND written_by = ?', [name, by]) !== undefined;
    }
    const id = Number(row.id);
    const base = baseOf(write);
    if (base !== undefined && after !== undefined) this.run('DELETE FROM islet_models WHERE state = ?', [id]);
    const text = base ?? patchOf(write);
    if (text !== undefined) this.run('INSERT INTO islet_models VALUES (?, ?, ?)', [id, Number(row.seq), text]);
    this.putPart(id, 'instances', write.instances);
    this.putPart(id, 'timers', write.timers);
    this.putPart(id, 'tasks', write.tasks?.json);
    for (const client of clients ?? []) this.putClient(id, client, now);
    return true;
  }

  private insert(write: Write, name: string, now: number): Row | undefined {
    const sizes = checkWrite(write);
    this.run('DELETE FROM islet_states WHERE name = ? AND ends_at <= ?', [name, now]);
    return this.get(
      `INSERT INTO islet_states (name, key, written_by, seq, schema, user_key, rendering, base_bytes, patch_bytes,
          rendering_bytes, instances_bytes, timers_bytes, tasks_bytes, dead_tasks, written_at, due_at, ends_at)
        VALUES (?, ?, ?, 1, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id, seq`,
      [
        ...[name, toStorable(write.key), write.by, write.schema, userOf(write), write.rendering ?? null],
        ...[sizes.base ?? 0, sizes.rendering ?? 0, sizes.instances ?? 0, sizes.timers ?? 0, sizes.tasks ?? 0],
        ...[write.tasks?.dead ?? 0, now, later(now, write.dueInMs), later(now, write.endsInMs)],
      ],
    );
  }

  private update(write: Write, name: string, now: number): Row | undefined {
    const sizes = checkWrite(write);
    return this.get(
      `UPDATE islet_states SET written_by = ?, seq = seq + 1, schema = ?, user_key = coalesce(?, user_key),
          rendering = coalesce(?, rendering),
          base_bytes = coalesce(?, base_bytes), patch_bytes = patch_bytes * ? + ?,
          rendering_bytes = coalesce(?, rendering_bytes), instances_bytes = coalesce(?, instances_bytes),
          timers_bytes = coalesce(?, timers_bytes), tasks_bytes = coalesce(?, tasks_bytes),
          dead_tasks = coalesce(?, dead_tasks), written_at = ?, due_at = ?, ends_at = ?
        WHERE name = ? AND written_by = ? RETURNING id, seq`,
      [
        ...[write.by, write.schema, userOf(write), write.rendering ?? null],
        // a base takes the place of the patches, too
        ...[sizes.base ?? null, sizes.base === undefined ? 1 : 0, sizes.patch ?? 0],
        ...[sizes.rendering ?? null, sizes.instances ?? null, sizes.timers ?? null, sizes.tasks ?? null],
        ...[write.tasks?.dead ?? null, now, later(now, write.dueInMs), later(now, write.endsInMs)],
        ...[name, write.after ?? ''],
      ],
    );
  }

  private putPart(id: number, part: string, text: string | undefined): void {
    if (text === undefined) return;
    this.run('INSERT INTO islet_parts VALUES (?, ?, ?) ON CONFLICT (state, part) DO UPDATE SET text = excluded.text', [
      id,
      part,
      text,
    ]);
  }

  private putClient(id: number, { client, event, user, endsInMs }: ClientWrite, now: number): void {
    const grain = grainOf(endsInMs);
    const endsAt = Math.ceil((now + endsInMs) / grain) * grain;
    this.run(
      `INSERT INTO islet_clients VALUES (?, ?, ?, ?, ?) ON CONFLICT (state, client) DO UPDATE
        SET user_key = coalesce(excluded.user_key, user_key), event = excluded.event, ends_at = excluded.ends_at`,
      [id, toStorable(client), user === undefined ? null : toStorable(user), event, endsAt],
    );
  }

  private transact<Result>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => Result): Result {
    this.run(begin, []);
    try {
      const result = work();
      this.run('COMMIT', []);
      return result;
    } catch (error) {
      // after some failures, a full disk among them, SQLite has rolled back already
      if (this.database.isTransaction) this.run('ROLLBACK', []);
      throw error;
    }
  }

  /** What would be written to a file that nobody finds again is not kept. */
  private checkPlace(): void {
    if (identify(this.path) === this.identity) return;
    throw Object.assign(new Error(`${this.path} was removed, or another file has its name`), { errcode: cantOpen });
  }

  private get(sql: string, values: Value[]): Row | undefined {
    return this.prepare(sql).get(...values);
  }

  private all(sql: string, values: Value[]): Row[] {
    return this.prepare(sql).all(...values);
  }

  private run(sql: string, values: Value[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  private prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

type Value = string | number | null;
type Row = NonNullable<ReturnType<StatementSync['get']>>;

const cantOpen = 14;

/** @returns undefined for one in memory. While a file is open its number is not given to another. */
function identify(path: string): string | undefined {
  const found = path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}

function userOf({ user }: Write): string | null {
  return user === undefined ? null : toStorable(user);
}

function later(now: number, ms: number | undefined): number | null {
  return ms === undefined ? null : Math.ceil(now + ms);
}
