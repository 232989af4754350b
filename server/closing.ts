/*
 * How long a server may take to stop. There is one deadline for all that is waited for, from the moment at which it
 * begins to stop: what never comes is waited for once, however many wait for it. Input: what has to be done. Output:
 * whether it was, in time.
 */

import type { Clock } from '../shared/runtime/clock.ts';

/** By then what was done is kept: from then on nobody waits for the store, who has others to tell. */
export const keptMs = 5_000;
/** By then all is over. Service managers wait for ten seconds. */
export const endMs = 8_000;

export class Closing {
  private readonly clock: Clock;
  private beganAt: number | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The server begins to stop, if it has not yet. */
  begin(): void {
    this.beganAt ??= this.clock.now();
  }

  /** What is left of a time: it runs from when the server began to stop, or else from now. */
  leftMs(ms: number): number {
    return this.beganAt === undefined ? ms : Math.max(0, this.beganAt + ms - this.clock.now());
  }

  /** Waits for something, but no longer than is left of a time. @returns Whether it was done. */
  async within(work: Promise<unknown>, ms: number): Promise<boolean> {
    const isOver = Promise.withResolvers<false>();
    const timer = this.clock.setTimeout(() => isOver.resolve(false), this.leftMs(ms));
    const isDone = await Promise.race([work.then(() => true), isOver.promise]);
    this.clock.clearTimeout(timer);
    return isDone;
  }
}
