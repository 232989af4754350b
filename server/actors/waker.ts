/*
 * Wakes actors that sleep when something is due for them: the store says for which. One look a second for all of them.
 * Input: keys of the store. Output: calls that start an actor, or have one that runs see whether it is still the store's.
 * One that cannot be started is let alone for a while.
 */

import type { Log } from '../inspect/log.ts';
import type { Store } from '../store/store.ts';
import { aheadMs, type ServerClock } from '../system-clock.ts';

export interface WakerOptions {
  readonly store: Pick<Store, 'due'>;
  readonly clock: ServerClock;
  readonly log: Log;
  isAwake(key: string): boolean;
  /** It runs, and should know what is due: somebody else may have written it. */
  verify(key: string): Promise<void>;
  wake(key: string): Promise<void>;
}

const lookMs = 1_000;
const atOnce = 100;
const retryMs = 60_000;

export class Waker {
  private readonly options: WakerOptions;
  private timer: unknown;
  private isOver = false;
  private isLooking = false;
  private isAway = false;
  private readonly verifying = new Set<string>();
  /** Those that could not be woken, with the time at which it is tried again. */
  private readonly failed = new Map<string, number>();

  constructor(options: WakerOptions) {
    this.options = options;
  }

  /** Begins, if it has not begun. */
  start(): void {
    if (this.timer === undefined) this.wait();
  }

  end(): void {
    this.options.clock.clearTimeout(this.timer);
    this.isOver = true;
  }

  private wait(): void {
    this.timer = this.options.clock.setTimeout(() => {
      this.wait();
      void this.look();
    }, lookMs);
  }

  private async look(): Promise<void> {
    if (this.isLooking || this.isOver) return;
    this.isLooking = true;
    const { store, clock, log, isAwake } = this.options;
    try {
      const keys = await store.due(lookMs + aheadMs(clock), atOnce);
      this.isAway = false;
      for (const key of keys) {
        if (isAwake(key)) this.verify(key);
        else await this.wake(key);
      }
    } catch (err) {
      // once: whoever writes to it says the rest
      if (!this.isAway) log.error({ err }, 'the store cannot say what is due; trying again');
      this.isAway = true;
    }
    this.isLooking = false;
  }

  /** Nobody waits for it: a store that does not answer keeps no other actor asleep. */
  private verify(key: string): void {
    if (this.verifying.has(key)) return;
    this.verifying.add(key);
    void this.options.verify(key).finally(() => this.verifying.delete(key));
  }

  private async wake(key: string): Promise<void> {
    const now = this.options.clock.now();
    if ((this.failed.get(key) ?? 0) > now) return;
    this.failed.delete(key);
    try {
      await this.options.wake(key);
    } catch (err) {
      this.failed.set(key, now + retryMs);
      this.options.log.error({ err, actor: key }, `${key} could not be woken, for which something is due`);
    }
  }
}
