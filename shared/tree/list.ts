/*
 * Compares lists. With keys: equal ends are trimmed, then what was removed, added and moved is found, moving the
 * fewest instances (all but a longest increasing subsequence of old places, as ivi and Inferno do). Without keys:
 * place by place. Either way the outcome is one `list` operation, if instances came, went or moved.
 */

import { development } from '../language/development.ts';
import type { Keyed, Template } from '../language/html.ts';
import { type Hole, placeOf } from '../template/definition.ts';
import { type Entry, editList, putBefore, type Run } from '../wire/patch.ts';
import { encodeInstance, rows } from './encode.ts';
import type { Journal } from './journal.ts';
import {
  type Chunks,
  checkedKey,
  createInstance,
  type DiffTarget,
  duplicateKey,
  flatten,
  type Instance,
  isSame,
  keepItems,
  type List,
  sameDeps,
  toTemplate,
} from './tree.ts';

/** Brings a list without keys up to date; neither side is empty. */
export function diffArray(
  list: List,
  values: readonly unknown[],
  owner: Instance,
  hole: number,
  target: DiffTarget,
): void {
  const { length } = list.instances;
  const edit = new ListEdit(list, values.length, target);
  values.forEach((value, index) => {
    edit.place(index < length ? index : -1, index, toTemplate(value));
  });
  for (let index = values.length; index < length; index++) edit.remove(index);
  setInstances(list, edit.finish(owner, hole, 0, noStays), target);
}

const noStays = new Uint8Array(0);

/** Brings a keyed list up to date; neither side is empty. */
export function diffKeyed(list: List, next: Keyed, owner: Instance, hole: number, target: DiffTarget): void {
  const old = list.instances;
  const { source, chunks: before } = list as { source: Keyed; chunks: Chunks };
  const { chunks } = next;
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const edit = new ListEdit(list, length, target);
  const viewItem = (from: number, to: number, item: unknown): void =>
    edit.place(from, to, toTemplate(next.view(item as never, next.deps as never)));
  const isSameDeps = sameDeps(source.deps, next.deps);
  if (isSameDeps && development.list) {
    const { view, deps } = next;
    development.list(old, flatten(before), { items: flatten(chunks), view, deps }, () =>
      placeOf(owner.definition.holes[hole]),
    );
  }

  const start = diffStart(list, next, isSameDeps, viewItem, target.journal);
  target.journal.note(list, 'source', source);
  list.source = next;
  if (start === old.length && start === length) {
    setInstances(list, edit.finish(owner, hole, start, noStays), target);
    // else the copy was brought up to date
    if (!isCopied(source, next)) setChunks(list, keepItems(next), target);
    return;
  }

  const oldItems = flatten(before);
  const items = flatten(chunks);
  const oldKey = (index: number): unknown => source.keyOf(oldItems[index]);
  const newKey = (index: number): unknown => next.keyOf(items[index]);
  const view = (from: number, to: number): void => viewItem(from, to, items[to]);
  let oldEnd = old.length;
  let newEnd = items.length;
  const keep = (from: number, to: number): void => {
    if (isSameDeps && Object.is(oldItems[from], items[to])) edit.keep(from, to);
    else view(from, to);
  };
  for (; oldEnd > start && newEnd > start; oldEnd--, newEnd--) {
    const [from, to] = [oldEnd - 1, newEnd - 1];
    if (!Object.is(oldItems[from], items[to]) && oldKey(from) !== newKey(to)) break;
    keep(from, to);
  }

  // In the middle most items often are where they were: only the others are looked up by key.
  const oldPlaces = new Int32Array(newEnd - start).fill(-1);
  for (let index = Math.min(oldEnd, newEnd) - 1; index >= start; index--) {
    if (!Object.is(oldItems[index], items[index])) continue;
    oldPlaces[index - start] = index;
    keep(index, index);
  }
  const places = lookupPlaces(next, items, start, oldPlaces, owner.definition.holes[hole]);
  for (let index = start; index < oldEnd; index++) {
    if (oldPlaces[index - start] === index) continue;
    const place = places.get(oldKey(index));
    if (place === undefined) edit.remove(index);
    else {
      oldPlaces[place - start] = index;
      keep(index, place);
    }
  }
  for (const place of places.values()) if (oldPlaces[place - start] === -1) view(-1, place);

  setInstances(list, edit.finish(owner, hole, start, longestIncreasing(oldPlaces)), target);
  setChunks(list, keepItems(next), target);
}

/**
 * Views the equal start, most often the whole list: an item that is the same value as before costs one comparison, and
 * so does a chunk of a long list.
 *
 * @returns How many items have kept their places.
 */
function diffStart(
  { chunks, source }: List,
  next: Keyed,
  isSameDeps: boolean,
  view: (from: number, to: number, item: unknown) => void,
  journal: Journal,
): number {
  const before = chunks as Chunks;
  const after = next.chunks;
  const isCopy = isCopied(source as Keyed, next);
  let start = 0;
  for (let chunk = 0; chunk < before.length && chunk < after.length; chunk++) {
    const left = before[chunk] as readonly unknown[];
    const right = after[chunk] as readonly unknown[];
    const limit = Math.min(left.length, right.length);
    let at = isSameDeps && left === right ? limit : 0;
    for (; at < limit; at++) {
      if (isSameDeps) at = skipSame(left, right, at, limit);
      if (at === limit) break;
      const item = right[at];
      const isItem = Object.is(left[at], item);
      if (!isItem && source?.keyOf(left[at]) !== next.keyOf(item)) break;
      if (!isItem || !isSameDeps) view(start + at, start + at, item);
      if (isItem || !isCopy) continue;
      journal.note(left, at, left[at]);
      (left as unknown[])[at] = item;
    }
    start += at;
    if (at < left.length || at < right.length) break;
  }
  return start;
}

