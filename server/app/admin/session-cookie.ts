/*
 * The cookie of an administrator: a random secret that names a session, signed, out of reach of scripts, and not sent
 * with any request that another site began. What it stands for is in `sessions.ts`.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AdminSession, AdminSessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Who is logged in; nothing where there is no admin page. */
    readonly adminSessions: AdminSessions | undefined;
  }
}

const cookieName = 'admin';

/** The session in whose name a request was made. */
export function sessionOf(request: FastifyRequest): AdminSession | undefined {
  const sessions = request.server.adminSessions;
  const cookie = request.cookies[cookieName];
  if (sessions === undefined || cookie === undefined) return undefined;
  const { valid, value } = request.unsignCookie(cookie);
  return valid ? sessions.find(value) : undefined;
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string, ms: number): void {
  reply.setCookie(cookieName, secret, { ...optionsFor(request), signed: true, maxAge: Math.floor(ms / 1_000) });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName, optionsFor(request));
}

function optionsFor(request: FastifyRequest) {
  // the path is that of sockets too
  return { httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https', path: '/' } as const;
}
