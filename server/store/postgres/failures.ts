/*
 * What a failure of PostgreSQL means to whoever writes. Input: what node-postgres threw. Output: a StoreError, or the
 * error as it was where nothing is known of it.
 */

import { StoreError, type StoreErrorKind } from '../store.ts';

/** By the beginning of PostgreSQL's codes; the first that fits counts. */
const kinds: readonly (readonly [RegExp, StoreErrorKind])[] = [
  // a lock, a deadlock, a serialization, a statement that took too long
  [/^(55P03|40...|57014)$/, 'contended'],
  // the connection or what it remembered, who may connect, resources, the server stops or starts, the system, damage
  [/^(08...|26...|28...|3D000|53...|57P..|58...|XX...|25006)$/, 'unavailable'],
  // data, constraints, limits of the program, tables that are not there: it will be refused again
  [/^(22...|23...|54...|42...)$/, 'refused'],
];

export function explain(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  // node-postgres tries each address of a name: one error of several, without a message of its own
  const detail = error instanceof AggregateError ? String(error.errors[0]?.message) : error.message;
  return new StoreError(kindOf(error), `PostgreSQL: ${detail}`, { cause: error });
}

function kindOf(error: Error & { code?: unknown; constraint?: unknown }): StoreErrorKind {
  if (error.constraint === 'islet_state_size') return 'too-big';
  const { code } = error;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return 'unavailable';
  return kinds.find(([codes]) => codes.test(code))?.[1] ?? 'contended';
}
