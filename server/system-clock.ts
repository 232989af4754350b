/*
 * The clock that a server has unless its options bring another: Node's timers, none of which keeps a process alive.
 */

import type { Clock } from '../shared/runtime/clock.ts';

/** What a server tells time by: what is kept is kept with the time of day, since another process may take it up. */
export interface ServerClock extends Clock {
  /** Milliseconds since 1970, which go on as `now` does. */
  timeOfDay(): number;
}

const longestMs = 2 ** 31 - 1;

export const systemClock: ServerClock = {
  now: () => performance.now(),
  timeOfDay: () => Date.now(),
  // a time that does not fit into Node's timers would be over at once
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, longestMs)).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** How far a clock is ahead of the stores, which have the system's time: it may be one that a test moves. */
export function aheadMs(clock: ServerClock): number {
  return clock === systemClock ? 0 : clock.timeOfDay() - Date.now();
}
