/*
 * The clock that a server has unless its options bring another: Node's timers, none of which keeps a process alive.
 */

import type { Clock } from '../shared/runtime/clock.ts';

const longestMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  // a time that does not fit into Node's timers would be over at once
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, longestMs)).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
