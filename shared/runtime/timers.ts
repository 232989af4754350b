/*
 * Timers that messages have asked for (`effect.after`, `effect.every`). They belong to the component, not to one life of
 * its actor: over a restart they go on. Input: outputs. Output: messages, when they are due.
 */

import type { TimerOutput } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';

interface WaitingTimer {
  readonly output: TimerOutput;
  /** Under which it was started. */
  readonly names: readonly string[];
  /** By the clock. */
  readonly dueAt: number;
}

/** A timer as it is kept over the end of a process. */
export interface KeptTimer {
  readonly output: TimerOutput;
  readonly names: readonly string[];
  /** In how many milliseconds it is due. */
  readonly inMs: number;
}

type Dispatch = (message: AnyMessage, names: readonly string[]) => void;

export class MessageTimers {
  private readonly clock: Clock;
  private readonly dispatch: Dispatch;
  private readonly waiting = new Map<unknown, WaitingTimer>();
  /** Counts what would make a list of the timers another one; that a repeated one goes on is no news. */
  changes = 0;

  constructor(clock: Clock, dispatch: Dispatch) {
    this.clock = clock;
    this.dispatch = dispatch;
  }

  /** @param inMs When it is due for the first time. */
  start(output: TimerOutput, names: readonly string[], inMs = output.ms): void {
    this.changes++;
    this.wait(output, names, inMs);
  }

  /** All that wait, for one who starts them again later. */
  toKept(): KeptTimer[] {
    const now = this.clock.now();
    return [...this.waiting.values()].map(({ output, names, dueAt }) => ({ output, names, inMs: dueAt - now }));
  }

  /** In how many milliseconds the first of those is due that come once; undefined: there is none. */
  get dueInMs(): number | undefined {
    let first: number | undefined;
    for (const { output, dueAt } of this.waiting.values()) {
      if (output.kind === 'after' && dueAt < (first ?? Number.POSITIVE_INFINITY)) first = dueAt;
    }
    return first === undefined ? undefined : Math.max(0, first - this.clock.now());
  }

  private wait(output: TimerOutput, names: readonly string[], inMs: number): void {
    const timer: unknown = this.clock.setTimeout(() => {
      this.waiting.delete(timer);
      if (output.kind === 'every') this.wait(output, names, output.ms);
      else this.changes++;
      this.dispatch(output.message, names);
    }, inMs);
    this.waiting.set(timer, { output, names, dueAt: this.clock.now() + inMs });
  }

  /** Ends those that shall not go on. */
  end(goesOn: (timer: WaitingTimer) => boolean): void {
    for (const [timer, waiting] of this.waiting) {
      if (goesOn(waiting)) continue;
      this.waiting.delete(timer);
      this.changes++;
      this.clock.clearTimeout(timer);
    }
  }

  stop(): void {
    this.end(() => false);
  }
}
