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
  return key === null ? `address ${address}` : `user ${key}`;
}

/** An account's name in a store: short, and nobody's address. */
export function accountInStore(account: string): string {
  return hash('sha256', `account ${account}`, 'base64url').slice(0, 16);
}
