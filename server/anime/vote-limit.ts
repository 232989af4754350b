/*
 * How often a visitor may vote on live pages: all their tabs together. (The API counts by address.) Input: who votes, and
 * a clock. Kept in memory, for a bounded number of visitors: those who voted last.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import { TokenBucket } from '../sessions/token-bucket.ts';

export interface VoteLimit {
  /** Whether this visitor may vote now. */
  take(visitor: string): boolean;
}

const maxVisitors = 10_000;

/** @param perSecond Votes of one visitor, on average; twice as many may come at once, and at least one. */
export function createVoteLimit(perSecond: number, clock: Pick<Clock, 'now'>): VoteLimit {
  const buckets = new Map<string, TokenBucket>();
  return {
    take(visitor) {
      const bucket = buckets.get(visitor) ?? new TokenBucket(perSecond, clock);
      buckets.delete(visitor);
      buckets.set(visitor, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > maxVisitors && oldest !== undefined) buckets.delete(oldest);
      return bucket.take();
    },
  };
}
