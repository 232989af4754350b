/*
 * Ids that cannot be guessed. `crypto.randomUUID` builds its text from sixteen pieces, which stay in memory for as long
 * as the id: half a kilobyte for each session. These are flat, and cut from random bytes drawn for many at once.
 */

import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;

/** Makes an id of `bytes` random bytes as base64url text (16 bytes: 22 characters). */
export function randomId(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString('base64url', used, used + bytes);
  // what was handed out is not kept here
  pool.fill(0, used, used + bytes);
  used += bytes;
  return id;
}
