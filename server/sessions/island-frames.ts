/*
 * What a page says of its islands over one connection: joins, events, attributes, and what may not be said. Input:
 * frames, decoded. Output: to the session's islands, in the order in which they came, once the app has said that they
 * may; refusals to the page. A client that breaks a rule where no page does loses its connection.
 */

import { type Attributes, pickAttributes } from '../../shared/language/attributes.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { ClientFrame } from '../../shared/wire/frames.ts';
import { encodeServerFrame } from '../../shared/wire/server-frames.ts';
import type { Match } from '../actors/routes.ts';
import type { Tally } from '../inspect/tally.ts';
import { lengthBrokenBy, mayBeParams } from '../limits/lengths.ts';
import type { EventAnswer } from '../options.ts';
import { mayCause } from '../rights.ts';
import { Waits } from '../waits.ts';
import { toEventData } from './event-data.ts';
import { EventGates } from './event-gates.ts';
import { Join, type JoinContext, type JoinOwner } from './join.ts';
import type { Session } from './session.ts';
import { isFor, type RightsChange } from './sessions.ts';
import type { Subscription } from './subscription.ts';
import { TokenBucket } from './token-bucket.ts';

/** The connection that they come over. */
export interface IslandFramesOwner {
  readonly context: JoinContext;
  readonly tally: Tally;
  send(frame: string): void;
  /** Tells an error of a channel. */
  refuse(channel: number, code: ErrorCode): void;
  close(code: ErrorCode): void;
}

/** Frames of islands. */
type IslandFrame = Exclude<ClientFrame, { channel: 0 }>;
type EventFrame = Extract<ClientFrame, { kind: 'event' }>;
type AttributeFrame = Extract<ClientFrame, { kind: 'attribute' }>;
type JoinRequest = Extract<ClientFrame, { kind: 'join' }>;

export class IslandFrames implements JoinOwner {
  private readonly session: Session;
  private readonly owner: IslandFramesOwner;
  /** Joins on their way, by channel. */
  private joining: Map<number, Join> | undefined;
  /** Islands of which the app is being asked whether an event may happen. */
  private gates: EventGates | undefined;
  // What is counted against the limits; most connections have neither for most of the time.
  private joins: TokenBucket | undefined;
  private events: TokenBucket | undefined;

  constructor(session: Session, owner: IslandFramesOwner) {
    this.session = session;
    this.owner = owner;
  }

  get context(): JoinContext {
    return this.owner.context;
  }

  refuse(channel: number, code: ErrorCode): void {
    this.owner.refuse(channel, code);
  }

  /** Forgets what has been counted, where a new count would be the same. */
  tidy(): void {
    if (this.joins?.isFull) this.joins = undefined;
    if (this.events?.isFull) this.events = undefined;
  }

  /** Takes islands that are meant from the page, and those that are about to be joined. */
  revoke(isMeant: RightsChange, redirect: string | undefined): void {
    const { session } = this;
    for (const join of [...(this.joining?.values() ?? [])].filter((each) => isFor(isMeant, each))) {
      join.cancel();
      this.endJoin(join);
      this.forbid(join.channel, redirect);
    }
    for (const subscription of [...session.subscriptions.values()].filter((each) => isFor(isMeant, each))) {
      this.revokeIsland(subscription, redirect);
    }
  }

  /** Handles a frame. @param now When it came. */
  handle(frame: IslandFrame, now: number): void {
    const subscription = this.session.subscriptions.get(frame.channel);
    if (frame.kind !== 'event') {
      this.handleOther(frame, subscription, now);
      return;
    }
    this.owner.tally.events++;
    if (!this.isWithin(frame, now)) return;
    // nearly every event: nobody is to be asked
    if (subscription && !subscription.isAway && !this.gates && !this.asksOfEvents(subscription)) {
      this.handleEvent(frame, subscription);
    } else this.authorizeInOrder(frame);
  }

  private authorizeInOrder(frame: EventFrame): void {
    this.inOrder(frame.channel, () => this.authorizeEvent(frame));
  }

