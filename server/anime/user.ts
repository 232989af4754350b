/*
 * Who makes a request, as the pages, their sockets and components see it: islet's `authenticate`, and so the `user` of
 * each `client`. Input: the signed cookies of a request. Output: plain data; null where somebody is nobody yet.
 */

import type { FastifyRequest } from 'fastify';
import { sessionOf } from './admin/session-cookie.ts';
import { visitorOf } from './visitor.ts';

export interface User {
  /** Who votes; null for one whose browser has brought no cookie. */
  readonly visitor: string | null;
  /** The administrator who is logged in, and the session's id, which is no secret. */
  readonly admin: { readonly name: string; readonly session: string } | null;
}

export function userOf(request: FastifyRequest): User {
  const session = sessionOf(request);
  return {
    visitor: visitorOf(request) ?? null,
    admin: session === undefined ? null : { name: session.name, session: session.id },
  };
}

/** Whether a value is a user, where the platform says only that it is what `authenticate` gave. */
export function isUser(value: unknown): value is User {
  return typeof value === 'object' && value !== null && 'visitor' in value && 'admin' in value;
}
