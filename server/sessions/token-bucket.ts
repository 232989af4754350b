/*
 * How often something may be done: so often a second on average, and twice as often at once.
 */

import type { Clock } from '../../shared/runtime/clock.ts';

export class TokenBucket {
  private readonly perSecond: number;
  private readonly clock: Pick<Clock, 'now'>;
  private tokens: number;
  private filledAt: number;

  constructor(perSecond: number, clock: Pick<Clock, 'now'>) {
    this.perSecond = perSecond;
    this.clock = clock;
    this.tokens = 2 * perSecond;
    this.filledAt = clock.now();
  }

  /** Takes a token; false if there is none. Asking in vain counts too: who goes on waits longer. */
  take(): boolean {
    const now = this.clock.now();
    const earned = ((now - this.filledAt) / 1000) * this.perSecond;
    this.tokens = Math.min(2 * this.perSecond, this.tokens + earned);
    this.filledAt = now;
    return this.tokens-- >= 1;
  }

  /** Whether a second's worth was asked for in vain. */
  get isAbused(): boolean {
    return this.tokens < -this.perSecond;
  }
}
