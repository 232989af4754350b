/*
 * The time of day, for what has to end at a moment that outlasts the process: sessions, and the time to undo.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import { systemClock } from '../system-clock.ts';

/** `now` gives milliseconds since 1970. */
export type WallClock = Clock;

export const wallClock: WallClock = { ...systemClock, now: () => Date.now() };
