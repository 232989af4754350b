/*
 * How often in a minute an address may do something. Input: addresses (`server/transport/address.ts`), and a clock that
 * does not jump as the time of day may. Output: whether it is too often, and when to come again. Kept in memory, for a
 * bounded number of addresses: those who came last. Servers may count together.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Topic } from '../../shared/index.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { addressOf } from '../transport/address.ts';

export interface RateLimit {
  readonly perMinute: number;
  /** Counts one more of an address. Who asks in vain does not wait longer for it. */
  take(address: string): Taken;
}

export interface Taken {
  readonly isTooMany: boolean;
  /** How many more there may be in this minute. */
  readonly remaining: number;
  /** Until the next minute of this address. */
  readonly resetSeconds: number;
}

const minuteMs = 60_000;
const maxAddresses = 100_000;

export interface RateLimitOptions {
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Where servers tell each other what they count. Default: each counts alone. */
  readonly counted?: Topic<string>;
}

export function createRateLimit(perMinute: number, { clock = performance, counted }: RateLimitOptions = {}): RateLimit {
  /** In the order in which their minutes began. */
  const minutes = new Map<string, { readonly endsAt: number; count: number }>();

  const minuteOf = (address: string, now: number) => {
    const known = minutes.get(address);
    if (known !== undefined && known.endsAt > now) return known;
    minutes.delete(address);
    const [oldest] = minutes.keys();
    if (minutes.size >= maxAddresses && oldest !== undefined) minutes.delete(oldest);
    const minute = { endsAt: now + minuteMs, count: 0 };
    minutes.set(address, minute);
    return minute;
  };

  let isOwn = false;
  counted?.subscribe((address) => {
    if (!isOwn) minuteOf(address, clock.now()).count++;
  });
  /** What is refused here need not be counted elsewhere. */
  const tell = (address: string): void => {
    isOwn = true;
    counted?.publish(address);
    isOwn = false;
  };

  return {
    perMinute,
    take(address) {
      const now = clock.now();
      const minute = minuteOf(address, now);
      minute.count++;
      if (minute.count <= perMinute) tell(address);
      return {
        isTooMany: minute.count > perMinute,
        remaining: Math.max(0, perMinute - minute.count),
        resetSeconds: Math.ceil((minute.endsAt - now) / 1_000),
      };
    },
  };
}

/**
 * Makes a hook that counts requests, and says in headers how many more there may be.
 *
 * @param refuse Makes the error for one that is too many; `after` is for a person.
 */
export function limitRequests(limit: RateLimit, refuse: (after: string) => Error) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { isTooMany, remaining, resetSeconds } = limit.take(addressOf(request));
    reply.headers({
      'ratelimit-limit': limit.perMinute,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': resetSeconds,
    });
    if (!isTooMany) return;
    reply.header('retry-after', resetSeconds);
    throw refuse(resetSeconds === 1 ? '1 second' : `${resetSeconds} seconds`);
  };
}
