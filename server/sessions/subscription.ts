/*
 * One island of one session: how far its client is, and the number of the client's last event. It survives the loss of
 * a connection. Input: what its actor sends. Output: frames for the session's present connection.
 */

import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import { framesPerAck, type Have, type ServerFrame } from '../../shared/wire/frames.ts';
import { encodePatchFrame, encodeServerFrame } from '../../shared/wire/server-frames.ts';
import type { FrameCache, LiveActor, Subscriber } from '../actors/live-actor.ts';
import { SharedFrame } from '../transport/transport.ts';
import type { Outlet, Session } from './session.ts';

export interface SubscriptionOptions {
  readonly session: Session;
  readonly channel: number;
  readonly route: string;
  readonly actor: LiveActor;
  readonly attributes: Attributes;
}

type Attributes = { readonly [name: string]: string };

export class Subscription implements Subscriber {
  readonly channel: number;
  readonly session: Session;
  readonly route: string;
  readonly actor: LiveActor;
  event = 0;
  /** Attributes that the element had when it last said so. */
  attributes: Attributes;
  /** The connection was lost and the island has not joined again, or the island has left. */
  isAway = false;
  /** Version that the client has or is about to have; -1: it has nothing. */
  private version = -1;
  private acknowledged = -1;
  private isAckDue = false;
  /** Frames are held back: the client gets one catch-up instead. */
  private isBehind = false;

  constructor({ session, channel, route, actor, attributes }: SubscriptionOptions) {
    this.session = session;
    this.channel = channel;
    this.route = route;
    this.actor = actor;
    this.attributes = attributes;
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

  /** Answers a join: with what is missing, or the whole. */
  join(have: Have | undefined): void {
    this.version = -1; // what is rendered now is part of the answer
    this.actor.settle();
    this.isBehind = false;
    if (this.actor.hasFailed) this.fail('ISLET_ERR_ACTOR_FAILED');
    else this.bring(have, true);
  }

  sendPatch(operations: string, frames: FrameCache): void {
    const { outlet } = this.session;
    if (outlet === undefined || this.isAway || this.version < 0) return;
    if (this.isBehind || this.isOverwhelmed(outlet)) return;
    this.version++;
    if (this.isAckDue) {
      this.isAckDue = false;
      this.write(encodePatchFrame(this.channel, operations, this.event));
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

  sendAck(): void {
    if (!this.isAckDue || this.isBehind || this.isAway || this.version < 0) return;
    this.isAckDue = false;
    this.write(encodePatchFrame(this.channel, '', this.event));
  }

  mount(): void {
    this.isAckDue = false;
    this.isBehind = false;
    this.version = -1;
    const { outlet } = this.session;
    if (!outlet || this.isAway) return;
    if (outlet.isFull) {
      this.fallBehind(outlet);
      return;
    }
    const { actor, channel, event } = this;
    const greeting = actor.greet();
    this.acknowledged = actor.version - (greeting ? 1 : 0);
    this.write(actor.encodeMount(channel, event, this.acknowledged));
    if (greeting) this.write(encodePatchFrame(channel, greeting, undefined));
    this.version = actor.version;
  }

  fail(code: ErrorCode): void {
    if (this.isAway) return; // it is told when it comes back
    this.write({ kind: 'error', channel: this.channel, code, message: errorCatalogue[code].message });
  }

  /** The client says which version it has. */
  acknowledge(version: number): void {
    if (version > this.version || version <= this.acknowledged) return;
    this.acknowledged = version;
    // not at the first sign of life: what waits to be read should be little when more comes
    const hasCaughtUp = this.version - version < framesPerAck;
    if (this.isBehind && hasCaughtUp && this.session.outlet?.isFull === false) this.recover();
  }

  /** Handles an event of the client: each is counted, so that a client that comes back knows which ones arrived. */
  handleEvent(instance: number, hole: number, data: object): boolean {
    this.event++;
    this.isAckDue = true;
    const refusal = this.actor.handleEvent(instance, hole, data as never, this);
    if (refusal !== undefined) this.reject(refusal);
    return refusal === undefined;
  }

  /** Counts an event that is not handled, and says why. */
  refuse(code: ErrorCode): void {
    this.event++;
    this.reject(code);
  }

  reject(code: ErrorCode): void {
    this.isAckDue = false;
    if (this.isAway) return;
    this.write({
      kind: 'refused',
      channel: this.channel,
      code,
      message: errorCatalogue[code].message,
      event: this.event,
    });
  }

  /** An attribute of the element was set, or taken away (null). What the component does not declare concerns nobody. */
  changeAttribute(name: string, text: string | null): void {
    const { attributes } = this.actor.component;
    if (!attributes || !Object.hasOwn(attributes, name)) return;
    const { [name]: _, ...others } = this.attributes;
    this.attributes = text === null ? others : { ...others, [name]: text };
    this.actor.dispatchFrom(() => attributes[name]?.(text));
  }

  /** An island that comes back says the attributes it has now; what changed meanwhile is news. */
  updateAttributes(attributes: Attributes): void {
    for (const name of Object.keys(this.actor.component.attributes ?? {})) {
      const text = textOf(attributes, name);
      if (text !== textOf(this.attributes, name)) this.changeAttribute(name, text);
    }
  }

  leave(): void {
    this.isAway = true;
    this.actor.unsubscribe(this);
  }

  /** Brings the client from what it has to where the actor is. @param isNew The client joins, and may miss values. */
  private bring(have: Have | undefined, isNew: boolean): void {
    const { actor, channel, event } = this;
    if (!actor.isRendered) {
      this.version = -1; // a mount follows when the actor has been restarted
      return;
    }
    try {
      const missing = have && actor.catchUp(have);
      if (!missing) {
        this.mount();
        return;
      }
      const { define, patch } = missing;
      const greeting = isNew ? actor.greet() : undefined;
      // however many versions the patch stands for, to the client it is one
      const version = actor.version - (patch ? 1 : 0) - (greeting ? 1 : 0);
      this.isAckDue = false;
      this.version = actor.version;
      this.acknowledged = version;
      this.write({ kind: 'live', channel, epoch: actor.epoch, version, event, define });
      for (const operations of [patch, greeting]) {
        if (operations) this.write(encodePatchFrame(channel, operations, undefined));
      }
    } catch (error) {
      actor.fail(error); // a value that cannot be encoded
    }
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
    if (!this.isBehind || !this.session.outlet || this.isAway) return;
    this.actor.settle();
    if (!this.isBehind) return; // that was a mount
    this.isBehind = false;
    // what this client was told includes every template so far
    this.bring([this.actor.epoch, this.version, Number.MAX_SAFE_INTEGER], false);
  }

  private write(frame: ServerFrame | string): void {
    this.actor.counters.frames++;
    this.session.outlet?.send(typeof frame === 'string' ? frame : encodeServerFrame(frame));
  }
}

function textOf(attributes: Attributes, name: string): string | null {
  return Object.hasOwn(attributes, name) ? (attributes[name] as string) : null;
}
