/*
 * Which parts of a keyed list have to be compared item by item. Items come in chunks; a chunk that is the same value in
 * both lists stays as a whole, and so do its instances. What lies between such chunks is a section: its old items, and
 * what it is to have. Input: the chunks of two lists. Output: sections, in order.
 */

import { type Change, type Chunks, past } from '../language/chunk-table.ts';
import type { Template } from '../language/html.ts';
import { flatten, type Instance, type List } from './tree.ts';

/** What lies between two chunks that stay, and what becomes of it. Each side may be empty. */
export class Section {
  readonly change: Change;
  readonly old: readonly Instance[];
  readonly oldItems: readonly unknown[];
  readonly items: readonly unknown[];
  /** What it is to have, with the templates of what is yet to be made; the old ones as long as none came or went. */
  next: readonly (Instance | Template)[];
  /** Where its middle starts, in which instances may have moved, and where that ends in the old items. */
  start = 0;
  oldEnd = 0;
  /** Where the instances of the middle stood; `none` and `elsewhere`. */
  oldPlaces: Int32Array = new Int32Array(0);
  /** Which of the middle need not move, by 1; undefined: all of them. */
  stays: Uint8Array | undefined;
  /** How many items of the sections before it there are. */
  base = 0;

  constructor(list: List, chunks: Chunks, change: Change) {
    this.change = change;
    this.old = flatten(list.instances, change.oldFrom, change.oldTo);
    this.oldItems = flatten(list.items ?? [], change.oldFrom, change.oldTo);
    this.items = flatten(chunks, change.from, change.to);
    const { length } = this.items;
    this.next = this.old.length === length ? this.old : this.old.slice(0, length);
  }

  /** Says what is to stand at a place. */
  put(place: number, instance: Instance | Template): void {
    if (this.next[place] === instance) return;
    if (this.next === this.old) this.next = this.old.slice();
    (this.next as (Instance | Template)[])[place] = instance;
  }
}

/** No instance stood anywhere for this item. */
export const none = -1;
/** It stood in another section: it moves, whatever order the others have. */
export const elsewhere = -2;

/** @param isKept Whether a chunk that is the same value shows the same. */
export function cutSections(list: List, after: Chunks, isKept: boolean): Section[] {
  const before = list.items as Chunks;
  if (!isKept) return [new Section(list, after, { oldFrom: 0, oldTo: before.length, from: 0, to: after.length })];
  const changes = past.changesSince?.(before, after) ?? compareChunks(before, after);
  return changes.map((change) => new Section(list, after, change));
}

/** What of a table is other than in one before, by a look at all chunks. */
export function compareChunks(before: Chunks, after: Chunks): readonly Change[] {
  // most chunks are where they were: only the others are looked up
  const places = new Map<unknown, number>();
  before.forEach((chunk, at) => {
    if (chunk !== after[at]) places.set(chunk, at);
  });
  const found = new Int32Array(
    after.map((chunk, at) => {
      // one without items says nothing of where the others are
      if (chunk.length === 0) return none;
      return chunk === before[at] ? at : (places.get(chunk) ?? none);
    }),
  );
  const stays = longestIncreasing(found);
  const changes: Change[] = [];
  let from = 0;
  let oldFrom = 0;
  for (let to = 0; to <= after.length; to++) {
    if (stays[to] === 0) continue;
    const oldTo = found[to] ?? before.length;
    if (oldTo > oldFrom || to > from) changes.push({ oldFrom, oldTo, from, to });
    oldFrom = oldTo + 1;
    from = to + 1;
  }
  return changes;
}

/** Marks with 1 the entries (of 0 or more; others are skipped) that form a longest increasing subsequence. */
export function longestIncreasing(values: Int32Array): Uint8Array {
  const marks = new Uint8Array(values.length);
  const previous = new Int32Array(values.length);
  const tails: number[] = []; // tails[n]: index of the smallest last entry of an increasing run of length n + 1
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value < 0) continue;
    let low = 0;
    let high = tails.length;
    // what did not move continues the longest run: no search
    if (high > 0 && (values[tails[high - 1] as number] as number) < value) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = index;
  }
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] as number) marks[index] = 1;
  return marks;
}
