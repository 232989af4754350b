/*
 * Whose account something is on that a server keeps for a client. Input: where a request came from, and whose it is.
 * Output: the account's name.
 */

import { hash } from 'node:crypto';

/** Names a user for limits; null or undefined: nobody in particular, who counts by address. */
export type UserKey<User = unknown> = (user: User | null) => string | null | undefined;

/** On whose account is what no client asked for: what is due, and what the app sends. It has no client's limits. */
export const serverAccount = 'server';

/** @param address As limits count it (`server/transport/address.ts`): of IPv6 the network. */
export function accountOf(address: string, user: unknown, userKey: UserKey<unknown> | undefined): string {
  const key = userKey?.(user) ?? null;
  return key === null ? `address ${address}` : accountOfUser(key);
}

/** The account of whoever has that key. */
export function accountOfUser(key: string): string {
  return `user ${key}`;
}

/** Names whoever a user is, the same after a restart; undefined for one who could not be told from others then. */
export function ownerKeyOf(user: unknown, userKey: UserKey<unknown> | undefined): string | undefined {
  const key = userKey?.(user);
  if (typeof key === 'string') return `key ${key}`;
  try {
    return `user ${JSON.stringify(user) ?? ''}`;
  } catch {
    return undefined;
  }
}

/** What a page knows its person by, so that it shows and sends nothing of another's who used it before. */
export function personMark(ownerKey: string): string {
  // where nobody logs in, all are the same person
  if (ownerKey !== latest.ownerKey) {
    latest = { ownerKey, mark: hash('sha256', `person ${ownerKey}`, 'base64url').slice(0, 16) };
  }
  return latest.mark;
}

let latest = { ownerKey: '', mark: '' };

/** An account's name in a store: short, and nobody's address. */
export function accountInStore(account: string): string {
  return hash('sha256', `account ${account}`, 'base64url').slice(0, 16);
}
