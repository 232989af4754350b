/*
 * Timers that messages have asked for (`effect.after`, `effect.every`). They belong to the component, not to one life of
 * its actor: over a restart they go on. Input: outputs. Output: messages, when they are due.
 */

import type { Output } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';

type TimerOutput = Extract<Output, { kind: 'after' | 'every' }>;

export class MessageTimers {
  private readonly clock: Clock;
  private readonly dispatch: (message: AnyMessage) => void;
  private readonly waiting = new Set<unknown>();

  constructor(clock: Clock, dispatch: (message: AnyMessage) => void) {
    this.clock = clock;
    this.dispatch = dispatch;
  }

  start(output: TimerOutput): void {
    const timer: unknown = this.clock.setTimeout(() => {
      this.waiting.delete(timer);
      if (output.kind === 'every') this.start(output);
      this.dispatch(output.message);
    }, output.ms);
    this.waiting.add(timer);
  }

  stop(): void {
    for (const timer of this.waiting) this.clock.clearTimeout(timer);
    this.waiting.clear();
  }
}
