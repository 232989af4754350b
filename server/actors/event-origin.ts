/*
 * Who caused a message by an event of a page. Input: what the runtime makes of the event. Output: its outcome, for the
 * page, and for what is kept of the turn.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import { reasonOf } from '../../shared/language/refused.ts';
import type { Origin } from '../../shared/runtime/turn.ts';
import type { EventSource, Refusal } from './actor-port.ts';

/** What hears of outcomes besides the page. */
export interface OutcomeListener {
  /** An event was handled, or it is known why not. */
  onOutcome(source: EventSource): void;
  /** An event was refused: its page has to hear of it, whatever becomes of this process. */
  noteRefusal(source: EventSource, refusal: Refusal): void;
}

export class EventOrigin implements Origin {
  private readonly listener: OutcomeListener;
  private readonly source: EventSource;
  private readonly event: number;

  constructor(listener: OutcomeListener, source: EventSource, event: number) {
    this.listener = listener;
    this.source = source;
    this.event = event;
  }

  onHandled(): void {
    this.source.onHandled(this.event);
    this.listener.onOutcome(this.source);
  }

  refuse(code: ErrorCode, error?: unknown): void {
    const refusal = { event: this.event, code, reason: reasonOf(error) };
    // the source may say that it is nothing to remember it by
    this.source.onRefused(refusal);
    this.listener.noteRefusal(this.source, refusal);
    this.listener.onOutcome(this.source);
  }
}
