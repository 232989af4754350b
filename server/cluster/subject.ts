/*
 * What something on the bus is about. Input: a kind, which is a word of ours, and what users, apps and people have
 * named (routes, keys, topics). Output: a subject with their hash: nothing of it can be a wildcard, be too long, or
 * tell a bus's log who looks at what.
 */

import { createHash } from 'node:crypto';

declare const isSubject: unique symbol;

/** Only `toSubject` makes one. */
export type Subject = string & { readonly [isSubject]: true };

/** @param names Told apart whatever is in them: `['a', 'bc']` and `['ab', 'c']` are two. */
export function toSubject(kind: string, ...names: readonly string[]): Subject {
  if (!/^[a-z]+$/.test(kind)) throw new TypeError(`a kind of subject is a word in small letters; got '${kind}'`);
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('base64url');
  // 132 bits: nobody finds two names that meet
  return `${kind}.${hash.slice(0, 22)}` as Subject;
}
