/*
 * Keeps the order of what happens in an island while the app is asked whether it may. Input: steps of islands, and
 * answers that come later. Output: each step, after those before it. What an island that ends was waiting for is
 * dropped with all that stands behind it: the page has it still, and says it again where it comes back.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import { WaitError, type Waits } from '../waits.ts';

interface Gate {
  readonly waits: Waits;
  readonly steps: (() => void)[];
}

export class EventGates {
  /** By channel. */
  private readonly gates = new Map<number, Gate>();

  /** Does something for an island: now, or after what waits there. */
  run(channel: number, step: () => void): void {
    const gate = this.gates.get(channel);
    if (gate) gate.steps.push(step);
    else step();
  }

  /**
   * Goes on when an answer has come; what is to be done for this island meanwhile comes after it.
   *
   * @param fail Is told when none has come in time.
   */
  holdUntil<Answer>(
    channel: number,
    waits: Waits,
    answer: Promise<Answer>,
    next: (answer: Answer) => void,
    fail: (code: ErrorCode) => void,
  ): void {
    const gate: Gate = { waits, steps: [] };
    this.gates.set(channel, gate);
    const open = (act: () => void): void => {
      if (this.gates.get(channel) !== gate) return;
      this.gates.delete(channel);
      act();
      for (const step of gate.steps) this.run(channel, step);
    };
    answer.then(
      (came) => open(() => next(came)),
      (error: unknown) => open(() => fail(error instanceof WaitError ? error.code : 'ISLET_ERR_EVENT_FORBIDDEN')),
    );
  }

  /** Drops what waits for an island. */
  end(channel: number): void {
    const gate = this.gates.get(channel);
    this.gates.delete(channel);
    gate?.waits.end('ISLET_ERR_NOT_JOINED');
  }

  /** Drops all. */
  endAll(): void {
    for (const channel of [...this.gates.keys()]) this.end(channel);
  }
}
