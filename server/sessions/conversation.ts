/*
 * One open transport of one page: decodes what comes from it, holds it to the limits, and hands it to the session's
 * islands. Everything from the socket is hostile until it is decoded; who breaks a rule gets a code, and is closed
 * where going on makes no sense. Nobody else notices.
 */

import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { attributesThatCount, pickAttributes, toAttributeMessage } from '../../shared/language/attributes.ts';
import { closeCode, type ErrorCode, errorCatalogue, toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { type ClientFrame, decodeClientFrame, encodeServerFrame, protocolVersion } from '../../shared/wire/protocol.ts';
import type { LiveActor, Log } from '../actors/live-actor.ts';
import type { Match, Registry } from '../actors/registry.ts';
import type { RouteParams, Settings } from '../options.ts';
import type { Connections } from '../transport/connections.ts';
import { encodeTextFrame } from '../transport/text-frame.ts';
import { whenReady } from '../when-ready.ts';
import { toEventData } from './event-data.ts';
import type { Sessions } from './sessions.ts';
import { type Outlet, type Session, Subscription } from './subscription.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ConnectionContext {
  readonly connections: Connections;
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly log: Log;
}

/** What a client calls a route may be as long as a frame. */
const maxLoggedLength = 200;

type AnyFrame = Exclude<ClientFrame, { kind: 'hello' }>;
// One set of listeners for all sockets: closures for each would take memory for as long as it is open.
const owner = Symbol('connection');
type OwnedSocket = WebSocket & { [owner]?: Connection };

function onMessage(this: OwnedSocket, data: Buffer, isBinary: boolean): void {
  this[owner]?.hear(data, isBinary);
}

function onPong(this: OwnedSocket): void {
  if (this[owner]) this[owner].isAlive = true;
}

function onClose(this: OwnedSocket, code: number): void {
  this[owner]?.lose(code);
}

function onError(this: OwnedSocket, error: Error & { code?: string }): void {
  this[owner]?.note(error);
}

function uncork(socket: Socket): void {
  socket.uncork();
}

type JoinFrame = Extract<ClientFrame, { kind: 'join' }>;
type EventFrame = Extract<ClientFrame, { kind: 'event' }>;

export class Connection implements Outlet {
  private readonly socket: WebSocket;
  // Frames are written straight to it: without compression ws would add nothing but copies (`text-frame.ts`).
  private readonly raw: Socket;
  private readonly context: ConnectionContext;
  private readonly user: unknown;
  readonly address: string;
  private session: Session | undefined;
  /** Opened straight to a component: nobody learns the session's name, so nobody can come back to it. */
  private isDirect = false;
  /** Whether anything was heard since the last heartbeat. */
  isAlive = true;
  /** Joins that wait for something, by channel. */
  private joining: Map<number, JoinFrame> | undefined;
  /** Frames that make a component work; most connections have none for most of the time. */
  private events: TokenBucket | undefined;
  private readonly joins: TokenBucket;
  private drained: (() => void)[] | undefined;

  constructor(socket: WebSocket, { raw, ip, isletUser }: FastifyRequest, context: ConnectionContext) {
    this.socket = socket;
    this.raw = raw.socket;
    this.user = isletUser;
    this.address = ip;
    this.context = context;
    const { limits, clock } = context.settings;
    this.joins = new TokenBucket(limits.maxIslands, clock);
    (socket as OwnedSocket)[owner] = this;
    socket.on('message', onMessage).on('pong', onPong).on('close', onClose).on('error', onError);
  }

  hear(data: Buffer, isBinary: boolean): void {
    this.isAlive = true;
    // what follows on the frame that ended the connection is not heard
    if (!this.isOpen) return;
    if (isBinary) this.close('ISLET_ERR_FRAME_BINARY');
    else if (data.length > this.context.settings.limits.maxFrameBytes) this.close('ISLET_ERR_FRAME_TOO_BIG');
    else this.receive(data.toString());
    // who does not read the answers is asked nothing more: they would pile up
    if (this.isFull && !this.socket.isPaused) {
      this.socket.pause();
      this.onceDrained(() => this.socket.resume());
    }
  }

  /** ws closes by itself for what breaks its own rules; only the reason is worth a line. */
  note({ code, message }: Error & { code?: string }): void {
    this.context.log.info({ code, reason: message }, 'socket error');
  }

