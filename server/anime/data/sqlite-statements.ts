/*
 * Statements of one SQLite connection, each prepared once. Input: what kysely compiled. Output: what kysely expects of
 * it.
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';

/** Runs a statement, to its end, at once. @throws what the driver throws */
export type RunStatement = <Row>(query: CompiledQuery) => QueryResult<Row>;

const maxStatements = 200;

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
}

export function prepareOnce(database: DatabaseSync): RunStatement {
  const statements = new Map<string, Prepared>();

  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    if (statements.size >= maxStatements) statements.clear();
    statements.set(sql, prepared);
    return prepared;
  };

  return <Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> => {
    const { statement, hasRows } = prepare(sql);
    const values = parameters as readonly SQLInputValue[];
    // what a row is, is known to whoever wrote the query
    if (hasRows) return { rows: statement.all(...values) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  };
}
