/*
 * Compares plain data by what it holds: a view that writes `.options=${{ max: 10 }}` makes a new object each time, and
 * means the same. Input: values of a property's hole. What is not plain (a Map, a Date, an instance of a class), and
 * what nests too deep to look at, is the same only as itself.
 */

const maxDepth = 8;

/** Tells whether two values are the same, or plain data that holds the same. */
export function isSameData(left: unknown, right: unknown, depth = maxDepth): boolean {
  if (Object.is(left, right)) return true;
  if (!isPlain(left) || !isPlain(right) || depth === 0 || Array.isArray(left) !== Array.isArray(right)) return false;
  // loops, and no arrays of names: views are full of messages that are the same each time
  let more = 0;
  for (const key in left) {
    if (!Object.hasOwn(right, key) || !isSameData(left[key], right[key], depth - 1)) return false;
    more++;
  }
  for (const _ in right) more--;
  return more === 0;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
