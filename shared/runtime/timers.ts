/*
 * Timers that messages have asked for (`effect.after`, `effect.every`). They belong to the component, not to one life
 * of its actor: over a restart they go on. Input: outputs. Output: messages, when they are due.
 */

import type { TimerOutput } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';

export interface WaitingTimer {
  readonly output: TimerOutput;
  /** Under which it was started. */
  readonly names: readonly string[];
  /** By the clock. */
  readonly dueAt: number;
}

type Dispatch = (message: AnyMessage, names: readonly string[]) => void;

export class MessageTimers {
  private readonly clock: Clock;
  private readonly dispatch: Dispatch;
  readonly waiting = new Map<unknown, WaitingTimer>();
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
