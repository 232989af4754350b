/*
 * How much of the server's time each client takes. Input: how long each of its frames kept the server busy. Output: how
 * long nothing more is to be read from it, where it takes more than its share while others are there: they are answered
 * meanwhile. Nothing is refused for it; a client that is alone has all the time there is.
 */

import type { Clock } from '../../shared/runtime/clock.ts';

/** Of each second, while others are there. */
const share = 0.25;
/** What may be taken at once: pages that come all together, such as after a deploy. */
const maxSavedMs = 250;
/** The longest that a client is not read: it must go on answering pings. */
const maxHoldMs = 1_000;
/** Who was heard within this time is there: an open page asks for a sign of life every 25 seconds. */
const presenceMs = 60_000;
/** So many accounts are worth looking through for those that can be forgotten. */
const minToForget = 1_000;

interface Account {
  /** What it may take; below 0: what it took too much. */
  savedMs: number;
  at: number;
}

export class FairShare {
  private readonly clock: Pick<Clock, 'now'>;
  private readonly accounts = new Map<string, Account>();
  private maxAccounts = minToForget;
  /** Who was heard last, and who last before that was somebody else. */
  private latest = { account: '', at: Number.NEGATIVE_INFINITY };
  private other = this.latest;

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
  }

  /** Notes what a frame took, now that it was handled. Gives for how long its account is not to be heard; 0: go on. */
  note(account: string, ms: number, now = this.clock.now()): number {
    if (this.latest.account !== account) {
      this.other = this.latest;
      this.latest = { account, at: now };
    } else this.latest.at = now;
    const known = this.accounts.get(account) ?? this.open(account, now);
    known.savedMs = savedBy(known, now) - ms;
    known.at = now;
    if (known.savedMs >= 0) return 0;
    if (now - this.other.at > presenceMs) {
      // nobody has waited for it
      known.savedMs = 0;
      return 0;
    }
    return Math.min(maxHoldMs, -known.savedMs / share);
  }

  /** How many accounts are known. */
  get size(): number {
    return this.accounts.size;
  }

  private open(account: string, now: number): Account {
    if (this.accounts.size >= this.maxAccounts) {
      for (const [name, known] of this.accounts) if (savedBy(known, now) === maxSavedMs) this.accounts.delete(name);
      this.maxAccounts = Math.max(minToForget, 2 * this.accounts.size);
    }
    const opened = { savedMs: maxSavedMs, at: now };
    this.accounts.set(account, opened);
    return opened;
  }
}

function savedBy({ savedMs, at }: Account, now: number): number {
  return Math.min(maxSavedMs, savedMs + (now - at) * share);
}
