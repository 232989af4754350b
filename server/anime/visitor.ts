/*
 * Who votes: a random id in a signed cookie that scripts cannot read. It says nothing about the person; whoever asks
 * for a page or votes gets one.
 */

import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readSignedCookie, signedCookie } from './signed-cookie.ts';

const cookieName = 'visitor';
/** Browsers keep no cookie longer. */
const maxAgeSeconds = 400 * 24 * 3_600;

/** The visitor that made a request; nothing for one who has no cookie of this server. */
export function visitorOf(request: FastifyRequest): string | undefined {
  return readSignedCookie(request, cookieName);
}

/** The visitor that made a request; one who has no cookie gets it with the answer. */
export function ensureVisitor(request: FastifyRequest, reply: FastifyReply): string {
  const known = visitorOf(request);
  if (known !== undefined) return known;
  const visitor = randomBytes(16).toString('base64url');
  reply.setCookie(cookieName, visitor, {
    ...signedCookie(request),
    // not sent with another site's requests, so that no other site can vote in a visitor's name
    sameSite: 'lax',
    maxAge: maxAgeSeconds,
  });
  return visitor;
}
