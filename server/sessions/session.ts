/*
 * What survives the loss of a connection: whom the page is taken for, and its islands. `sessions.ts` knows all of them;
 * a conversation has one from its hello on.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import type { Booking } from '../limits/budgets.ts';
import type { SharedFrame } from '../transport/transport.ts';
import { randomId } from './random-id.ts';
import type { Subscription } from './subscription.ts';

export interface Session {
  /** A secret of its client, who comes back by it. */
  readonly id: string;
  /** Whom its connections are taken for. */
  readonly client: Client;
  /** Number of the hello that took it up last. */
  attempt: number;
  /** Whose account its islands are on while it waits, and shared actors that it starts. */
  account: string;
  /** Its islands, by channel. */
  readonly subscriptions: Map<number, Subscription>;
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
}

export function createSession(user: unknown, attempt: number, outlet: Outlet): Session {
  return {
    id: randomId(16),
    // what components see must not let anybody take the session over
    client: { id: randomId(9), user },
    attempt,
    account: outlet.account,
    subscriptions: new Map(),
    outlet,
    timer: undefined,
    booking: undefined,
  };
}
