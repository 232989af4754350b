/*
 * Who makes a request, as the pages, their sockets and components see it: islet's `authenticate`, and so the `user` of
 * each `client`. Input: the signed cookies of a request. Output: plain data; null where somebody is nobody yet.
 */

import type { FastifyRequest } from 'fastify';
import { visitorOf } from './visitor.ts';

export interface User {
  /** Who votes; null for one whose browser has brought no cookie. */
  readonly visitor: string | null;
  /** The name of the administrator who is logged in. */
  readonly admin: string | null;
}

export function userOf(request: FastifyRequest): User {
  return { visitor: visitorOf(request) ?? null, admin: null };
}

/** Whether a value is a user, where the platform says only that it is what `authenticate` gave. */
export function isUser(value: unknown): value is User {
  return typeof value === 'object' && value !== null && 'visitor' in value && 'admin' in value;
}
