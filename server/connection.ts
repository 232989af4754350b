/*
 * One open transport of one page: decodes what comes from it, holds it to the limits, and hands it to the session's
 * islands. Everything from the socket is hostile until it is decoded; who breaks a rule gets a code, and is closed
 * where going on makes no sense. Nobody else notices.
 */

import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { closeCode, type ErrorCode, errorCatalogue, IsletError } from '../shared/errors.ts';
import { type ClientFrame, decodeClientFrame, encodeServerFrame, protocolVersion } from '../shared/protocol.ts';
import type { LiveActor, Log } from './live-actor.ts';
import type { RouteParams, Settings } from './options.ts';
import type { Registry } from './registry.ts';
import { type Outlet, type Session, Subscription } from './session.ts';
import type { Sessions } from './sessions.ts';
import { encodeTextFrame } from './text-frame.ts';

export interface ConnectionContext {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly log: Log;
}

type JoinFrame = Extract<ClientFrame, { kind: 'join' }>;
type EventFrame = Extract<ClientFrame, { kind: 'event' }>;

export class Connection implements Outlet {
  private readonly socket: WebSocket;
  // Frames are written straight to it: without compression ws would add nothing but copies (`text-frame.ts`).
  private readonly raw: Socket;
  private readonly context: ConnectionContext;
  private readonly user: unknown;
  private session: Session | undefined;
  /** Opened straight to a component: nobody learns the session's name, so nobody can come back to it. */
  private isDirect = false;
  /** Whether anything was heard since the last heartbeat. */
  isAlive = true;
  // a token bucket: what is left of this second's events, and when that was
  private tokens: number;
  private tokensAt: number;

