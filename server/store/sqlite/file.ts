/*
 * States in one SQLite file, by a connection of their own. All is done at once, in the thread that asks: `sqlite.ts`
 * says which one that is. Input: writes and keys. Output: rows, or what the driver throws.
 */

import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { baseOf, checkWrite, isSmallBase, patchOf, type WriteSizes } from '../check-write.ts';
import { dueGrainMs, grainOf } from '../grain.ts';
import { fromStorable, toName, toStorable } from '../storable.ts';
import type { ClientWrite, Listed, Saved, Write } from '../store.ts';
import { Change } from './change.ts';
import { migrate } from './tables.ts';

export type Durability = 'process' | 'power';

export interface SqliteFileOptions {
  /** Whether what is kept survives a power cut, and not only the end of the process. */
  readonly isPowerSafe: boolean;
  /** How long the driver may wait for others who write, with its whole thread. */
  readonly busyMs: number;
  /**
   * Whether somebody else brings the log into the file, which waits for the disk; this one does where the other lags.
   */
  readonly isCheckpointed?: boolean;
}

/** How long the start may wait for others who write, or migrate. */
const openMs = 5_000;

export class SqliteFile {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  private readonly identity: string | undefined;
  private readonly change: Change;

  /** Opens the file, or makes it. @throws what node:sqlite throws */
  constructor(path: string, { isPowerSafe, busyMs, isCheckpointed = false }: SqliteFileOptions) {
    this.path = path;
    // asked for here: an import of what an old Node lacks would fail before its version is looked at
    const sqlite = process.getBuiltinModule('node:sqlite');
    this.database = new sqlite.DatabaseSync(path, { timeout: openMs });
    try {
      this.database.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON');
      this.database.exec(`PRAGMA synchronous = ${isPowerSafe ? 'FULL' : 'NORMAL'}`);
      if (isCheckpointed) this.database.exec(`PRAGMA wal_autocheckpoint = ${4 * longLogPages}`);
      migrate(this.database);
      this.database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    } catch (error) {
      this.database.close();
      throw error;
    }
    this.identity = identify(path);
    this.change = new Change(this.database);
  }

  load(key: string): Saved | undefined {
    return this.transact('BEGIN', () => {
      const now = Date.now();
      const row = this.get(
        `SELECT id, written_by, seq, schema, user_key, small_base, rendering, dead_tasks, written_at FROM islet_states
          WHERE name = ? AND (ends_at IS NULL OR ends_at > ?)`,
        ...[toName(key), now],
      );
      if (row === undefined) return undefined;
      const id = Number(row.id);
      const small = row.small_base === null ? [] : [String(row.small_base)];
      const models = this.all('SELECT text FROM islet_models WHERE state = ? ORDER BY seq', id);
      const [base, ...patches] = [...small, ...models.map(({ text }) => String(text))];
      const parts = new Map(
        this.all('SELECT part, text FROM islet_parts WHERE state = ?', id).map(({ part, text }) => [
          String(part),
          String(text),
        ]),
      );
      const tasks = parts.get('tasks');
      const clients = this.all('SELECT client, event FROM islet_clients WHERE state = ? AND ends_at > ?', id, now);
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
      this.run('DELETE FROM islet_states WHERE name = ? AND written_by = ?', name, by);
      return this.get('SELECT 1 FROM islet_states WHERE name = ?', name) === undefined;
    });
  }

  due(withinMs: number, limit: number): string[] {
    const now = Date.now();
    const rows = this.all(
      `SELECT key FROM islet_states WHERE due_at <= ? AND (ends_at IS NULL OR ends_at > ?)
        ORDER BY due_at LIMIT ?`,
      ...[now + withinMs, now, limit],
    );
    return rows.map(({ key }) => fromStorable(String(key)));
  }

  sweep(limit: number): number {
    const now = Date.now();
    return this.transact('BEGIN IMMEDIATE', () => {
      const states = this.run(
        'DELETE FROM islet_states WHERE id IN (SELECT id FROM islet_states WHERE ends_at <= ? LIMIT ?)',
        ...[now, limit],
      );
      const clients = this.run(
        `DELETE FROM islet_clients WHERE (state, client) IN
          (SELECT state, client FROM islet_clients WHERE ends_at <= ? LIMIT ?)`,
        ...[now, limit - states],
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
      ...[after, limit],
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
      states: this.run('DELETE FROM islet_states WHERE user_key = ?', key),
      clients: this.run('DELETE FROM islet_clients WHERE user_key = ?', key),
    }));
  }

