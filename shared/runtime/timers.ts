/*
 * Timers that messages have asked for (`effect.after`, `effect.every`). They belong to the component, not to one life of
 * its actor: over a restart they go on. Input: outputs. Output: messages, when they are due.
 */

import type { TimerOutput } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';

type Dispatch = (message: AnyMessage, names: readonly string[]) => void;

export class MessageTimers {
  private readonly clock: Clock;
  private readonly dispatch: Dispatch;
  /** Each with the names under which it was started. */
  private readonly waiting = new Map<unknown, readonly string[]>();

  constructor(clock: Clock, dispatch: Dispatch) {
    this.clock = clock;
    this.dispatch = dispatch;
  }

  start(output: TimerOutput, names: readonly string[] = noNames): void {
    const timer: unknown = this.clock.setTimeout(() => {
      this.waiting.delete(timer);
      if (output.kind === 'every') this.start(output, names);
      this.dispatch(output.message, names);
    }, output.ms);
    this.waiting.set(timer, names);
  }

  /** Ends those that were started under a name. */
  end(name: string): void {
    for (const [timer, names] of this.waiting) {
      if (!names.includes(name)) continue;
      this.waiting.delete(timer);
      this.clock.clearTimeout(timer);
    }
  }

  stop(): void {
    for (const timer of this.waiting.keys()) this.clock.clearTimeout(timer);
    this.waiting.clear();
  }
}

const noNames: readonly string[] = [];
