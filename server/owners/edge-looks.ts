/*
 * Who looks at an edge, as the owner is told: who has come and gone, those of one moment together, and from time to time
 * that somebody is there at all. Input: who comes and goes. Output: questions to the owner, which says in its answers
 * what it shows.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Subscriber } from '../actors/actor-port.ts';
import { type EdgeEvents, nameOf, toViewer } from './edge-events.ts';
import type { EdgeLink, Looked, NoAnswer } from './edge-link.ts';
import { type Answer, type Ask, isAnswer, type Viewer } from './frames.ts';

/** The edge, as far as looks go. */
export interface LooksOwner {
  /** Names this process. */
  readonly name: string;
  readonly clock: Clock;
  readonly link: EdgeLink;
  readonly isEnded: boolean;
  /** Somebody looks, or is about to. */
  readonly isUsed: boolean;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** The owner says what it shows. */
  onLooked(answer: Looked): void;
  /** The owner may be another one by now. */
  onNoAnswer(answer: Answer | NoAnswer): void;
  /** Perhaps nobody looks any more. */
  unuseIfDone(): void;
}

/** How often an owner hears that somebody looks here. */
const renewMs = 5_000;

export class EdgeLooks {
  private readonly owner: LooksOwner;
  private readonly events: EdgeEvents;
  private come: Viewer[] = [];
  private gone: Extract<Ask, { kind: 'look' }>['gone'][number][] = [];
  private isDue = false;
  private renewTimer: unknown;

  constructor(owner: LooksOwner, events: EdgeEvents) {
    this.owner = owner;
    this.events = events;
  }

  end(): void {
    this.owner.clock.clearTimeout(this.renewTimer);
  }

  onCome(subscriber: Subscriber): void {
    this.come.push(toViewer(subscriber));
    this.soon();
  }

  onGone(subscriber: Subscriber, hasLeft: boolean): void {
    const name = nameOf(subscriber);
    this.come = this.come.filter((each) => each.name !== name);
    this.gone.push({ name, attempt: subscriber.attempt, hasLeft });
    this.soon();
  }

  /** What is said to whoever is the owner now, and may know nobody. @param known Whose outcomes are asked for. */
  toFirst(known: readonly string[]): Ask {
    this.come = this.events.viewers();
    return this.toLook(known);
  }

  private toLook(known: readonly string[]): Ask {
    const { come, gone, owner, events } = this;
    this.come = [];
    this.gone = [];
    const viewers = Math.max(events.size, owner.isUsed ? 1 : 0);
    return { kind: 'look', edge: owner.name, term: owner.link.leastTerm, viewers, come, gone, known };
  }

  /** Tells who has come and gone. @param known Whose outcomes are asked for. */
  async look(known: readonly string[]): Promise<Looked | undefined> {
    const { owner } = this;
    const { link } = owner;
    const said = this.toLook(known);
    const answer = await owner.ask(said);
    if (owner.isEnded || !link.isLinked) return undefined;
    if (!isAnswer(answer, 'state')) owner.onNoAnswer(answer);
    else if (answer.term !== link.term) link.part();
    else {
      owner.onLooked(answer);
      return answer;
    }
    return undefined;
  }

  soon(): void {
    if (this.isDue) return;
    this.isDue = true;
    const { owner } = this;
    queueMicrotask(() => {
      this.isDue = false;
      if (owner.isEnded) return;
      if (owner.link.isLinked) void this.look([]);
      else if (this.events.size > 0) owner.link.begin();
      owner.unuseIfDone();
    });
  }

  /** Says from time to time that somebody looks here; and hears so where the owner is another one by now. */
  renew(): void {
    const { clock } = this.owner;
    clock.clearTimeout(this.renewTimer);
    this.renewTimer = clock.setTimeout(() => {
      void this.renewLease();
      this.renew();
    }, renewMs);
  }

  private async renewLease(): Promise<void> {
    const { events, owner } = this;
    if (!owner.link.isLinked || !owner.isUsed) return;
    const { size } = events;
    const answer = await this.look([]);
    if (answer === undefined || answer.present === size || events.size !== size) return;
    // it has not heard of some
    this.come = events.viewers();
    this.soon();
  }
}
