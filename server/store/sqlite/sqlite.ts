/*
 * The embedded store: one SQLite file, by Node's own driver; no server needed. Input: writes. Output: what the file
 * says. Where only the end of the process has to be survived, it is written in the event loop, which takes some
 * microseconds; where a power cut has to be, a thread of its own waits for the disk.
 */

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ManagedStore, Write } from '../store.ts';
import { type Asked, callFile, type FileArgs, type FileMethod, type FileResult } from './ask.ts';
import { explain, isBusy } from './failures.ts';
import { type Durability, SqliteFile } from './file.ts';
import { identifyFile, openInThread } from './thread.ts';

/** How a file of SQLite keeps states. */
export interface SqliteStoreOptions {
  /**
   * What a write that was acknowledged survives: the end of the process (`'process'`), or a power cut as well
   * (`'power'`), at the cost of waiting for the disk. Default `'process'`.
   */
  readonly durability?: Durability;
}

/** A store in one file of SQLite. */
export interface SqliteStore extends ManagedStore {
  /** What a write survives, as the connection that writes says; undefined: neither. */
  durability(): Promise<Durability | undefined>;
}

/** How long others who write are waited for, without keeping anybody else from going on. */
const maxWaitMs = 2_000;
const firstRetryMs = 2;
const maxRetryMs = 50;

/**
 * Opens (or makes) the file at `path`, and its folder; `:memory:` keeps it in memory. It may be the app's own: tables
 * begin with `islet_`.
 *
 * @throws Error of the file system when the folder cannot be made, StoreError with the file's path when the file cannot be opened, or a later
 *   version of Islet made its tables.
 */
export function sqliteStore(path: string, { durability = 'process' }: SqliteStoreOptions = {}): SqliteStore {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const { ask, close } = open(path, durability);

  const answer = async <Method extends FileMethod>(
    method: Method,
    ...args: FileArgs<Method>
  ): Promise<FileResult<Method>> => {
    const giveUpAt = performance.now() + maxWaitMs;
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(maxRetryMs, retryMs * 2)) {
      try {
        return await ask(method, args);
      } catch (error) {
        if (!isBusy(error) || performance.now() > giveUpAt) throw explain(error, path);
        await setTimeout(retryMs);
      }
    }
  };

  return {
    load: (key) => answer('load', key),
    commit: (writes) => answer('commit', writes),
    remove: (key, by) => answer('remove', key, by),
    due: (withinMs, limit) => answer('due', withinMs, limit),
    sweep: (limit) => answer('sweep', limit),
    list: (after, limit) => answer('list', after, limit),
    removeUser: (user, account) => answer('removeUser', user, account),
    durability: () => answer('durability'),
    close,
  };
}

function open(path: string, durability: Durability): Asked {
  try {
    if (durability !== 'power') return openHere(path);
    return openInThread({ path, isPowerSafe: true, identity: identifyFile(path) });
  } catch (error) {
    // the driver does not say which file it is
    throw explain(error, path);
  }
}

/** So many transactions are one to four pages each in the log: about what SQLite itself would wait for. */
const transactionsPerCheckpoint = 500;
/**
 * So many transactions may come while the log is being brought into the file: those after them wait, or it would grow
 * on.
 */
const maxTransactionsBehind = 2_000;

/** Writes of so many characters are written by a thread: copying them into the file would keep the event loop. */
const bigLength = 1024 * 1024;

/** What waits for the disk is done by a thread, which starts when there is something to do; and so is what is big. */
function openHere(path: string): Asked {
  const isInMemory = path === ':memory:';
  const file = new SqliteFile(path, { isPowerSafe: false, busyMs: 0, isCheckpointed: !isInMemory });
  let thread: Asked | undefined;
  let transactions = 0;
  let checkpoint: Promise<void> | undefined;

  let isThreadReady = false;

  const openThread = (): Asked => {
    thread ??= openInThread({ path, isPowerSafe: false, identity: file.identity });
    return thread;
  };

  const checkpointSoon = (): void => {
    if (++transactions >= transactionsPerCheckpoint) checkpointNow();
  };

  const checkpointNow = (): void => {
    if (checkpoint !== undefined) return;
    transactions = 0;
    // what fails now is tried again with the next
    checkpoint = Promise.resolve(openThread().ask('checkpoint', []))
      .then(
        () => {
          isThreadReady = true;
        },
        () => {},
      )
      .finally(() => {
        checkpoint = undefined;
      });
  };

  return {
    ask(method, args) {
      const call = () => {
        if (method !== 'commit' || isInMemory) return callFile(file, method, args);
        checkpointSoon();
        // only `commit` is given writes
        if (!areBig(args[0] as readonly Write[])) return callFile(file, method, args);
        if (isThreadReady) return openThread().ask(method, args);
        // it takes longer to start than to write once
        checkpointNow();
        return callFile(file, method, args);
      };
      const isBehind = method === 'commit' && transactions >= maxTransactionsBehind;
      return isBehind && checkpoint !== undefined ? checkpoint.then(call) : call();
    },
    async close() {
      await thread?.close();
      file.close();
    },
  };
}

function areBig(writes: readonly Write[]): boolean {
  let length = 0;
  for (const { model, instances, timers, tasks } of writes) {
    if (model !== undefined) length += 'base' in model ? model.base.length : model.patch.length;
    length += (instances?.length ?? 0) + (timers?.length ?? 0) + (tasks?.json.length ?? 0);
  }
  return length >= bigLength;
}
