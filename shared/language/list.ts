/*
 * Long lists as immutable data: items in chunks, of which a change copies one, so that it costs the same in a list of a
 * hundred and of a hundred thousand. Input: items, in order. Output: lists, which are plain JSON like the rest of a
 * model: they are stored, sent and compared as such, and share with the one before what they have in common. `keyed`
 * shows them, and skips chunks that are the same.
 */

/** A long list; made by `list.from`, read and changed by the functions of `list`. Nothing of it is changed in place. */
export interface List<out Item> {
  /** The items in order. How they are cut says nothing. */
  readonly chunks: readonly (readonly Item[])[];
}

type Chunks<Item> = readonly (readonly Item[])[];

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
  length: ({ chunks }: List<unknown>): number => lengthOf(chunks),

  /** The item at a place; undefined if there is none. */
  at<Item>({ chunks }: List<Item>, index: number): Item | undefined {
    const place = toPlace(index, chunks);
    const [chunk, at] = find(chunks, place);
    return place < 0 ? undefined : chunks[chunk]?.[at];
  },

  /**
   * Puts another item in the place of one.
   *
   * @throws RangeError if there is no such place.
   */
  with<Item>({ chunks }: List<Item>, index: number, item: Item): List<Item> {
    const place = toPlace(index, chunks);
    const [chunk, at] = find(chunks, place);
    const old = chunks[chunk];
    if (place < 0 || old === undefined) throw new RangeError(`a list has no place ${index}`);
    return { chunks: chunks.with(chunk, old.with(at, item)) };
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
    const length = lengthOf(chunks);
    const [start, end] = [toPlace(from, chunks), toPlace(to, chunks)];
    if (start < 0 || start >= length || end < 0 || end >= length)
      throw new RangeError(`a list of ${length} has no places ${from} and ${to}`);
    const [chunk, at] = find(chunks, start);
    const item = chunks[chunk]?.[at] as Item;
    return { chunks: splice(splice(chunks, start, 1, []), end, 0, [item]) };
  },

  /** Each item in order: `for (const row of list.items(model.rows))`. */
  *items<Item>({ chunks }: List<Item>): Generator<Item, void, undefined> {
    for (const chunk of chunks) yield* chunk;
  },

  /** All items, as an array. */
  toArray: <Item>({ chunks }: List<Item>): Item[] => chunks.flat() as Item[],

  /** What a function makes of each item, as an array. */
  map<Item, Made>({ chunks }: List<Item>, make: (item: Item, index: number) => Made): Made[] {
    let index = 0;
    return chunks.flatMap((chunk) => chunk.map((item) => make(item, index++)));
  },

  /** The items for which a condition holds, as an array. */
  filter<Item>({ chunks }: List<Item>, holds: (item: Item, index: number) => boolean): Item[] {
    let index = 0;
    return chunks.flatMap((chunk) => chunk.filter((item) => holds(item, index++)));
  },

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

function lengthOf(chunks: Chunks<unknown>): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

/**
 * A place from the beginning, as `Array.prototype.at` reads one; below 0: there is none. All chunks are only looked at
 * where it counts from the end.
 */
function toPlace(index: number, chunks: Chunks<unknown>): number {
  const whole = Math.trunc(index) || 0;
  return whole < 0 ? lengthOf(chunks) + whole : whole;
}

/** Which chunk a place is in, and where there; behind the last chunk if there is no such place. */
function find(chunks: Chunks<unknown>, place: number): readonly [chunk: number, at: number] {
  let at = place;
  let chunk = 0;
  for (; chunk < chunks.length; chunk++) {
    const { length } = chunks[chunk] as readonly unknown[];
    if (at < length) break;
    at -= length;
  }
  return [chunk, at];
}

/** As `Array.prototype.toSpliced` does it; chunks that nothing happens in stay the same. */
function splice<Item>(chunks: Chunks<Item>, index: number, count: number, items: readonly Item[]): Chunks<Item> {
  const length = lengthOf(chunks);
  const start = Math.min(Math.max(0, toPlace(index, chunks)), length);
  const removed = Math.min(Math.max(0, Math.trunc(count) || 0), length - start);
  if (removed === 0 && items.length === 0) return chunks;
  // what is put behind the last item goes into the last chunk
  const [first, from] = find(chunks, start < length ? start : length - 1);
  const head = (chunks[first] ?? []).slice(0, start < length ? from : undefined);
  let end = first;
  let taken = head.length + removed;
  while (end < chunks.length && taken >= sizeOf(chunks, end)) taken -= sizeOf(chunks, end++);
  const isCut = end === first || taken > 0;
  const tail = isCut ? (chunks[end] ?? []).slice(taken) : [];
  return join(chunks.slice(0, first), [...head, ...items, ...tail], chunks.slice(isCut ? end + 1 : end));
}

/** Puts items between chunks, as chunks that are neither long nor short. */
function join<Item>(before: Chunks<Item>, items: readonly Item[], after: Chunks<Item>): Chunks<Item> {
  const [next] = after;
  const previous = before.at(-1);
  if (items.length > maxLength) return [...before, ...cut(items), ...after];
  if (items.length >= minLength) return [...before, items, ...after];
  if (next && items.length + next.length <= maxLength) return [...before, [...items, ...next], ...after.slice(1)];
  if (previous && items.length + previous.length <= maxLength)
    return [...before.slice(0, -1), [...previous, ...items], ...after];
  return items.length === 0 ? [...before, ...after] : [...before, items, ...after];
}

function sizeOf(chunks: Chunks<unknown>, index: number): number {
  return (chunks[index] as readonly unknown[]).length;
}

function cut<Item>(items: readonly Item[]): Chunks<Item> {
  const chunks: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += chunkLength) chunks.push(items.slice(start, start + chunkLength));
  return chunks;
}
