/*
 * Who is logged in. A session is a row of the database, so that a restart logs nobody out, and an entry in memory, so that
 * each event can be checked at once. The browser has a random id in a cookie; here is only its digest, so that who reads
 * the database cannot log in by it. One process holds them: a second one on the same data does not see what this one ends.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../data/database.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Account } from './accounts.ts';

export interface AdminSession {
  /** No secret: the digest of one. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface SessionsOptions {
  /** At least one. */
  readonly accounts: readonly Account[];
  readonly clock: WallClock;
  readonly sessionMs: number;
  /** Told of each session that ended, by a logout or because its time is over. */
  readonly onEnd: (session: AdminSession) => void;
  readonly onError: (error: unknown) => void;
}

export interface AdminSessions {
  /** Begins a session. Gives the secret that names it. */
  open(account: Account): Promise<string>;
  /** The session that a secret names, if it has not ended. */
  find(secret: string): AdminSession | undefined;
  isOpen(id: string): boolean;
  /** Ends a session for good, here at once and in the database when this resolves. */
  end(id: string): Promise<void>;
  close(): void;
}

/** One more ends the oldest. */
const maxSessions = 100;

/** Loads those who are still logged in. A session of another password than now has ended. */
export async function createSessions({ tables }: Database, options: SessionsOptions): Promise<AdminSessions> {
  const { accounts, clock, sessionMs, onEnd, onError } = options;
  const sessions = new Map<string, { readonly session: AdminSession; readonly timer: unknown }>();

  const add = (session: AdminSession): void => {
    const timer = clock.setTimeout(() => expire(session.id), Math.max(0, session.expiresAt - clock.now()));
    sessions.set(session.id, { session, timer });
  };

  const expire = (id: string): void => {
    end(id).catch(onError);
  };

  const end = async (id: string): Promise<void> => {
    const entry = sessions.get(id);
    if (entry !== undefined) {
      sessions.delete(id);
      clock.clearTimeout(entry.timer);
      onEnd(entry.session);
    }
    await tables.deleteFrom('admin_sessions').where('id', '=', id).execute();
  };

  const find = (id: string): AdminSession | undefined => {
    const session = sessions.get(id)?.session;
    // a machine that slept has late timers
    return session !== undefined && session.expiresAt > clock.now() ? session : undefined;
  };

  const credentials = accounts.map(({ credential }) => credential);
  await tables
    .deleteFrom('admin_sessions')
    .where((eb) =>
      eb.or([eb('expires_at', '<=', new Date(clock.now()).toISOString()), eb('credential', 'not in', credentials)]),
    )
    .execute();
  const rows = await tables.selectFrom('admin_sessions').selectAll().orderBy('expires_at').execute();
  for (const { id, name, expires_at } of rows) add({ id, name, expiresAt: Date.parse(expires_at) });

  return {
    async open({ name, credential }) {
      const secret = randomBytes(32).toString('base64url');
      const session = { id: digest(secret), name, expiresAt: clock.now() + sessionMs };
      await tables
        .insertInto('admin_sessions')
        .values({ id: session.id, name, credential, expires_at: new Date(session.expiresAt).toISOString() })
        .execute();
      add(session);
      const [oldest] = sessions.keys();
      if (sessions.size > maxSessions && oldest !== undefined) await end(oldest);
      return secret;
    },
    find: (secret) => find(digest(secret)),
    isOpen: (id) => find(id) !== undefined,
    end,
    close() {
      for (const { timer } of sessions.values()) clock.clearTimeout(timer);
      sessions.clear();
    },
  };
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
