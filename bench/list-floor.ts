/*
 * What one changed row costs any program that keeps its list immutable: copying the list, and comparing each item with
 * the one before. Measured in this process; the rest of an event's cost must not grow with the list.
 */

import { createTable, operate, type Row } from './app/rows.ts';
import { percentile } from './driver/statistics.ts';

/** Microseconds for lists of each length, as figures `us1000`, `us10000`. */
export function measureListFloor(lengths: readonly number[]): Record<string, number> {
  return Object.fromEntries(lengths.map((length) => [`us${length}`, microseconds(length)]));
}

function microseconds(length: number): number {
  let table = createTable(length);
  let changed = 0;
  const batch = 200;
  const batches = Array.from({ length: 30 }, () => {
    const started = performance.now();
    for (let index = 0; index < batch; index++) {
      const next = operate(table, 'one');
      changed += countChanged(table.rows, next.rows);
      table = next;
    }
    return ((performance.now() - started) / batch) * 1_000;
  });
  // the sum is looked at, so that no compiler may leave the comparison out
  if (changed !== batch * batches.length) throw new Error('each operation changes one row');
  // the least disturbed batches: a floor that is too high would flatter what stands on it
  return percentile(batches.slice(10), 0.1);
}

function countChanged(before: readonly Row[], after: readonly Row[]): number {
  let count = 0;
  for (let index = 0; index < after.length; index++) if (!Object.is(before[index], after[index])) count++;
  return count;
}
