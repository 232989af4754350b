// A clock that stands still until a test moves it: for backoff, idle times, sessions and everything else that waits.

import type { ServerClock } from '../system-clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is moved. */
export class ManualClock implements ServerClock {
  private readonly timers = new Set<Timer>();
  private time = 1_000;
  private readonly begunAt = Date.now() - this.time;

  now(): number {
    return this.time;
  }

  /** The time of day when it was made, and what it was moved by. */
  timeOfDay(): number {
    return this.begunAt + this.time;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer = { at: this.time + ms, callback };
    this.timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers.delete(timer as Timer);
  }

  /** How long each waiting timer still has, shortest first. */
  get waits(): number[] {
    return [...this.timers].map(({ at }) => at - this.time).sort((one, other) => one - other);
  }

  /** Moves on while something keeps the event loop busy: no timer can come meanwhile. */
  pass(ms: number): void {
    this.time += ms;
  }

  /** Moves on, calling what is due in its order, and lets promises settle in between as time would. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const [next] = [...this.timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.timers.delete(next);
      next.callback();
    }
    this.time = end;
    await settled();
  }
}

/** Resolves when what was waiting to run has run, sockets not included. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
