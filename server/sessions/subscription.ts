/*
 * One island of one session: which version its client is brought to, and what is held back from it. It survives the
 * loss of a connection. Input: what its actor delivers and answers. Output: frames for the session's present
 * connection.
 */

import { type Attributes, attributesThatCount } from '../../shared/language/attributes.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import { framesPerAck, type Have, type ServerFrame } from '../../shared/wire/frames.ts';
import { encodePatchFrame, encodeServerFrame, joinOperations } from '../../shared/wire/server-frames.ts';
import type {
  ActorPort,
  Arrival,
  FrameCache,
  Known,
  Part,
  PlacedEvent,
  Refusal,
  Subscriber,
  Take,
} from '../actors/actor-port.ts';
import { EventNumbers } from '../actors/event-numbers.ts';
import type { LeftClient } from '../actors/own-state.ts';
import type { Match } from '../actors/routes.ts';
import { countRefusal } from '../inspect/counters.ts';
import { accountInStore } from '../limits/account.ts';
import { SharedFrame } from '../transport/transport.ts';
import type { Outlet, Session } from './session.ts';

export interface SubscriptionOptions {
  readonly session: Session;
  readonly channel: number;
  /** Names it over the end of a process; undefined: it cannot come back then. */
  readonly name: string | undefined;
  readonly route: string;
  /** What the route's name was found to be. */
  readonly match: Match;
  readonly actor: ActorPort;
  /** What the actor knows of the client. */
  readonly known: Known;
  readonly attributes: Attributes;
  /** Number of the last event that the page waits for no more. */
  readonly settled: number;
  /** Where its session begins from what is stored, when its actor has ended. */
  readonly sessions: { restart(session: Session): void };
}

export class Subscription implements Subscriber {
  readonly channel: number;
  readonly name: string | undefined;
  readonly session: Session;
  readonly route: string;
  readonly match: Match;
  /** It gets the model and not the tree. */
  predicts = false;
  /** The code by which its page would predict; undefined: it has none. */
  private code: string | undefined;
  /** What it looks at: another one after a newer state was found in the store. */
  actor: ActorPort;
  /** Takes its person out of where they are listed as being here. */
  endPresence: (() => void) | undefined;
  /** Attributes that the element had when it last said so. */
  attributes: Attributes;
  private readonly events: EventNumbers;
  private readonly sessions: { restart(session: Session): void };
  private nameOfAccount: string | undefined;
  /** The connection over which the island has joined; undefined once it has left. */
  private outlet: Outlet | undefined;
  /** It waits for its actor's answer, to be brought where the actor is. */
  isReading = false;
  /** What the client has or is about to have, in which life of the actor. Version -1: it has nothing. */
  private epoch = '';
  private version = -1;
  private acknowledged = -1;
  /** Number of the hello after which it joined last. */
  private joinedAt = 0;
  /** Frames are held back: the client gets one catch-up instead. */
  private isBehind = false;

  constructor(options: SubscriptionOptions) {
    const { session, channel, name, route, match, actor, known, attributes, settled, sessions } = options;
    this.session = session;
    this.channel = channel;
    this.name = name;
    this.route = route;
    this.match = match;
    this.actor = actor;
    this.attributes = attributes;
    this.sessions = sessions;
    const isUnknown = session.isTakenUp && (known.isUnknown ?? !actor.knowsClients);
    this.events = new EventNumbers(settled, known, isUnknown);
  }

  get isShared(): boolean {
    return this.actor.isShared;
  }

  get client(): Client {
    return this.session.client;
  }

  get attempt(): number {
    return this.session.attempt;
  }

  get account(): string {
    this.nameOfAccount ??= accountInStore(this.session.account);
    return this.nameOfAccount;
  }

  get sealed(): number {
    return this.events.sealed;
  }

  get refusals(): readonly Refusal[] {
    return this.events.listRefusals();
  }

  get isHeldBack(): boolean {
    return this.isBehind || this.isAway;
  }

  /** The connection was lost and the island has not joined over another, or the island has left. */
  get isAway(): boolean {
    return this.outlet === undefined || this.outlet !== this.session.outlet;
  }

  /**
   * Answers a join: with what is missing, or the whole.
   *
   * @param settled Number of the last event that the page waits for no more.
   */
  join(have: Have | undefined, settled: number): void {
    this.outlet = this.session.outlet;
    this.version = -1; // what is rendered now is part of the answer
    this.isBehind = false;
    this.events.settle(settled);
    if (have) this.compareLives(have[0]);
    this.joinedAt = this.attempt;
    this.code = codeIn(have);
    this.bring(have, true);
  }

