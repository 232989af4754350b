/*
 * All sessions of a server: made at a hello, kept for a while when their connection is lost, taken up again by a
 * client that names one. Ids are secrets of their clients; how much waits is bounded, for each client and for all.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ClientFrame } from '../../shared/wire/frames.ts';
import type { ActorPort } from '../actors/actor-port.ts';
import { type OwnPlace, type OwnWrite, ownKeptBytes } from '../actors/own-islands.ts';
import { type LeftClient, sizeOf, writeLeft } from '../actors/own-state.ts';
import type { Registry } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import { ownerKeyOf } from '../limits/account.ts';
import type { Booked } from '../limits/budgets.ts';
import type { RouteParams, Settings } from '../options.ts';
import { Slices } from '../slices.ts';
import { enterPresence } from './presence.ts';
import {
  createSession,
  mayBeOf,
  nameInStore,
  type Outlet,
  type Owner,
  ownKeyInStore,
  type Session,
} from './session.ts';
import { type Moved, SessionMoves } from './session-moves.ts';
import type { Subscription } from './subscription.ts';

/** What a hello says of the session that its page had. */
export type Hello = Pick<Extract<ClientFrame, { kind: 'hello' }>, 'session' | 'attempt'>;

/** Says which islands are meant, by whose they are and where. */
export type RightsChange<User = unknown> = (user: User | null, route: string, params: RouteParams) => boolean;

/**
 * How long those are waited for who took leave. Not nothing: a proxy that is restarted takes leave in the same words,
 * and its clients come back at once.
 */
const leaveMs = 5_000;

export class Sessions {
  private readonly settings: Settings;
  private readonly registry: Registry;
  private readonly sessions = new Map<string, Session>();
  private isClosed = false;
  /** Clients that went at the same moment are waited for equally long. */
  private readonly ends = new Slices<Session, undefined>((session) => this.finish(session));
  /** Those that are being kept, for whoever takes them up. */
  private readonly leaving = new Map<string, { readonly attempt: number; readonly isKept: Promise<void> }>();
  /** Undefined: there is no other process. */
  private readonly moves: SessionMoves | undefined;

  constructor(settings: Settings, registry: Registry) {
    this.settings = settings;
    this.registry = registry;
    const { bus } = settings;
    this.moves =
      bus &&
      new SessionMoves({
        bus,
        attemptOf: (id) => (this.sessions.get(id) ?? this.leaving.get(id))?.attempt,
        giveUp: (id) => this.giveUp(id),
      });
  }

  /** @param attempt Number of the hello that it is made at. */
  create(attempt: number, user: unknown, outlet: Outlet, isDirect = false): Session {
    return this.enter(createSession(this.ownerOf(user), outlet, undefined, isDirect, attempt));
  }

  /**
   * Goes on under the name of a session that is not known here: it was begun before this server was, or has ended
   * since. Undefined for what is no such name, or the name of somebody else's.
   */
  takeUp({ session: id, attempt }: Hello, user: unknown, outlet: Outlet): Session | undefined {
    const owner = this.ownerOf(user);
    if (id === null || this.sessions.has(id) || !mayBeOf(id, owner)) return undefined;
    return this.enter(createSession(owner, outlet, id, false, attempt));
  }

  /**
   * Has whoever else may have a session give it up. Undefined: there is nothing to wait for.
   *
   * Each hello has the next number. Where one is missing, it may have been said to another process: that one knows
   * more than this.
   */
  fetch({ session: id, attempt }: Hello, user: unknown): Promise<Moved> | undefined {
    if (id === null || !mayBeOf(id, this.ownerOf(user))) return undefined;
    const leaving = this.leaving.get(id);
    if (leaving) return leaving.isKept.then(() => 'given');
    const present = this.sessions.get(id);
    if (!this.moves || (present && attempt <= present.attempt + 1)) return undefined;
    return present ? this.compare(this.moves, present, attempt) : this.moves.fetch(id, attempt);
  }

  /** A session that is known here may have been elsewhere since: then it goes on from what is stored. */
  private async compare(moves: SessionMoves, session: Session, attempt: number): Promise<Moved> {
    const { id, subscriptions } = session;
    // it is not for this process to answer
    moves.release(id);
    const moved = await moves.fetch(id, attempt);
    if (this.sessions.get(id) !== session) return moved;
    moves.hold(id);
    if (moved === 'late') return moved;
    const own = [...subscriptions.values()].filter(({ isShared }) => !isShared);
    const areOver = moved === 'given' || (await Promise.all(own.map(({ actor }) => this.registry.isOvertaken(actor))));
    if (areOver === true || areOver.includes(true)) await this.giveUp(id);
    return moved;
  }

  private enter(session: Session): Session {
    this.sessions.set(session.id, session);
    if (!session.isDirect) this.moves?.hold(session.id);
    return session;
  }