  /** Joins a route at once, without a hello: a socket opened straight to a component. */
  joinDirectly(route: string, attributes: RouteParams): void {
    this.isDirect = true;
    this.session = this.context.sessions.create(this.user, this);
    this.join({ kind: 'join', channel: 1, route, attributes, have: undefined }, this.session);
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  send(frame: string | Buffer): void {
    if (!this.isOpen) return;
    this.raw.write(typeof frame === 'string' ? encodeTextFrame(frame) : frame);
  }

  get isFull(): boolean {
    return this.raw.writableLength > this.context.settings.limits.maxBufferedBytes;
  }

  onceDrained(callback: () => void): void {
    if (this.drained) {
      this.drained.push(callback);
      return;
    }
    this.drained = [callback];
    const tell = (): void => {
      const { drained } = this;
      this.drained = undefined;
      for (const each of drained ?? []) each();
    };
    // little may be full already, but not so much that the socket would tell when it is gone
    if (this.raw.writableNeedDrain) this.raw.once('drain', tell);
    else this.raw.write('', tell);
  }

  end(code: ErrorCode): void {
    this.session = undefined;
    this.close(code);
  }

  /** Asks whether the peer is still there; ends the connection if it did not answer the last time. */
  checkAlive(): void {
    if (!this.isAlive) this.socket.terminate();
    this.isAlive = false;
    if (this.isOpen) this.socket.ping();
  }

  /** Ends the connection without waiting for the peer. */
  terminate(): void {
    this.socket.terminate();
  }

  /** Sends an error and ends the connection. */
  close(code: ErrorCode): void {
    const { message } = errorCatalogue[code];
    this.send(encodeServerFrame({ kind: 'error', channel: 0, code, message }));
    this.socket.close(closeCode(code) ?? 1008, code);
  }

  private receive(text: string): void {
    const frame = decodeClientFrame(text, this.context.settings.limits);
    if (frame === null) this.close('ISLET_ERR_FRAME_MALFORMED');
    else if (frame === 'deep') this.close('ISLET_ERR_FRAME_TOO_DEEP');
    else if (frame.kind === 'hello') this.greet(frame.version, frame.session);
    else if (!this.session) this.close('ISLET_ERR_HELLO_EXPECTED');
    else this.handle(frame, this.session);
  }

  private greet(version: number, sessionId: string | null): void {
    if (this.session) this.close('ISLET_ERR_FRAME_MALFORMED');
    else if (version !== protocolVersion) this.close('ISLET_ERR_PROTOCOL_VERSION');
    else {
      const { sessions } = this.context;
      this.session = sessions.resume(sessionId, this.user, this) ?? sessions.create(this.user, this);
      // the page's joins come in the same packet: their answers go out with this one
      this.raw.cork();
      process.nextTick(uncork, this.raw);
      this.send(encodeServerFrame({ kind: 'hello', session: this.session.id }));
    }
  }

  private handle(frame: AnyFrame, session: Session): void {
    const { channel } = frame;
    const subscription = session.subscriptions.get(channel);
    switch (frame.kind) {
      case 'event':
        if (this.isWithin(this.eventBucket(), frame, subscription)) this.handleEvent(frame, subscription);
        break;
      case 'ack':
        subscription?.acknowledge(frame.version);
        break;
      case 'join':
        if (this.isWithin(this.joins, frame, undefined)) this.join(frame, session);
        break;
      case 'leave':
        this.endJoin(channel);
        if (!subscription) break;
        session.subscriptions.delete(channel);
        this.context.sessions.end(subscription);
        break;
      case 'attribute':
        if (!this.isWithin(this.eventBucket(), frame, subscription)) break;
        if (subscription && !subscription.isAway) this.changeAttribute(subscription, frame.name, frame.text);
        else this.refuse(channel, 'ISLET_ERR_NOT_JOINED');
    }
  }

  private handleEvent(
    { channel, version, instance, hole, data }: EventFrame,
    subscription: Subscription | undefined,
  ): void {
    // an island may have left while an event of it was under way
    if (!subscription || subscription.isAway) {
      this.refuse(channel, 'ISLET_ERR_NOT_JOINED');
      return;
    }
    subscription.acknowledge(version);
    const known = toEventData(data);
    if (known.files !== undefined && known.files.length > 0) subscription.refuse('ISLET_ERR_FILES');
    else if (!subscription.handleEvent(instance, hole, known)) this.context.registry.counters.droppedEvents++;
  }

  private join(asked: JoinFrame, session: Session): void {
    const { registry, settings } = this.context;
    const { channel, route } = asked;
    const present = session.subscriptions.get(channel);
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
    const frame = { ...asked, attributes: pickAttributes(asked.attributes, match.route.attributes) };
    this.joining ??= new Map();
    this.joining.set(channel, frame);
    try {
      const done = whenReady(this.authorize(session, match), () => this.admit(frame, session, match, present));
      if (done instanceof Promise) done.catch((error: unknown) => this.refuseJoin(frame, error));
    } catch (error) {
      this.refuseJoin(frame, error);
    }
  }

  /** Asks the app. @throws IsletError ISLET_ERR_JOIN_FORBIDDEN unless it says yes. */
  private authorize(session: Session, { route, params }: Match): undefined | Promise<undefined> {
    const { log, settings } = this.context;
    if (!settings.authorize) return undefined;
    const check = (isAllowed: unknown): undefined => {
      if (isAllowed !== true) throw toError('ISLET_ERR_JOIN_FORBIDDEN');
    };
    const fail = (err: unknown): never => {
      if (!(err instanceof IsletError)) log.error({ err, route: route.path }, 'authorize failed; the join was refused');
      throw toError('ISLET_ERR_JOIN_FORBIDDEN');
    };
    try {
      const checked = whenReady(settings.authorize(session.client, route.path, params), check);
      return checked instanceof Promise ? checked.catch(fail) : checked;
    } catch (error) {
      return fail(error);
    }
  }

  /** Joins what may be joined, if that is still wanted. */
  private admit(
    frame: JoinFrame,
    session: Session,
    match: Match,
    present: Subscription | undefined,
  ): undefined | Promise<undefined> {
    const { registry, sessions } = this.context;
    const { channel, route, attributes, have } = frame;
    if (!this.isWanted(frame, session)) return undefined;
    if (present?.route === route) {
      // the same island again, after a lost connection
      this.endJoin(channel);
      this.noteJoin(route, session);
      present.isAway = false;
      this.updateAttributes(present, attributes);
      present.join(have);
      return undefined;
    }
    if (present) {
      session.subscriptions.delete(channel);
      sessions.end(present);
    }
    const { shared: isShared = false } = match.route.options;
    return whenReady(registry.acquire(match, attributes, session.client.user), (actor) => {
      if (this.isWanted(frame, session)) this.subscribe(frame, session, actor);
      else if (!isShared) registry.release(actor);
      return undefined;
    });
  }

  /** Whether the island did not leave, and this is still its session's connection. */
  private isWanted(frame: JoinFrame, session: Session): boolean {
    return session.outlet === this && this.joining?.get(frame.channel) === frame;
  }

  private subscribe(frame: JoinFrame, session: Session, actor: LiveActor): void {
    const { channel, route, attributes, have } = frame;
    this.endJoin(channel);
    this.noteJoin(route, session);
    const subscription = new Subscription({ session, channel, route, actor, attributes });
    session.subscriptions.set(channel, subscription);
    actor.subscribe(subscription);
    subscription.join(have);
  }

  /** One line for each island that joined. Whose it is, is not for the log. */
  private noteJoin(route: string, { client }: Session): void {
    this.context.log.info({ route: route.slice(0, maxLoggedLength), client: client.id }, 'joined');
  }

  private refuseJoin(frame: JoinFrame, error: unknown): void {
    const { channel } = frame;
    const code = error instanceof IsletError ? error.code : 'ISLET_ERR_ACTOR_FAILED';
    if (!(error instanceof IsletError)) this.context.log.error({ err: error }, 'a join failed');
    if (this.joining?.get(channel) !== frame) return;
    this.endJoin(channel);
    const present = this.session?.subscriptions.get(channel);
    if (present) {
      this.session?.subscriptions.delete(channel);
      this.context.sessions.end(present);
    }
    this.refuse(channel, code);
  }

  private changeAttribute(subscription: Subscription, name: string, text: string | null): void {
    const make = toAttributeMessage(subscription.actor.component, name, text);
    if (!make) return;
    const { [name]: _, ...others } = subscription.attributes;
    subscription.attributes = text === null ? others : { ...others, [name]: text };
    subscription.actor.dispatchFrom(make);
  }

  /** An island that comes back says the attributes it has now; what changed meanwhile is news. */
  private updateAttributes(subscription: Subscription, attributes: RouteParams): void {
    const textOf = (from: RouteParams, name: string): string | null =>
      Object.hasOwn(from, name) ? (from[name] as string) : null;
    for (const name of attributesThatCount(subscription.actor.component)) {
      const text = textOf(attributes, name);
      if (text !== textOf(subscription.attributes, name)) this.changeAttribute(subscription, name, text);
    }
  }

  private refuse(channel: number, code: ErrorCode): void {
    this.send(encodeServerFrame({ kind: 'error', channel, code, message: errorCatalogue[code].message }));
  }

  private eventBucket(): TokenBucket {
    const { limits, clock } = this.context.settings;
    this.events ??= new TokenBucket(limits.maxEventsPerSecond, clock);
    return this.events;
  }

  /** Counts a frame; one too many is refused, and who goes on regardless is sent away. */
  private isWithin(bucket: TokenBucket, { kind, channel }: AnyFrame, subscription: Subscription | undefined): boolean {
    if (bucket.take()) return true;
    const code = 'ISLET_ERR_LIMIT_EVENTS';
    if (bucket.isAbused) this.close(code);
    else if (!subscription || subscription.isAway) this.refuse(channel, code);
    else if (kind === 'event') subscription.refuse(code);
    else subscription.reject(code);
    return false;
  }

  private endJoin(channel: number): void {
    this.joining?.delete(channel);
    if (this.joining?.size === 0) this.joining = undefined;
  }

  /** The socket is closed. @param code 1001 is how a browser takes leave that closes a page or goes to another. */
  lose(code: number): void {
    const { session } = this;
    this.context.connections.remove(this);
    this.session = undefined;
    if (session?.outlet !== this) return;
    if (this.isDirect) this.context.sessions.finish(session);
    else this.context.sessions.detach(session, code === 1001);
  }
}
