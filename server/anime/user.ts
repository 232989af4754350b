/*
 * Who makes a request, as the pages, their sockets and components see it: islet's `authenticate`, and so the `user` of
 * each `client`. Input: the signed cookies of a request, and its address. Output: a user; who votes is null for somebody
 * who is nobody yet.
 */

import type { FastifyRequest } from 'fastify';
import { addressOf } from '../transport/address.ts';
import { sessionOf } from './admin/session-cookie.ts';
import { visitorOf } from './visitor.ts';

interface UserParts {
  readonly visitor: string | null;
  readonly admin: { readonly name: string; readonly session: string } | null;
  readonly address: string;
}

export class User {
  /** Who votes; null for one whose browser has brought no cookie. */
  readonly visitor: string | null;
  /** The administrator who is logged in, and the session's id, which is no secret. */
  readonly admin: UserParts['admin'];
  /** Private, so that no comparison sees it: a page that comes back from another network is still the same user's. */
  readonly #address: string;

  constructor({ visitor, admin, address }: UserParts) {
    this.visitor = visitor;
    this.admin = admin;
    this.#address = address;
  }

  /** Where the page's session began, as limits count it. */
  get address(): string {
    return this.#address;
  }
}

/** @param visitor Who has just got the cookie that the request did not bring. */
export function userOf(request: FastifyRequest, visitor: string | null = visitorOf(request) ?? null): User {
  const session = sessionOf(request);
  const admin = session === undefined ? null : { name: session.name, session: session.id };
  return new User({ visitor, admin, address: addressOf(request) });
}

/** Whether a value is a user, where the platform says only that it is what `authenticate` gave. */
export function isUser(value: unknown): value is User {
  return value instanceof User;
}

/** Who votes, of a user here or at another server: from there it comes as plain data. */
export function visitorIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('visitor' in value)) return null;
  return typeof value.visitor === 'string' ? value.visitor : null;
}