  /** Of what is not kept nobody knows what was done to another life. @param shown The one that the page shows. */
  private compareLives(shown: string): void {
    const { isShared, isCommitted, epoch, knowsClients } = this.actor;
    if (!isShared || isCommitted || !knowsClients) return;
    // a hello is missing: it may have been said to another process. Else what this one could not know it still cannot
    if (this.joinedAt === 0 || this.attempt === this.joinedAt + 1) return;
    if (shown === epoch) this.events.forgetUnknown();
    else this.events.expectAgain(true);
  }

  /** The connection is gone: what it was made of is not kept for as long as its client may come back. */
  detach(): void {
    this.outlet = undefined;
  }

  /** @param hasLeft The page said so: should the channel be used again, its events are numbered anew. */
  leave(hasLeft: boolean): void {
    this.outlet = undefined;
    this.actor.unsubscribe(this, hasLeft);
  }

  // What the actor says.

  sendPatch(operations: string, frames: FrameCache | undefined): void {
    const { outlet, events } = this;
    if (outlet === undefined || this.isAway || this.version < 0) return;
    if (this.isBehind || this.isOverwhelmed(outlet)) return;
    this.version++;
    if (events.isAnswerDue) {
      this.write(encodePatchFrame(this.channel, joinOperations(operations, this.outcomes()), this.outcome));
      return;
    }
    if (frames === undefined) {
      this.write(encodePatchFrame(this.channel, operations, undefined));
      return;
    }
    let frame = frames.get(this.channel);
    if (frame === undefined) {
      frame = new SharedFrame(encodePatchFrame(this.channel, operations, undefined));
      frames.set(this.channel, frame);
    }
    this.actor.counters.frames++;
    outlet.send(frame);
  }

  sendOutcomes(): void {
    if (!this.events.isAnswerDue || this.isAway || this.isBehind) return;
    // whoever has nothing yet gets them with what they join
    if (this.version < 0 && !this.actor.hasFailed) return;
    this.write(encodePatchFrame(this.channel, this.outcomes(), this.outcome));
  }

  mount(): void {
    this.isBehind = false;
    this.version = -1;
    // what it waits for is as new
    if (!this.isAway && !this.isReading) this.bring(this.hasNothing, false);
  }

  expectAgain(isUnknown: boolean): void {
    this.events.expectAgain(isUnknown);
  }

  revive(): void {
    // what it waits for is as new, and would come on top of what is sent now
    if (this.isReading && this.version < 0) return;
    const { epoch, version, actor } = this;
    const have = this.has(epoch, version);
    this.request<Arrival>(
      (take, onLate) => actor.bring(have, false, take, onLate),
      (arrival) => {
        if (this.version === version) return this.arrive(arrival, have);
        // the turn that it waited for has brought it further
        this.revive();
        return false;
      },
    );
  }

  moveTo(actor: ActorPort, known: Known, code: ErrorCode | undefined): void {
    this.actor = actor;
    const { outlet } = this;
    const [first, last] = this.events.moveTo(known, code !== undefined);
    actor.subscribe(this);
    if (first <= last && code === undefined && outlet && !this.isAway) {
      // events were handled by the actor that is no more: its page sends again what has no outcome
      outlet.close('ISLET_ERR_SERVER_STOPPING');
      return;
    }
    if (code !== undefined) this.refuseAll(first, last, code);
    this.version = -1;
    this.bring(this.hasNothing, true);
  }

  lose(code: ErrorCode | undefined): void {
    if (code !== undefined) {
      this.refuseAll(...this.events.moveTo({ event: 0, refused: [] }, true), code);
      this.sendOutcomes();
    }
    this.sessions.restart(this.session);
  }

  private refuseAll(first: number, last: number, code: ErrorCode): void {
    for (let event = first; event <= last; event++) this.onRefused({ event, code });
  }

  seal(): void {
    this.events.seal();
  }

  onKept(): void {
    this.events.onKept();
  }

  onSaving(isSaving: boolean): void {
    if (!this.isAway && this.version >= 0) this.write({ kind: 'saving', channel: this.channel, isSaving });
  }

  onHandled(event: number): void {
    this.events.onHandled(event);
  }

  onRefused(refusal: Refusal): void {
    if (this.outlet) this.outlet.onRefused(refusal.code);
    else countRefusal(this.actor.counters, refusal.code);
    this.events.onRefused(refusal);
    if (this.actor.hasFailed) this.events.onHandled(refusal.event);
  }