  private handleOther(
    frame: Exclude<IslandFrame, EventFrame>,
    subscription: Subscription | undefined,
    now: number,
  ): void {
    const { channel } = frame;
    switch (frame.kind) {
      case 'void':
        if (this.isWithin(frame, now)) this.inOrder(channel, () => this.skipEvent(frame, undefined));
        break;
      case 'ack':
        subscription?.acknowledge(frame.version);
        break;
      case 'need':
        if (this.isWithin(frame, now)) subscription?.sendNeeded(frame.instance, frame.version);
        break;
      case 'join':
        if (this.isWithin(frame, now)) this.join(frame);
        break;
      case 'leave':
        this.joining?.get(channel)?.cancel();
        this.forgetJoin(channel);
        this.gates?.end(channel);
        if (subscription) this.owner.context.sessions.drop(subscription, !frame.remembers);
        break;
      case 'attribute':
        if (this.isWithin(frame, now) && this.isShort(frame))
          this.inOrder(channel, () => this.authorizeAttribute(frame));
    }
  }

  /** An island of this connection: it has joined, and not left since. */
  private joined(channel: number): Subscription | undefined {
    const subscription = this.session.subscriptions.get(channel);
    if (subscription && !subscription.isAway) return subscription;
    // it may have left while a frame of it was under way
    this.owner.refuse(channel, 'ISLET_ERR_NOT_JOINED');
    return undefined;
  }

  /** Does something for an island, after what the app is being asked about there. */
  private inOrder(channel: number, step: () => void): void {
    if (this.gates) this.gates.run(channel, step);
    else step();
  }

  private authorizeEvent(frame: EventFrame): void {
    const subscription = this.joined(frame.channel);
    if (!subscription) return;
    this.authorize(subscription, (refusal) => {
      if (refusal) this.skipEvent(frame, refusal);
      else this.handleEvent(frame, subscription);
    });
  }

  private authorizeAttribute({ channel, name, text }: AttributeFrame): void {
    const subscription = this.joined(channel);
    if (!subscription) return;
    // a refusal is not reported: an attribute's change has no number to report it by
    this.authorize(subscription, (refusal) => {
      if (!refusal) subscription.changeAttribute(name, text);
    });
  }

  /** Asks whether the client may act in an island; who may not even see it any more loses it. */
  private authorize(subscription: Subscription, act: (refusal: ErrorCode | undefined) => void): void {
    const { context } = this.owner;
    const { channel, match, client } = subscription;
    if (!this.asksOfEvents(subscription)) {
      act(undefined);
      return;
    }
    const decide = (answer: EventAnswer): void => {
      if (answer === 'gone') this.revokeIsland(subscription, undefined);
      else act(answer ? undefined : 'ISLET_ERR_EVENT_FORBIDDEN');
    };
    const waits = new Waits(context.settings);
    const answer = mayCause(context, waits, client, match);
    if (!(answer instanceof Promise)) {
      decide(answer);
      return;
    }
    this.gates ??= new EventGates();
    this.gates.holdUntil(channel, waits, answer, decide, act);
  }

  /** Whether the app wants to be asked about events of an island. */
  private asksOfEvents({ match: { route } }: Subscription): boolean {
    return this.owner.context.settings.authorizeEvent !== undefined || route.options.authorizeEvent !== undefined;
  }

  private handleEvent(frame: EventFrame, subscription: Subscription): void {
    const { number, epoch, version, instance, hole, data } = frame;
    subscription.acknowledge(version);
    const known = toEventData(data);
    // what was pasted or dropped is described; who submits a form takes its files for sent
    if (known.fields && known.files?.[0]) this.skipEvent(frame, 'ISLET_ERR_FILES');
    else if (!subscription.handleEvent(epoch, { number, seen: version, instance, hole, data: known }))
      this.owner.close('ISLET_ERR_FRAME_MALFORMED');
  }

  /** Takes the number of an event for which nothing is done. */
  private skipEvent(
    { channel, number }: { readonly channel: number; readonly number: number },
    code: ErrorCode | undefined,
  ): void {
    if (this.joined(channel)?.skipEvent(number, code) === false) this.owner.close('ISLET_ERR_FRAME_MALFORMED');
  }

  // Joins.

