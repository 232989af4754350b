// An actor at the other end of a line: what is asked of it arrives later, and so does what it says, each in its order.
// Input: an actor of this process. Output: the same, for whoever asks through `ActorPort` alone.

import type {
  ActorPort,
  Arrival,
  FrameCache,
  Known,
  Part,
  PlacedEvent,
  ReadModel,
  Refusal,
  Subscriber,
  Take,
} from '../../server/actors/actor-port.ts';
import type { SentOutcome } from '../../server/actors/sent-message.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { IdRuns } from '../../shared/wire/content.ts';
import type { Have } from '../../shared/wire/frames.ts';

/** One direction of the line. */
class Line {
  private readonly waiting: (() => void)[] = [];

  send(deliver: () => void): void {
    this.waiting.push(deliver);
    setImmediate(() => this.waiting.shift()?.());
  }
}

/** Stands for a subscriber where the actor is. */
class Stand implements Subscriber {
  readonly isHeldBack = false;
  readonly refusals = [];
  sealed: number;
  private handled: number;
  private readonly subscriber: Subscriber;
  private readonly back: Line;

  constructor(subscriber: Subscriber, back: Line) {
    this.subscriber = subscriber;
    this.back = back;
    this.sealed = subscriber.sealed;
    this.handled = subscriber.sealed;
  }

  get account(): string | undefined {
    return this.subscriber.account;
  }

  get attempt(): number {
    return this.subscriber.attempt;
  }

  get channel(): number {
    return this.subscriber.channel;
  }

  get client(): Client {
    return this.subscriber.client;
  }

  get name(): string | undefined {
    return this.subscriber.name;
  }

  sendPatch(operations: string): void {
    const frames: FrameCache = new Map();
    this.back.send(() => this.subscriber.sendPatch(operations, frames));
  }

  sendOutcomes(): void {
    this.back.send(() => this.subscriber.sendOutcomes());
  }

  lose(code: ErrorCode | undefined): void {
    this.back.send(() => this.subscriber.lose(code));
  }

  expectAgain(isUnknown: boolean): void {
    this.back.send(() => this.subscriber.expectAgain(isUnknown));
  }

  mount(): void {
    this.back.send(() => this.subscriber.mount());
  }

  revive(): void {
    this.back.send(() => this.subscriber.revive());
  }

  moveTo(): void {
    throw new Error('nobody moves here');
  }

  seal(): void {
    this.sealed = this.handled;
    this.back.send(() => this.subscriber.seal());
  }

  onKept(): void {
    this.back.send(() => this.subscriber.onKept());
  }

  onSaving(isSaving: boolean): void {
    this.back.send(() => this.subscriber.onSaving(isSaving));
  }

  onHandled(event: number): void {
    this.handled = event;
    this.back.send(() => this.subscriber.onHandled(event));
  }

  onRefused(refusal: Refusal): void {
    this.back.send(() => this.subscriber.onRefused(refusal));
  }

  fail(code: ErrorCode | undefined): void {
    this.back.send(() => this.subscriber.fail(code));
  }
}

export class DistantActor implements ActorPort {
  private readonly actor: ActorPort;
  private readonly there = new Line();
  private readonly back = new Line();
  private readonly stands = new Map<Subscriber, Stand>();

  constructor(actor: ActorPort) {
    this.actor = actor;
  }

  get id(): string {
    return this.actor.id;
  }

  get isShared(): boolean {
    return this.actor.isShared;
  }

  get epoch(): string {
    return this.actor.epoch;
  }

  get hasFailed(): boolean {
    return this.actor.hasFailed;
  }

  get isCommitted(): boolean {
    return this.actor.isCommitted;
  }

  get knowsClients(): boolean {
    return this.actor.knowsClients;
  }

  get keptAttributes() {
    return this.actor.keptAttributes;
  }

  get leftState() {
    return this.actor.leftState;
  }

  get limits() {
    return this.actor.limits;
  }

  get counters() {
    return this.actor.counters;
  }

  recall(name: string | undefined): Promise<Known> {
    const { promise, resolve } = Promise.withResolvers<Known>();
    this.there.send(() => {
      const known = this.actor.recall(name, undefined);
      this.back.send(() => resolve(known));
    });
    return promise;
  }

  subscribe(subscriber: Subscriber): void {
    this.there.send(() => this.actor.subscribe(this.standOf(subscriber)));
  }

  unsubscribe(subscriber: Subscriber, hasLeft: boolean): void {
    this.there.send(() => {
      this.actor.unsubscribe(this.standOf(subscriber), hasLeft);
      this.stands.delete(subscriber);
    });
  }

  bring(have: Have | undefined, isNew: boolean, take: Take<Arrival>, onLate: () => void): void {
    this.there.send(() => this.actor.bring(have, isNew, this.toTake(take), () => this.back.send(onLate)));
  }

  part(instance: number, take: Take<Part | Arrival>, onLate: () => void): void {
    this.there.send(() => this.actor.part(instance, this.toTake(take), () => this.back.send(onLate)));
  }

  onAcknowledged(version: number): void {
    this.there.send(() => this.actor.onAcknowledged(version));
  }

  html(take: (chunks: readonly Chunk[] | undefined) => void): void {
    this.there.send(() => this.actor.html((chunks) => this.back.send(() => take(chunks))));
  }

  noteContent(ids: IdRuns, characters: number): void {
    this.there.send(() => this.actor.noteContent(ids, characters));
  }

  handleEvent(event: PlacedEvent, subscriber: Subscriber): void {
    this.there.send(() => this.actor.handleEvent(event, this.standOf(subscriber)));
  }

  skipEvent(event: number, code: ErrorCode | undefined, subscriber: Subscriber): void {
    this.there.send(() => this.actor.skipEvent(event, code, this.standOf(subscriber)));
  }

  answer(subscriber: Subscriber): void {
    this.there.send(() => this.actor.answer(this.standOf(subscriber)));
  }

  send(message: AnyMessage, key: string | undefined, conclude: (outcome: SentOutcome) => void): void {
    this.there.send(() => this.actor.send(message, key, (outcome) => this.back.send(() => conclude(outcome))));
  }

  model(take: (read: ReadModel) => void): void {
    this.there.send(() => this.actor.model((read) => this.back.send(() => take(read))));
  }

  changeAttribute(name: string, text: string | null): boolean {
    this.there.send(() => this.actor.changeAttribute(name, text));
    return true;
  }

  bytesOfEach(): number {
    return this.actor.bytesOfEach();
  }

  private standOf(subscriber: Subscriber): Stand {
    const stand = this.stands.get(subscriber) ?? new Stand(subscriber, this.back);
    this.stands.set(subscriber, stand);
    return stand;
  }

  /** Whoever asks is not there to say whether the answer was of use. */
  private toTake<Answer>(take: Take<Answer>): Take<Answer> {
    return (answer) => {
      this.back.send(() => take(answer));
      return true;
    };
  }
}
