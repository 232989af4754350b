/*
 * What a failure of SQLite means to whoever writes. Input: what the driver threw. Output: a StoreError, or the error as
 * it was where nothing is known of it.
 */

import { StoreError, type StoreErrorKind } from '../store.ts';

/** By SQLite's primary result codes; the extended ones have them in their lowest byte. */
const kinds: Readonly<Record<number, StoreErrorKind>> = {
  5: 'unavailable', // busy
  6: 'unavailable', // locked
  8: 'unavailable', // read-only
  10: 'unavailable', // reading or writing failed
  11: 'unavailable', // corrupt
  13: 'unavailable', // full
  14: 'unavailable', // cannot be opened
  18: 'too-big',
  19: 'refused', // a constraint
  20: 'refused', // a value of another type
  26: 'unavailable', // no database
};

export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === 5 || code === 6;
}

export function explain(error: unknown, path: string): unknown {
  const kind = kinds[codeOf(error) ?? -1];
  if (!(error instanceof Error) || kind === undefined) return error;
  const isSize = kind === 'refused' && error.message.includes('islet_state_size');
  return new StoreError(isSize ? 'too-big' : kind, `${path}: ${error.message}`, { cause: error });
}

function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
