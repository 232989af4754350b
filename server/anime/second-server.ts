/*
 * Warns when a second server runs on the same data in a way that cannot be right: two on one SQLite file, or two on one
 * PostgreSQL without a bus. Input: a place beside the data, in which each server writes its name every ten seconds.
 * Output: a line in the log when another name has stood there for half a minute; for a moment there are two at any
 * deploy. No clocks are compared: a name that is not one's own was written since one's own was.
 */

import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/runtime/clock.ts';
import { systemClock } from '../system-clock.ts';
import type { Database } from './data/database.ts';

export const beatMs = 10_000;
const beatsUntilWarning = 3;

const onFile =
  'Another server runs on the same SQLite file. The pages of one do not hear of votes and changes on the other, and ' +
  'each counts its limits alone. Run one server, or several on PostgreSQL with NATS_URL.';
const withoutBus =
  'Another server runs on the same PostgreSQL, and there is no bus between them. The pages of one do not hear of votes, ' +
  'changes and logouts on the other, and each counts its limits alone. Give all of them the same NATS_URL, or run one.';

export interface WatchOptions {
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Whether servers tell each other what happens. */
  readonly hasBus: boolean;
}

/** Where servers write their names. */
interface Place {
  read(): Promise<string | undefined>;
  write(name: string): Promise<unknown>;
  remove(): Promise<unknown>;
}

/** Watches until the app closes. */
export function watchForSecondServer(
  app: FastifyInstance,
  database: Database,
  { clock = systemClock, hasBus }: WatchOptions,
): void {
  const { location } = database;
  const isFile = location.kind === 'file';
  if (!isFile && (location.kind !== 'postgres' || hasBus)) return;
  const place = isFile ? inFile(`${location.name}.server`) : inTable(database);
  const name = randomUUID();
  let beats = 0;
  let seen = 0;
  let timer: unknown;
  let isClosed = false;

  const beat = async (): Promise<void> => {
    try {
      const present = beats++ === 0 ? name : ((await place.read()) ?? name);
      seen = present === name ? 0 : seen + 1;
      if (seen === beatsUntilWarning) app.log.warn(isFile ? { file: location.name } : {}, isFile ? onFile : withoutBus);
      await place.write(name);
    } catch {
      // where nothing can be written, other parts of the server say so
    }
    if (!isClosed) timer = clock.setTimeout(beat, beatMs);
    // it was closed meanwhile, and somebody else may have to see that
    else await place.remove().catch(() => {});
  };

  app.addHook('onReady', async () => {
    timer = clock.setTimeout(beat, beatMs);
  });
  app.addHook('onClose', async () => {
    isClosed = true;
    clock.clearTimeout(timer);
    const present = await place.read().catch(() => undefined);
    if (present === name) await place.remove().catch(() => {});
  });
}

function inFile(path: string): Place {
  return {
    read: () => readFile(path, 'utf8').catch(() => undefined),
    write: (name) => writeFile(path, name),
    remove: () => rm(path, { force: true }),
  };
}

function inTable({ tables }: Database): Place {
  const key = 'server';
  return {
    async read() {
      const row = await tables.selectFrom('settings').select('value').where('name', '=', key).executeTakeFirst();
      return row?.value;
    },
    write: (value) =>
      tables
        .insertInto('settings')
        .values({ name: key, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute(),
    remove: () => tables.deleteFrom('settings').where('name', '=', key).execute(),
  };
}
