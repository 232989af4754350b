/*
 * Bounds how often the log says the same: what anybody can make fail must not fill it. Input: what a line is about.
 * Output: whether one more may be written. What is left out is counted, and told when its minute is over.
 */

import type { Clock } from '../../shared/runtime/clock.ts';

const maxLines = 10;
const windowMs = 60_000;

interface Window {
  readonly startedAt: number;
  lines: number;
  /** Runs as soon as something was left out. */
  timer: unknown;
}

export class Repeats {
  private readonly clock: Clock;
  private readonly onLeftOut: (about: string, lines: number) => void;
  private readonly windows = new Map<string, Window>();

  /** @param onLeftOut Hears how many lines were left out. */
  constructor(clock: Clock, onLeftOut: (about: string, lines: number) => void) {
    this.clock = clock;
    this.onLeftOut = onLeftOut;
  }

  /** Counts a line, and tells whether it may be written. @param about One of a few things: each is remembered. */
  mayWrite(about: string): boolean {
    const now = this.clock.now();
    let window = this.windows.get(about);
    if (!window || now - window.startedAt >= windowMs) {
      this.close(about);
      window = { startedAt: now, lines: 0, timer: undefined };
      this.windows.set(about, window);
    }
    window.lines++;
    if (window.lines <= maxLines) return true;
    window.timer ??= this.clock.setTimeout(() => this.close(about), window.startedAt + windowMs - now);
    return false;
  }

  /** Tells what was left out so far, and forgets everything. */
  end(): void {
    for (const about of [...this.windows.keys()]) this.close(about);
  }

  private close(about: string): void {
    const window = this.windows.get(about);
    if (!window) return;
    this.windows.delete(about);
    this.clock.clearTimeout(window.timer);
    if (window.lines > maxLines) this.onLeftOut(about, window.lines - maxLines);
  }
}

/** A client makes up as many parameters as it likes; of routes there are as many as were declared. */
export function routeOf(actor: string): string {
  return actor.replace(/[?#].*$/s, '');
}
