/*
 * Keeps the snapshots of live actors in the app's own database, so that one file, or one PostgreSQL, holds all there is
 * to back up. Input: an open database. Output: islet's store.
 */

import { sql } from 'kysely';
import type { SnapshotStore } from '../../index.ts';
import type { Database } from './database.ts';

/** A store over the database; closing it leaves the database open, which is the app's to close. */
export function databaseStore({ tables, kind }: Database): SnapshotStore {
  const now = sql.raw<number>(
    kind === 'postgres'
      ? 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)'
      : "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  );
  const endsIn = (ms: number | undefined) => (ms === undefined ? null : sql<number>`${now} + ${Math.ceil(ms)}`);
  return {
    async load(key) {
      const row = await tables
        .selectFrom('snapshots')
        .select(['snapshot', 'version'])
        .where('key', '=', encode(key))
        .executeTakeFirst();
      return row && { snapshot: decode(row.snapshot), version: row.version };
    },
    async save(key, snapshot, version, keepMs) {
      const row = { snapshot: encode(snapshot), version, ends_at: endsIn(keepMs) };
      if (version === 1) {
        const { numInsertedOrUpdatedRows } = await tables
          .insertInto('snapshots')
          .values({ key: encode(key), ...row })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      }
      const { numUpdatedRows } = await tables
        .updateTable('snapshots')
        .set(row)
        .where('key', '=', encode(key))
        .where('version', '=', version - 1)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async keep(key, keepMs) {
      await tables
        .updateTable('snapshots')
        .set({ ends_at: endsIn(keepMs) })
        .where('key', '=', encode(key))
        .execute();
    },
    async sweep() {
      const { numDeletedRows } = await tables
        .deleteFrom('snapshots')
        .where('ends_at', '<=', now)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
    async remove(key) {
      await tables.deleteFrom('snapshots').where('key', '=', encode(key)).execute();
    },
    async close() {},
  };
}

// As JSON, since PostgreSQL's texts cannot hold every character.
function encode(text: string): string {
  return JSON.stringify(text);
}

function decode(json: string): string {
  return JSON.parse(json);
}