  /** What a write survives, as the connection that writes says: a power cut, the end of the process, or nothing. */
  durability(): Durability | undefined {
    const [synchronous] = Object.values(this.get('PRAGMA synchronous') ?? {});
    return synchronous === 2 ? 'power' : synchronous === 1 ? 'process' : undefined;
  }

  /**
   * Brings the log into the file, beside those who read and write. Where they leave no gap to begin the log anew, and
   * it has grown, they are kept waiting for once.
   */
  checkpoint(): void {
    const [row] = this.all('PRAGMA wal_checkpoint(PASSIVE)');
    if (Number(row?.log) > longLogPages) this.all('PRAGMA wal_checkpoint(RESTART)');
  }

  close(): void {
    this.database.close();
  }

  /** Within a transaction that lets nobody else write: what is read here is so until it is written. */
  private write(write: Write): boolean {
    const { key, by, after, clients } = write;
    const sizes = checkWrite(write);
    const now = Date.now();
    const name = toName(key);
    const row = this.get(
      'SELECT id, written_by, seq, patch_bytes, model_rows, due_at, ends_at FROM islet_states WHERE name = ?',
      name,
    ) as StateRow | undefined;
    // a write whose answer was lost
    if (row?.written_by === by) return true;
    const isNext = after === undefined ? row === undefined || isOver(row, now) : row?.written_by === after;
    if (!isNext) return false;
    let id: number;
    if (after === undefined || row === undefined) {
      if (row !== undefined) this.run('DELETE FROM islet_states WHERE id = ?', row.id);
      id = this.insert(write, sizes, name, now);
    } else {
      id = row.id;
      this.update(row, write, sizes, now);
    }
    this.putPart(id, 'instances', write.instances);
    this.putPart(id, 'timers', write.timers);
    this.putPart(id, 'tasks', write.tasks?.json);
    for (const client of clients ?? []) this.putClient(id, client, now);
    return true;
  }

