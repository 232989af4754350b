// The system's time, which can also be moved on, so that nobody waits a minute for sessions to be over.

import type { ServerClock } from '../../server/system-clock.ts';

interface Wait {
  readonly at: number;
  timer: NodeJS.Timeout;
  readonly callback: () => void;
}

export class LeapingClock implements ServerClock {
  private readonly waits = new Set<Wait>();
  private leaptMs = 0;

  now(): number {
    return performance.now() + this.leaptMs;
  }

  timeOfDay(): number {
    return Date.now() + this.leaptMs;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const wait: Wait = { at: this.now() + ms, callback, timer: setTimeout(() => this.end(wait), ms) };
    this.waits.add(wait);
    return wait;
  }

  clearTimeout(timer: unknown): void {
    const wait = timer as Wait | undefined;
    if (!wait || !this.waits.delete(wait)) return;
    clearTimeout(wait.timer);
  }

  /** Moves on by so many milliseconds, and calls what is due by then, in its order. */
  leap(ms: number): void {
    this.leaptMs += ms;
    for (;;) {
      const [next] = [...this.waits].filter(({ at }) => at <= this.now()).sort((one, other) => one.at - other.at);
      if (!next) return;
      this.end(next);
    }
  }

  private end(wait: Wait): void {
    this.clearTimeout(wait);
    wait.callback();
  }
}
