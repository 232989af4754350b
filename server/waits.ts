/*
 * Waiting for what an app answers later: who somebody is, whether they may, props, what a store holds. Each wait has an
 * owner (a request, a join, an actor that starts), ends with it, and takes no longer than `answerMs`. Input: values
 * that may come later. Output: what is made of them, or an error; what comes after the end is let go of.
 */

import { type ErrorCode, errorCatalogue } from '../shared/language/errors.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import { isThenable } from '../shared/language/thenable.ts';
import type { Clock } from '../shared/runtime/clock.ts';

/** A wait ended without an answer: the time was over, or its owner has ended. */
export class WaitError extends IsletError {}

/** Whether a wait ended because whoever waited has gone. */
export function isLeave(error: unknown): boolean {
  return error instanceof WaitError && error.code === 'ISLET_ERR_NOT_JOINED';
}

export interface WaitsOptions {
  readonly clock: Clock;
  /** How long an answer may take. */
  readonly answerMs: number;
}

export class Waits {
  private readonly options: WaitsOptions;
  /** What ends each wait without its answer. */
  private ends: Set<(error: WaitError) => void> | undefined;
  private endedBy: WaitError | undefined;

  constructor(options: WaitsOptions) {
    this.options = options;
  }

  /**
   * Goes on with an answer of the app: at once with what is there already, later with what is not. What is waited for
   * may be no promise: whatever has a `then` is awaited, once.
   *
   * @param what Whose answer it is, for the error.
   * @throws WaitError (or rejects) ISLET_ERR_NO_ANSWER, or the code that the owner ended with.
   */
  ask<Value, Result>(
    what: string,
    answer: Value | PromiseLike<Value>,
    next: (value: Value) => Result | Promise<Result>,
  ): Result | Promise<Result> {
    if (!isThenable(answer)) return this.go(answer, next);
    const { answerMs } = this.options;
    const isLate = (): WaitError => new WaitError('ISLET_ERR_NO_ANSWER', `no ${what} within ${answerMs} ms`);
    return this.wait(answer, next, { isLate });
  }

  /**
   * Goes on with what others wait for too, who see to it that it comes in time.
   *
   * @param letGo Gets what came after the end, where that has to be let go of.
   */
  follow<Value, Result>(
    value: Value | PromiseLike<Value>,
    next: (value: Value) => Result | Promise<Result>,
    letGo?: (value: Value) => void,
  ): Result | Promise<Result> {
    return isThenable(value) ? this.wait(value, next, { letGo }) : this.go(value, next, letGo);
  }

  /** Ends all waits: nobody goes on with what comes now. */
  end(code: ErrorCode): void {
    this.endedBy = new WaitError(code, errorCatalogue[code].message);
    for (const end of this.ends ?? []) end(this.endedBy);
  }

  /** Goes on at once, unless the app has ended who waits in the very call that answers. */
  private go<Value, Result>(value: Value, next: (value: Value) => Result, letGo?: (value: Value) => void): Result {
    if (!this.endedBy) return next(value);
    letGo?.(value);
    throw this.endedBy;
  }

  private wait<Value, Result>(
    value: PromiseLike<Value>,
    next: (value: Value) => Result | Promise<Result>,
    { isLate, letGo }: { isLate?: () => WaitError; letGo?: ((value: Value) => void) | undefined },
  ): Promise<Result> {
    const { clock, answerMs } = this.options;
    // most have nothing to wait for
    this.ends ??= new Set();
    const { ends } = this;
    return new Promise((resolve, reject) => {
      const timer = isLate && clock.setTimeout(() => end(isLate()), answerMs);
      /** Returns whether nothing has ended the wait before. */
      const finish = (): boolean => {
        if (timer !== undefined) clock.clearTimeout(timer);
        return ends.delete(end);
      };
      const end = (error: WaitError): void => {
        if (finish()) reject(error);
      };
      ends.add(end);
      if (this.endedBy) end(this.endedBy);
      // a promise, whatever it was: its `then` may start a query each time that it is called
      Promise.resolve(value).then(
        (came) => {
          if (!finish()) letGo?.(came);
          else {
            // at once, and not a microtask later: in between the owner could end, and nobody would have what came
            try {
              resolve(next(came));
            } catch (error) {
              reject(error);
            }
          }
        },
        (error: unknown) => {
          if (finish()) reject(error);
        },
      );
    });
  }
}
