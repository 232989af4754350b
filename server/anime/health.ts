/*
 * Whether the server can do its work, for whoever watches it: 200 if the database answers in time and is still the one
 * that was opened, else 503. Whether it should be given people, for a proxy before several servers: it is well, and it
 * reaches the others. A server that is stopping answers 503 as well, by Fastify, as long as it hears anything.
 */

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Database } from './data/database.ts';
import { DatabaseError } from './data/failures.ts';

export const healthPath = '/healthz';
export const readinessPath = '/readyz';
/** How long an answer takes at most: less than those wait who ask. */
export const answerMs = 2_000;
/** Adds the routes. However many ask at once, the database is asked once. */
export function healthRoutes(app: FastifyInstance, database: Database): void {
  let asking: Promise<string> | undefined;
  const ask = (): Promise<string> => {
    asking ??= statusOf(database, app).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const tell = (status: string, reply: FastifyReply) =>
    reply
      .code(status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status });
  app.get(healthPath, async (_, reply) => tell(await ask(), reply));
  app.get(readinessPath, async (_, reply) => {
    return tell(app.islet.isReady ? await ask() : 'cut off from the other servers', reply);
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
