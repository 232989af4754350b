/*
 * Whether the server can do its work, for whoever watches it: 200 if the database answers in time and is still the one
 * that was opened, else 503. A server that is stopping answers 503 as well, by Fastify, as long as it hears anything.
 */

import type { FastifyInstance } from 'fastify';
import type { Database } from './data/database.ts';
import { DatabaseError } from './data/failures.ts';

export const healthPath = '/healthz';
/** How long an answer takes at most: less than those wait who ask. */
export const answerMs = 2_000;

/** Adds the route. However many ask at once, the database is asked once. */
export function healthRoute(app: FastifyInstance, database: Database): void {
  let asking: Promise<string> | undefined;
  const ask = (): Promise<string> => {
    asking ??= statusOf(database, app).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  app.get(healthPath, async (_, reply) => {
    const status = await ask();
    return reply
      .code(status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status });
  });
}

async function statusOf(database: Database, { log }: FastifyInstance): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${answerMs} ms`)), answerMs);
  });
  try {
    await Promise.race([database.check(), late]);
    return 'ok';
  } catch (error) {
    const err = database.explain(error);
    const isGone = err instanceof DatabaseError && err.failure === 'gone';
    const status = isGone ? 'the file of the database was removed or replaced' : 'the database does not answer';
    log.error({ err }, status);
    return status;
  } finally {
    clearTimeout(timer);
  }
}
