/*
 * Who caused a message by an event of a page. Input: what the runtime makes of the event. Output: its outcome, for the
 * page, and for what is kept of the turn.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Origin } from '../../shared/runtime/turn.ts';
import type { Subscriber } from './actor-port.ts';

/** What hears of outcomes besides the page. */
export interface OutcomeListener {
  /** An event was handled, or it is known why not. */
  onOutcome(subscriber: Subscriber): void;
  /** An event was refused: its page has to hear of it, whatever becomes of this process. */
  noteRefusal(subscriber: Subscriber, event: number, code: ErrorCode): void;
}

export class EventOrigin implements Origin {
  private readonly listener: OutcomeListener;
  private readonly subscriber: Subscriber;
  private readonly event: number;

  constructor(listener: OutcomeListener, subscriber: Subscriber, event: number) {
    this.listener = listener;
    this.subscriber = subscriber;
    this.event = event;
  }

  onHandled(): void {
    this.subscriber.onHandled(this.event);
    this.listener.onOutcome(this.subscriber);
  }

  refuse(code: ErrorCode): void {
    this.listener.noteRefusal(this.subscriber, this.event, code);
    this.subscriber.onRefused(this.event, code);
    this.listener.onOutcome(this.subscriber);
  }
}