/** Whether what is kept is the copy of an array, and becomes that of the next one. */
function isCopied(source: Keyed, next: Keyed): boolean {
  return Array.isArray(source.items) && Array.isArray(next.items);
}

function setChunks(list: List, chunks: Chunks, { journal }: DiffTarget): void {
  journal.note(list, 'chunks', list.chunks);
  list.chunks = chunks;
}

function setInstances(list: List, instances: Instance[], { journal }: DiffTarget): void {
  if (list.instances === instances) return;
  journal.note(list, 'instances', list.instances);
  list.instances = instances;
}

/**
 * Where two lists may first differ. In a loop of its own, `===` costs half of `Object.is`; numbers are left to that,
 * since NaN is the same as NaN and 0 is not the same as -0.
 */
function skipSame(left: readonly unknown[], right: readonly unknown[], start: number, end: number): number {
  for (let index = start; index < end; index++) {
    const item = left[index];
    if (item !== right[index] || typeof item === 'number') return index;
  }
  return end;
}

/** Maps the keys of items without an old place to their new ones, and makes sure that no other item has one of them. */
function lookupPlaces(
  list: Keyed,
  items: readonly unknown[],
  start: number,
  oldPlaces: Int32Array,
  hole: Hole | undefined,
): Map<unknown, number> {
  const places = new Map<unknown, number>();
  oldPlaces.forEach((oldPlace, index) => {
    if (oldPlace >= 0) return;
    const key = checkedKey(list, items[start + index], hole);
    if (places.has(key)) throw duplicateKey(list, key, hole);
    places.set(key, start + index);
  });
  if (places.size === 0) return places; // the keys are some of the old ones, which were unique
  for (let index = 0; index < items.length; index++) {
    const key = list.keyOf(items[index]);
    const place = places.get(key);
    if (place !== undefined && place !== index) throw duplicateKey(list, key as string | number, hole);
  }
  return places;
}

/** Collects what happens to a list's instances, and says it as one operation. */
class ListEdit {
  private readonly list: List;
  private readonly old: Instance[];
  private readonly target: DiffTarget;
  private readonly length: number;
  // stays the old list itself as long as nothing came, went or moved
  private next: (Instance | undefined)[];
  private readonly removed: Instance[] = [];
  // the templates of instances yet to be made: ids are given in the order in which the operation names them
  private readonly created = new Map<number, Template>();

  constructor(list: List, length: number, target: DiffTarget) {
    const old = list.instances;
    this.list = list;
    this.old = old;
    this.length = length;
    this.target = target;
    this.next = old.length === length ? old : old.slice(0, length);
  }

  /** Takes an instance over as it is. */
  keep(from: number, to: number): void {
    if (from === to) return;
    this.set(to, this.old[from]);
  }

  /** Brings the instance at the old place `from` (-1: none) up to date, or makes it anew. */
  place(from: number, to: number, template: Template): void {
    const instance = this.old[from];
    if (instance && isSame(instance, template)) {
      this.target.update(instance, template);
      this.keep(from, to);
    } else {
      if (instance) this.removed.push(instance);
      this.set(to, undefined);
      this.created.set(to, template);
    }
  }

  remove(from: number): void {
    this.removed.push(this.old[from] as Instance);
  }

  /**
   * Writes the operation, if there is anything to do, and returns the new instances.
   *
   * @param start Where the middle starts, in which instances may have moved.
   * @param stays Marks with 1 those of the middle that keep their order.
   */
  finish(owner: Instance, hole: number, start: number, stays: Uint8Array): Instance[] {
    const { created, removed, target } = this;
    if (created.size === 0 && removed.length === 0 && stays.length === 0) return this.next as Instance[];
    const { next } = this;
    const isStaying = (index: number): boolean => !created.has(index) && stays[index - start] !== 0;
    const { digest, journal, byId } = target;
    if (digest) for (const gone of removed) digest.remove(owner.id, hole, gone);
    for (const gone of removed) {
      journal.note(gone, 'parent', gone.parent);
      gone.parent = undefined;
      byId.leave(gone);
    }
    const runs: Run[] = [];
    for (let index = 0; index < this.length; index++) {
      if (isStaying(index)) continue;
      const entries: Entry[] = [];
      for (; index < this.length && !isStaying(index); index++) entries.push(this.enter(index));
      runs.push(putBefore(next[index]?.id ?? 0, entries));
    }
    if (removed.length > 0 || runs.length > 0) {
      const ids = removed.map(({ id }) => id);
      target.operations.push(editList(owner.id, hole, ids, runs));
      if (digest) {
        for (const index of created.keys()) digest.insert(owner.id, hole, next[index] as Instance);
        digest.orders++;
      }
    }
    return next as Instance[];
  }

  private set(index: number, instance: Instance | undefined): void {
    if (this.next === this.old) this.next = this.old.slice(0, this.length);
    this.next[index] = instance;
  }

  /** Gives an entry of a run: the id of what moves, or what is new. */
  private enter(index: number): Entry {
    const moved = this.next[index];
    if (moved) return moved.id;
    const instance = createInstance(this.created.get(index) as Template, this.target, this.target.place, this.list);
    this.set(index, instance);
    return rows.withKey(encodeInstance(instance, this.target.table), instance, this.list.source, index);
  }
}

/** Marks with 1 the entries (of 0 or more; -1 is skipped) that form a longest increasing subsequence. */
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
