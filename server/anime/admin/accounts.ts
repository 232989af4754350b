/*
 * Who may log in: names and password hashes, as the environment says them. ADMIN_NAME and ADMIN_PASSWORD_HASH name one
 * administrator, or several, separated by commas, in the same order. Without both there is no admin page.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { isPassword, type PasswordHash, parsePasswordHash } from './password.ts';

export interface Account {
  readonly name: string;
  readonly hash: PasswordHash;
  /** Another password, or another name, has another one: whoever logged in before has to do it again. */
  readonly credential: string;
}

const maxNameLength = 50;

/** @throws Error, with a message for a person and without a secret, for settings that cannot be meant. */
export function readAccounts(env: { readonly [name: string]: string | undefined }): readonly Account[] {
  const { ADMIN_NAME = '', ADMIN_PASSWORD_HASH = '' } = env;
  if (ADMIN_NAME === '' && ADMIN_PASSWORD_HASH === '') return [];
  const names = ADMIN_NAME.split(',').map((name) => name.trim());
  const hashes = ADMIN_PASSWORD_HASH.split(',').map((hash) => hash.trim());
  if (ADMIN_NAME === '') throw new Error('ADMIN_PASSWORD_HASH is set and ADMIN_NAME is not; the admin page needs both');
  if (ADMIN_PASSWORD_HASH === '') {
    throw new Error('ADMIN_NAME is set and ADMIN_PASSWORD_HASH is not. Make one: npm run admin:hash');
  }
  if (names.length !== hashes.length) {
    throw new Error(`ADMIN_NAME has ${names.length} names and ADMIN_PASSWORD_HASH ${hashes.length} hashes`);
  }
  if (new Set(names).size < names.length) throw new Error('ADMIN_NAME has the same name twice');
  return names.map((name, at) => toAccount(name, hashes[at] ?? ''));
}

export function toAccount(name: string, hash: string): Account {
  if (name === '' || name.length > maxNameLength || /\p{Cc}/u.test(name)) {
    throw new Error(`ADMIN_NAME must have names of 1 to ${maxNameLength} characters`);
  }
  try {
    return { name, hash: parsePasswordHash(hash), credential: digest(`${name}\n${hash}`).toString('base64url') };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read';
    throw new Error(`ADMIN_PASSWORD_HASH of ${name}: ${reason}. Make one: npm run admin:hash`);
  }
}

/** The account of a name and a password. A wrong name takes as long as a wrong password. */
export async function findAccount(
  accounts: readonly Account[],
  name: string,
  password: string,
): Promise<Account | undefined> {
  const wanted = digest(name.trim());
  let found: Account | undefined;
  for (const account of accounts) if (timingSafeEqual(digest(account.name), wanted)) found = account;
  const [first] = accounts;
  const { hash } = found ?? first ?? {};
  if (hash === undefined) return undefined;
  return (await isPassword(password, hash)) ? found : undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
