/*
 * Islands of one's own that outlive their server: what they leave behind, and who takes it up. Input: an entry that is
 * about to start, and its place in the store. Output: the entry's keeper, if there is anything to go on from or to keep.
 */

import { IsletError } from '../../shared/language/islet-error.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import type { Log } from '../inspect/log.ts';
import type { Write } from '../store/store.ts';
import type { Entry } from './entries.ts';
import { Keeper, type Keeping } from './keeper.ts';
import type { Route } from './routes.ts';

/** What is kept of an island of one's own. */
export type OwnWrite = Omit<Write, 'by' | 'after' | 'endsInMs'>;

/** Whose own island is joined, as a store names it. */
export interface OwnPlace {
  readonly key: string;
  /** Names the user, so that what is kept of somebody can be removed. */
  readonly user: string | undefined;
  /** It may have been joined before, in an earlier life of this server or at another. */
  readonly isTakenUp: boolean;
}

/** How long an island of one's own is kept for whom it is, and how big it may be. */
export const ownKeptMs = 120_000;
export const ownKeptBytes = 64 * 1024;

export class OwnIslands {
  private readonly hasStore: boolean;
  private readonly keeping: Keeping;
  private readonly log: Log;

  /** @param hasStore The app has given a store: what is kept in memory outlives no server. */
  constructor(hasStore: boolean, keeping: Keeping, log: Log) {
    this.hasStore = hasStore;
    this.keeping = keeping;
    this.log = log;
  }

  /** What an island of one's own outlives; false where nothing is kept. */
  survivalOf({ options }: Route): 'deploy' | 'crash' | false {
    return options.shared || !this.hasStore ? false : (options.survive ?? 'deploy');
  }

  /** Keeps states of islands of one's own for those who come back after a deploy. */
  async keep(writes: readonly OwnWrite[]): Promise<void> {
    const { committer, names } = this.keeping;
    const all = writes.map((write) =>
      committer.commit({ ...write, by: names.next(), after: undefined, endsInMs: ownKeptMs }),
    );
    await Promise.all(all);
  }

  /** An island of one's own goes on from what it left behind, if it did. Undefined: there is nothing to wait for. */
  takeUp(entry: Entry, { key, user, isTakenUp }: OwnPlace): Promise<void> | undefined {
    const { route } = entry;
    const survival = this.survivalOf(route);
    if (survival === false) return undefined;
    entry.commits = survival === 'crash';
    if (!isTakenUp && !entry.commits) return undefined;
    const { forgets: leftOut } = route.options;
    // what is about to be taken away is not put off
    const keepMs = entry.commits ? ownKeptMs : undefined;
    const options = { keepMs, leftOut, user, maxBytes: ownKeptBytes, isOwn: true };
    const keeper = new Keeper(key, route.component, options, this.keeping);
    entry.keeper = keeper;
    if (!isTakenUp) return undefined;
    if (entry.commits) return keeper.load();
    return keeper.load().then(
      async () => {
        // nobody goes on from it twice
        const isMine = keeper.loaded !== undefined && (await keeper.remove());
        if (!isMine || !this.canShow(entry, keeper)) entry.keeper = undefined;
      },
      (error: unknown) => {
        if (!(error instanceof IsletError) || error.code === 'ISLET_ERR_STORE') throw error;
        // what code of before has left, and this one cannot read, is not worth failing for
        this.log.error({ err: error, actor: entry.id }, 'an island starts anew');
        entry.keeper = undefined;
      },
    );
  }

  /** Whether the code of now can show what that of before has left of an island of one's own. */
  private canShow({ id, route }: Entry, { loaded }: Keeper): boolean {
    try {
      // parts that were left out are not there before the actor is
      const isWhole = !('machine' in route.component) && !('leftOut' in (loaded?.snapshot ?? {}));
      if (!isWhole) return true;
      logicOf(route.component).render(loaded?.snapshot);
      return true;
    } catch (err) {
      this.log.error({ err, actor: id }, 'what was kept of an island cannot be shown: it starts anew');
      return false;
    }
  }
}
