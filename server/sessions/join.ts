/*
 * One join on its way: may the client have this island, which actor shows it, and what does the client miss of it?
 * Input: a join frame and its route. Output: a subscription of the session that has been told, or a refusal. The app is
 * asked and the actor starts, either of which may take its time: meanwhile the island may leave, or the connection end.
 */

import { type ErrorCode, toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { AttributeTexts, ClientFrame } from '../../shared/wire/frames.ts';
import type { LiveActor } from '../actors/live-actor.ts';
import type { Registry } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import type { Log } from '../inspect/log.ts';
import type { Settings } from '../options.ts';
import { whenReady } from '../when-ready.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { Subscription } from './subscription.ts';

/** A join that says its attributes. */
export type JoinFrame = Extract<ClientFrame, { kind: 'join' }> & { readonly attributes: AttributeTexts };

export interface JoinContext {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly log: Log;
}

/** Where the frame came from. */
export interface JoinOwner {
  readonly context: JoinContext;
  /** Whether the island did not leave, and the session is still this connection's. */
  isWanted(join: Join): boolean;
  /** The join is over, one way or the other. */
  endJoin(join: Join): void;
  refuse(channel: number, code: ErrorCode): void;
}

/** What a client calls a route may be as long as a frame. */
const maxLoggedLength = 200;

export class Join {
  readonly channel: number;
  private readonly frame: JoinFrame;
  private readonly session: Session;
  private readonly owner: JoinOwner;
  /** What it has come to. */
  private subscription: Subscription | undefined;

  constructor(frame: JoinFrame, session: Session, owner: JoinOwner) {
    this.channel = frame.channel;
    this.frame = frame;
    this.session = session;
    this.owner = owner;
  }

  start(match: Match): void {
    try {
      const done = whenReady(this.authorize(match), () => this.admit(match));
      if (done instanceof Promise) done.catch((error: unknown) => this.refuse(error));
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Asks the app. @throws IsletError ISLET_ERR_JOIN_FORBIDDEN unless it says yes. */
  private authorize({ route, params }: Match): undefined | Promise<undefined> {
    const { log, settings } = this.owner.context;
    if (!settings.authorize) return undefined;
    const check = (isAllowed: unknown): undefined => {
      if (isAllowed !== true) throw toError('ISLET_ERR_JOIN_FORBIDDEN');
    };
    const fail = (err: unknown): never => {
      if (!(err instanceof IsletError)) log.error({ err, route: route.path }, 'authorize failed; the join was refused');
      throw toError('ISLET_ERR_JOIN_FORBIDDEN');
    };
    try {
      const checked = whenReady<unknown, undefined>(settings.authorize(this.session.client, route.path, params), check);
      return checked instanceof Promise ? checked.catch(fail) : checked;
    } catch (error) {
      return fail(error);
    }
  }

  /** Joins what may be joined, if that is still wanted. */
  private admit(match: Match): undefined | Promise<undefined> {
    const { frame, session, owner } = this;
    const { registry } = owner.context;
    if (!owner.isWanted(this)) return undefined;
    const present = session.subscriptions.get(this.channel);
    if (present?.route === frame.route) {
      this.returnTo(present);
      return undefined;
    }
    if (present) this.drop(present);
    const { shared: isShared = false } = match.route.options;
    return whenReady(registry.acquire(match, frame.attributes, session.client.user, session.account), (actor) => {
      if (owner.isWanted(this)) this.subscribe(actor);
      else if (!isShared) registry.release(actor);
      return undefined;
    });
  }

  /** The same island again, after a lost connection. */
  private returnTo(subscription: Subscription): void {
    this.subscription = subscription;
    this.end(subscription.actor);
    subscription.updateAttributes(this.frame.attributes);
    subscription.join(this.frame.have, this.frame.settled);
  }

  private subscribe(actor: LiveActor): void {
    const { channel, session } = this;
    const { route, attributes, have, settled } = this.frame;
    this.end(actor);
    const subscription = new Subscription({ session, channel, route, actor, attributes, settled });
    this.subscription = subscription;
    session.subscriptions.set(channel, subscription);
    actor.subscribe(subscription);
    subscription.join(have, settled);
  }

  /** Whose it is, is nobody else's business. */
  private end(actor: LiveActor): void {
    const { owner, frame, session } = this;
    owner.endJoin(this);
    const { inspector } = owner.context.registry;
    const { id: client } = session.client;
    inspector.tell({ kind: 'joined', actor: actor.id, route: frame.route.slice(0, maxLoggedLength), client });
  }

  private refuse(error: unknown): void {
    const { channel, owner, session } = this;
    const code = error instanceof IsletError ? error.code : 'ISLET_ERR_ACTOR_FAILED';
    if (!(error instanceof IsletError)) owner.context.log.error({ err: error }, 'a join failed');
    const wasWanted = owner.isWanted(this);
    owner.endJoin(this);
    const present = session.subscriptions.get(channel);
    // what cannot be told to the client does not leave it waiting
    if (!wasWanted && (!present || present !== this.subscription)) return;
    if (present) this.drop(present);
    owner.refuse(channel, code);
  }

  /** Ends the island that the channel had before. */
  private drop(subscription: Subscription): void {
    this.session.subscriptions.delete(this.channel);
    this.owner.context.sessions.end(subscription);
  }
}
