/*
 * One write of one state, as rows. Input: a write, within a transaction that lets nobody else write. Output: whether it
 * is kept. What the next write of a state has to know of its row is remembered, so that most are written without being
 * read first: the row is changed only where it is the outcome of the write that is followed, whoever else writes.
 */

import type { DatabaseSync } from 'node:sqlite';
import { baseOf, checkWrite, isSmallBase, patchOf, type WriteSizes } from '../check-write.ts';
import { dueGrainMs, grainOf } from '../grain.ts';
import { toName, toStorable } from '../storable.ts';
import { type ClientWrite, droppedClients, maxClientsPerAccount, type Write } from '../store.ts';
import { Change } from './change.ts';
import type { Statements } from './statements.ts';

/** What of a state has to be known to write the next one. */
interface StateRow {
  readonly id: number;
  written_by: string;
  seq: number;
  base_bytes: number;
  patch_bytes: number;
  model_rows: number;
  due_at: number | null;
  ends_at: number | null;
}

/** So many rows are remembered, those that were written last: about 200 bytes each. */
const maxRows = 10_000;

export class StateWriting {
  private readonly statements: Statements;
  private readonly change: Change;
  /**
   * By key. What is remembered may have been rolled back, removed or written by others since: then no row is the outcome
   * of the write that it names.
   */
  private readonly rows = new Map<string, StateRow>();

  constructor(database: DatabaseSync, statements: Statements) {
    this.statements = statements;
    this.change = new Change(database);
  }

  /** @returns false: another write came first. */
  write(write: Write, now: number): boolean {
    const { key, by, after } = write;
    const sizes = checkWrite(write);
    const known = this.rows.get(key);
    if (known !== undefined) {
      if (after !== undefined && known.written_by === after && this.update(known, write, sizes, now)) {
        this.putRest(known.id, write, now);
        return true;
      }
      this.rows.delete(key);
    }
    const name = toName(key);
    const row = this.statements.get(
      `SELECT id, written_by, seq, base_bytes, patch_bytes, model_rows, due_at, ends_at FROM islet_states
        WHERE name = ?`,
      name,
    ) as StateRow | undefined;
    // a write whose answer was lost
    if (row?.written_by === by) return true;
    const isNext = after === undefined ? row === undefined || isOver(row, now) : row?.written_by === after;
    if (!isNext) return false;
    if (after === undefined || row === undefined) {
      if (row !== undefined) this.statements.run('DELETE FROM islet_states WHERE id = ?', row.id);
      this.putRest(this.insert(write, sizes, name, now), write, now);
      return true;
    }
    this.update(row, write, sizes, now);
    this.putRest(row.id, write, now);
    this.remember(key, row);
    return true;
  }

  private remember(key: string, row: StateRow): void {
    this.rows.set(key, row);
    if (this.rows.size <= maxRows) return;
    for (const oldest of this.rows.keys()) {
      this.rows.delete(oldest);
      break;
    }
  }

