/*
 * One island of one session: which version its client is brought to, and what became of the client's events. It
 * survives the loss of a connection. Input: what its actor delivers. Output: frames for the session's present
 * connection.
 */

import { type Attributes, attributesThatCount, toAttributeMessage } from '../../shared/language/attributes.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { Client, EventData } from '../../shared/language/events.ts';
import { framesPerAck, type Have, type ServerFrame } from '../../shared/wire/frames.ts';
import { type Operation, refused } from '../../shared/wire/patch.ts';
import {
  encodeOperations,
  encodePatchFrame,
  encodeServerFrame,
  joinOperations,
} from '../../shared/wire/server-frames.ts';
import type { FrameCache, LiveActor, Subscriber } from '../actors/live-actor.ts';
import type { OwnIsland } from '../actors/own-state.ts';
import type { Match } from '../actors/routes.ts';
import { SharedFrame } from '../transport/transport.ts';
import { nameInStore, type Outlet, type Session } from './session.ts';

export interface SubscriptionOptions {
  readonly session: Session;
  readonly channel: number;
  readonly route: string;
  /** What the route's name was found to be. */
  readonly match: Match;
  readonly actor: LiveActor;
  readonly attributes: Attributes;
  /** Number of the last event that the page waits for no more. */
  readonly settled: number;
}

/** An event that was not applied. */
interface Refusal {
  readonly event: number;
  readonly code: ErrorCode;
}

const nothingKnown = { event: 0, refused: [] };

/** Refusals that are kept for a page that comes back. A page has no more events without an outcome than this. */
const maxRefusals = 256;

export class Subscription implements Subscriber {
  readonly channel: number;
  readonly name: string | undefined;
  readonly session: Session;
  readonly route: string;
  readonly match: Match;
  /** What it looks at: another one after a newer state was found in the store. */
  actor: LiveActor;
  /** Attributes that the element had when it last said so. */
  attributes: Attributes;
  /** The connection over which the island has joined; undefined once it has left. */
  private outlet: Outlet | undefined;
  /** Number of the last event that came. */
  private received: number;
  /** Number up to which events were handled. */
  private handled: number;
  /**
   * Number up to which they belong to turns that were rendered: where turns are committed, others are gathered
   * meanwhile.
   */
  sealed: number;
  /** Nobody knows what became of events that the page sent before: it is told so with the first answer. */
  private isUnknown = false;
  /** It waits for the turn that is being committed, to be brought where the actor is. */
  isReading = false;
  /** Refused events that the page may not have heard of. */
  private refusals: Refusal[] | undefined;
  /** How many of them were written to the present connection. */
  private told = 0;
  private isAnswerDue = false;
  /** Version that the client has or is about to have; -1: it has nothing. */
  private version = -1;
  private acknowledged = -1;
  /** Up to here its events are committed, while a turn is being committed. */
  private sealedBefore = 0;
  /** Frames are held back: the client gets one catch-up instead. */
  private isBehind = false;

  constructor({ session, channel, route, match, actor, attributes, settled }: SubscriptionOptions) {
    this.session = session;
    this.channel = channel;
    this.route = route;
    this.match = match;
    this.actor = actor;
    this.attributes = attributes;
    const isKept = actor.commitGate !== undefined || actor.isRestored;
    this.name = isKept ? nameInStore(session, channel) : undefined;
    const known = this.name === undefined ? undefined : actor.recall(this.name);
    this.received = Math.max(settled, known?.event ?? 0);
    this.handled = this.received;
    this.sealed = this.received;
    this.isUnknown = session.isTakenUp && !isKept;
    this.remember(known?.refused, settled);
  }

  get isShared(): boolean {
    return this.actor.isShared;
  }

  get client(): Client {
    return this.session.client;
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
    this.told = 0;
    // the page counts further than what came: the rest was dropped there
    this.received = Math.max(this.received, settled);
    this.handled = Math.max(this.handled, settled);
    this.sealed = Math.max(this.sealed, settled);
    this.refusals = this.refusals?.filter(({ event }) => event > settled);
    this.bringIn(have);
  }

