/*
 * All sessions of a server: made at a hello, kept for a while when their connection is lost, taken up again by a
 * client that names one. Ids are secrets of their clients; how much waits is bounded, for each client and for all.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Registry } from '../actors/registry.ts';
import type { Settings } from '../options.ts';
import { createSession, type Outlet, type Session } from './session.ts';
import type { Subscription } from './subscription.ts';

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

  constructor(settings: Settings, registry: Registry) {
    this.settings = settings;
    this.registry = registry;
  }

  create(user: unknown, outlet: Outlet): Session {
    const session = createSession(user, outlet);
    this.sessions.set(session.id, session);
    return session;
  }

  /**
   * Takes up a session; undefined if there is none (any more), or if it is somebody else's: its islands were made for
   * whoever they were joined by. A connection that still has it loses it.
   */
  resume(id: string | null, user: unknown, outlet: Outlet): Session | undefined {
    const session = id === null ? undefined : this.sessions.get(id);
    if (!session || !isDeepStrictEqual(session.client.user, user)) return undefined;
    session.outlet?.end('ISLET_ERR_SESSION_TAKEN');
    this.reattach(session);
    session.outlet = outlet;
    session.account = outlet.account;
    return session;
  }

  /** The connection is gone; the session waits for another, for a short while if its page was closed. */
  detach(session: Session, hasLeft: boolean): void {
    session.outlet = undefined;
    if (session.subscriptions.size === 0 || this.isClosed) {
      this.sessions.delete(session.id);
      return;
    }
    const { clock, sessionMs } = this.settings;
    session.timer = clock.setTimeout(() => this.finish(session), hasLeft ? Math.min(leaveMs, sessionMs) : sessionMs);
    const release = (): void => this.finish(session);
    const { size: count } = session.subscriptions;
    const holding = this.registry.budgets.hold(session.account, {
      kind: 'islands',
      bytes: bytesOf(session),
      count,
      release,
    });
    if (this.sessions.has(session.id)) session.holding = holding;
  }

  /** Ends one island of a session. */
  end(subscription: Subscription): void {
    subscription.leave();
    if (!subscription.isShared) this.registry.release(subscription.actor);
  }

  close(): void {
    this.isClosed = true;
    for (const session of this.sessions.values()) this.settings.clock.clearTimeout(session.timer);
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

  /** Ends a session and its islands. */
  finish(session: Session): void {
    this.reattach(session);
    this.sessions.delete(session.id);
    for (const subscription of session.subscriptions.values()) this.end(subscription);
    session.subscriptions.clear();
  }

  private reattach(session: Session): void {
    this.settings.clock.clearTimeout(session.timer);
    session.holding?.end();
    session.holding = undefined;
  }
}

/** What a session and a subscription take besides their texts. */
const sessionBytes = 1_024;
const subscriptionBytes = 1_024;

/** About what a session takes in memory: with its own actors, and its share of those that it keeps from being released. */
function bytesOf({ subscriptions }: Session): number {
  let bytes = sessionBytes;
  for (const { route, attributes, actor } of subscriptions.values()) {
    bytes += subscriptionBytes + route.length + actor.estimateBytes() / Math.max(1, actor.subscribers.size);
    for (const [name, text] of Object.entries(attributes)) bytes += name.length + text.length;
  }
  return Math.ceil(bytes);
}
