/*
 * Warns when two servers run on one SQLite file: each would hold live ratings, sessions and limits of its own, and the
 * pages of one would hear nothing of the other's. Input: a file beside the database, in which each server writes its
 * name every ten seconds. Output: a line in the log when another name has stood there for half a minute; for a moment
 * there are two at any deploy. No clocks are compared: a name that is not one's own was written since one's own was.
 */

import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/runtime/clock.ts';
import { systemClock } from '../system-clock.ts';
import type { DatabaseLocation } from './data/location.ts';

export const beatMs = 10_000;
const beatsUntilWarning = 3;

const warning =
  'Another server runs on the same SQLite file. The pages of one do not hear of votes and changes on the other, and ' +
  'each counts its limits alone. Run one server, or both on PostgreSQL for the time of a deploy.';

/** Watches until the app closes. */
export function watchForSecondServer(
  app: FastifyInstance,
  location: DatabaseLocation,
  clock: Clock = systemClock,
): void {
  if (location.kind !== 'file') return;
  const path = `${location.name}.server`;
  const name = randomUUID();
  let beats = 0;
  let seen = 0;
  let timer: unknown;
  let isClosed = false;

  const beat = async (): Promise<void> => {
    try {
      const present = beats++ === 0 ? name : await readFile(path, 'utf8').catch(() => name);
      seen = present === name ? 0 : seen + 1;
      if (seen === beatsUntilWarning) app.log.warn({ file: location.name }, warning);
      await writeFile(path, name);
    } catch {
      // where nothing can be written, other parts of the server say so
    }
    if (!isClosed) timer = clock.setTimeout(beat, beatMs);
    // it was closed meanwhile, and somebody else may have to see that
    else await rm(path, { force: true });
  };

  app.addHook('onReady', async () => {
    timer = clock.setTimeout(beat, beatMs);
  });
  app.addHook('onClose', async () => {
    isClosed = true;
    clock.clearTimeout(timer);
    if ((await readFile(path, 'utf8').catch(() => '')) === name) await rm(path, { force: true });
  });
}
