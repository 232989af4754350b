/*
 * The time of day, for what has to end at a moment that outlasts the process: sessions, and the time to undo.
 */

import type { Clock } from '../../shared/runtime/clock.ts';

/** `now` gives milliseconds since 1970. */
export type WallClock = Clock;

export const wallClock: WallClock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
