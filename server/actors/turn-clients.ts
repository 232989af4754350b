/*
 * Whose events a turn has, and who is to hear what became of them. While a turn is being committed the next one
 * gathers: what belongs to which is kept apart. Input: subscribers whose events were handled or refused. Output: those
 * of the turn that ends.
 */

import type { EventSource } from './actor-port.ts';

export class TurnClients {
  private answering: EventSource[] | undefined;
  private acting: Set<EventSource> | undefined;
  private sealedAnswering: EventSource[] | undefined;
  /** Those whose events the turn has that is being committed. */
  sealedActing: ReadonlySet<EventSource> | undefined;

  /** Somebody is to hear, at the end of the turn. */
  answer(subscriber: EventSource): void {
    this.answering ??= [];
    this.answering.push(subscriber);
  }

  /** An event of somebody's is part of the turn. */
  act(subscriber: EventSource): void {
    this.acting ??= new Set();
    this.acting.add(subscriber);
  }

  /** The turn is being committed now; what comes belongs to the next. */
  seal(): void {
    this.sealedActing = this.acting;
    this.sealedAnswering = this.answering;
    this.acting = undefined;
    this.answering = undefined;
    for (const subscriber of this.sealedActing ?? []) subscriber.seal();
  }

  /** The turn that was sealed is committed. */
  onKept(): void {
    for (const subscriber of this.sealedActing ?? []) subscriber.onKept();
    this.sealedActing = undefined;
  }

  /** Tells those who are to hear of the turn that has ended. @param isSealed It was committed. */
  tell(isSealed: boolean): void {
    const answering = isSealed ? this.sealedAnswering : this.answering;
    if (answering === undefined) return;
    if (isSealed) this.sealedAnswering = undefined;
    else this.answering = undefined;
    for (const subscriber of answering) subscriber.sendOutcomes();
  }

  /** Nobody waits for the end of the turn: there will be none. */
  forgetAnswers(): void {
    this.answering = undefined;
  }
}
