/*
 * Statements of one SQLite connection, each prepared once. Input: SQL and values. Output: rows, or how many changed.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Value = string | number | null;
export type Row = NonNullable<ReturnType<StatementSync['get']>>;

export class Statements {
  private readonly database: DatabaseSync;
  private readonly prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.prepare(sql).get(...values);
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.prepare(sql).all(...values);
  }

  run(sql: string, ...values: Value[]): number {
    return this.prepare(sql).run(...values).changes as number;
  }

  /** @returns the id of the new row. */
  insert(sql: string, ...values: Value[]): number {
    return this.prepare(sql).run(...values).lastInsertRowid as number;
  }

  transact<Result>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => Result): Result {
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

  private prepare(sql: string): StatementSync {
    let statement = this.prepared.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.prepared.set(sql, statement);
    }
    return statement;
  }
}
