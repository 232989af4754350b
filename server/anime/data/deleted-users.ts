/*
 * Users who were deleted and can still be brought back: who they are, and that they are forgotten when the time for
 * that is over, also after a restart. `users.ts` moves them here and back.
 */

import type { Deletions } from '../../../components/admin/source.ts';
import type { WallClock } from '../wall-clock.ts';
import type { Database } from './database.ts';

export interface ForgettingOptions {
  /** How long a deleted user can be brought back. */
  readonly undoMs: number;
  readonly clock: WallClock;
  /** Some were forgotten. */
  readonly onForgotten: () => void;
  readonly onError: (error: unknown) => void;
}

export interface Forgetting {
  /** Forgets those whose time is over, and waits for the others'. */
  start(): Promise<void>;
  /** Somebody was deleted just now. */
  expect(): void;
  close(): void;
}

/** After a failure. */
const retryMs = 60_000;

/** The latest deletions, at most `limit`, and how many there are in all. */
export async function readDeletions({ tables }: Database, limit: number): Promise<Deletions> {
  const [latest, { total }] = await Promise.all([
    tables
      .selectFrom('deleted_users')
      .select(['id', 'name', 'deleted_by as by'])
      .orderBy('deleted_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute(),
    tables
      .selectFrom('deleted_users')
      .select(({ fn }) => fn.countAll().as('total'))
      .executeTakeFirstOrThrow(),
  ]);
  return { latest, total: Number(total) };
}

export function createForgetting({ tables }: Database, options: ForgettingOptions): Forgetting {
  const { undoMs, clock, onForgotten, onError } = options;
  let timer: unknown;
  let isClosed = false;

  const forget = async (): Promise<void> => {
    const oldest = new Date(clock.now() - undoMs).toISOString();
    const { numDeletedRows } = await tables
      .deleteFrom('deleted_users')
      .where('deleted_at', '<=', oldest)
      .executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) onForgotten();
    const next = await tables
      .selectFrom('deleted_users')
      .select('deleted_at')
      .orderBy('deleted_at')
      .limit(1)
      .executeTakeFirst();
    if (next) forgetIn(Date.parse(next.deleted_at) + undoMs - clock.now());
  };

  const forgetIn = (ms: number): void => {
    if (isClosed) return;
    clock.clearTimeout(timer);
    timer = clock.setTimeout(
      () => {
        timer = undefined;
        forget().catch((error: unknown) => {
          onError(error);
          forgetIn(retryMs);
        });
      },
      Math.max(0, ms),
    );
  };

  return {
    start: forget,
    expect() {
      // else those who were deleted before are waited for, and then the next
      if (timer === undefined) forgetIn(undoMs);
    },
    close() {
      isClosed = true;
      clock.clearTimeout(timer);
    },
  };
}
