/*
 * Logging in and out, by plain forms. Input: a name and a password. Output: a session and its cookie, or the same page
 * with what was wrong, but not which of the two. Guessing is slow: a hash takes its time, one is computed at once, and an
 * address may try so often a minute.
 */

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Assets } from '../assets.ts';
import { createRateLimit, limitRequests } from '../rate-limit.ts';
import { type Account, findAccount } from './accounts.ts';
import { type LoginNotice, loginDocument } from './documents.ts';
import { fieldOf } from './forms.ts';
import { AdminProblem } from './problem.ts';
import { clearSessionCookie, sessionOf, setSessionCookie } from './session-cookie.ts';
import type { AdminSessions } from './sessions.ts';

export interface LoginOptions {
  readonly accounts: readonly Account[];
  readonly sessions: AdminSessions;
  readonly sessionMs: number;
  /** Attempts of one address in a minute. */
  readonly attemptsPerMinute: number;
  readonly assets: Assets;
}

/** Who comes when so many are being checked is asked to come again. */
const maxWaiting = 20;

export function loginRoutes(scope: FastifyInstance, options: LoginOptions): void {
  const { accounts, sessions, sessionMs, attemptsPerMinute, assets } = options;
  const check = createQueue(maxWaiting, (name: string, password: string) => findAccount(accounts, name, password));
  const show = (reply: FastifyReply, notice: LoginNotice = {}): Promise<FastifyReply> =>
    reply.html(loginDocument(notice, assets));

  scope.get<{ Querystring: { readonly ended?: unknown } }>('/admin/login', (request, reply) => {
    if (sessionOf(request) !== undefined) return reply.redirect('/admin', 303);
    return show(reply, request.query.ended !== undefined ? { message: 'You are logged out.' } : {});
  });

  const limit = limitRequests(
    createRateLimit(attemptsPerMinute, { counted: scope.islet.topic('login attempts') }),
    (after) => new AdminProblem(429, `Too many attempts. Try again in ${after}.`),
  );
  scope.post('/admin/login', { onRequest: limit }, async (request, reply) => {
    const name = fieldOf(request, 'name');
    const account = await check(name, fieldOf(request, 'password'));
    if (account === undefined) {
      request.log.warn('a login was refused');
      return show(reply.code(422), { name, problem: 'Name or password is wrong.' });
    }
    // whoever was logged in with this browser is not any more
    const before = sessionOf(request);
    if (before !== undefined) await sessions.end(before.id);
    setSessionCookie(request, reply, await sessions.open(account), sessionMs);
    return reply.redirect('/admin', 303);
  });

  scope.post('/admin/logout', async (request, reply) => {
    const session = sessionOf(request);
    clearSessionCookie(request, reply);
    if (session !== undefined) await sessions.end(session.id);
    return reply.redirect('/admin/login?ended', 303);
  });
}

/** Has calls done one after the other, and refuses one where too many wait. */
function createQueue<Args extends unknown[], Result>(
  most: number,
  call: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (...args) => {
    if (waiting >= most) throw new AdminProblem(429, 'Too many are logging in just now. Try again in a moment.');
    waiting++;
    const result = last.then(() => call(...args)).finally(() => waiting--);
    last = result.catch(() => undefined);
    return result;
  };
}
