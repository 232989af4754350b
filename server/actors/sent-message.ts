/*
 * A message that the app itself sends to an actor. Input: what becomes of it in its turn. Output: its outcome, once the
 * turn has been delivered, and so committed where turns are. By its key it is known again, also after a crash.
 */

import { createHash } from 'node:crypto';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { EventSource, Refusal } from './actor-port.ts';

/** Why a message was not done. */
export interface SentRefusal {
  readonly code: ErrorCode;
  /** What the component says of it. */
  readonly reason?: string | undefined;
}

/** Undefined: the actor has ended, and nothing of it is kept. */
export type SentOutcome = 'done' | SentRefusal | undefined;

/** It is the only event of whoever sent it. */
export const sentNumber = 1;

export class SentMessage implements EventSource {
  readonly isHeldBack = false;
  name: string | undefined;
  readonly account = undefined;
  sealed = 0;
  private handled = 0;
  private kept = 0;
  private refusal: SentRefusal | undefined;
  private readonly isCommitted: boolean;
  private readonly conclude: (outcome: SentOutcome) => void;

  /** @param isCommitted Its turn is committed: what is handled meanwhile belongs to the next. */
  constructor(name: string | undefined, isCommitted: boolean, conclude: (outcome: SentOutcome) => void) {
    this.name = name;
    this.isCommitted = isCommitted;
    this.conclude = conclude;
  }

  seal(): void {
    this.sealed = this.handled;
  }

  onKept(): void {
    this.kept = this.sealed;
  }

  onHandled(): void {
    this.handled = sentNumber;
  }

  onRefused({ code, reason }: Refusal): void {
    this.handled = sentNumber;
    this.refusal = { code, reason };
    // what was not tried may be sent again
    if (code !== 'ISLET_ERR_MESSAGE_REFUSED') this.name = undefined;
  }

  sendOutcomes(): void {
    const isOver = (this.isCommitted ? this.kept : this.handled) === sentNumber;
    if (isOver) this.conclude(this.refusal ?? 'done');
  }
}

/** What a store remembers a key by: two keys have two names, and none has that of a page. */
export function sentName(key: string): string {
  return `sent ${createHash('sha256').update(key).digest('base64url').slice(0, 22)}`;
}
