/*
 * Times are told and waited for by a clock that is passed in, so that tests need not wait.
 */

export interface Clock {
  /** Milliseconds since any moment; never goes back. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}