  private forget({ id }: Session): void {
    this.sessions.delete(id);
    this.moves?.release(id);
  }

  /** An island of its own has ended: its page comes back, here or elsewhere, and all of it goes on from what is stored. */
  restart(session: Session): void {
    const { outlet, id } = session;
    if (this.sessions.get(id) !== session) return;
    // that connection's end is not the session's
    session.outlet = undefined;
    outlet?.close('ISLET_ERR_SERVER_STOPPING');
    void this.giveUp(id);
  }

  /** Its page is elsewhere now: what its islands have come to is kept for whoever takes it up. */
  private giveUp(id: string): Promise<void> {
    const session = this.sessions.get(id);
    if (!session) return this.leaving.get(id)?.isKept ?? Promise.resolve();
    this.sessions.delete(id);
    const isKept = this.keepAll(session).finally(() => {
      this.leaving.delete(id);
      this.moves?.release(id);
    });
    this.leaving.set(id, { attempt: session.attempt, isKept });
    return isKept;
  }

  private async keepAll(session: Session): Promise<void> {
    session.outlet?.end('ISLET_ERR_SESSION_TAKEN');
    session.outlet = undefined;
    this.reattach(session);
    const own = [...session.subscriptions.values()].filter(({ isShared }) => !isShared);
    const writes = own.flatMap((subscription) => {
      const name = nameInStore(session, subscription.channel);
      const write = name && this.tryToWrite(session, subscription, subscription.toLeftClient(name));
      return write && sizeOf(write) <= ownKeptBytes ? [write] : [];
    });
    await Promise.all([this.registry.keepOwn(writes), ...own.map(({ actor }) => this.registry.finishTurn(actor))]);
    for (const subscription of session.subscriptions.values()) this.drop(subscription, false, true);
  }

  private ownerOf(user: unknown): Owner {
    return { user, key: ownerKeyOf(user, this.settings.userKey) };
  }

  /**
   * Takes up a session; undefined if there is none (any more), or if it is somebody else's: its islands were made for
   * whoever they were joined by. A connection that still has it loses it. A hello that the network held back until a
   * later one of the same page was here gets nothing: whoever sent it has given that connection up.
   */
  resume({ session: id, attempt }: Hello, user: unknown, outlet: Outlet): Session | 'late' | undefined {
    const session = id === null ? undefined : this.sessions.get(id);
    if (!session || !isDeepStrictEqual(session.client.user, user)) return undefined;
    if (attempt <= session.attempt) return 'late';
    session.outlet?.end('ISLET_ERR_SESSION_TAKEN');
    this.reattach(session);
    session.attempt = attempt;
    session.outlet = outlet;
    session.account = outlet.account;
    return session;
  }

  /** The connection is gone; the session waits for another, for a short while if its page was closed. */
  detach(session: Session, hasLeft: boolean): void {
    session.outlet = undefined;
    if (session.subscriptions.size === 0 || this.isClosed) {
      this.forget(session);
      return;
    }
    for (const subscription of session.subscriptions.values()) subscription.detach();
    const { clock, sessionMs } = this.settings;
    session.timer = clock.setTimeout(
      () => this.ends.add(session, undefined),
      hasLeft ? Math.min(leaveMs, sessionMs) : sessionMs,
    );
    this.book(session);
  }

  /** What an island of one's own may have left behind, or leaves with each turn; undefined: nothing. */
  ownPlace(session: Session, channel: number, match: Match): OwnPlace | undefined {
    const isOfUse = session.isTakenUp || this.registry.own.survivalOf(match.route) === 'crash';
    return isOfUse ? this.placeOf(session, channel, match) : undefined;
  }

  private placeOf(session: Session, channel: number, { route, key }: Match): OwnPlace | undefined {
    if (session.isDirect || this.registry.own.survivalOf(route) === false) return undefined;
    const { client, isTakenUp } = session;
    const owner = this.ownerOf(client.user);
    if (owner.key === undefined) return undefined;
    const user = this.settings.userKey?.(client.user) ?? undefined;
    return { key: ownKeyInStore(session, channel, key), user, isTakenUp };
  }

  /** Keeps islands of one's own for those who come back after a deploy, and shared actors while an app is written. */
  async keepOwn(): Promise<void> {
    const writes: OwnWrite[] = [];
    const clients = new Map<ActorPort, LeftClient[]>();
    for (const session of this.sessions.values()) {
      for (const subscription of session.subscriptions.values()) {
        const { actor, channel } = subscription;
        const name = nameInStore(session, channel);
        if (name === undefined) continue;
        const client = subscription.toLeftClient(name);
        if (subscription.isShared) clients.set(actor, [...(clients.get(actor) ?? []), client]);
        else {
          const write = this.tryToWrite(session, subscription, client);
          if (write && sizeOf(write) <= ownKeptBytes) writes.push(write);
        }
      }
    }
    await this.registry.keepOwn(writes, clients);
  }

