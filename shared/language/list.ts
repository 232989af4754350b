/*
 * Long lists as immutable data: items in chunks, of which a change copies one, so that it costs the same in a list of a
 * hundred and of a hundred thousand. Input: items, in order. Output: lists, which are plain JSON like the rest of a
 * model: they are stored, sent and compared as such, and share with the one before what they have in common. `keyed`
 * shows them, and skips chunks that are the same.
 */

import { type Chunks, tables } from './chunk-table.ts';

/** A long list; made by `list.from`, read and changed by the functions of `list`. Nothing of it is changed in place. */
export interface List<out Item> {
  /** The items in order. How they are cut says nothing. */
  readonly chunks: readonly (readonly Item[])[];
}

/** So many items a new chunk has: a change copies one chunk, and the list of chunks. */
const chunkLength = 128;
/** A longer one is cut in two. */
const maxLength = 256;
/** A shorter one is joined with its neighbour. */
const minLength = 32;

/**
 * Makes and changes long lists. Each function that changes gives a new list; places are counted as arrays count them, a
 * negative one from the end.
 *
 * @example
 * init: () => [{ rows: list.from(rows) }, effect.none],
 * update: (model, { at, row }) => [{ ...model, rows: list.with(model.rows, at, row) }, effect.none],
 * view: ({ rows }) => html`<ul>${keyed(rows, 'id', rowView)}</ul>`,
 */
export const list = {
  /** Makes a list of the items of an array, or of whatever else can be iterated. */
  from: <Item>(items: Iterable<Item>): List<Item> => ({ chunks: cut([...items]) }),

  /** How many items there are. */
  length: ({ chunks }: List<unknown>): number => tables.lengthOf(chunks),

  /** The item at a place; undefined if there is none. */
  at<Item>({ chunks }: List<Item>, index: number): Item | undefined {
    const [chunk, at] = find(chunks, index);
    return chunks[chunk]?.[at];
  },

  /**
   * Puts another item in the place of one.
   *
   * @throws RangeError if there is no such place.
   */
  with<Item>({ chunks }: List<Item>, index: number, item: Item): List<Item> {
    const [chunk, at] = find(chunks, index);
    const old = chunks[chunk];
    if (at < 0 || old === undefined) throw new RangeError(`a list has no place ${index}`);
    return { chunks: tables.splice(chunks, chunk, 1, [old.with(at, item)]) };
  },

  /** Puts items before the one at a place; behind the last where there is none. */
  insert: <Item>({ chunks }: List<Item>, index: number, ...items: readonly Item[]): List<Item> => ({
    chunks: splice(chunks, index, 0, items),
  }),

  /** Puts items behind the last. */
  append: <Item>({ chunks }: List<Item>, ...items: readonly Item[]): List<Item> => ({
    chunks: splice(chunks, Number.POSITIVE_INFINITY, 0, items),
  }),

  /** Takes so many items out, from a place on. Where there are none, nothing is taken. */
  remove: <Item>({ chunks }: List<Item>, index: number, count = 1): List<Item> => ({
    chunks: splice(chunks, index, count, []),
  }),

  /**
   * Takes one item out and puts it where it then has the place `to`.
   *
   * @throws RangeError if there is no such place.
   */
  move<Item>({ chunks }: List<Item>, from: number, to: number): List<Item> {
    const length = tables.lengthOf(chunks);
    const [start, end] = [toPlace(from, chunks), toPlace(to, chunks)];
    if (start < 0 || start >= length || end < 0 || end >= length)
      throw new RangeError(`a list of ${length} has no places ${from} and ${to}`);
    const item = list.at({ chunks }, start) as Item;
    return { chunks: splice(splice(chunks, start, 1, []), end, 0, [item]) };
  },

  /** Each item in order: `for (const row of list.items(model.rows))`. */
  *items<Item>({ chunks }: List<Item>): Generator<Item, void, undefined> {
    for (const chunk of chunks) yield* chunk;
  },

  /** All items, as an array. */
  toArray: <Item>({ chunks }: List<Item>): Item[] => chunks.flat() as Item[],

  /** What a function makes of each item, as an array. */
  map: <Item, Made>(items: List<Item>, make: (item: Item, index: number) => Made): Made[] =>
    list.toArray(items).map((item, index) => make(item, index)),

  /** The items for which a condition holds, as an array. */
  filter: <Item>(items: List<Item>, holds: (item: Item, index: number) => boolean): Item[] =>
    list.toArray(items).filter((item, index) => holds(item, index)),

  /** The place of the first item for which a condition holds; -1: there is none. */
  findIndex<Item>({ chunks }: List<Item>, holds: (item: Item, index: number) => boolean): number {
    let start = 0;
    for (const chunk of chunks) {
      const first = start;
      const at = chunk.findIndex((item, index) => holds(item, first + index));
      if (at >= 0) return start + at;
      start += chunk.length;
    }
    return -1;
  },
};

/** A place from the beginning, as `Array.prototype.at` reads one; below 0: there is none. */
function toPlace(index: number, chunks: Chunks): number {
  const whole = Math.trunc(index) || 0;
  return whole < 0 ? tables.lengthOf(chunks) + whole : whole;
}

/** Which chunk a place is in, and where there: no item is where there is no such place. */
function find(chunks: Chunks, index: number): readonly [chunk: number, at: number] {
  return tables.find(chunks, toPlace(index, chunks));
}

/** As `Array.prototype.toSpliced` does it; chunks that nothing happens in stay the same. */
function splice<Item>(chunks: Chunks<Item>, index: number, count: number, items: readonly Item[]): Chunks<Item> {
  const length = tables.lengthOf(chunks);
  const start = Math.min(Math.max(0, toPlace(index, chunks)), length);
  const removed = Math.min(Math.max(0, Math.trunc(count) || 0), length - start);
  if (removed === 0 && items.length === 0) return chunks;
  // what is put behind the last item goes into the last chunk
  const [first, from] = find(chunks, start < length ? start : -1);
  const head = (chunks[first] ?? []).slice(0, start < length ? from : undefined);
  let end = first;
  let taken = head.length + removed;
  while (end < chunks.length && taken >= sizeOf(chunks, end)) taken -= sizeOf(chunks, end++);
  const isCut = end < chunks.length && (end === first || taken > 0);
  const tail = isCut ? (chunks[end] as readonly Item[]).slice(taken) : [];
  return put(chunks, first, isCut ? end + 1 : end, [...head, ...items, ...tail]);
}

/** Puts items in the place of some chunks, as chunks that are neither long nor short. */
function put<Item>(chunks: Chunks<Item>, start: number, end: number, items: readonly Item[]): Chunks<Item> {
  const fits = (chunk: readonly Item[] | undefined): chunk is readonly Item[] =>
    items.length < minLength && chunk !== undefined && items.length + chunk.length <= maxLength;
  const [previous, next] = [chunks[start - 1], chunks[end]];
  if (fits(next)) return tables.splice(chunks, start, end + 1 - start, [[...items, ...next]]);
  if (fits(previous)) return tables.splice(chunks, start - 1, end + 1 - start, [[...previous, ...items]]);
  return tables.splice(
    chunks,
    start,
    end - start,
    items.length > maxLength ? cut(items) : items.length > 0 ? [items] : [],
  );
}

function sizeOf(chunks: Chunks, index: number): number {
  return (chunks[index] as readonly unknown[]).length;
}

function cut<Item>(items: readonly Item[]): Chunks<Item> {
  const chunks: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += chunkLength) chunks.push(items.slice(start, start + chunkLength));
  return chunks;
}
