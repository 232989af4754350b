/*
 * Compares lists. With keys: chunks that are the same stay (`list-sections.ts`); between them equal ends are trimmed, then
 * what was removed, added and moved is found, moving the fewest instances (all but a longest increasing subsequence of
 * old places, as ivi and Inferno do). Without keys: place by place. Either way the outcome is one `list` operation, if
 * instances came, went or moved.
 */

import type { Chunks } from '../language/chunk-table.ts';
import { development } from '../language/development.ts';
import type { Keyed } from '../language/html.ts';
import { type Hole, placeOf } from '../template/definition.ts';
import type { Journal } from './journal.ts';
import { ListEdit } from './list-edit.ts';
import { cutSections, elsewhere, longestIncreasing, none, Section } from './list-sections.ts';
import {
  checkedKey,
  type DiffTarget,
  duplicateKey,
  flatten,
  type Instance,
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
  const section = new Section(list, [values], { oldFrom: 0, oldTo: 1, from: 0, to: 1 });
  const edit = new ListEdit(list, owner, hole, target);
  values.forEach((value, index) => {
    edit.place(section.old[index], section, index, toTemplate(value));
  });
  for (const gone of section.old.slice(values.length)) edit.remove(gone);
  edit.finish([section], [values]);
}

/** Brings a keyed list up to date; neither side is empty. */
export function diffKeyed(list: List, next: Keyed, owner: Instance, hole: number, target: DiffTarget): void {
  const { source, items: before } = list as { source: Keyed; items: Chunks };
  const { chunks } = next;
  const isSameDeps = sameDeps(source.deps, next.deps);
  if (isSameDeps && development.list) {
    const { view, deps } = next;
    development.list(flatten(list.instances), flatten(before), { items: flatten(chunks), view, deps }, () =>
      placeOf(owner.definition.holes[hole]),
    );
  }

  // what is kept of an array is a copy, which becomes that of the next one
  const isCopied = Array.isArray(source.items) && Array.isArray(next.items);
  const isIndexed = !isCopied && source.by === next.by;
  if (!isIndexed) {
    list.keys = undefined;
    list.lastKeys = undefined;
  }
  // where the keys are others, all are looked at
  const sections = cutSections(list, chunks, isSameDeps && isIndexed);
  const edit = new ListEdit(list, owner, hole, target);
  const keep: Keep = (section, place, from, index) => {
    const item = section.items[place];
    const instance = from?.old[index];
    if (instance && isSameDeps && Object.is(from?.oldItems[index], item)) section.put(place, instance);
    else edit.place(instance, section, place, toTemplate(next.view(item as never, next.deps as never)));
  };
  let isInPlace = true;
  for (const section of sections) {
    if (!keepStart(section, source, next, isSameDeps, keep, isCopied ? target.journal : undefined)) {
      keepOthers(section, source, next, isSameDeps, keep);
      isInPlace = false;
    }
  }
  if (!isInPlace) {
    matchKeys(list, sections, next, isIndexed, keep, edit, owner.definition.holes[hole], target.journal);
    for (const section of sections) section.stays = longestIncreasing(section.oldPlaces);
  }
  target.journal.note(list, 'source', source);
  list.source = next;
  edit.finish(sections, chunks);
  if (isInPlace && isCopied) return;
  target.journal.note(list, 'items', before);
  list.items = keepItems(next);
}

/** Brings what stands at a place up to date by an instance of a section, the same or another; undefined: by none. */
type Keep = (section: Section, place: number, from: Section | undefined, index: number) => void;

/**
 * Views the equal start, most often all of it: an item that is the same value as before costs one comparison.
 *
 * @param journal Of a copy, which takes over the items.
 * @returns Whether all items have kept their places.
 */
function keepStart(
  section: Section,
  source: Keyed,
  next: Keyed,
  isSameDeps: boolean,
  keep: Keep,
  journal: Journal | undefined,
): boolean {
  const { oldItems, items } = section;
  const limit = Math.min(oldItems.length, items.length);
  let at = 0;
  for (; at < limit; at++) {
    if (isSameDeps) at = skipSame(oldItems, items, at, limit);
    if (at === limit) break;
    const item = items[at];
    const isItem = Object.is(oldItems[at], item);
    if (!isItem && source.keyOf(oldItems[at]) !== next.keyOf(item)) break;
    if (!isItem || !isSameDeps) keep(section, at, section, at);
    if (isItem || !journal) continue;
    journal.note(oldItems, at, oldItems[at]);
    (oldItems as unknown[])[at] = item;
  }
  section.start = at;
  return at === oldItems.length && at === items.length;
}

