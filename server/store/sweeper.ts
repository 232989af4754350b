/*
 * Removes from a store what nobody has wanted for the time that its route keeps it: soon after the server has started,
 * and every hour from then on. Several servers may do it at once.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import type { Store } from './store.ts';

export interface SweeperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who comes back to a server that was started again comes first. */
const firstMs = 60_000;
const everyMs = 3_600_000;
/** So many at once: others want to write, too. */
const batch = 500;

export class Sweeper {
  private readonly options: SweeperOptions;
  private timer: unknown;
  private isEnded = false;

  constructor(options: SweeperOptions) {
    this.options = options;
  }

  /** Begins, if it has not begun. */
  start(): void {
    if (this.timer === undefined) this.sweepIn(firstMs);
  }

  end(): void {
    this.isEnded = true;
    this.options.clock.clearTimeout(this.timer);
  }

  private sweepIn(ms: number): void {
    if (this.isEnded) return;
    this.timer = this.options.clock.setTimeout(() => void this.sweep(), ms);
  }

  private async sweep(): Promise<void> {
    const { store, log } = this.options;
    try {
      let keys = 0;
      for (let more = batch; more === batch && !this.isEnded; keys += more) more = await store.sweep(batch);
      if (keys > 0) log.info({ keys }, 'removed what nobody wanted any more from the store');
    } catch (err) {
      log.error({ err }, 'the store could not be swept; trying again later');
    }
    this.sweepIn(everyMs);
  }
}