  fail(code: ErrorCode | undefined): void {
    if (this.isAway) return; // it is told when it comes back
    const message = code === undefined ? '' : errorCatalogue[code].message;
    this.write({ kind: 'error', channel: this.channel, code: code ?? '', message });
  }

  // What the client says.

  /** The client says which version it has. */
  acknowledge(version: number): void {
    if (version > this.version || version <= this.acknowledged) return;
    this.acknowledged = version;
    this.actor.onAcknowledged(version);
    // not at the first acknowledgement: little should wait to be read before more is sent
    const hasCaughtUp = this.version - version < framesPerAck;
    if (this.isBehind && hasCaughtUp && this.outlet?.isFull === false) this.recover();
  }

  /**
   * Handles an event of the client, once: one that comes again is only answered again. False if one is missing before
   * it, which no page does.
   */
  handleEvent(epoch: string, event: PlacedEvent): boolean {
    // another epoch's instances are others, whatever their ids: its page says it again when it is shown the present one
    // (an actor that was given up shows none, and refuses it)
    if (epoch !== this.actor.epoch && !this.actor.hasFailed) return true;
    const place = this.events.take(event.number);
    if (place === 'next') this.actor.handleEvent(event, this);
    else this.answerAgain(place);
    return place !== 'gap';
  }

  /**
   * Counts an event as received and does not apply it; with a code it is refused. False if one is missing before it.
   */
  skipEvent(number: number, code: ErrorCode | undefined): boolean {
    const place = this.events.take(number);
    if (place === 'next') this.actor.skipEvent(number, code, this);
    else this.answerAgain(place);
    return place !== 'gap';
  }

  /** An attribute of the element was set, or taken away (null). One that the component does not declare is ignored. */
  changeAttribute(name: string, text: string | null): void {
    if (!this.actor.changeAttribute(name, text)) return;
    const { [name]: _, ...others } = this.attributes;
    this.attributes = text === null ? others : { ...others, [name]: text };
  }

  /** An island that comes back says the attributes it has now; what changed meanwhile is news. */
  updateAttributes(attributes: Attributes): void {
    for (const name of attributesThatCount(this.match.route.component)) {
      const text = textOf(attributes, name);
      if (text !== textOf(this.attributes, name)) this.changeAttribute(name, text);
    }
  }

  /**
   * Sends an instance whole to a client that could not bring it up to date; all, if there is no such instance now. A
   * text: its page has code of that name, and wants the model from now on. It has that of a version; 0: of none.
   */
  sendNeeded(instance: number | string, version: number): void {
    if (this.isAway || this.version < 0) return;
    if (typeof instance === 'number') {
      this.sendPart(instance);
      return;
    }
    this.code = instance;
    // what is being rendered is told first, with what it emits; only whoever lacks more gets all with the answer
    if (this.isBehind) this.version = -1;
    this.isBehind = false;
    this.bring(this.has(version > 0 ? this.epoch : '', version), false);
  }

  private sendPart(instance: number): void {
    // it cannot go on with the model
    if (this.predicts) {
      this.code = undefined;
      this.mount();
      return;
    }
    const { actor, channel } = this;
    this.request<Part | Arrival>(
      (take, onLate) => actor.part(instance, take, onLate),
      (answer) => {
        if ('kind' in answer) return this.arrive(answer, undefined);
        if (this.isBehind) this.mount();
        else this.write({ kind: 'part', channel, instance, ...answer });
        return true;
      },
    );
  }

  /** What is kept of the page's events when the server stops. @param name The island's, in a store. */
  toLeftClient(name: string): LeftClient {
    const { client, events } = this;
    const refused = events.listRefusals().map((refusal) => ({ client: name, ...refusal }));
    return { name, id: client.id, event: events.handled, refused };
  }

  private answerAgain(place: 'again' | 'gap'): void {
    if (place === 'again') this.actor.answer(this);
  }

  private get outcome(): number {
    return this.events.outcome(this.actor.isCommitted);
  }

  private outcomes(): string {
    return this.events.outcomes(this.actor.isCommitted);
  }

  // How it is brought where the actor is.

  /** What the client has, of the tree or of the model. It was told every template so far. */
  private has(epoch: string, version: number): Have {
    const { code } = this;
    return code === undefined ? [epoch, version, Number.MAX_SAFE_INTEGER] : [epoch, version, code];
  }

  /** The same of who has none of it. */
  private get hasNothing(): Have | undefined {
    return this.code === undefined ? undefined : ['', 0, this.code];
  }