  /** What an app's functions or data throw costs one island. */
  private tryToWrite(session: Session, subscription: Subscription, client: LeftClient): OwnWrite | undefined {
    try {
      return this.toWrite(session, subscription, client);
    } catch (err) {
      this.registry.log.error({ err, actor: subscription.actor.id }, 'an island could not be kept');
      return undefined;
    }
  }

  private toWrite(session: Session, subscription: Subscription, client: LeftClient): OwnWrite | undefined {
    const { channel, match, actor, attributes } = subscription;
    const place = this.placeOf(session, channel, match);
    const { leftState } = actor;
    const { forgets } = match.route.options;
    return place && leftState && writeLeft(place.key, place.user, forgets, leftState, [client], attributes);
  }

  close(): void {
    this.isClosed = true;
    for (const session of this.sessions.values()) {
      this.settings.clock.clearTimeout(session.timer);
      this.ends.delete(session);
      this.moves?.release(session.id);
    }
    this.sessions.clear();
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Ends the sessions of some users, those that wait for their clients included. */
  disconnect(isMeant: (user: unknown) => boolean): void {
    for (const session of [...this.sessions.values()].filter(({ client }) => isMeant(client.user))) {
      const { outlet } = session;
      this.finish(session);
      outlet?.end('ISLET_ERR_DISCONNECTED');
    }
  }

  /** Ends islands of clients that are away: should they come back, they have to ask again. */
  revokeDetached(isMeant: RightsChange): void {
    for (const session of [...this.sessions.values()].filter(({ outlet }) => outlet === undefined)) {
      const gone = [...session.subscriptions.values()].filter((subscription) => isFor(isMeant, subscription));
      for (const subscription of gone) this.drop(subscription);
      if (session.subscriptions.size === 0) this.finish(session);
      else if (gone.length > 0) this.book(session);
    }
  }

  /**
   * An island has joined for the first time: until it is dropped it is one of its session's, whose client may be away.
   */
  add(subscription: Subscription): void {
    const { session, channel, actor, route } = subscription;
    session.subscriptions.set(channel, subscription);
    enterPresence(subscription, this.registry.log);
    const { inspector } = this.registry;
    if (!inspector.hears('joined')) return;
    inspector.tell({ kind: 'joined', actor: actor.id, route: loggedRoute(route), client: session.client.id });
  }

  /**
   * Ends one island of its session, and forgets it.
   *
   * @param hasLeft Its page said so: its numbers begin anew.
   * @param hasMoved What is kept of it is for another process.
   */
  drop(subscription: Subscription, hasLeft = false, hasMoved = false): void {
    const { session, channel, actor } = subscription;
    session.subscriptions.delete(channel);
    subscription.leave(hasLeft);
    subscription.endPresence?.();
    const { inspector } = this.registry;
    if (inspector.hears('left')) {
      inspector.tell({
        kind: 'left',
        actor: actor.id,
        route: loggedRoute(subscription.route),
        client: session.client.id,
      });
    }
    if (!subscription.isShared) this.registry.release(actor, hasMoved);
  }

  /** Ends a session and its islands. */
  finish(session: Session): void {
    this.reattach(session);
    this.forget(session);
    for (const subscription of session.subscriptions.values()) this.drop(subscription);
  }

  /** Puts a session whose client is away on its account. */
  private book(session: Session): void {
    session.booking?.end();
    const booked: Booked = {
      kind: 'islands',
      bytes: bytesOf(session),
      count: session.subscriptions.size,
      release: () => this.finish(session),
    };
    const booking = this.registry.budgets.book(session.account, booked);
    // it may have been too big for its account
    if (this.sessions.has(session.id)) session.booking = booking;
  }

  private reattach(session: Session): void {
    this.settings.clock.clearTimeout(session.timer);
    this.ends.delete(session);
    session.booking?.end();
    session.booking = undefined;
  }
}

/** Whether an island is meant, that was joined or is about to be. */
export function isFor(isMeant: RightsChange, { client, match }: Pick<Subscription, 'client' | 'match'>): boolean {
  return isMeant(client.user, match.route.path, match.params);
}

/** What a client calls a route may be long. */
function loggedRoute(route: string): string {
  return route.slice(0, 200);
}

/** What a session and a subscription take besides their texts. */
const sessionBytes = 1_024;
const subscriptionBytes = 1_024;

/**
 * About what a session takes in memory: with its own actors, and its share of those that it keeps from being released.
 */
function bytesOf({ subscriptions }: Session): number {
  let bytes = sessionBytes;
  for (const { route, attributes, actor } of subscriptions.values()) {
    bytes += subscriptionBytes + route.length + actor.bytesOfEach();
    for (const [name, text] of Object.entries(attributes)) bytes += name.length + text.length;
  }
  return Math.ceil(bytes);
}