  constructor(socket: WebSocket, raw: Socket, user: unknown, context: ConnectionContext) {
    this.socket = socket;
    this.raw = raw;
    this.user = user;
    this.context = context;
    this.tokens = 2 * context.settings.limits.maxEventsPerSecond;
    this.tokensAt = context.settings.clock.now();
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.isAlive = true;
      if (isBinary) this.close('ISLET_ERR_FRAME_BINARY');
      else if (data.length > context.settings.limits.maxFrameBytes) this.close('ISLET_ERR_FRAME_TOO_BIG');
      else this.receive(data.toString());
    });
    socket.on('pong', () => {
      this.isAlive = true;
    });
    socket.on('close', () => this.lose());
    socket.on('error', (error: Error & { code?: string }) => {
      // ws closes by itself for what breaks its own rules; only the reason is worth a line
      context.log.info({ code: error.code, reason: error.message }, 'socket error');
    });
  }

  /** Joins a route at once, without a hello: a socket opened straight to a component. */
  joinDirectly(route: string, attributes: RouteParams): void {
    this.isDirect = true;
    this.session = this.context.sessions.create(this.user, this);
    this.join({ kind: 'join', channel: 1, route, attributes, have: undefined });
  }

  send(frame: string | Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.raw.write(typeof frame === 'string' ? encodeTextFrame(frame) : frame);
  }

  get isFull(): boolean {
    return this.raw.writableLength > this.context.settings.limits.maxBufferedBytes;
  }

  onceDrained(callback: () => void): void {
    this.raw.once('drain', callback);
  }

  /** Asks whether the peer is still there; ends the connection if it did not answer the last time. */
  checkAlive(): void {
    if (!this.isAlive) this.socket.terminate();
    this.isAlive = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
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
      this.send(encodeServerFrame({ kind: 'hello', session: this.session.id }));
    }
  }

  private handle(frame: Exclude<ClientFrame, { kind: 'hello' }>, session: Session): void {
    if (frame.kind === 'join') {
      this.join(frame);
      return;
    }
    const subscription = session.subscriptions.get(frame.channel);
    if (!subscription) {
      // an island may have left while an event of it was under way
      if (frame.kind !== 'leave' && frame.kind !== 'ack') this.refuse(frame.channel, 'ISLET_ERR_NOT_JOINED');
      return;
    }
    switch (frame.kind) {
      case 'event':
        this.handleEvent(frame, subscription);
        break;
      case 'ack':
        subscription.acknowledge(frame.version);
        break;
      case 'leave':
        session.subscriptions.delete(frame.channel);
        this.context.sessions.end(subscription);
        break;
      case 'attribute':
        this.changeAttribute(subscription, frame.name, frame.text);
    }
  }

  private handleEvent(frame: EventFrame, subscription: Subscription): void {
    if (!this.takeToken()) {
      if (this.tokens < -this.context.settings.limits.maxEventsPerSecond) this.close('ISLET_ERR_LIMIT_EVENTS');
      else subscription.refuse('ISLET_ERR_LIMIT_EVENTS');
      return;
    }
    subscription.acknowledge(frame.version);
    const data = frame.data !== null && typeof frame.data === 'object' && !Array.isArray(frame.data) ? frame.data : {};
    if (!subscription.handleEvent(frame.instance, frame.hole, data)) this.context.registry.counters.droppedEvents++;
  }

  private join(frame: JoinFrame): void {
    const { registry, settings } = this.context;
    const session = this.session as Session;
    const { channel, route } = frame;
    const present = session.subscriptions.get(channel);
    if (present) {
      // the same island again, after a lost connection
      if (present.route === route && present.isAway) {
        present.isAway = false;
        this.updateAttributes(present, frame.attributes);
        present.join(frame.have);
      } else this.refuse(channel, 'ISLET_ERR_JOIN_TWICE');
      return;
    }
    if (session.subscriptions.size + session.joining.size >= settings.limits.maxIslands) {
      this.refuse(channel, 'ISLET_ERR_LIMIT_ISLANDS');
      return;
    }
    if (session.joining.has(channel)) {
      this.refuse(channel, 'ISLET_ERR_JOIN_TWICE');
      return;
    }
    const match = registry.match(route);
    if (!match) {
      this.refuse(channel, 'ISLET_ERR_JOIN_UNKNOWN_ROUTE');
      return;
    }
    // A shared actor's first state is the server's to say, not that of whoever comes first.
    const attributes = match.route.options.shared ? {} : frame.attributes;
    const proceed = (isAllowed: boolean): LiveActor | Promise<LiveActor> => {
      if (!isAllowed) throw new IsletError('ISLET_ERR_JOIN_FORBIDDEN');
      return registry.acquire(match, route, attributes);
    };
    try {
      const isAllowed = settings.authorize?.(session.client, match.route.path, match.params) ?? true;
      const actor = isAllowed instanceof Promise ? isAllowed.then(proceed) : proceed(isAllowed);
      if (!(actor instanceof Promise)) this.subscribe(session, frame, actor, match.route.options.shared === true);
      else {
        session.joining.add(channel);
        actor
          .then((ready) => this.subscribe(session, frame, ready, match.route.options.shared === true))
          .catch((error: unknown) => this.refuseJoin(channel, error))
          .finally(() => session.joining.delete(channel));
      }
    } catch (error) {
      this.refuseJoin(channel, error);
    }
  }

  private subscribe(session: Session, frame: JoinFrame, actor: LiveActor, isShared: boolean): void {
    const { sessions, registry, settings } = this.context;
    const { channel, route, attributes, have } = frame;
    const subscription = new Subscription({
      session,
      channel,
      route,
      actor,
      isShared,
      attributes,
      maxUnacknowledgedFrames: settings.limits.maxUnacknowledgedFrames,
      counters: registry.counters,
    });
    session.subscriptions.set(channel, subscription);
    actor.subscribe(subscription);
    subscription.join(have);
    // the client may have gone for good while an actor was loaded
    if (sessions.isEnded(session)) sessions.end(subscription);
  }

  private refuseJoin(channel: number, error: unknown): void {
    const code = error instanceof IsletError ? error.code : 'ISLET_ERR_ACTOR_FAILED';
    if (!(error instanceof IsletError)) this.context.log.error({ err: error }, 'a join failed');
    this.refuse(channel, code);
  }

  private changeAttribute(subscription: Subscription, name: string, text: string | null): void {
    const { [name]: _, ...others } = subscription.attributes;
    subscription.attributes = text === null ? others : { ...others, [name]: text };
    const { attributes } = subscription.actor.component;
    if (!attributes || !Object.hasOwn(attributes, name)) return;
    subscription.actor.dispatchFrom(() => attributes[name]?.(text));
  }

  /** An island that comes back says the attributes it has now; what changed meanwhile is news. */
  private updateAttributes(subscription: Subscription, attributes: RouteParams): void {
    const before = subscription.attributes;
    for (const name of new Set([...Object.keys(before), ...Object.keys(attributes)])) {
      const text = attributes[name] ?? null;
      if (text !== (before[name] ?? null)) this.changeAttribute(subscription, name, text);
    }
  }

  private refuse(channel: number, code: ErrorCode): void {
    this.send(encodeServerFrame({ kind: 'error', channel, code, message: errorCatalogue[code].message }));
  }

  private takeToken(): boolean {
    const { maxEventsPerSecond } = this.context.settings.limits;
    if (this.tokens < 1) {
      const now = this.context.settings.clock.now();
      this.tokens = Math.min(2 * maxEventsPerSecond, this.tokens + ((now - this.tokensAt) / 1000) * maxEventsPerSecond);
      this.tokensAt = now;
    }
    return this.tokens-- >= 1;
  }

  private lose(): void {
    const { session } = this;
    this.session = undefined;
    if (session?.outlet !== this) return;
    if (this.isDirect) this.context.sessions.finish(session);
    else this.context.sessions.detach(session);
  }
}

