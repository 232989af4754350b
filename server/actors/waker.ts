/*
 * Wakes actors that sleep when something is due for them: the store says for which. One look a second for all of them, and
 * the next one at once where more are due than one look has named. Input: keys of the store. Output: calls that start an
 * actor, or have one that runs see whether it is still the store's. One that cannot be started is let alone for a while,
 * and is in nobody's way.
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
  /** Resolves to false where no route is there for the key (any more). */
  wake(key: string): Promise<boolean>;
}

const lookMs = 1_000;
/** So many are being woken at once, whatever each waits for. */
export const atOnce = 16;
const retryMs = 60_000;

export class Waker {
  private readonly options: WakerOptions;
  private timer: unknown;
  private isOver = false;
  private isLooking = false;
  private isAway = false;
  private readonly verifying = new Set<string>();
  private readonly waking = new Set<string>();
  /** How many keys the last look named for which there is nothing to do: the next one looks past as many. */
  private passedOver = 0;
  /** Others may be due than those that the last look has seen to. */
  private areMore = false;
  private isLookDue = false;
  /** When it is tried again: those that could not be woken, and those that were and have yet to write that. */
  private readonly letAlone = new Map<string, number>();

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
      const now = this.options.clock.now();
      for (const [key, until] of this.letAlone) if (until <= now) this.letAlone.delete(key);
      void this.look();
    }, lookMs);
  }

  private async look(): Promise<void> {
    if (this.isLooking || this.isOver) return;
    this.isLooking = true;
    const { store, clock, log } = this.options;
    this.areMore = false;
    try {
      do {
        const limit = atOnce + this.passedOver;
        const keys = await store.due(lookMs + aheadMs(clock), limit);
        this.isAway = false;
        this.passedOver = 0;
        this.areMore = !this.see(keys) || keys.length >= limit;
        // as long as others can be woken beside those
      } while (this.areMore && this.hasRoom && !this.isOver);
    } catch (err) {
      // once: whoever writes to it says the rest
      if (!this.isAway) log.error({ err }, 'the store cannot say what is due; trying again');
      this.isAway = true;
    }
    this.isLooking = false;
  }

  private get hasRoom(): boolean {
    return this.waking.size <= atOnce / 2;
  }

  /** Returns false where there was no room for all. */
  private see(keys: readonly string[]): boolean {
    const { waking, letAlone } = this;
    for (const key of keys) {
      const isAwake = this.options.isAwake(key);
      if (isAwake) this.verify(key);
      if (isAwake || waking.has(key) || letAlone.has(key)) this.passedOver++;
      else if (waking.size >= atOnce) return false;
      else {
        waking.add(key);
        void this.wake(key);
      }
    }
    return true;
  }

  /** Nobody waits for it: a store that does not answer keeps no other actor asleep. */
  private verify(key: string): void {
    if (this.verifying.has(key)) return;
    this.verifying.add(key);
    void this.options.verify(key).finally(() => this.verifying.delete(key));
  }

  /** Nobody waits for it either: props that do not answer keep no other actor asleep. */
  private async wake(key: string): Promise<void> {
    const { clock, log } = this.options;
    let isFound = false;
    try {
      isFound = await this.options.wake(key);
    } catch (err) {
      log.error({ err, actor: key }, `${key} could not be woken, for which something is due`);
    }
    this.letAlone.set(key, clock.now() + (isFound ? lookMs : retryMs));
    this.waking.delete(key);
    if (!this.areMore || !this.hasRoom || this.isLookDue) return;
    this.isLookDue = true;
    // answers of a store may follow each other in one turn of the event loop for as long as there are questions
    setImmediate(() => {
      this.isLookDue = false;
      void this.look();
    });
  }
}
