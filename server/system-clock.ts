/*
 * The clock that a server has unless its options bring another: Node's timers, none of which keeps a process alive. Those
 * of thousands of actors that are due together are called in slices: Node calls all that are due before anything else.
 */

import type { Clock } from '../shared/runtime/clock.ts';
import { Slices } from './slices.ts';

/** What a server tells time by: what is kept is kept with the time of day, since another process may take it up. */
export interface ServerClock extends Clock {
  /** Milliseconds since 1970, which go on as `now` does. */
  timeOfDay(): number;
}

const longestMs = 2 ** 31 - 1;

const due = new Slices<NodeJS.Timeout, () => void>((_, callback) => callback());

export const systemClock: ServerClock = {
  now: () => performance.now(),
  timeOfDay: () => Date.now(),
  // a time that does not fit into Node's timers would be over at once
  setTimeout(callback, ms) {
    const timer = setTimeout(() => due.add(timer, callback), Math.min(ms, longestMs)).unref();
    return timer;
  },
  clearTimeout(timer) {
    clearTimeout(timer as NodeJS.Timeout);
    due.delete(timer as NodeJS.Timeout);
  },
};

/** How far a clock is ahead of the stores, which have the system's time: it may be one that a test moves. */
export function aheadMs(clock: ServerClock): number {
  return clock === systemClock ? 0 : clock.timeOfDay() - Date.now();
}
