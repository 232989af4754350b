/*
 * Passwords as scrypt hashes (RFC 7914). Input: a password, or a hash as `npm run admin:hash` prints it:
 * `scrypt:N:r:p:salt:key`, salt and key in base64url. It has no `$` in it, since shells and settings files replace
 * what stands behind one.
 */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export interface PasswordHash {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** 32 MiB and some tenths of a second for each guess, as OWASP recommends for scrypt. */
const strength = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };
const keyBytes = 32;
/** What a hash may have the server take for each login. */
const maxBytes = 256 * 1024 * 1024;
/** Nobody types more; what is longer would only keep the server busy. */
export const maxPasswordLength = 1_000;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const { cost, blockSize, parallelization } = strength;
  const key = await derive(password, { ...strength, salt, key: Buffer.alloc(keyBytes) });
  return ['scrypt', cost, blockSize, parallelization, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** @throws Error, with a message that does not repeat the text, for one that cannot be a hash. */
export function parsePasswordHash(text: string): PasswordHash {
  const [, n, r, p, salt = '', key = ''] =
    /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3}):([\w-]{22,}):([\w-]{43,})$/.exec(text.trim()) ?? [];
  const hash = {
    cost: Number(n),
    blockSize: Number(r),
    parallelization: Number(p),
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
  const { cost, blockSize, parallelization } = hash;
  const isPower = cost >= 2 ** 14 && Number.isInteger(Math.log2(cost));
  if (!isPower || blockSize < 1 || parallelization < 1 || parallelization > 16 || memoryOf(hash) > maxBytes) {
    throw new Error('it is no hash of a password, or a weak one');
  }
  return hash;
}

/** Whether a password is the one of the hash. It takes as long for one that is not. */
export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  // zeros at its end would make no difference to scrypt
  const isPossible = password.length <= maxPasswordLength && !password.includes('\0');
  const key = await derive(isPossible ? password : '', hash);
  return timingSafeEqual(key, hash.key) && isPossible;
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
  const { cost, blockSize, parallelization, salt, key } = hash;
  const options = { cost, blockSize, parallelization, maxmem: 2 * memoryOf(hash) };
  return new Promise((resolve, reject) => {
    // two keyboards may write the same letter in different ways
    scrypt(password.normalize('NFC'), salt, key.length, options, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

function memoryOf({ cost, blockSize, parallelization }: Omit<PasswordHash, 'salt' | 'key'>): number {
  return 128 * blockSize * (cost + parallelization);
}
