// A database that tells what it was asked and how much it answered, for tests that bound both.

import { CompiledQuery, type QueryId, type RootOperationNode, type UnknownRow } from 'kysely';
import type { Database } from '../../server/anime/data/database.ts';

export interface WatchedDatabase extends Database {
  /** Rows that left the database since the last call. */
  takeRows(): number;
  /** How the database goes about each query since the last call, as its EXPLAIN says. */
  takePlans(): Promise<string[]>;
}

export function watchDatabase(database: Database): WatchedDatabase {
  let rows = 0;
  let queries: { node: RootOperationNode; queryId: QueryId }[] = [];
  const tables = database.tables.withPlugin({
    transformQuery({ node, queryId }) {
      queries.push({ node, queryId });
      return node;
    },
    async transformResult({ result }) {
      rows += result.rows.length;
      return result;
    },
  });
  return {
    ...database,
    tables,
    takeRows() {
      const taken = rows;
      rows = 0;
      return taken;
    },
    async takePlans() {
      const taken = queries;
      queries = [];
      const executor = database.tables.getExecutor();
      const explain = database.kind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
      const plans: string[] = [];
      for (const { node, queryId } of taken) {
        if (node.kind !== 'SelectQueryNode') continue;
        const { sql, parameters } = executor.compileQuery(node, queryId);
        const plan = await database.tables.executeQuery<UnknownRow>(
          CompiledQuery.raw(`${explain} ${sql}`, [...parameters]),
        );
        plans.push(plan.rows.map((row) => String(row.detail ?? row['QUERY PLAN'])).join('\n'));
      }
      return plans;
    },
  };
}
