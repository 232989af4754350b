/*
 * A place in a sorted list, as a text that a client gives back unchanged: the sort, which way to go, and the values of
 * the row beside it. It names values and not a number of rows, so a row that comes or goes shifts no page.
 */

import { isStorable } from './storable.ts';

export interface Cursor {
  readonly sort: string;
  readonly direction: 'after' | 'before';
  readonly value: string | number;
  readonly id: number;
}

export function encodeCursor({ sort, direction, value, id }: Cursor): string {
  return Buffer.from(JSON.stringify([sort, direction, value, id])).toString('base64url');
}

/** Gives nothing for a text that is no cursor. */
export function decodeCursor(text: string): Cursor | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 4) return undefined;
  const [sort, direction, value, id] = parts as unknown[];
  if (typeof sort !== 'string' || (direction !== 'after' && direction !== 'before')) return undefined;
  if (!isStorable(value) || !isStorable(id) || typeof id !== 'number') return undefined;
  return { sort, direction, value, id };
}
