/*
 * Tells what has to be waited for: promises, and anything else with a `then`, such as a query builder that runs its query
 * when it is awaited.
 */

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