  sendPatch(operations: string, frames: FrameCache): void {
    const { outlet } = this;
    if (outlet === undefined || this.isAway || this.version < 0) return;
    if (this.isBehind || this.isOverwhelmed(outlet)) return;
    this.version++;
    if (this.isAnswerDue) {
      this.write(encodePatchFrame(this.channel, joinOperations(operations, this.outcomes()), this.outcome));
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
    if (!this.isAnswerDue || this.isAway || this.isBehind) return;
    // whoever has nothing yet gets them with what they join
    if (this.version < 0 && !this.actor.hasFailed) return;
    this.write(encodePatchFrame(this.channel, this.outcomes(), this.outcome));
  }

  mount(): void {
    this.isBehind = false;
    this.version = -1;
    const { outlet } = this;
    if (!outlet || this.isAway) return;
    if (outlet.isFull) {
      this.fallBehind(outlet);
      return;
    }
    if (this.isReading) return; // what it waits for is as new
    const { actor, channel } = this;
    const { version, epoch } = actor;
    const more = joinOperations(actor.greet(), this.outcomes());
    const event = this.answer();
    this.version = version;
    this.acknowledged = version;
    const content = actor.toMount();
    const frame = encodeServerFrame(
      { kind: 'mount', channel, epoch, version, event, ...content, operations: [] },
      more,
    );
    actor.noteContent(content.ids, frame.length);
    this.write(frame);
  }

  revive(): void {
    // what this client was told includes every template so far
    this.read(() => this.bring([this.actor.epoch, this.version, Number.MAX_SAFE_INTEGER], false));
  }

  moveTo(actor: LiveActor, code: ErrorCode | undefined): void {
    this.actor = actor;
    const { received, outlet } = this;
    const { event, refused } = (this.name === undefined ? undefined : actor.recall(this.name)) ?? nothingKnown;
    const known = Math.max(event, this.sealedBefore);
    const isWaiting = received > known;
    this.received = code === undefined ? known : received;
    this.handled = this.received;
    this.sealed = this.received;
    this.remember(refused, 0);
    actor.subscribe(this);
    if (isWaiting && code === undefined && outlet && !this.isAway) {
      // events were handled by the actor that is no more: its page sends again what has no outcome
      outlet.close('ISLET_ERR_SERVER_STOPPING');
      return;
    }
    for (let number = known + 1; code !== undefined && number <= received; number++) this.onRefused(number, code);
    this.version = -1;
    this.bringIn(undefined);
  }

  seal(): void {
    this.sealedBefore = this.sealed;
    this.sealed = this.handled;
  }

  onSaving(isSaving: boolean): void {
    if (!this.isAway && this.version >= 0) this.write({ kind: 'saving', channel: this.channel, isSaving });
  }

  fail(code: ErrorCode): void {
    if (this.isAway) return; // it is told when it comes back
    this.write({ kind: 'error', channel: this.channel, code, message: errorCatalogue[code].message });
  }

  /** The client says which version it has. */
  acknowledge(version: number): void {
    if (version > this.version || version <= this.acknowledged) return;
    this.acknowledged = version;
    // not at the first acknowledgement: little should wait to be read before more is sent
    const hasCaughtUp = this.version - version < framesPerAck;
    if (this.isBehind && hasCaughtUp && this.outlet?.isFull === false) this.recover();
  }

  /**
   * Handles an event of the client, once: one that comes again is only answered again. False if one is missing before
   * it, which no page does.
   */
  handleEvent(number: number, epoch: string, instance: number, hole: number, data: EventData): boolean {
    if (!this.take(number)) return number <= this.received;
    // another actor's instances are others, whatever their ids
    if (epoch !== this.actor.epoch) this.actor.skipEvent(number, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', this);
    else this.actor.handleEvent(number, instance, hole, data, this);
    return true;
  }

  /**
   * Counts an event as received and does not apply it; with a code it is refused. False if one is missing before it.
   */
  skipEvent(number: number, code: ErrorCode | undefined): boolean {
    if (!this.take(number)) return number <= this.received;
    this.actor.skipEvent(number, code, this);
    return true;
  }

  onHandled(event: number): void {
    this.handled = Math.max(this.handled, event);
    this.isAnswerDue = true;
  }

  onRefused(event: number, code: ErrorCode): void {
    this.outlet?.onRefused(code);
    this.refusals ??= [];
    this.refusals.push({ event, code });
    if (this.refusals.length > maxRefusals) {
      this.refusals.shift();
      this.told = Math.max(0, this.told - 1);
    }
    this.isAnswerDue = true;
    if (this.actor.hasFailed) this.handled = Math.max(this.handled, event);
  }

  /** An attribute of the element was set, or taken away (null). One that the component does not declare is ignored. */
  changeAttribute(name: string, text: string | null): void {
    const make = toAttributeMessage(this.actor.component, name, text);
    if (!make) return;
    const { [name]: _, ...others } = this.attributes;
    this.attributes = text === null ? others : { ...others, [name]: text };
    this.actor.dispatchFrom(make);
  }

  /** An island that comes back says the attributes it has now; what changed meanwhile is news. */
  updateAttributes(attributes: Attributes): void {
    for (const name of attributesThatCount(this.actor.component)) {
      const text = textOf(attributes, name);
      if (text !== textOf(this.attributes, name)) this.changeAttribute(name, text);
    }
  }

  /** Sends an instance whole to a client that could not bring it up to date; all, if there is no such instance now. */
  sendPart(instance: number): void {
    if (this.isAway || this.version < 0) return;
    this.read(() => {
      const part = instance === 0 ? undefined : this.actor.toPart(instance);
      if (!part || this.isBehind) this.mount();
      else this.write({ kind: 'part', channel: this.channel, version: this.actor.version, instance, ...part });
    });
  }

  /** What is kept of an island of one's own when its server stops. */
  toOwnState(name: string): OwnIsland {
    const { actor, attributes, handled: event, refusals = [] } = this;
    const refused = refusals.map((refusal) => ({ client: name, ...refusal }));
    return { ...actor.ownState, attributes, client: name, event, refused };
  }

  /** @param hasLeft The page said so: should the channel be used again, its events are numbered anew. */
  leave(hasLeft: boolean): void {
    this.outlet = undefined;
    this.actor.unsubscribe(this);
    if (hasLeft && this.name !== undefined) this.actor.forget(this.name);
  }

  /** Does something with what is rendered, once nothing of it is being committed. */
  private read(read: () => void): void {
    const { actor, outlet } = this;
    const isPresent = (): boolean => this.actor === actor && this.outlet === outlet && !this.isAway;
    let isAtOnce = true;
    const onLate = (): void => {
      // it is brought up to date when the store is there again
      if (isPresent()) this.fail('ISLET_ERR_STORE');
      actor.commitGate?.whenIdle(go);
    };
    const go = (): void => {
      this.isReading = false;
      if (isAtOnce || (isPresent() && actor.commitGate?.isEnded !== true)) read();
    };
    this.isReading = true;
    // another actor takes its place, or nobody is there any more
    actor.read(go, onLate, () => {});
    isAtOnce = false;
  }

  /** The number up to which the page may be told that its events have an outcome. */
  private get outcome(): number {
    return this.actor.commitGate ? this.sealed : this.handled;
  }

  /** The number for an answer to a join. */
  private answer(): number {
    const { isUnknown } = this;
    this.isUnknown = false;
    return isUnknown ? -1 : this.outcome;
  }

  private remember(refused: readonly Refusal[] | undefined, settled: number): void {
    for (const { event, code } of refused ?? []) {
      if (event <= settled) continue;
      this.refusals ??= [];
      this.refusals.push({ event, code });
    }
  }

  /** Counts an event in; false if it was counted before, or another has to come first. */
  private take(number: number): boolean {
    if (number === this.received + 1) {
      this.received = number;
      return true;
    }
    if (number <= this.received) {
      this.isAnswerDue = true;
      // what was refused before is settled: a page sends again what it has not heard of
      const first = this.refusals?.findIndex(({ event }) => event >= number) ?? -1;
      if (first >= 0) this.told = Math.min(this.told, first);
      this.actor.answer(this);
    }
    return false;
  }

  /** What became of events that were refused, as operations; what is written by this is told. */
  private outcomes(): string {
    // what is gathered while a turn is committed is told with the next one
    this.isAnswerDue = this.outcome < this.handled;
    const { refusals, told } = this;
    if (refusals === undefined || refusals.length === told) return '';
    this.told = refusals.length;
    return encodeOperations(
      refusals.slice(told).map(({ event, code }): Operation => refused(event, code, errorCatalogue[code].message)),
    );
  }

  /** Brings in a client that has joined, or whose actor is another one now. */
  private bringIn(have: Have | undefined): void {
    this.read(() => {
      if (this.actor.hasFailed) this.fail('ISLET_ERR_ACTOR_FAILED');
      else this.bring(have, true);
    });
  }

  /** Brings the client from what it has to where the actor is. @param isNew The client joins, and may miss values. */
  private bring(have: Have | undefined, isNew: boolean): void {
    const { actor, channel } = this;
    if (!actor.isRendered) {
      this.version = -1; // a mount follows when the actor has been restarted
      return;
    }
    const missing = have && actor.catchUp(have);
    if (!missing) {
      this.mount();
      return;
    }
    const { define, patch } = missing;
    const { version, epoch } = actor;
    const more = joinOperations(joinOperations(patch, isNew ? actor.greet() : ''), this.outcomes());
    const event = this.answer();
    this.version = version;
    this.acknowledged = version;
    this.write({ kind: 'live', channel, epoch, version, event, operations: define ? [define] : [] }, more);
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
    this.read(() => {
      if (!this.isBehind) return; // that was a mount
      this.isBehind = false;
      this.revive();
    });
  }

  private write(frame: ServerFrame | string, more?: string): void {
    this.actor.counters.frames++;
    this.outlet?.send(typeof frame === 'string' ? frame : encodeServerFrame(frame, more));
  }
}

function textOf(attributes: Attributes, name: string): string | null {
  return Object.hasOwn(attributes, name) ? (attributes[name] as string) : null;
}
