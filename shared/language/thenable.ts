/*
 * What is waited for: promises, and whatever else has a `then`, such as a query of a query builder, which runs when
 * that is called. Input: any value of an app. Output: whether to await it.
 */

/** Tells whether a value comes later. Await it once: each call of its `then` may do its work again. */
export function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && 'then' in value && typeof value.then === 'function';
}