  /** @param isNew The client joins, or its actor is another one now: it may miss values. */
  private bring(have: Have | undefined, isNew: boolean): void {
    const { actor } = this;
    this.request<Arrival>(
      (take, onLate) => actor.bring(have, isNew, take, onLate),
      (arrival) => this.arrive(arrival, have),
    );
  }

  /** Asks the actor, and uses its answer if that is still wanted when it comes. */
  private request<Answer>(
    question: (take: Take<Answer>, onLate: () => void) => void,
    use: (answer: Answer) => boolean,
  ): void {
    const { actor, outlet } = this;
    const isPresent = (): boolean => this.actor === actor && this.outlet === outlet && !this.isAway;
    let isAtOnce = true;
    this.isReading = true;
    const take = (answer: Answer | undefined): boolean => {
      this.isReading = false;
      return answer !== undefined && (isAtOnce || isPresent()) && use(answer);
    };
    // it is brought up to date when the store is there again
    const onLate = (): void => {
      if (isPresent()) this.fail('ISLET_ERR_STORE');
    };
    question(take, onLate);
    isAtOnce = false;
  }

  /** Sends what was asked for. @param have By what it was asked for. @returns Whether it was sent. */
  private arrive(arrival: Arrival, have: Have | undefined): boolean {
    const { outlet, channel, actor } = this;
    if (arrival.kind === 'failed') {
      this.fail('ISLET_ERR_ACTOR_FAILED');
      return false;
    }
    if (arrival.kind === 'later') {
      this.version = -1;
      return false;
    }
    const isMount = arrival.kind === 'mount';
    if (isMount) {
      this.isBehind = false;
      this.version = -1;
      if (!outlet || this.isAway) return false;
      if (outlet.isFull) {
        this.fallBehind(outlet);
        return false;
      }
    }
    this.predicts = arrival.kind !== 'mount' && arrival.predicts === true;
    // whoever was told the tree goes on with the tree: its code is another, and asked for with a model it would get all
    this.code = this.predicts ? codeIn(have) : undefined;
    const more = joinOperations(this.predicts ? this.withYou(arrival.operations) : arrival.operations, this.outcomes());
    const event = this.events.answer(actor.isCommitted);
    this.epoch = arrival.epoch;
    this.version = arrival.version;
    this.acknowledged = arrival.version;
    if (isMount) {
      const frame = encodeServerFrame({ ...arrival, channel, event, operations: [] }, more);
      actor.noteContent(arrival.ids, frame.length);
      this.write(frame);
    } else if (arrival.kind === 'model') {
      this.write({ ...arrival, channel, event, operations: [] }, more);
    } else {
      const { kind, epoch, version, define } = arrival;
      this.write({ kind, channel, epoch, version, event, operations: define ? [define] : [] }, more);
    }
    return true;
  }

  /** Tells besides as whom the handlers in the page are called. */
  private withYou(operations: string): string {
    return joinOperations(this.actor.sayWho?.(this.client, this.session.person) ?? '', operations);
  }

  private isOverwhelmed(outlet: Outlet): boolean {
    if (outlet.isFull) this.fallBehind(outlet);
    else if (this.hasTooManyUnacknowledged) this.isBehind = true;
    return this.isBehind;
  }

  private fallBehind(outlet: Outlet): void {
    this.isBehind = true;
    outlet.onceDrained(() => this.recover());
  }

  private get hasTooManyUnacknowledged(): boolean {
    return this.version - this.acknowledged >= this.actor.limits.maxUnacknowledgedFrames;
  }

  /** One step from where the client is to where the actor is. */
  private recover(): void {
    if (!this.isBehind || this.isAway) return;
    const { actor, epoch, version } = this;
    const have = this.has(epoch, version);
    this.request<Arrival>(
      (take, onLate) => actor.bring(have, false, take, onLate),
      (arrival) => {
        if (!this.isBehind) return false; // that was a mount
        this.isBehind = false;
        return this.arrive(arrival, have);
      },
    );
  }

  private write(frame: ServerFrame | string, more?: string): void {
    this.actor.counters.frames++;
    this.outlet?.send(typeof frame === 'string' ? frame : encodeServerFrame(frame, more));
  }
}

function codeIn(have: Have | undefined): string | undefined {
  const code = have?.[2];
  return typeof code === 'string' ? code : undefined;
}

function textOf(attributes: Attributes, name: string): string | null {
  return Object.hasOwn(attributes, name) ? (attributes[name] as string) : null;
}
