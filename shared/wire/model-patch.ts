/*
 * Changes of a model as data: what is the same value in both costs one comparison, so the cost follows the change as
 * long as `update` shares what it does not change. Input: plain JSON data, before and after. Output: operations, which
 * are JSON themselves; applied to the JSON of the one they give the JSON of the other.
 */

type Key = string | number;

/**
 * `[path, value]` sets, `[path]` deletes a property, `[path, at, removed, text]` edits a text, and
 * `[path, "list", at, removed, entry, ...]` edits a list: an entry `[item]` is new, `[from, count]` are items of those
 * that were removed, counted from `at` on.
 */
export type ModelOperation = readonly [path: readonly Key[], ...rest: unknown[]];

/** Shorter texts are set whole. */
const minEditedText = 64;

export function diffModel(before: unknown, after: unknown): ModelOperation[] {
  const operations: ModelOperation[] = [];
  diff(before, after, [], operations);
  return operations;
}

/** Gives the next model. The one before stays as it is, and shares with it what is the same. */
export function applyModel(model: unknown, operations: readonly ModelOperation[]): unknown {
  const copies = new Set<unknown>();
  const own = (value: unknown): { [key: Key]: unknown } => {
    const copy = copies.has(value) ? value : Array.isArray(value) ? value.slice() : { ...(value as object) };
    copies.add(copy);
    return copy as { [key: Key]: unknown };
  };
  // the model stands in a place of its own, so that no path is empty
  const place = own([model]);
  for (const [path, ...rest] of operations) {
    let node = place;
    let key: Key = 0;
    for (const next of path) {
      const inner = own(node[key]);
      define(node, key, inner);
      node = inner;
      key = next;
    }
    if (rest.length === 0) delete node[key];
    else define(node, key, change(node[key], rest));
  }
  return place[0];
}

function diff(before: unknown, after: unknown, path: readonly Key[], operations: ModelOperation[]): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) diffList(before, after, path, operations);
  else if (isPlainRecord(before) && isPlainRecord(after)) diffRecord(before, after, path, operations);
  else if (typeof before === 'string' && typeof after === 'string' && after.length >= minEditedText) {
    operations.push(editText(before, after, path));
  } else operations.push([path, after]);
}

function diffRecord(before: PlainRecord, after: PlainRecord, path: readonly Key[], operations: ModelOperation[]): void {
  for (const [key, value] of Object.entries(after)) {
    const isThere = Object.hasOwn(before, key) && before[key] !== undefined;
    if (value === undefined) {
      if (isThere) operations.push([[...path, key]]);
    } else if (isThere) diff(before[key], value, [...path, key], operations);
    else operations.push([[...path, key], value]);
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) operations.push([[...path, key]]);
}

function editText(before: string, after: string, path: readonly Key[]): ModelOperation {
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (end < limit - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end))
    end++;
  return [path, start, before.length - start - end, after.slice(start, after.length - end)];
}

function diffList(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly Key[],
  operations: ModelOperation[],
): void {
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && Object.is(before[start], after[start])) start++;
  let end = 0;
  while (end < limit - start && Object.is(before[before.length - 1 - end], after[after.length - 1 - end])) end++;
  const [removed, added] = [before.length - start - end, after.length - start - end];
  if (removed === added && mayStay(before, after, start, removed)) {
    for (let at = start; at < start + added; at++) diff(before[at], after[at], [...path, at], operations);
    return;
  }
  // what moved is found by identity, what changed on the way by its name
  const places = new Map<unknown, number>();
  for (let at = 0; at < removed; at++) {
    const item = before[start + at];
    places.set(item, at);
    const name = nameOf(item);
    if (name !== undefined) places.set(name, at);
  }
  const entries: unknown[][] = [];
  const changed: [at: number, from: unknown, to: unknown][] = [];
  for (let at = start; at < start + added; at++) {
    const item = after[at];
    const place = places.get(item) ?? places.get(nameOf(item) ?? places);
    const last = entries.at(-1);
    if (place === undefined) entries.push([item]);
    else if (last?.length === 2 && (last[0] as number) + (last[1] as number) === place) (last[1] as number)++;
    else entries.push([place, 1]);
    if (place !== undefined) changed.push([at, before[start + place], item]);
  }
  operations.push([path, 'list', start, removed, ...entries]);
  for (const [at, from, to] of changed) diff(from, to, [...path, at], operations);
}

/** Whether each of the items stands where it stood, changed or not. */
function mayStay(before: readonly unknown[], after: readonly unknown[], start: number, count: number): boolean {
  for (let at = start; at < start + count; at++) {
    if (!Object.is(before[at], after[at]) && nameOf(before[at]) !== nameOf(after[at])) return false;
  }
  return true;
}

/** What tells an item of a list from others, whatever else of it changes. */
function nameOf(item: unknown): string | undefined {
  const name = isPlainRecord(item) ? (item.id ?? item.key) : undefined;
  return typeof name === 'string' || typeof name === 'number' ? `${typeof name} ${name}` : undefined;
}

function change(old: unknown, rest: readonly unknown[]): unknown {
  if (rest.length === 1) return rest[0];
  if (rest[0] !== 'list') {
    const [at, removed, text] = rest as [number, number, string];
    return (old as string).slice(0, at) + text + (old as string).slice(at + removed);
  }
  const [, at, removed, ...entries] = rest as ['list', number, number, ...unknown[][]];
  const list = old as unknown[];
  const items = entries.flatMap((entry) => {
    if (entry.length === 1) return entry;
    const [from, count] = entry as [number, number];
    return list.slice(at + from, at + from + count);
  });
  return [...list.slice(0, at), ...items, ...list.slice(at + removed)];
}

type PlainRecord = { readonly [key: string]: unknown };

/** A date, a map and the like are values of their own: what is inside of them does not show. */
export function isPlainRecord(value: unknown): value is PlainRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets a property, whatever it is called: `__proto__` is one like others. */
function define(target: object, key: Key, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
