/*
 * What happens to an actor whose turn will never be kept, since another server wrote first or the store refuses it: one
 * that goes on from what is stored takes its place, and its audience. Input: the entry, and why. Output: another entry.
 */

import type { Log } from '../inspect/log.ts';
import type { RouteParams, Settings } from '../options.ts';
import type { StoreError } from '../store/store.ts';
import { Waits } from '../waits.ts';
import type { Entries, Entry } from './entries.ts';
import type { Keeper } from './keeper.ts';
import { LiveActor } from './live-actor.ts';
import type { Match } from './routes.ts';

/** What making way needs of the registry. */
export interface MakingWayOwner {
  readonly entries: Entries;
  readonly settings: Settings;
  readonly log: Log;
  readonly isClosed: boolean;
  createKeeper(match: Match): Keeper;
  toProps<Result>(
    match: Match,
    attributes: RouteParams,
    user: unknown,
    waits: Waits,
    next: (props: unknown) => Result | Promise<Result>,
  ): Result | Promise<Result>;
  start(entry: Entry, props: unknown, attributes: RouteParams): LiveActor;
  endKeeping(entry: Entry): void;
  discard(entry: Entry): void;
}

/** After a failure the store gets some time to recover. */
const retryMs = 5_000;

export class MakingWay {
  private readonly owner: MakingWayOwner;

  constructor(owner: MakingWayOwner) {
    this.owner = owner;
  }

  /** An actor whose turn was not kept makes way, now or when the store can be read. */
  async begin(entry: Entry, error: StoreError | undefined): Promise<void> {
    const { match } = entry;
    if (!match) {
      this.endOwn(entry, error);
      return;
    }
    const { key } = match;
    const what = error ? 'the store refuses it' : 'another writer has a newer one';
    this.owner.log.error({ err: error, actor: key }, `the state of ${key} was not kept: ${what}`);
    try {
      await this.replace(match, error);
    } catch (err) {
      if (this.owner.isClosed) return;
      this.owner.log.error({ err, actor: key }, `what is kept of ${key} could not be loaded; trying again`);
      const present = this.owner.entries.get(key);
      if (!present) return;
      this.owner.endKeeping(present);
      present.keepTimer = this.owner.settings.clock.setTimeout(() => void this.begin(present, error), retryMs);
    }
  }

  /** An island of one's own ends: its page comes back, and goes on from what is stored, here or elsewhere. */
  private endOwn(entry: Entry, error: StoreError | undefined): void {
    const { actor, id } = entry;
    if (error) this.owner.log.error({ err: error, actor: id }, `the state of ${id} was not kept: the store refuses it`);
    else this.owner.log.info({ actor: id }, `${id} has gone on elsewhere`);
    const audience = actor instanceof LiveActor ? [...actor.subscribers] : [];
    this.owner.discard(entry);
    for (const subscriber of audience) subscriber.lose(error && 'ISLET_ERR_STORE');
  }

  /**
   * Puts an actor that goes on from what is stored in the place of one that can no longer be kept. Whoever looks
   * is shown the new one.
   *
   * @param error Why the store refuses what was done; undefined: it may be done again.
   * @throws What props or the store throw; the old actor goes on then.
   */
  private async replace(match: Match, error: StoreError | undefined): Promise<void> {
    const { key } = match;
    const entry = this.owner.entries.get(key);
    if (!entry?.waits || !(entry.actor instanceof LiveActor) || this.owner.isClosed) return;
    const { actor: old, waits } = entry;
    if (old.subscribers.size === 0) {
      this.owner.discard(entry);
      return;
    }
    const keeper = this.owner.createKeeper(match);
    await this.owner.toProps(match, {}, null, waits, (props) =>
      waits.ask('answer of the store', keeper.load(), () => {
        if (!this.owner.entries.has(entry) || this.owner.isClosed) return; // it was released meanwhile
        const audience = [...old.subscribers];
        old.subscribers.clear();
        this.owner.discard(entry);
        const next = this.owner.entries.add(match, entry.account, new Waits(this.owner.settings));
        next.keeper = keeper;
        next.commits = true;
        const actor = this.owner.start(next, props, {});
        for (const subscriber of audience) {
          subscriber.moveTo(actor, actor.recall(subscriber.name), error && 'ISLET_ERR_STORE');
        }
      }),
    );
  }
}
