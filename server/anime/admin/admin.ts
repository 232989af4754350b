/*
 * The admin page as a whole: login, sessions, the page, its live table, suggestions. Input: who may log in, and the
 * database. Without anybody who may, nothing of it is there.
 */

import type { FastifyError, FastifyInstance } from 'fastify';
import { type QueryFields, readQuery } from '../../../components/admin/query.ts';
import type { UserSource } from '../../../components/admin/source.ts';
import { createUsersTable, loadUsersTable } from '../../../components/admin/users-table.ts';
import type { Assets } from '../assets.ts';
import { compressTexts } from '../compression.ts';
import { policy } from '../content-policy.ts';
import type { Database } from '../data/database.ts';
import { createUsers, type Users } from '../data/users.ts';
import { isUser, userOf } from '../user.ts';
import { type WallClock, wallClock } from '../wall-clock.ts';
import type { Account } from './accounts.ts';
import { adminDocument, problemDocument } from './documents.ts';
import { acceptForms } from './forms.ts';
import { loginRoutes } from './login.ts';
import { toProblem } from './problem.ts';
import { type AdminSessions, createSessions } from './sessions.ts';
import { suggestionRoute } from './suggestions.ts';

export interface AdminOptions {
  /** Who may log in. */
  readonly accounts: readonly Account[];
  /** How long one stays logged in. Default: 8 hours. */
  readonly sessionMs?: number;
  /** How long a deleted user can be brought back. Default: 30 minutes. */
  readonly undoMs?: number;
  /** Attempts to log in of one address in a minute. Default: 10. */
  readonly attemptsPerMinute?: number;
  readonly clock?: WallClock;
}

/** Where the table is joined. */
const path = '/ws/admin/users';

export async function registerAdmin(
  app: FastifyInstance,
  database: Database,
  assets: Assets,
  options: AdminOptions,
): Promise<void> {
  const { accounts, sessionMs = 28_800_000, undoMs = 1_800_000, attemptsPerMinute = 10, clock = wallClock } = options;
  if (accounts.length === 0) return;
  const onError = (error: unknown): void => app.log.error({ err: database.explain(error) }, 'the admin page failed');
  const sessions = await createSessions(database, {
    accounts,
    clock,
    sessionMs,
    onError,
    news: app.islet.topic('admin sessions'),
    // the islands of this session end with its connections; its pages come back and are refused
    onEnd: ({ id }) => app.islet.disconnect({ admin: { session: id } }),
  });
  const users = createUsers(database, { clock, undoMs, onError, changes: app.islet.topic('user changes') });
  await users.start();
  app.addHook('onClose', async () => {
    users.close();
    sessions.close();
  });
  app.decorate('adminSessions', sessions);

  const source = toSource(users, sessions, onError);
  app.islet.route(path, createUsersTable(source), {
    attributes: ['query'],
    predict: true,
    // names a session of an administrator
    keeps: ['author'],
    authorizeEvent: ({ user }) => mayJoin(user, path, sessions) || 'gone',
    props: ({ user, attributes }) =>
      isUser(user) && user.admin !== null ? loadUsersTable(source, user.admin, attributes.query ?? '') : undefined,
  });

  await app.register(async (scope) => {
    scope.addHook('onSend', async (_, reply) => {
      reply.header('cache-control', 'no-store');
    });
    scope.setErrorHandler<FastifyError>(async (error, request, reply) => {
      const { statusCode, message } = toProblem(error, database.explain);
      if (statusCode >= 500) request.log.error({ err: database.explain(error) }, 'the admin page failed');
      reply.code(statusCode);
      if (request.headers.accept?.includes('text/html')) return reply.html(problemDocument(message, assets));
      return reply.send({ message });
    });
    await compressTexts(scope);
    acceptForms(scope);
    loginRoutes(scope, { accounts, sessions, sessionMs, attemptsPerMinute, assets });
    suggestionRoute(scope, database);
    scope.get<{ Querystring: QueryFields }>('/admin', (request, reply) => {
      const user = userOf(request);
      if (user.admin === null) return reply.redirect('/admin/login', 303);
      const query = readQuery(request.query);
      reply.header('content-security-policy', policy);
      return reply.html(adminDocument({ name: user.admin.name, query }, assets));
    });
  });
}

/** Whether a user may join a route: those of the admin page are for who is logged in, now. */
export function mayJoin(user: unknown, route: string, sessions: AdminSessions | undefined): boolean {
  if (!route.startsWith('/ws/admin/')) return true;
  return isUser(user) && user.admin !== null && sessions?.isOpen(user.admin.session) === true;
}

/** What the source fails with is logged here; the table says only that it failed. */
function toSource(users: Users, sessions: AdminSessions, onError: (error: unknown) => void): UserSource {
  const told = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      try {
        return await call(...args);
      } catch (error) {
        onError(error);
        throw error;
      }
    };
  };
  return {
    page: told(users.page),
    pageOf: told(users.pageOf),
    edit: told(users.edit),
    remove: told(users.remove),
    restore: told(users.restore),
    deletions: told(users.deletions),
    countries: told(users.countries),
    changes: users.changes,
    get changeCount() {
      return users.changeCount;
    },
    isOpen: ({ session }) => sessions.isOpen(session),
  };
}
