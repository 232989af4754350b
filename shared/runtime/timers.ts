/*
 * Timers that messages have asked for (`effect.after`, `effect.every`). They belong to the component, not to one life
 * of its actor: over a restart they go on. Input: outputs. Output: messages, when they are due. A timer is listed until
 * its message is handled, and not only until it is due: what is kept of a turn has either one or the other.
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

interface Waiting extends WaitingTimer {
  dueAt: number;
  timer: unknown;
}

/** Takes the message of a timer; undefined: it was taken, or ended. */
type Take = () => AnyMessage | undefined;

export class MessageTimers {
  private readonly clock: Clock;
  private readonly onDue: (take: Take, names: readonly string[]) => void;
  private readonly all = new Set<Waiting>();
  readonly waiting: ReadonlySet<WaitingTimer> = this.all;
  /** Those whose time has come, and whose messages could not be handled yet. */
  private readonly late = new Set<Waiting>();
  /** Whose messages are part of the turn that is being gathered. */
  private taken: Waiting[] = [];
  /** Counts what would make a list of the timers another one; that a repeated one goes on is no news. */
  changes = 0;

  /** @param onDue Has the message of a timer taken and handled, now or later. It may be called again until it was. */
  constructor(clock: Clock, onDue: (take: Take, names: readonly string[]) => void) {
    this.clock = clock;
    this.onDue = onDue;
  }

  /** @param inMs When it is due for the first time. */
  start(output: TimerOutput, names: readonly string[], inMs = output.ms): void {
    this.changes++;
    const waiting: Waiting = { output, names, dueAt: 0, timer: undefined };
    this.all.add(waiting);
    this.wait(waiting, inMs);
  }

  /** Ends those that shall not go on. */
  end(goesOn: (timer: WaitingTimer) => boolean): void {
    for (const waiting of this.all) {
      if (goesOn(waiting)) continue;
      this.all.delete(waiting);
      this.late.delete(waiting);
      this.changes++;
      this.clock.clearTimeout(waiting.timer);
    }
  }

  stop(): void {
    this.end(() => false);
    this.taken = [];
  }

  /** The turn that was gathered is as good as done: its messages are the model's now, or refused. */
  settle(): void {
    if (this.taken.length > 0) this.taken = [];
  }

  /** The turn that was gathered is lost, with its actor: what came once has yet to come. */
  putBack(): void {
    for (const waiting of this.taken.splice(0)) {
      if (waiting.output.kind === 'every') continue;
      this.all.add(waiting);
      this.late.add(waiting);
      this.changes++;
    }
  }

  /** Those whose time came while nobody could handle their messages. */
  tryAgain(): void {
    for (const waiting of this.late) this.tell(waiting);
  }

  private wait(waiting: Waiting, inMs: number): void {
    waiting.dueAt = this.clock.now() + inMs;
    waiting.timer = this.clock.setTimeout(() => {
      const { output } = waiting;
      if (output.kind === 'every') this.wait(waiting, output.ms);
      // what comes again and again and could not be handled yet comes once
      this.late.add(waiting);
      this.tell(waiting);
    }, inMs);
  }

  private tell(waiting: Waiting): void {
    this.onDue(() => this.take(waiting), waiting.names);
  }

  private take(waiting: Waiting): AnyMessage | undefined {
    if (!this.late.delete(waiting)) return undefined;
    this.taken.push(waiting);
    if (waiting.output.kind === 'after') {
      this.all.delete(waiting);
      this.changes++;
    }
    return waiting.output.message;
  }
}
