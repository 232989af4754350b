/*
 * What is said over one open connection: hello, joins, events, attributes, and what may not be said. Input: frames of a
 * page, hostile until they are decoded. Output: to the session's islands; answers to the page. A client that breaks a
 * rule gets an error's code; where the connection cannot go on, it is closed. No other client notices. Frames are
 * carried by the transport.
 */

import { pickAttributes } from '../../shared/language/attributes.ts';
import { closeCode, type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import { decodeClientFrame } from '../../shared/wire/client-frames.ts';
import type { ClientFrame } from '../../shared/wire/frames.ts';
import { encodeServerFrame } from '../../shared/wire/server-frames.ts';
import type { Match } from '../actors/routes.ts';
import { countClosed, countRefusal } from '../inspect/counters.ts';
import { Tally } from '../inspect/tally.ts';
import { accountOf } from '../limits/account.ts';
import { lengthBrokenBy, mayBeParams } from '../limits/lengths.ts';
import type { EventAnswer, RouteParams } from '../options.ts';
import { mayCause } from '../rights.ts';
import type { SharedFrame, Transport, TransportListener } from '../transport/transport.ts';
import { Waits } from '../waits.ts';
import { toEventData } from './event-data.ts';
import { EventGates } from './event-gates.ts';
import { Holds } from './holds.ts';
import { Join, type JoinContext, type JoinOwner } from './join.ts';
import type { Outlet, Session } from './session.ts';
import { isFor, type RightsChange } from './sessions.ts';
import type { Subscription } from './subscription.ts';
import { TokenBucket } from './token-bucket.ts';
import { Unread } from './unread.ts';

export interface ConversationContext extends JoinContext {
  /** The connection has ended. */
  onEnd(conversation: Conversation): void;
}

/** How long a page may take to say hello. */
const helloMs = 10_000;

/** Frames of islands. */
type IslandFrame = Exclude<ClientFrame, { channel: 0 }>;
type HelloFrame = Extract<ClientFrame, { kind: 'hello' }>;
type EventFrame = Extract<ClientFrame, { kind: 'event' }>;
type AttributeFrame = Extract<ClientFrame, { kind: 'attribute' }>;
type JoinRequest = Extract<ClientFrame, { kind: 'join' }>;

export class Conversation implements TransportListener, Outlet, JoinOwner {
  readonly context: ConversationContext;
  private readonly transport: Transport;
  private readonly user: unknown;
  readonly account: string;
  private readonly tally: Tally;
  /** Id of the client; undefined before its hello. */
  private client: string | undefined;
  /** What the peer has not read, once that was much. */
  private unread: Unread | undefined;
  private session: Session | undefined;
  /** Opened straight to a component: nobody learns the session's name, so nobody can come back to it. */
  private isDirect = false;
  /** Whether anything was heard since the last heartbeat. */
  private isAlive = true;
  private isDeaf = false;
  /** Runs until the hello. */
  private timer: unknown;
  /** Joins on their way, by channel. */
  private joining: Map<number, Join> | undefined;
  /** Why nothing is read from the peer just now. */
  private holds: Holds | undefined;
  /** Islands of which the app is being asked whether an event may happen. */
  private gates: EventGates | undefined;
  // What is counted against the limits; most connections have neither for most of the time.
  private joins: TokenBucket | undefined;
  private events: TokenBucket | undefined;

  /** @param user Whom the connection was accepted for. */
  constructor(transport: Transport, user: unknown, context: ConversationContext) {
    this.transport = transport;
    this.user = user;
    this.context = context;
    this.tally = new Tally(context.settings.clock.now());
    context.registry.counters.connections.opened++;
    this.account = accountOf(transport.address, user, context.settings.userKey);
    transport.listen(this);
  }

  /** Begins with a hello, which is waited for. */
  awaitHello(): void {
    this.timer = this.context.settings.clock.setTimeout(() => this.close('ISLET_ERR_HELLO_EXPECTED'), helloMs);
  }

  /** Begins with a join, without a hello: a socket opened straight to a component. */
  joinDirectly(route: string, attributes: RouteParams): void {
    this.isDirect = true;
    this.session = this.context.sessions.create(0, this.user, this, true);
    this.client = this.session.client.id;
    this.join({ kind: 'join', channel: 1, route, attributes, settled: 0, have: undefined }, this.session);
  }

  // The connection, for those who count it and for the session.

  get address(): string {
    return this.transport.address;
  }

  get isOpen(): boolean {
    return this.transport.isOpen;
  }

  get isFull(): boolean {
    return this.transport.isFull;
  }

  send(frame: string | SharedFrame): void {
    const { transport } = this;
    transport.send(frame);
    if (!Unread.isWorthCounting(transport)) return;
    this.unread ??= new Unread(transport, this.context.registry.budgets, this.account, () =>
      this.cut('ISLET_ERR_LIMIT_UNREAD'),
    );
    this.unread.note();
  }

  onceDrained(callback: () => void): void {
    this.transport.onceDrained(callback);
  }

  /** Asks whether the peer is still there; ends the connection if it did not answer the last time. */
  checkAlive(): void {
    if (!this.isAlive) this.transport.terminate();
    this.isAlive = false;
    this.transport.ping();
    // a new bucket, made when it is needed, will be as full
    if (this.joins?.isFull) this.joins = undefined;
    if (this.events?.isFull) this.events = undefined;
  }

  end(code: ErrorCode): void {
    this.session = undefined;
    this.close(code);
  }

  /** Sends an error and ends the connection, and with it what is under way. */
  close(code: ErrorCode): void {
    this.refuse(0, code);
    this.letGo();
    this.tally.why ??= code;
    this.transport.close(closeCode(code) ?? 1008, code);
  }

  /** The server is stopping: what comes now is for another. */
  stopHearing(): void {
    this.isDeaf = true;
    this.letGo();
  }

  /** Ends the connection of a user who is meant, whether it has said hello or not. */
  disconnect(isMeant: (user: unknown) => boolean): void {
    if (this.isOpen && isMeant(this.user)) this.close('ISLET_ERR_DISCONNECTED');
  }

  /** Takes islands that are meant from the page, and those that are about to be joined. */
  revoke(isMeant: RightsChange, redirect: string | undefined): void {
    const { session } = this;
    if (!session) return;
    for (const join of [...(this.joining?.values() ?? [])].filter((each) => isFor(isMeant, each))) {
      join.cancel();
      this.endJoin(join);
      this.forbid(join.channel, redirect);
    }
    for (const subscription of [...session.subscriptions.values()].filter((each) => isFor(isMeant, each))) {
      this.revokeIsland(subscription, redirect);
    }
  }

  /** Ends the connection of a peer who would hear no code, since it does not read. */
  private cut(code: ErrorCode): void {
    this.note(code);
    this.tally.why ??= code;
    this.terminate();
  }

  /** Ends the connection without waiting for the peer. */
  terminate(): void {
    this.transport.terminate();
  }

  // What comes from the transport.

  onText(text: string, bytes: number): void {
    this.isAlive = true;
    if (this.isDeaf) return;
    const { clock, limits } = this.context.settings;
    const startedAt = clock.now();
    if (bytes > limits.maxFrameBytes) this.close('ISLET_ERR_FRAME_TOO_BIG');
    else this.receive(text);
    const ms = this.context.registry.fairShare.note(this.account, clock.now() - startedAt);
    const { transport } = this;
    if (!transport.isOpen) return;
    if (ms > 0) this.hold().add('share', (release) => clock.setTimeout(release, ms));
    // who does not read the answers is asked nothing more: they would pile up
    if (transport.isFull) this.hold().add('answers', (release) => transport.onceDrained(release));
  }

  onBinary(): void {
    this.close('ISLET_ERR_FRAME_BINARY');
  }

  onAlive(): void {
    this.isAlive = true;
  }

  onError({ code, name }: Error & { readonly code?: string }): void {
    this.tally.problem ??= code ?? name;
  }

  onClose(code: number): void {
    const { session, context } = this;
    context.settings.clock.clearTimeout(this.timer);
    this.letGo();
    this.session = undefined;
    this.unread?.end();
    context.onEnd(this);
    const { counters, inspector } = context.registry;
    countClosed(counters, code);
    inspector.tell(this.tally.end(this.client, code, context.settings.clock.now()));
    if (session?.outlet !== this) return;
    if (this.isDirect) context.sessions.finish(session);
    // 1001 is how a browser takes leave that closes a page or goes to another
    else context.sessions.detach(session, code === 1001);
  }

  private hold(): Holds {
    this.holds ??= new Holds(this.transport);
    return this.holds;
  }

  // Frames.

  private receive(text: string): void {
    const frame = decodeClientFrame(text, this.context.settings.limits);
    this.tally.frames++;
    if (frame === null) this.close('ISLET_ERR_FRAME_MALFORMED');
    else if (frame === 'deep') this.close('ISLET_ERR_FRAME_TOO_DEEP');
    else if (frame === 'version') this.close('ISLET_ERR_PROTOCOL_VERSION');
    else if (frame.kind === 'hello') this.greet(frame);
    else if (frame.kind === 'probe') this.send(encodeServerFrame(frame));
    else if (!this.session) this.close('ISLET_ERR_HELLO_EXPECTED');
    else this.handle(frame, this.session);
  }

  private greet(hello: HelloFrame): void {
    if (this.session) this.close('ISLET_ERR_FRAME_MALFORMED');
    else {
      const { sessions, settings } = this.context;
      settings.clock.clearTimeout(this.timer);
      this.timer = undefined;
      const { user } = this;
      const session =
        sessions.resume(hello, user, this) ??
        sessions.takeUp(hello, user, this) ??
        sessions.create(hello.attempt, user, this);
      if (session === 'late') this.close('ISLET_ERR_SESSION_TAKEN');
      else this.answerHello(session);
    }
  }

  private answerHello(session: Session): void {
    this.session = session;
    this.client = session.client.id;
    // the page's joins come in the same packet: their answers go out with this one
    this.transport.cork();
    const { maxFrameBytes, maxEventsPerSecond } = this.context.settings.limits;
    const { id } = session;
    this.send(encodeServerFrame({ kind: 'hello', channel: 0, session: id, maxFrameBytes, maxEventsPerSecond }));
  }

  private handle(frame: IslandFrame, session: Session): void {
    const { channel } = frame;
    const subscription = session.subscriptions.get(channel);
    switch (frame.kind) {
      case 'event':
        this.tally.events++;
        if (!this.isWithin(frame)) break;
        // nearly every event: nobody is to be asked
        if (subscription && !subscription.isAway && !this.gates && !this.asksOfEvents(subscription)) {
          this.handleEvent(frame, subscription);
        } else this.inOrder(channel, () => this.authorizeEvent(frame));
        break;
      case 'void':
        if (this.isWithin(frame)) this.inOrder(channel, () => this.skipEvent(frame, undefined));
        break;
      case 'ack':
        subscription?.acknowledge(frame.version);
        break;
      case 'need':
        if (this.isWithin(frame)) subscription?.sendPart(frame.instance);
        break;
      case 'join':
        if (this.isWithin(frame)) this.join(frame, session);
        break;
      case 'leave':
        this.joining?.get(channel)?.cancel();
        this.forgetJoin(channel);
        this.gates?.end(channel);
        if (subscription) this.context.sessions.drop(subscription, true);
        break;
      case 'attribute':
        if (this.isWithin(frame) && this.isShort(frame)) this.inOrder(channel, () => this.authorizeAttribute(frame));
    }
  }

  /** An island of this connection: it has joined, and not left since. */
  private joined(channel: number): Subscription | undefined {
    const subscription = this.session?.subscriptions.get(channel);
    if (subscription && !subscription.isAway) return subscription;
    // it may have left while a frame of it was under way
    this.refuse(channel, 'ISLET_ERR_NOT_JOINED');
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
    const { context } = this;
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
    return this.context.settings.authorizeEvent !== undefined || route.options.authorizeEvent !== undefined;
  }

  private handleEvent(frame: EventFrame, subscription: Subscription): void {
    const { number, epoch, version, instance, hole, data } = frame;
    subscription.acknowledge(version);
    const known = toEventData(data);
    // what was pasted or dropped is described; who submits a form takes its files for sent
    if (known.fields && known.files?.[0]) this.skipEvent(frame, 'ISLET_ERR_FILES');
    else if (!subscription.handleEvent(number, epoch, instance, hole, known)) this.close('ISLET_ERR_FRAME_MALFORMED');
  }

  /** Takes the number of an event for which nothing is done. */
  private skipEvent(
    { channel, number }: { readonly channel: number; readonly number: number },
    code: ErrorCode | undefined,
  ): void {
    if (this.joined(channel)?.skipEvent(number, code) === false) this.close('ISLET_ERR_FRAME_MALFORMED');
  }

  // Joins.

  private join(frame: JoinRequest, session: Session): void {
    const { registry, settings } = this.context;
    const { channel, route } = frame;
    if (!this.isShort(frame)) return;
    const present = session.subscriptions.get(channel);
    // it was told that the store does not answer, and asks again: it is brought in when the store does
    if (present?.isReading && !present.isAway) return;
    if (this.joining?.has(channel) || (present && !present.isAway)) {
      this.refuse(channel, 'ISLET_ERR_JOIN_TWICE');
      return;
    }
    if (!present && session.subscriptions.size + (this.joining?.size ?? 0) >= settings.limits.maxIslands) {
      this.refuse(channel, 'ISLET_ERR_LIMIT_ISLANDS');
      return;
    }
    const match = registry.match(route);
    if (!match) {
      this.refuse(channel, 'ISLET_ERR_JOIN_UNKNOWN_ROUTE');
      return;
    }
    if (!mayBeParams(match.params, settings.limits)) {
      this.refuse(channel, 'ISLET_ERR_LIMIT_ROUTE');
      return;
    }
    const { attributes: names } = match.route;
    if (frame.attributes === null) {
      this.send(encodeServerFrame({ kind: 'attributes', channel, names }));
      return;
    }
    const join = new Join({ ...frame, attributes: pickAttributes(frame.attributes, names) }, match, session, this);
    this.joining ??= new Map();
    this.joining.set(channel, join);
    join.start();
  }

  /** An island was joined. */
  onJoined({ route }: Match): void {
    this.context.registry.counters.joins++;
    this.tally.addJoin(route.path);
  }

  endJoin(join: Join): void {
    if (this.joining?.get(join.channel) === join) this.forgetJoin(join.channel);
  }

  private forgetJoin(channel: number): void {
    this.joining?.delete(channel);
    if (this.joining?.size === 0) this.joining = undefined;
  }

  /** Ends all that is under way: joins, and events that the app is being asked about. */
  private letGo(): void {
    for (const join of this.joining?.values() ?? []) join.cancel();
    this.joining = undefined;
    this.gates?.endAll();
  }

  private revokeIsland(subscription: Subscription, redirect: string | undefined): void {
    const { channel } = subscription;
    this.gates?.end(channel);
    this.context.sessions.drop(subscription);
    this.forbid(channel, redirect);
  }

  /** Has the page take an island's content away. */
  private forbid(channel: number, redirect: string | undefined): void {
    const code = 'ISLET_ERR_FORBIDDEN_NOW';
    this.send(encodeServerFrame({ kind: 'error', channel, code, message: errorCatalogue[code].message, redirect }));
  }

  // Limits.

  /** Counts a frame; one too many is refused, and who goes on regardless is sent away. */
  private isWithin(frame: IslandFrame): boolean {
    // what is sent whole on demand costs as much as a join
    const isJoin = frame.kind === 'join' || frame.kind === 'need';
    const bucket = isJoin ? this.joinBucket() : this.eventBucket();
    if (bucket.take()) return true;
    const code = 'ISLET_ERR_LIMIT_EVENTS';
    if (bucket.isAbused) this.close(code);
    else if (frame.kind === 'event' || frame.kind === 'void') {
      this.inOrder(frame.channel, () => this.skipEvent(frame, code));
    } else this.refuse(frame.channel, code);
    return false;
  }

  /** Refuses what names a route or attributes at greater length than the limits allow. */
  private isShort(frame: Extract<ClientFrame, { kind: 'join' | 'attribute' }>): boolean {
    const code = lengthBrokenBy(frame, this.context.settings.limits);
    if (code !== undefined) this.refuse(frame.channel, code);
    return code === undefined;
  }

  private joinBucket(): TokenBucket {
    const { limits, clock } = this.context.settings;
    this.joins ??= new TokenBucket(limits.maxIslands, clock);
    return this.joins;
  }

  /** Limits the rate of frames that make a component work: events, voids, changes of attributes. */
  private eventBucket(): TokenBucket {
    const { limits, clock } = this.context.settings;
    this.events ??= new TokenBucket(limits.maxEventsPerSecond, clock);
    return this.events;
  }

  /** Tells an error of a channel; of channel 0, the connection itself. */
  refuse(channel: number, code: ErrorCode): void {
    this.note(code);
    this.send(encodeServerFrame({ kind: 'error', channel, code, message: errorCatalogue[code].message }));
  }

  /** An event of the session was refused. */
  onRefused(code: ErrorCode): void {
    this.note(code);
  }

  private note(code: ErrorCode): void {
    this.tally.refused++;
    countRefusal(this.context.registry.counters, code);
  }
}
