/*
 * Who is logged in. A session is a row of the database, so that a restart logs nobody out, and an entry in memory, so that
 * each event can be checked at once. Servers tell each other who comes and goes. The browser has a random id in a cookie;
 * here is only its digest, so that who reads the database cannot log in by it.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { Topic } from '../../../shared/index.ts';
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

/** What servers tell each other. */
export type SessionNews =
  | { readonly kind: 'opened'; readonly session: AdminSession }
  | { readonly kind: 'ended'; readonly id: string };

export interface SessionsOptions {
  /** At least one. */
  readonly accounts: readonly Account[];
  readonly clock: WallClock;
  readonly sessionMs: number;
  /** Told of each session that ended, by a logout or because its time is over. */
  readonly onEnd: (session: AdminSession) => void;
  readonly onError: (error: unknown) => void;
  readonly news: Topic<SessionNews>;
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
  const { accounts, clock, sessionMs, onEnd, onError, news } = options;
  const sessions = new Map<string, { readonly session: AdminSession; readonly timer: unknown }>();

  const add = (session: AdminSession): void => {
    if (sessions.has(session.id)) return;
    const timer = clock.setTimeout(() => expire(session.id), Math.max(0, session.expiresAt - clock.now()));
    sessions.set(session.id, { session, timer });
  };

  const expire = (id: string): void => {
    end(id).catch(onError);
  };

  const drop = (id: string): void => {
    const entry = sessions.get(id);
    if (entry === undefined) return;
    sessions.delete(id);
    clock.clearTimeout(entry.timer);
    onEnd(entry.session);
  };

  const end = async (id: string): Promise<void> => {
    drop(id);
    news.publish({ kind: 'ended', id });
    await tables.deleteFrom('admin_sessions').where('id', '=', id).execute();
    // a server that has read it in between has to hear it once more
    news.publish({ kind: 'ended', id });
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
  const load = async (): Promise<void> => {
    const rows = await tables.selectFrom('admin_sessions').selectAll().orderBy('expires_at').execute();
    const open = new Set(rows.map(({ id }) => id));
    for (const id of [...sessions.keys()]) if (!open.has(id)) drop(id);
    for (const { id, name, expires_at } of rows) add({ id, name, expiresAt: Date.parse(expires_at) });
  };
  const endNews = news.subscribe((told) => (told.kind === 'opened' ? add(told.session) : drop(told.id)), {
    onGap: () => void load().catch(onError),
  });
  await load();

  return {
    async open({ name, credential }) {
      const secret = randomBytes(32).toString('base64url');
      const session = { id: digest(secret), name, expiresAt: clock.now() + sessionMs };
      await tables
        .insertInto('admin_sessions')
        .values({ id: session.id, name, credential, expires_at: new Date(session.expiresAt).toISOString() })
        .execute();
      add(session);
      news.publish({ kind: 'opened', session });
      const [oldest] = sessions.keys();
      if (sessions.size > maxSessions && oldest !== undefined) await end(oldest);
      return secret;
    },
    find: (secret) => find(digest(secret)),
    isOpen: (id) => find(id) !== undefined,
    end,
    close() {
      endNews();
      for (const { timer } of sessions.values()) clock.clearTimeout(timer);
      sessions.clear();
    },
  };
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
