/*
 * The cookie of an administrator: a random secret that names a session, signed, out of reach of scripts, and not sent
 * with any request that another site began. What it stands for is in `sessions.ts`.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { readSignedCookie, signedCookie } from '../signed-cookie.ts';
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
  const secret = readSignedCookie(request, cookieName);
  return secret === undefined ? undefined : request.server.adminSessions?.find(secret);
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string, ms: number): void {
  reply.setCookie(cookieName, secret, { ...optionsFor(request), maxAge: Math.floor(ms / 1_000) });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName, optionsFor(request));
}

function optionsFor(request: FastifyRequest) {
  return { ...signedCookie(request), sameSite: 'strict' } as const;
}
