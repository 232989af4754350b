/*
 * What to do about a failure, as a pure transition: restart after a wait that doubles, or give up for a while after too
 * many failures in a window. Input: when the earlier failures were, and the time now. Output: a decision.
 */

/** How failing actors are restarted. Times are in milliseconds. */
export interface RestartOptions {
  /** Failures within `windowMs` after which an actor is given up until the window has passed. */
  readonly maxFailures: number;
  readonly windowMs: number;
  /** Wait before the first restart; it doubles with each failure in the window. */
  readonly backoffMs: number;
}

export const defaultRestart: RestartOptions = { maxFailures: 5, windowMs: 60_000, backoffMs: 100 };

export interface Decision {
  /** `restart` is tried soon and nobody is told; at `give up` those who look are told, and it is tried again later. */
  readonly kind: 'restart' | 'give up';
  /** How long to wait before the next try. */
  readonly waitMs: number;
  /** When the failures in the window were, this one included. */
  readonly failures: readonly number[];
}

/** Decides what follows a failure. @param earlier Times of earlier failures. */
export function afterFailure(earlier: readonly number[], now: number, options: RestartOptions): Decision {
  const { maxFailures, windowMs, backoffMs } = options;
  const failures = [...earlier.filter((at) => now - at < windowMs), now];
  if (failures.length > maxFailures) return { kind: 'give up', waitMs: windowMs, failures };
  return { kind: 'restart', waitMs: backoffMs * 2 ** (failures.length - 1), failures };
}