  /** @returns the id of the new row. */
  private insert(write: Write, sizes: WriteSizes, name: string, now: number): number {
    const { key, by, schema, user, rendering, tasks } = write;
    const isSmall = isSmallBase(sizes);
    const base = baseOf(write);
    const id = this.statements.insert(
      `INSERT INTO islet_states (name, key, written_by, seq, schema, user_key, small_base, model_rows, rendering,
          base_bytes, patch_bytes, rendering_bytes, instances_bytes, timers_bytes, tasks_bytes, dead_tasks, written_at,
          due_at, ends_at)
        VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[name, toStorable(key), by, schema, user === undefined ? null : toStorable(user)],
      ...[isSmall ? (base ?? null) : null, isSmall || base === undefined ? 0 : 1, rendering ?? null],
      ...[sizes.base ?? 0, sizes.rendering ?? 0, sizes.instances ?? 0, sizes.timers ?? 0, sizes.tasks ?? 0],
      ...[tasks?.dead ?? 0, now, dueAt(write, now), endsAt(write, now)],
    );
    if (base !== undefined && !isSmall) this.statements.run('INSERT INTO islet_models VALUES (?, 1, ?)', id, base);
    return id;
  }

  /** Changes the row, and what is remembered of it. @returns false: another write came after the one that it has. */
  private update(row: StateRow, write: Write, sizes: WriteSizes, now: number): boolean {
    const { by, schema, user, rendering, tasks } = write;
    const { base: baseBytes, patch: patchBytes, instances, timers } = sizes;
    const { id, written_by, model_rows } = row;
    const seq = row.seq + 1;
    const base = baseOf(write);
    const due = dueAt(write, now);
    const ends = endsAt(write, now);
    const { change } = this;
    change.begin(by, seq, schema, now);
    if (user !== undefined) change.set('user_key', toStorable(user));
    if (rendering !== undefined) change.set('rendering', rendering).set('rendering_bytes', sizes.rendering ?? 0);
    if (instances !== undefined) change.set('instances_bytes', instances);
    if (timers !== undefined) change.set('timers_bytes', timers);
    if (tasks !== undefined) change.set('tasks_bytes', sizes.tasks ?? 0).set('dead_tasks', tasks.dead);
    if (!isAbout(row.due_at, due)) {
      change.set('due_at', due);
      row.due_at = due;
    }
    if (row.ends_at !== ends) {
      change.set('ends_at', ends);
      row.ends_at = ends;
    }
    const isSmall = isSmallBase(sizes);
    if (base !== undefined) {
      change.set('small_base', isSmall ? base : null);
      this.count(row, baseBytes ?? 0, 0, isSmall ? 0 : 1);
    } else if (patchBytes !== undefined) {
      this.count(row, row.base_bytes, row.patch_bytes + patchBytes, model_rows + 1);
    }
    row.written_by = by;
    row.seq = seq;
    if (!change.end(id, written_by)) return false;
    if (base !== undefined) {
      if (model_rows > 0) this.statements.run('DELETE FROM islet_models WHERE state = ?', id);
      if (!isSmall) this.statements.run('INSERT INTO islet_models VALUES (?, ?, ?)', id, seq, base);
    } else if (patchBytes !== undefined) {
      this.statements.run('INSERT INTO islet_models VALUES (?, ?, ?)', id, seq, patchOf(write) ?? '');
    }
    return true;
  }

  /** Sets what is counted of the model, where it is not as it was. */
  private count(row: StateRow, baseBytes: number, patchBytes: number, modelRows: number): void {
    const { change } = this;
    if (row.base_bytes !== baseBytes) change.set('base_bytes', baseBytes);
    if (row.patch_bytes !== patchBytes) change.set('patch_bytes', patchBytes);
    if (row.model_rows !== modelRows) change.set('model_rows', modelRows);
    row.base_bytes = baseBytes;
    row.patch_bytes = patchBytes;
    row.model_rows = modelRows;
  }

  /** What stands in rows of its own. */
  private putRest(id: number, { instances, timers, tasks, clients }: Write, now: number): void {
    if (instances !== undefined) this.putPart(id, 'instances', instances);
    if (timers !== undefined) this.putPart(id, 'timers', timers);
    if (tasks !== undefined) this.putPart(id, 'tasks', tasks.json);
    if (clients !== undefined) for (const client of clients) this.putClient(id, client, now);
  }

  private putPart(id: number, part: string, text: string): void {
    const sql = 'INSERT INTO islet_parts VALUES (?, ?, ?) ON CONFLICT (state, part) DO UPDATE SET text = excluded.text';
    this.statements.run(sql, id, part, text);
  }

  private putClient(id: number, { client, event, endsInMs, account }: ClientWrite, now: number): void {
    const name = toStorable(client);
    const ends = inGrains(now, endsInMs);
    // mostly nothing but the event changes, and no index
    const isPutOn = this.statements.run(
      'UPDATE islet_clients SET event = ? WHERE state = ? AND client = ? AND ends_at = ?',
      ...[event, id, name, ends],
    );
    if (isPutOn > 0) return;
    const isThere = this.statements.run(
      'UPDATE islet_clients SET event = ?, ends_at = ? WHERE state = ? AND client = ?',
      ...[event, ends, id, name],
    );
    if (isThere > 0) return;
    const on = account === undefined ? null : toStorable(account);
    if (on !== null) this.makeRoom(on, now);
    this.statements.run('INSERT INTO islet_clients VALUES (?, ?, ?, ?, ?)', id, name, event, ends, on);
  }

  /** For one more client on an account, which has as many as it may: those of its own whose time is over first go. */
  private makeRoom(account: string, now: number): void {
    const count = this.statements.get('SELECT count(*) AS count FROM islet_clients WHERE account = ?', account)?.count;
    const tooMany = Number(count) - maxClientsPerAccount + 1;
    if (tooMany <= 0) return;
    const oldest = this.statements.all(
      'SELECT state, client, ends_at FROM islet_clients WHERE account = ? ORDER BY ends_at LIMIT ?',
      ...[account, tooMany],
    );
    for (const { state, client, ends_at } of oldest) {
      this.statements.run('DELETE FROM islet_clients WHERE state = ? AND client = ?', Number(state), String(client));
      if (Number(ends_at) <= now) continue;
      this.statements.run(
        `INSERT INTO islet_clients VALUES (?, ?, 0, ?, NULL) ON CONFLICT (state, client) DO UPDATE
          SET ends_at = max(ends_at, excluded.ends_at)`,
        ...[Number(state), droppedClients, Number(ends_at)],
      );
    }
  }
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
