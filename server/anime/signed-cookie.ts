/*
 * Cookies that a browser keeps for this server and can neither change nor show to scripts: who votes (`visitor.ts`), who
 * is logged in (`admin/session-cookie.ts`). Needs @fastify/cookie with a secret on the app.
 */

import type { FastifyRequest } from 'fastify';

/** What a cookie says; nothing where there is none, or one that was not signed here. */
export function readSignedCookie(request: FastifyRequest, name: string): string | undefined {
  const cookie = request.cookies[name];
  const { valid, value } = cookie === undefined ? {} : request.unsignCookie(cookie);
  return valid ? value : undefined;
}

/** What all of them have in common. The path is that of pages and of sockets. */
export function signedCookie(request: FastifyRequest) {
  return { signed: true, httpOnly: true, secure: request.protocol === 'https', path: '/' } as const;
}
