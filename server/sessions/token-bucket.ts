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

  /**
   * Takes a token; false if there is none. Asking in vain counts too: who goes on waits longer.
   *
   * @param now The time, where it is known already.
   */
  take(now = this.clock.now()): boolean {
    this.tokens = Math.min(2 * this.perSecond, this.tokens + this.earned(now));
    this.filledAt = now;
    return this.tokens-- >= 1;
  }

  /** Whether it has filled up again, and so can be forgotten. */
  get isFull(): boolean {
    return this.tokens + this.earned(this.clock.now()) >= 2 * this.perSecond;
  }

  /** Whether a second's worth was asked for in vain. */
  get isAbused(): boolean {
    return this.tokens < -this.perSecond;
  }

  private earned(now: number): number {
    return ((now - this.filledAt) / 1000) * this.perSecond;
  }
}
