/*
 * What a tree shows as one number, whatever its ids and the numbers of its templates are: two processes that have drawn
 * the same have the same one. So a page that predicts finds out that its code is not the server's. It is a sum over the
 * literals, and over texts and other plain values under their holes: neither an order nor a handler is in it. Input: a
 * tree. Output: its number.
 */

import { numberOf, signatureOf } from './address.ts';
import { type Content, forEachInstance, unwrap } from './tree.ts';

export function drawnIn(root: Content): number {
  let sum = 0;
  forEachInstance(root, (instance) => {
    const { strings, holes } = instance.definition;
    sum += signatureOf(strings);
    for (const hole of holes.keys()) sum += drawnInHole(hole, instance[hole]);
    sum |= 0;
  });
  return sum >>> 0;
}

/**
 * What a hole shows itself. Of handlers, and of what is compared part by part, nothing is said.
 *
 * @param isWhole With all instances that stand in it.
 */
export function drawnInHole(hole: number, slot: unknown, isWhole?: boolean): number {
  const value = unwrap(slot as Content);
  if (!/obj|fun/.test(typeof value)) return numberOf([`${hole}=${value}`]);
  return isWhole ? drawnIn(value) : 0;
}
