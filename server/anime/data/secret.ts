/*
 * The secret that signs cookies, made once for a database and kept in it: so every process on the same data signs
 * alike, and a restart invalidates nothing. Whoever can read it could change the votes themselves.
 */

import { randomBytes } from 'node:crypto';
import type { Database } from './database.ts';

export async function readCookieSecret({ tables }: Database): Promise<string> {
  const name = 'cookie-secret';
  await tables
    .insertInto('settings')
    .values({ name, value: randomBytes(32).toString('base64url') })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await tables
    .selectFrom('settings')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return value;
}
