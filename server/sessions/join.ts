/*
 * One join on its way: may the client have this island, which actor shows it, and what does the client miss of it?
 * Input: a join frame and its route. Output: a subscription of the session that has been told, or a refusal. The app is
 * asked and the actor starts, either of which may take its time. Meanwhile the island may leave, or the connection end;
 * all that the join waits for ends with it.
 */

import { type ErrorCode, toError } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { AttributeTexts, ClientFrame } from '../../shared/wire/frames.ts';
import type { ActorPort, Known } from '../actors/actor-port.ts';
import type { Registry } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import type { Log } from '../inspect/log.ts';
import type { Settings } from '../options.ts';
import { mayJoin } from '../rights.ts';
import { Waits } from '../waits.ts';
import { nameInStore, type Session } from './session.ts';
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
  /** The island was joined. */
  onJoined(match: Match): void;
  /** The join is over, one way or the other. */
  endJoin(join: Join): void;
  refuse(channel: number, code: ErrorCode): void;
}

export class Join {
  readonly channel: number;
  private readonly frame: JoinFrame;
  private readonly session: Session;
  private readonly owner: JoinOwner;
  readonly match: Match;
  private readonly waits: Waits;
  private isOver = false;
  /** What it has come to. */
  private subscription: Subscription | undefined;

  constructor(frame: JoinFrame, match: Match, session: Session, owner: JoinOwner) {
    this.channel = frame.channel;
    this.match = match;
    this.waits = new Waits(owner.context.settings);
    this.frame = frame;
    this.session = session;
    this.owner = owner;
  }

  start(): void {
    const { owner, session, waits, match } = this;
    try {
      const isAllowed = mayJoin(owner.context, waits, session.client, match);
      const done = waits.follow(isAllowed, (isYes) => this.admit(isYes));
      if (done instanceof Promise) done.catch((error: unknown) => this.refuse(error));
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Ends it, with all that it waits for: nobody is told. */
  cancel(): void {
    this.isOver = true;
    this.waits.end('ISLET_ERR_NOT_JOINED');
  }

  get client(): Client {
    return this.session.client;
  }

  /** Joins what may be joined. @throws IsletError ISLET_ERR_JOIN_FORBIDDEN if it may not. */
  private admit(isAllowed: boolean): undefined | Promise<undefined> {
    if (!isAllowed) throw toError('ISLET_ERR_JOIN_FORBIDDEN');
    const { frame, session, owner, match, waits } = this;
    const { registry, sessions } = owner.context;
    const present = session.subscriptions.get(this.channel);
    if (present?.route === frame.route) {
      this.returnTo(present);
      return undefined;
    }
    if (present) this.drop(present);
    const actor = registry.acquire(
      match,
      frame.attributes,
      session.client.user,
      waits,
      session.account,
      sessions.ownPlace(session, this.channel, match),
    );
    return waits.follow(
      actor,
      (acquired) => this.recall(acquired),
      (late) => this.letGo(late),
    );
  }

  /** Asks the actor what it knows of the client. */
  private recall(actor: ActorPort): undefined | Promise<undefined> {
    const name = actor.knowsClients ? nameInStore(this.session, this.channel) : undefined;
    return this.waits.follow(
      actor.recall(name, this.frame.have?.[0]),
      (known) => this.subscribe(actor, name, known),
      () => this.letGo(actor),
    );
  }

  /** Its actor came in vain. */
  private letGo(actor: ActorPort): void {
    if (!actor.isShared) this.owner.context.registry.release(actor);
  }

  /** The same island again, after a lost connection. */
  private returnTo(subscription: Subscription): void {
    this.subscription = subscription;
    this.end();
    subscription.updateAttributes(this.frame.attributes);
    subscription.join(this.frame.have, this.frame.settled);
  }

  private subscribe(actor: ActorPort, name: string | undefined, known: Known): undefined {
    const { channel, session, match } = this;
    const { sessions } = this.owner.context;
    const { route, attributes, have, settled } = this.frame;
    this.end();
    const kept = actor.keptAttributes;
    const subscription = new Subscription({
      session,
      channel,
      name,
      route,
      match,
      actor,
      known,
      attributes: kept ?? attributes,
      settled,
      sessions,
    });
    this.subscription = subscription;
    sessions.add(subscription);
    actor.subscribe(subscription);
    // what has changed since then is news
    if (kept) subscription.updateAttributes(attributes);
    subscription.join(have, settled);
    return undefined;
  }

  /** Its actor is there: nothing is waited for any more. */
  private end(): void {
    this.isOver = true;
    const { owner } = this;
    owner.endJoin(this);
    owner.onJoined(this.match);
  }

  private refuse(error: unknown): void {
    const { channel, owner, session } = this;
    const code = error instanceof IsletError ? error.code : 'ISLET_ERR_ACTOR_FAILED';
    const isFailure = !(error instanceof IsletError) || /^ISLET_ERR_(NO_ANSWER|ST.*)$/.test(code);
    if (isFailure) owner.context.log.error({ err: error, route: this.match.route.path }, 'a join failed');
    const present = session.subscriptions.get(channel);
    // what cannot be told to the client does not leave it waiting
    if (this.isOver && (!present || present !== this.subscription)) return;
    this.isOver = true;
    owner.endJoin(this);
    if (present) this.drop(present);
    owner.refuse(channel, code);
  }

  /** Ends the island that the channel had before. */
  private drop(subscription: Subscription): void {
    this.owner.context.sessions.drop(subscription);
  }
}