  /** Begins to join an island. */
  join(frame: JoinRequest): void {
    const { session } = this;
    const { registry, settings } = this.owner.context;
    const { channel, route } = frame;
    if (!this.isShort(frame)) return;
    const present = session.subscriptions.get(channel);
    // it was told that the store does not answer, and asks again: it is brought in when the store does
    if (present?.isReading && !present.isAway) return;
    if (this.joining?.has(channel) || (present && !present.isAway)) {
      this.owner.refuse(channel, 'ISLET_ERR_JOIN_TWICE');
      return;
    }
    if (!present && session.subscriptions.size + (this.joining?.size ?? 0) >= settings.limits.maxIslands) {
      this.owner.refuse(channel, 'ISLET_ERR_LIMIT_ISLANDS');
      return;
    }
    const match = registry.match(route);
    if (!match) {
      // another server has shown it: in a deploy it is not gone, and what was typed in it must not be
      const isShown = frame.have !== undefined && (frame.have[0] !== '' || typeof frame.have[3] === 'string');
      this.owner.refuse(channel, isShown ? 'ISLET_ERR_JOIN_NEWER' : 'ISLET_ERR_JOIN_UNKNOWN_ROUTE');
      return;
    }
    if (!mayBeParams(match.params, settings.limits)) {
      this.owner.refuse(channel, 'ISLET_ERR_LIMIT_ROUTE');
      return;
    }
    const { attributes: names } = match.route;
    if (frame.attributes === null) {
      this.owner.send(encodeServerFrame({ kind: 'attributes', channel, names }));
      return;
    }
    const attributes = names.length === 0 ? noAttributes : pickAttributes(frame.attributes, names);
    const join = new Join({ ...frame, attributes }, match, session, this);
    this.joining ??= new Map();
    this.joining.set(channel, join);
    join.start();
  }

  /** An island was joined. */
  onJoined({ route }: Match): void {
    this.owner.context.registry.counters.joins++;
    this.owner.tally.addJoin(route.path);
  }

  endJoin(join: Join): void {
    if (this.joining?.get(join.channel) === join) this.forgetJoin(join.channel);
  }

  private forgetJoin(channel: number): void {
    this.joining?.delete(channel);
    if (this.joining?.size === 0) this.joining = undefined;
  }

  /** Ends all that is under way: joins, and events that the app is being asked about. */
  letGo(): void {
    for (const join of this.joining?.values() ?? []) join.cancel();
    this.joining = undefined;
    this.gates?.endAll();
  }

  private revokeIsland(subscription: Subscription, redirect: string | undefined): void {
    const { channel } = subscription;
    this.gates?.end(channel);
    this.owner.context.sessions.drop(subscription);
    this.forbid(channel, redirect);
  }

  /** Has the page take an island's content away. */
  private forbid(channel: number, redirect: string | undefined): void {
    const code = 'ISLET_ERR_FORBIDDEN_NOW';
    this.owner.send(
      encodeServerFrame({ kind: 'error', channel, code, message: errorCatalogue[code].message, redirect }),
    );
  }

  // Limits.

  /** Counts a frame; one too many is refused, and who goes on regardless is sent away. */
  private isWithin(frame: IslandFrame, now: number): boolean {
    // what is sent whole on demand costs as much as a join
    const isJoin = frame.kind === 'join' || frame.kind === 'need';
    const bucket = isJoin ? this.joinBucket() : this.eventBucket();
    if (bucket.take(now)) return true;
    this.refuseExcess(frame, bucket);
    return false;
  }

  private refuseExcess(frame: IslandFrame, bucket: TokenBucket): void {
    const code = 'ISLET_ERR_LIMIT_EVENTS';
    if (bucket.isAbused) this.owner.close(code);
    else if (frame.kind === 'event' || frame.kind === 'void') {
      this.inOrder(frame.channel, () => this.skipEvent(frame, code));
    } else this.owner.refuse(frame.channel, code);
  }

  /** Refuses what names a route or attributes at greater length than the limits allow. */
  private isShort(frame: Extract<ClientFrame, { kind: 'join' | 'attribute' }>): boolean {
    const code = lengthBrokenBy(frame, this.owner.context.settings.limits);
    if (code !== undefined) this.owner.refuse(frame.channel, code);
    return code === undefined;
  }

  private joinBucket(): TokenBucket {
    if (this.joins) return this.joins;
    const { limits, clock } = this.owner.context.settings;
    this.joins = new TokenBucket(limits.maxIslands, clock);
    return this.joins;
  }

  /** Limits the rate of frames that make a component work: events, voids, changes of attributes. */
  private eventBucket(): TokenBucket {
    if (this.events) return this.events;
    const { limits, clock } = this.owner.context.settings;
    this.events = new TokenBucket(limits.maxEventsPerSecond, clock);
    return this.events;
  }
}

/** Most islands have none: one object for all. */
const noAttributes: Attributes = Object.freeze({});
