/*
 * The statement that changes a state's row: as many as there are sets of columns, each prepared once. Input: columns
 * and values, one after the other. Output: the row changed, if it is still the outcome of the write that this one
 * follows. It is the one statement of each turn, so no text is made for it that was made before, and it names only the
 * columns that change: SQLite writes an index anew whose column is named, whatever its value is.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Value } from './statements.ts';

const columns = [
  ...['user_key', 'rendering', 'rendering_bytes', 'instances_bytes', 'timers_bytes', 'tasks_bytes', 'dead_tasks'],
  ...['due_at', 'ends_at', 'small_base', 'base_bytes', 'patch_bytes', 'model_rows'],
] as const;
type Column = (typeof columns)[number];

const places = new Map<Column, number>(columns.map((column, index) => [column, index]));

export class Change {
  private readonly database: DatabaseSync;
  /** By the columns that they name: a bit for each. */
  private readonly statements = new Map<number, StatementSync>();
  private values: Value[] = [];
  private named = 0;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  begin(by: string, seq: number, schema: number, now: number): void {
    this.values = [by, seq, schema, now];
    this.named = 0;
  }

  /** Columns are set in the order of the list above. */
  set(column: Column, value: Value): this {
    this.values.push(value);
    this.named |= 1 << (places.get(column) ?? 0);
    return this;
  }

  /** @returns false, and has changed nothing, if another write came after `after`. */
  end(id: number, after: string): boolean {
    this.values.push(id, after);
    let statement = this.statements.get(this.named);
    if (statement === undefined) {
      statement = this.database.prepare(this.toSql());
      this.statements.set(this.named, statement);
    }
    return statement.run(...this.values).changes === 1;
  }

  private toSql(): string {
    const sets = columns.filter((_, index) => this.named & (1 << index)).map((column) => `, ${column} = ?`);
    return `UPDATE islet_states SET written_by = ?, seq = ?, schema = ?, written_at = ?${sets.join('')}
      WHERE id = ? AND written_by = ?`;
  }
}
