/*
 * What survives the loss of a connection: whom the page is taken for, and its islands. `sessions.ts` knows all of them;
 * a conversation has one from its hello on.
 */

import { hash } from 'node:crypto';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import { FewMap } from '../few.ts';
import { personMark } from '../limits/account.ts';
import type { Booking } from '../limits/budgets.ts';
import type { SharedFrame } from '../transport/transport.ts';
import { randomId } from './random-id.ts';
import type { Subscription } from './subscription.ts';

export interface Session {
  /** A secret of its client, who comes back by it. */
  readonly id: string;
  /** Whom its connections are taken for. */
  readonly client: Client;
  /** What its page knows its person by; undefined: it cannot be told from others. */
  readonly person: string | undefined;
  /** Number of the hello that took it up last. */
  attempt: number;
  /** It was begun elsewhere, or in an earlier life of this server: what it had is not known here. */
  readonly isTakenUp: boolean;
  /** Nobody can come back to it: it was never named. */
  readonly isDirect: boolean;
  /** Whose account its islands are on while it waits, and shared actors that it starts. */
  account: string;
  /** Its islands, by channel. */
  readonly subscriptions: FewMap<number, Subscription>;
  /** Undefined while the client is away. */
  outlet: Outlet | undefined;
  /** Ends it, unless the client comes back before. */
  timer: unknown;
  /** Its place in the account while its client is away. */
  booking: Booking | undefined;
}

/** Where frames go: the open connection of a session. */
export interface Outlet {
  send(frame: string | SharedFrame): void;
  /** Whose account it is on, what the server keeps for the peer. */
  readonly account: string;
  /** Whether so much waits to be sent that rendering for this client should stop. */
  readonly isFull: boolean;
  /** Calls back when what waits has been sent. */
  onceDrained(callback: () => void): void;
  /** An event of the session was refused. */
  onRefused(code: ErrorCode): void;
  /** The session is no longer this connection's. */
  end(code: ErrorCode): void;
  /** Ends the connection; the session waits for the next one. */
  close(code: ErrorCode): void;
}

/** Whose session it is, as texts that stay the same. */
export interface Owner {
  readonly user: unknown;
  /** Undefined for a user who cannot be told from others after a restart. */
  readonly key: string | undefined;
}

/**
 * Begins a session.
 *
 * @param known The name that it has already; undefined: it gets one, and is new.
 * @param isDirect Nobody learns its name.
 * @param attempt Number of the hello that it is made at.
 */
export function createSession(
  { user, key }: Owner,
  outlet: Outlet,
  known: string | undefined,
  isDirect: boolean,
  attempt: number,
): Session {
  const secret = randomId(16);
  const id = known ?? (key === undefined ? secret : secret + markOf(secret, key));
  return {
    id,
    // what components see must not let anybody take the session over, and stays what it is where that goes on
    client: { id: digest(`client ${id}`).slice(0, 12), user },
    person: key === undefined ? undefined : personMark(key),
    attempt,
    isTakenUp: known !== undefined,
    isDirect,
    account: outlet.account,
    subscriptions: new FewMap(),
    outlet,
    timer: undefined,
    booking: undefined,
  };
}

/** Names a client's island in a store, where the session's own name has no business; undefined: it cannot come back. */
export function nameInStore({ id, isDirect }: Session, channel: number): string | undefined {
  return isDirect ? undefined : `${digest(`name ${id}`).slice(0, 12)}.${channel}`;
}

/**
 * Names a client's own island in a store: whoever has the session's name comes back to it, and nobody else finds it.
 */
export function ownKeyInStore({ id }: Session, channel: number, route: string): string {
  return `own ${digest(`own ${id} ${channel} ${route}`).slice(0, 32)}`;
}

/** Whether a name is that of a session which this user may have begun. */
export function mayBeOf(id: string, { key }: Owner): boolean {
  if (key === undefined || id.length !== secretLength + markLength) return false;
  const secret = id.slice(0, secretLength);
  return /^[\w-]+$/.test(secret) && id.slice(secretLength) === markOf(secret, key);
}

const secretLength = 22;
const markLength = 8;

/** A name says whose it is, so that nobody goes on as somebody else: a page may be open while its user changes. */
function markOf(secret: string, key: string): string {
  return digest(`user ${secret} ${key}`).slice(0, markLength);
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