/** Views the equal end, and in the middle what is where it was; the others are looked up by key. */
function keepOthers(section: Section, source: Keyed, next: Keyed, isSameDeps: boolean, keep: Keep): void {
  const { start, oldItems, items } = section;
  let oldEnd = oldItems.length;
  let end = items.length;
  for (; oldEnd > start && end > start; oldEnd--, end--) {
    const [old, item] = [oldItems[oldEnd - 1], items[end - 1]];
    if (!Object.is(old, item) && source.keyOf(old) !== next.keyOf(item)) break;
    keep(section, end - 1, section, oldEnd - 1);
  }
  section.oldEnd = oldEnd;
  section.oldPlaces = new Int32Array(end - start).fill(none);
  for (let index = Math.min(oldEnd, end) - 1; index >= start; index--) {
    if (!Object.is(oldItems[index], items[index])) continue;
    section.oldPlaces[index - start] = index;
    if (!isSameDeps) keep(section, index, section, index);
  }
}

/** Finds by their keys the instances of items that have no old place yet; those that nobody asks for go. */
function matchKeys(
  list: List,
  sections: readonly Section[],
  next: Keyed,
  isIndexed: boolean,
  keep: Keep,
  edit: ListEdit,
  hole: Hole | undefined,
  journal: Journal,
): void {
  const source = list.source as Keyed;
  const places = new Map<unknown, number>();
  let base = 0;
  for (const section of sections) {
    section.base = base;
    base += section.items.length;
    section.oldPlaces.forEach((oldPlace, index) => {
      if (oldPlace >= 0) return;
      const place = section.start + index;
      const key = checkedKey(next, section.items[place], hole);
      if (places.has(key)) throw duplicateKey(next, key, hole);
      places.set(key, section.base + place);
    });
  }

  const gone: unknown[] = [];
  let found = 0;
  for (const section of sections) {
    for (let index = section.start; index < section.oldEnd; index++) {
      if (section.oldPlaces[index - section.start] === index) continue;
      const key = source.keyOf(section.oldItems[index]);
      const place = places.get(key);
      if (place === undefined) {
        edit.remove(section.old[index] as Instance);
        gone.push(key);
        continue;
      }
      const to = sectionOf(place, sections);
      to.oldPlaces[place - to.base - to.start] = to === section ? index : elsewhere;
      keep(to, place - to.base, section, index);
      found++;
    }
  }
  const made: [key: unknown, section: Section, place: number][] = [];
  if (found < places.size) {
    for (const [key, place] of places) {
      const to = sectionOf(place, sections);
      if (to.oldPlaces[place - to.base - to.start] === none) made.push([key, to, place - to.base]);
    }
  }
  if (isIndexed) updateKeys(list, gone, made, hole, journal);
  // keys that are all old ones were unique
  else if (made.length > 0 || source.by !== next.by) checkAll(places, next, hole);
  for (const [, section, place] of made) keep(section, place, undefined, 0);
}

/** Makes sure that no other item has the key of one without an old place, by a look at all. */
function checkAll(places: ReadonlyMap<unknown, number>, next: Keyed, hole: Hole | undefined): void {
  let index = 0;
  for (const chunk of next.chunks) {
    for (const item of chunk) {
      const key = next.keyOf(item);
      if ((places.get(key) ?? index) !== index) throw duplicateKey(next, key as string | number, hole);
      index++;
    }
  }
}

/**
 * Makes sure that no item has the key of one that is to be made, and keeps the index of keys. A list that was shown by an
 * array, or by other keys, gets one when it first gets an item.
 *
 * @param made What is to be made, the key first.
 */
function updateKeys(
  list: List,
  gone: readonly unknown[],
  made: readonly (readonly [key: unknown, ...unknown[]])[],
  hole: Hole | undefined,
  journal: Journal,
): void {
  if (made.length === 0 && !list.keys) return;
  const { source, items, lastKeys } = list as List & { source: Keyed; items: Chunks };
  list.keys ??= new Set(flatten(items).map((item) => source.keyOf(item)));
  // what has come and gone in an earlier rendering stays so
  for (const key of lastKeys?.gone ?? []) list.keys.delete(key);
  for (const key of lastKeys?.made ?? []) list.keys.add(key);
  for (const [key] of made) if (list.keys.has(key)) throw duplicateKey(source, key as string | number, hole);
  journal.note(list, 'lastKeys', undefined);
  list.lastKeys = { gone, made: made.map(([key]) => key) };
}

/** The section in which an item stands, by its place among those of all sections. */
function sectionOf(place: number, sections: readonly Section[]): Section {
  // most often there is one
  let at = sections.length - 1;
  while ((sections[at] as Section).base > place) at--;
  return sections[at] as Section;
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
