/*
 * States in one SQLite file, by a connection of their own. All is done at once, in the thread that asks: `sqlite.ts`
 * says which one that is. Input: writes and keys. Output: rows, or what the driver throws.
 */

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { fromStorable, toName, toStorable } from '../storable.ts';
import type { Listed, Saved, Write } from '../store.ts';
import { StateWriting } from './state-writing.ts';
import { Statements } from './statements.ts';
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
  /** The file that it has to be; without it is the one that has the name now. */
  readonly identity?: string | undefined;
}

/** How long the start may wait for others who write, or migrate. */
const openMs = 5_000;

export class SqliteFile {
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly statements: Statements;
  private readonly writing: StateWriting;
  /** Which file it is, whatever has its name later; undefined: one in memory. */
  readonly identity: string | undefined;
  private checkedAt = performance.now();

  /** Opens the file, or makes it. @throws what node:sqlite throws */
  constructor(path: string, { isPowerSafe, busyMs, isCheckpointed = false, identity }: SqliteFileOptions) {
    this.path = path;
    // to open another would make it, where there is none, and would put an end to the log that belongs to this one
    if (identity !== undefined && identify(path) !== identity) throw misplaced(path);
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
    this.identity = identity ?? identify(path);
    this.statements = new Statements(this.database);
    this.writing = new StateWriting(this.database, this.statements);
  }

  load(key: string): Saved | undefined {
    return this.statements.transact('BEGIN', () => {
      const now = Date.now();
      const row = this.statements.get(
        `SELECT id, written_by, seq, schema, user_key, small_base, rendering, dead_tasks, written_at FROM islet_states
          WHERE name = ? AND (ends_at IS NULL OR ends_at > ?)`,
        ...[toName(key), now],
      );
      if (row === undefined) return undefined;
      const id = Number(row.id);
      const small = row.small_base === null ? [] : [String(row.small_base)];
      const models = this.statements.all('SELECT text FROM islet_models WHERE state = ? ORDER BY seq', id);
      const [base, ...patches] = [...small, ...models.map(({ text }) => String(text))];
      const parts = new Map(
        this.statements
          .all('SELECT part, text FROM islet_parts WHERE state = ?', id)
          .map(({ part, text }) => [String(part), String(text)]),
      );
      const tasks = parts.get('tasks');
      const clients = this.statements.all(
        'SELECT client, event FROM islet_clients WHERE state = ? AND ends_at > ?',
        id,
        now,
      );
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
    const now = Date.now();
    return this.statements.transact('BEGIN IMMEDIATE', () => writes.map((write) => this.writing.write(write, now)));
  }

  remove(key: string, by: string): boolean {
    return this.statements.transact('BEGIN IMMEDIATE', () => {
      const name = toName(key);
      this.statements.run('DELETE FROM islet_states WHERE name = ? AND written_by = ?', name, by);
      return this.statements.get('SELECT 1 FROM islet_states WHERE name = ?', name) === undefined;
    });
  }

  due(withinMs: number, limit: number): string[] {
    const now = Date.now();
    const rows = this.statements.all(
      `SELECT key FROM islet_states WHERE due_at <= ? AND (ends_at IS NULL OR ends_at > ?)
        ORDER BY due_at LIMIT ?`,
      ...[now + withinMs, now, limit],
    );
    return rows.map(({ key }) => fromStorable(String(key)));
  }

  sweep(limit: number): number {
    const now = Date.now();
    return this.statements.transact('BEGIN IMMEDIATE', () => {
      const states = this.statements.run(
        'DELETE FROM islet_states WHERE id IN (SELECT id FROM islet_states WHERE ends_at <= ? LIMIT ?)',
        ...[now, limit],
      );
      const clients = this.statements.run(
        `DELETE FROM islet_clients WHERE (state, client) IN
          (SELECT state, client FROM islet_clients WHERE ends_at <= ? LIMIT ?)`,
        ...[now, limit - states],
      );
      return states + clients;
    });
  }

  list(after: number, limit: number): Listed[] {
    const now = Date.now();
    const rows = this.statements.all(
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

  removeUser(user: string, account: string): { states: number; clients: number } {
    return this.statements.transact('BEGIN IMMEDIATE', () => ({
      states: this.statements.run('DELETE FROM islet_states WHERE user_key = ?', toStorable(user)),
      clients: this.statements.run('DELETE FROM islet_clients WHERE account = ?', toStorable(account)),
    }));
  }

  /** What a write survives, as the connection that writes says: a power cut, the end of the process, or nothing. */
  durability(): Durability | undefined {
    const [synchronous] = Object.values(this.statements.get('PRAGMA synchronous') ?? {});
    return synchronous === 2 ? 'power' : synchronous === 1 ? 'process' : undefined;
  }

  /**
   * Brings the log into the file, beside those who read and write. Where they leave no gap to begin the log anew, and
   * it has grown, they are kept waiting for once.
   */
  checkpoint(): void {
    const [row] = this.statements.all('PRAGMA wal_checkpoint(PASSIVE)');
    if (Number(row?.log) > longLogPages) this.statements.all('PRAGMA wal_checkpoint(RESTART)');
  }

  close(): void {
    this.database.close();
  }

  /** What would be written to a file that nobody finds again is not kept. */
  private checkPlace(): void {
    const now = performance.now();
    if (now < this.checkedAt + checkMs) return;
    if (identify(this.path) === this.identity) {
      this.checkedAt = now;
      return;
    }
    throw misplaced(this.path);
  }
}

function misplaced(path: string): Error {
  return Object.assign(new Error(`${path} was removed, or another file has its name`), { errcode: cantOpen });
}

const cantOpen = 14;
/** A file that is moved away takes with it all that was kept: that this is noticed may wait so long. */
const checkMs = 10;
/** 16 MiB of usual pages. */
const longLogPages = 4_096;

/** @returns undefined for one in memory. While a file is open its number is not given to another. */
function identify(path: string): string | undefined {
  const found = path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}
