/*
 * Who votes: a random id in a signed cookie that scripts cannot read. It says nothing about the person; whoever asks
 * for a page or votes gets one. Needs @fastify/cookie with a secret on the app.
 */

import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const cookieName = 'visitor';
/** Browsers keep no cookie longer. */
const maxAgeSeconds = 400 * 24 * 3_600;

/** The visitor that made a request, or nothing for one who has no cookie, or one that was not signed here. */
export function visitorOf(request: FastifyRequest): string | undefined {
  const cookie = request.cookies[cookieName];
  const { valid, value } = cookie === undefined ? {} : request.unsignCookie(cookie);
  return valid ? value : undefined;
}

/** The visitor that made a request; one who has no cookie gets it with the answer. */
export function ensureVisitor(request: FastifyRequest, reply: FastifyReply): string {
  const known = visitorOf(request);
  if (known !== undefined) return known;
  const visitor = randomBytes(16).toString('base64url');
  reply.setCookie(cookieName, visitor, {
    signed: true,
    httpOnly: true,
    // not sent with another site's requests, so that no other site can vote in a visitor's name
    sameSite: 'lax',
    secure: request.protocol === 'https',
    path: '/',
    maxAge: maxAgeSeconds,
  });
  return visitor;
}
