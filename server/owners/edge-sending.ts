/*
 * When events of pages at an edge are sent: those of one moment together, and what has no outcome after some time again.
 * Input: word that there are some. Output: questions to the owner; word that it is silent.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { EdgeEvents } from './edge-events.ts';
import type { EdgeLink, NoAnswer } from './edge-link.ts';
import { type Answer, type Ask, isAnswer } from './frames.ts';

/** The edge, as far as sending goes. */
export interface SendingOwner {
  /** Names this process. */
  readonly name: string;
  readonly clock: Clock;
  readonly link: EdgeLink;
  readonly isEnded: boolean;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** The owner may be another one by now. */
  onNoAnswer(answer: Answer | NoAnswer): void;
}

/** How often what has no outcome is said again. */
const resendMs = 1_500;

export class EdgeSending {
  private readonly owner: SendingOwner;
  private readonly events: EdgeEvents;
  private isDue = false;
  private resendTimer: unknown;

  constructor(owner: SendingOwner, events: EdgeEvents) {
    this.owner = owner;
    this.events = events;
  }

  end(): void {
    this.owner.clock.clearTimeout(this.resendTimer);
  }

  soon(): void {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      if (!this.owner.isEnded) this.sendUnsent();
    });
  }

  private sendUnsent(): void {
    const { owner, events } = this;
    const { link, name: edge } = owner;
    if (!link.isLinked) {
      if (events.isWaiting) link.begin();
      return;
    }
    const { term } = link;
    const clients = events.takeUnsent();
    if (clients.length === 0) return;
    this.awaitOutcomes();
    void owner.ask({ kind: 'events', edge, term, clients }).then((answer) => {
      if (owner.isEnded || !link.isLinked || link.term !== term) return;
      if (!isAnswer(answer, 'taken')) owner.onNoAnswer(answer);
      else if (answer.gaps.length > 0) this.sendGaps(answer.gaps);
    });
  }

  /** Some before them got lost. */
  private sendGaps(names: readonly string[]): void {
    const { owner } = this;
    void owner.link.pause().then(() => {
      if (owner.isEnded) return;
      this.events.sendAgain(names);
      this.sendUnsent();
    });
  }

  /** What has no outcome after some time is said again; an owner that is silent is no owner for long. */
  private awaitOutcomes(): void {
    const { owner, events } = this;
    this.resendTimer ??= owner.clock.setTimeout(() => {
      const { link } = owner;
      this.resendTimer = undefined;
      if (owner.isEnded || !events.isWaiting) return;
      if (link.isLinked && link.isSilent) link.part(true);
      else if (link.isLinked) {
        events.sendAgain();
        this.sendUnsent();
      }
      this.awaitOutcomes();
    }, resendMs);
  }
}
