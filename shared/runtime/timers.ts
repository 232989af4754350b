/*
 * Timers that messages have asked for (`effect.after`, `effect.every`). They belong to the component, not to one life of
 * its actor: over a restart they go on. Input: outputs. Output: messages, when they are due.
 */

import type { TimerOutput } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';

interface WaitingTimer {
  /** Under which it was started. */
  readonly names: readonly string[];
}

type Dispatch = (message: AnyMessage, names: readonly string[]) => void;

export class MessageTimers {
  private readonly clock: Clock;
  private readonly dispatch: Dispatch;
  private readonly waiting = new Map<unknown, WaitingTimer>();

  constructor(clock: Clock, dispatch: Dispatch) {
    this.clock = clock;
    this.dispatch = dispatch;
  }

  start(output: TimerOutput, names: readonly string[]): void {
    const timer: unknown = this.clock.setTimeout(() => {
      this.waiting.delete(timer);
      if (output.kind === 'every') this.start(output, names);
      this.dispatch(output.message, names);
    }, output.ms);
    this.waiting.set(timer, { names });
  }

  /** Ends those that shall not go on. */
  end(goesOn: (timer: WaitingTimer) => boolean): void {
    for (const [timer, waiting] of this.waiting) {
      if (goesOn(waiting)) continue;
      this.waiting.delete(timer);
      this.clock.clearTimeout(timer);
    }
  }

  stop(): void {
    this.end(() => false);
  }
}
