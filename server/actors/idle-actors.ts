/*
 * Shared actors that nobody looks at: they stay for whoever comes next, until their time is over or their account is
 * full. Input: who looks and who does not. Output: actors that are let go of, once what they did is kept.
 */

import type { Budgets } from '../limits/budgets.ts';
import type { Settings } from '../options.ts';
import type { Entry } from './entries.ts';
import { LiveActor } from './live-actor.ts';

/** What idle actors need of the registry. */
export interface IdleOwner {
  readonly settings: Settings;
  readonly budgets: Budgets;
  readonly isClosed: boolean;
  /** Ends the turns that are due, and has them kept; false if that takes too long. */
  drainOf(entry: Entry): Promise<boolean>;
  discard(entry: Entry): void;
}

export class IdleActors {
  private readonly owner: IdleOwner;

  constructor(owner: IdleOwner) {
    this.owner = owner;
  }

  /** Releases a shared actor when nobody has looked for the idle time, or too much is kept. */
  watch(entry: Entry, actor: LiveActor, isLookedAt: boolean): void {
    this.end(entry);
    if (isLookedAt || this.owner.isClosed) return;
    const ms = this.idleMsOf(entry, actor);
    const onTimeout = (): void => {
      actor.settle();
      // what changed in the meantime is kept for longer, and what is under way is waited for
      if (this.idleMsOf(entry, actor) > ms || actor.isBusy) this.watch(entry, actor, false);
      else void this.release(entry);
    };
    const makeRoom = (): void => {
      this.end(entry);
      // whoever has just asked for it is about to look
      setImmediate(() => {
        if (!entry.isIdle) void this.release(entry);
      });
    };
    entry.isIdle = true;
    entry.idleTimer = this.owner.settings.clock.setTimeout(onTimeout, ms);
    const booking = this.owner.budgets.book(entry.account, {
      kind: 'actors',
      bytes: actor.estimateBytes(),
      release: makeRoom,
    });
    if (entry.isIdle) entry.booking = booking;
  }

  /** What never changed is soon made again, unless making it is what fails. */
  private idleMsOf({ route }: Entry, actor: LiveActor): number {
    const { idleMs, unchangedIdleMs } = this.owner.settings;
    const ms = route.options.idleMs ?? idleMs;
    return actor.hasChanged || actor.hasFailed ? ms : Math.min(ms, unchangedIdleMs);
  }

  end(entry: Entry): void {
    this.owner.settings.clock.clearTimeout(entry.idleTimer);
    entry.isIdle = false;
    entry.idleTimer = undefined;
    entry.booking?.end();
    entry.booking = undefined;
  }

  private async release(entry: Entry): Promise<void> {
    const { actor } = entry;
    this.end(entry);
    if (!(actor instanceof LiveActor) || this.owner.isClosed) return;
    const isKept = await this.owner.drainOf(entry);
    // somebody may have come, or something have changed, while it was written
    if (this.owner.isClosed || actor.subscribers.size > 0 || entry.isIdle) return;
    if (isKept) {
      actor.lastWrite();
      this.owner.discard(entry);
    } else this.watch(entry, actor, false);
  }
}
