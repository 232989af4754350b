/*
 * One island of a page at an edge, as the actor sees it: it counts events, and notes what became of them. Input: events
 * that the edge passes on, perhaps twice or with gaps, and their outcomes. Output: outcomes for the edge.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import type { Known, Refusal, Subscriber } from '../actors/actor-port.ts';
import { EventNumbers } from '../actors/event-numbers.ts';
import type { LiveActor } from '../actors/live-actor.ts';
import type { ClientEvents, SentEvent, ToldOutcome, Viewer } from './frames.ts';

/** Who brings outcomes to the edges. */
export interface Teller {
  readonly actor: LiveActor;
  /** There is an outcome to be told with the next patch. */
  note(client: EdgeClient): void;
  /** There is one, and the turn has ended. */
  tell(client: EdgeClient): void;
}

export class EdgeClient implements Subscriber {
  readonly channel = 0;
  readonly isHeldBack = false;
  readonly name: string;
  readonly account: string | undefined;
  readonly client: Client;
  /** The edge that it is at, and the connection there. */
  edge: string;
  attempt: number;
  /** It looks: `onConnect` was told. */
  hasCome = false;
  /** Its page has left its edge, and may come at another one, before its events have an outcome. */
  isLeaving = false;
  /** It may have been here in the life of an earlier owner, and nobody knows what became of its events then. */
  isUnknown: boolean;
  /** Up to here its edge knows what became of its events. */
  private base = 0;
  private readonly numbers: EventNumbers;
  private readonly teller: Teller;

  constructor({ name, id, user, account, attempt }: Viewer, edge: string, known: Known, teller: Teller) {
    this.name = name;
    this.account = account ?? undefined;
    this.client = { id, user };
    this.attempt = attempt;
    this.edge = edge;
    this.isUnknown = known.isUnknown ?? false;
    this.numbers = new EventNumbers(0, known, false);
    this.teller = teller;
  }

  get sealed(): number {
    return this.numbers.sealed;
  }

  get refusals(): readonly Refusal[] {
    return this.numbers.listRefusals();
  }

  get isPending(): boolean {
    return this.numbers.isPending(this.isCommitted);
  }

  get isAnswerDue(): boolean {
    return this.numbers.isAnswerDue;
  }

  /** Its page has another connection: what the edge before has heard may not have reached it. */
  comeAgain(attempt: number): void {
    this.attempt = attempt;
    this.base = 0;
  }

  /**
   * Takes events as far as they follow on those before.
   *
   * @returns Whether one is missing.
   */
  takeEvents({ base, events }: ClientEvents): boolean {
    // what is said from now on is of this life
    if (events.length > 0) this.isUnknown = false;
    this.base = Math.max(this.base, base);
    this.numbers.know(base);
    for (const event of events) {
      if (event.after <= this.numbers.received) this.numbers.passOver(event.number - 1);
      const place = this.numbers.take(event.number);
      if (place === 'gap') return true;
      if (place === 'next') this.handle(event);
      else this.teller.actor.answer(this);
    }
    return false;
  }

  /** What has become of its events by now. What was refused is said until its edge has heard it: news may get lost. */
  takeOutcome(): ToldOutcome {
    const { numbers, name, isCommitted } = this;
    numbers.takeRefusals(isCommitted);
    const { upTo, refused } = this.known;
    return { name, upTo, refused: refused.filter(({ event }) => event > this.base) };
  }

  /** The same for whoever may have heard nothing of it. */
  listOutcome(): ToldOutcome {
    const { upTo, refused } = this.known;
    return { name: this.name, upTo: this.isUnknown ? -1 : upTo, refused };
  }

  /** What may be told: what is refused is kept, too, before anybody hears of it. */
  private get known() {
    const upTo = this.numbers.outcome(this.isCommitted);
    return { upTo, refused: this.refusals.filter(({ event }) => event <= upTo) };
  }

  /** What has no outcome will never have another than this. */
  refuseAll(code: ErrorCode): void {
    const [first, last] = this.numbers.moveTo({ event: 0, refused: [] }, true);
    for (let number = first; number <= last; number++) this.numbers.onRefused({ event: number, code });
  }

  seal(): void {
    this.numbers.seal();
  }

  onKept(): void {
    this.numbers.onKept();
  }

  onHandled(event: number): void {
    this.numbers.onHandled(event);
    this.teller.note(this);
  }

  onRefused(refusal: Refusal): void {
    this.numbers.onRefused(refusal);
    if (this.teller.actor.hasFailed) this.numbers.onHandled(refusal.event);
    this.teller.note(this);
  }

  sendOutcomes(): void {
    if (this.isAnswerDue) this.teller.tell(this);
  }

  // Patches reach its edge by one for all.

  sendPatch(): void {}
  mount(): void {}
  expectAgain(): void {}
  revive(): void {}
  lose(): void {}
  moveTo(): void {}
  onSaving(): void {}
  fail(): void {}

  private get isCommitted(): boolean {
    return this.teller.actor.isCommitted;
  }

  private handle(event: SentEvent): void {
    const { actor } = this.teller;
    if ('code' in event) actor.skipEvent(event.number, event.code ?? undefined, this);
    else actor.handleEvent(event, this);
  }
}