  /** @returns the id of the new row. */
  private insert(write: Write, sizes: WriteSizes, name: string, now: number): number {
    const { key, by, schema, user, rendering, tasks } = write;
    const isSmall = isSmallBase(sizes);
    const base = baseOf(write);
    const { lastInsertRowid } = this.prepare(
      `INSERT INTO islet_states (name, key, written_by, seq, schema, user_key, small_base, model_rows, rendering,
          base_bytes, patch_bytes, rendering_bytes, instances_bytes, timers_bytes, tasks_bytes, dead_tasks, written_at,
          due_at, ends_at)
        VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[name, toStorable(key), by, schema, user === undefined ? null : toStorable(user)],
      ...[isSmall ? (base ?? null) : null, isSmall || base === undefined ? 0 : 1, rendering ?? null],
      ...[sizes.base ?? 0, sizes.rendering ?? 0, sizes.instances ?? 0, sizes.timers ?? 0, sizes.tasks ?? 0],
      ...[tasks?.dead ?? 0, now, dueAt(write, now), endsAt(write, now)],
    );
    const id = Number(lastInsertRowid);
    if (base !== undefined && !isSmall) this.run('INSERT INTO islet_models VALUES (?, 1, ?)', id, base);
    return id;
  }

  /** Names only the columns that change: SQLite writes an index anew whose column is named, whatever its value is. */
  private update(row: StateRow, write: Write, sizes: WriteSizes, now: number): void {
    const { by, schema, user, rendering, tasks } = write;
    const { base, patch, instances, timers } = sizes;
    const seq = row.seq + 1;
    const due = dueAt(write, now);
    const ends = endsAt(write, now);
    const { change } = this;
    change.begin(by, seq, schema, now);
    if (user !== undefined) change.set('user_key', toStorable(user));
    if (rendering !== undefined) change.set('rendering', rendering).set('rendering_bytes', sizes.rendering ?? 0);
    if (instances !== undefined) change.set('instances_bytes', instances);
    if (timers !== undefined) change.set('timers_bytes', timers);
    if (tasks !== undefined) change.set('tasks_bytes', sizes.tasks ?? 0).set('dead_tasks', tasks.dead);
    if (!isAbout(row.due_at, due)) change.set('due_at', due);
    if (row.ends_at !== ends) change.set('ends_at', ends);
    if (base !== undefined) this.putBase(row, seq, write, sizes, change);
    if (patch !== undefined) {
      change.set('patch_bytes', row.patch_bytes + patch).set('model_rows', row.model_rows + 1);
      this.run('INSERT INTO islet_models VALUES (?, ?, ?)', row.id, seq, patchOf(write) ?? '');
    }
    change.end(row.id);
  }

  private putBase(row: StateRow, seq: number, write: Write, sizes: WriteSizes, change: Change): void {
    const base = baseOf(write) ?? '';
    const isSmall = isSmallBase(sizes);
    change
      .set('small_base', isSmall ? base : null)
      .set('base_bytes', sizes.base ?? 0)
      .set('patch_bytes', 0);
    if (row.model_rows > 0) this.run('DELETE FROM islet_models WHERE state = ?', row.id);
    if (!isSmall) this.run('INSERT INTO islet_models VALUES (?, ?, ?)', row.id, seq, base);
    change.set('model_rows', isSmall ? 0 : 1);
  }

  private putPart(id: number, part: string, text: string | undefined): void {
    if (text === undefined) return;
    const sql = 'INSERT INTO islet_parts VALUES (?, ?, ?) ON CONFLICT (state, part) DO UPDATE SET text = excluded.text';
    this.run(sql, id, part, text);
  }

  private putClient(id: number, { client, event, user, endsInMs }: ClientWrite, now: number): void {
    const name = toStorable(client);
    const ends = inGrains(now, endsInMs);
    const who = user === undefined ? null : toStorable(user);
    // mostly nothing but the event changes, and no index
    const isPutOn = this.run(
      `UPDATE islet_clients SET event = ?
        WHERE state = ? AND client = ? AND ends_at = ? AND user_key IS coalesce(?, user_key)`,
      ...[event, id, name, ends, who],
    );
    if (isPutOn > 0) return;
    this.run(
      `INSERT INTO islet_clients VALUES (?, ?, ?, ?, ?) ON CONFLICT (state, client) DO UPDATE
        SET user_key = coalesce(excluded.user_key, user_key), event = excluded.event, ends_at = excluded.ends_at`,
      ...[id, name, who, event, ends],
    );
  }

  private transact<Result>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => Result): Result {
    this.run(begin);
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // after some failures, a full disk among them, SQLite has rolled back already
      if (this.database.isTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  /** What would be written to a file that nobody finds again is not kept. */
  private checkPlace(): void {
    if (identify(this.path) === this.identity) return;
    throw Object.assign(new Error(`${this.path} was removed, or another file has its name`), { errcode: cantOpen });
  }

  private get(sql: string, ...values: Value[]): Row | undefined {
    return this.prepare(sql).get(...values);
  }

  private all(sql: string, ...values: Value[]): Row[] {
    return this.prepare(sql).all(...values);
  }

  private run(sql: string, ...values: Value[]): number {
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

/** What of a state has to be known to write the next one. */
interface StateRow {
  readonly id: number;
  readonly written_by: string;
  readonly seq: number;
  readonly patch_bytes: number;
  readonly model_rows: number;
  readonly due_at: number | null;
  readonly ends_at: number | null;
}

const cantOpen = 14;
/** 16 MiB of usual pages. */
const longLogPages = 4_096;

/** @returns undefined for one in memory. While a file is open its number is not given to another. */
function identify(path: string): string | undefined {
  const found = path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}

function dueAt({ dueInMs }: Write, now: number): number | null {
  return dueInMs === undefined ? null : Math.ceil(now + dueInMs);
}

function endsAt({ endsInMs }: Write, now: number): number | null {
  return endsInMs === undefined ? null : inGrains(now, endsInMs);
}

function inGrains(now: number, endsInMs: number): number {
  const grain = grainOf(endsInMs);
  return Math.ceil((now + endsInMs) / grain) * grain;
}

function isOver({ ends_at }: StateRow, now: number): boolean {
  return ends_at !== null && ends_at <= now;
}

function isAbout(one: number | null, other: number | null): boolean {
  return one === other || (one !== null && other !== null && Math.abs(one - other) <= dueGrainMs);
}
