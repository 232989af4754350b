/*
 * Values that may have to be waited for. What is there already is used at once: a promise for each join and each
 * rendered island would cost more than what they do.
 */

import { isThenable } from '../shared/language/thenable.ts';

/**
 * Goes on at once with what is there, or later with what is not; what comes later then is a promise, whatever it was.
 */
export function whenReady<Value, Result>(
  value: Value | PromiseLike<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value);
}

/** Joins texts at once, or when those that come later are there. */
export function joinTexts(texts: readonly (string | Promise<string>)[]): string | Promise<string> {
  let joined = '';
  for (const text of texts) {
    if (typeof text !== 'string') return Promise.all(texts).then((all) => all.join(''));
    joined += text;
  }
  return joined;
}
