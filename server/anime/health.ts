/*
 * Whether the server can do its work, for whoever watches it: 200 if the database answers in time, else 503. A server
 * that is stopping answers 503 as well, by Fastify, as long as it hears anything at all.
 */

import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Database } from './data/database.ts';

export const healthPath = '/healthz';
/** How long an answer takes at most: less than those wait who ask. */
export const answerMs = 2_000;

/** Adds the route. However many ask at once, the database is asked once. */
export function healthRoute(app: FastifyInstance, database: Database): void {
  let asking: Promise<boolean> | undefined;
  const ask = (): Promise<boolean> => {
    asking ??= answers(database, app).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  app.get(healthPath, async (_, reply) => {
    const isHealthy = await ask();
    return reply
      .code(isHealthy ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isHealthy ? 'ok' : 'the database does not answer' });
  });
}

async function answers({ tables }: Database, { log }: FastifyInstance): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${answerMs} ms`)), answerMs);
  });
  try {
    // a table, so that the file is read, and not only the driver asked
    await Promise.race([sql`select 1 from settings limit 1`.execute(tables), late]);
    return true;
  } catch (err) {
    log.error({ err }, 'the database does not answer');
    return false;
  } finally {
    clearTimeout(timer);
  }
}
