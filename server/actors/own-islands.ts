/*
 * Islands of one's own that outlive their server: what they leave behind, and who takes it up. While an app is written,
 * shared actors do, too. Input: an entry that is about to start, and its place in the store. Output: the entry's keeper,
 * if there is anything to go on from or to keep.
 */

import type { Component } from '../../shared/language/component.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import type { Log } from '../inspect/log.ts';
import type { Settings } from '../options.ts';
import type { Write } from '../store/store.ts';
import type { ActorPort } from './actor-port.ts';
import type { Entry } from './entries.ts';
import { Keeper, type Keeping } from './keeper.ts';
import { LiveActor } from './live-actor.ts';
import { type LeftClient, writeLeft } from './own-state.ts';
import type { Match, Route } from './routes.ts';

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

/** How long an island of one's own is kept for whom it is; while an app is written, it may be broken for longer. */
const ownKeptMs = 120_000;
const developmentKeptMs = 24 * 3_600_000;
/** How big it may be. */
export const ownKeptBytes = 64 * 1024;

/** Names in a store what a shared actor leaves behind whose turns are not committed. */
export function leftKeyOf({ key }: Match): string {
  return `left ${key}`;
}

export class OwnIslands {
  private readonly hasStore: boolean;
  private readonly keepsAll: boolean;
  private readonly keeping: Keeping;
  private readonly log: Log;

  constructor({ store, keepsAll }: Settings, keeping: Keeping, log: Log) {
    // what is kept in memory outlives no server
    this.hasStore = store !== undefined;
    this.keepsAll = keepsAll;
    this.keeping = keeping;
    this.log = log;
  }

  /** What an actor outlives that is not persisted; false where nothing is kept. */
  survivalOf({ options }: Pick<Route, 'options'>): 'deploy' | 'crash' | false {
    if (!this.hasStore) return false;
    return options.shared ? this.keepsAll && 'deploy' : (options.survive ?? 'deploy');
  }

  /** How long it is kept. */
  get keptMs(): number {
    return this.keepsAll ? developmentKeptMs : ownKeptMs;
  }

  /** Keeps states of islands of one's own for those who come back after a deploy. */
  async keep(writes: readonly OwnWrite[]): Promise<void> {
    const { committer, names } = this.keeping;
    const all = writes.map((write) =>
      committer.commit({ ...write, by: names.next(), after: undefined, endsInMs: this.keptMs }),
    );
    await Promise.all(all);
  }

  /** What is written of a shared actor while an app is written; undefined: nothing, and it begins anew. */
  sharedWrite(
    { match, actor, id }: Entry,
    clients: ReadonlyMap<ActorPort, readonly LeftClient[]>,
  ): OwnWrite | undefined {
    if (!this.keepsAll || !match || !(actor instanceof LiveActor) || !actor.hasChanged) return undefined;
    const { leftState } = actor;
    if (!leftState) return undefined;
    try {
      const write = writeLeft(
        leftKeyOf(match),
        undefined,
        match.route.options.forgets,
        leftState,
        clients.get(actor) ?? [],
      );
      if (!write)
        this.log.warn({ actor: id }, 'a model is not plain JSON: it begins anew with each change of the code');
      return write;
    } catch (err) {
      this.log.error({ err, actor: id }, 'a shared actor could not be kept');
      return undefined;
    }
  }

  /** An actor goes on from what it left behind, if it did. Undefined: there is nothing to wait for. */
  takeUp(entry: Entry, { key, user, isTakenUp }: OwnPlace, props: unknown): Promise<void> | undefined {
    const { route } = entry;
    const survival = this.survivalOf(route);
    if (survival === false) return undefined;
    entry.commits = survival === 'crash';
    if (!isTakenUp && !entry.commits) return undefined;
    const { forgets: leftOut } = route.options;
    // what is about to be taken away is not put off
    const keepMs = entry.commits ? this.keptMs : undefined;
    const options = { keepMs, leftOut, user, maxBytes: ownKeptBytes, isOwn: true };
    const keeper = new Keeper(key, route.component, options, this.keeping);
    entry.keeper = keeper;
    if (!isTakenUp) return undefined;
    if (entry.commits) return keeper.load();
    return keeper.load().then(
      async () => {
        const isShown = this.canShow(entry, keeper);
        // where nothing can be shown it is the view that is wrong: it is mended soon, and goes on then
        if (!isShown && this.keepsAll && !canBegin(entry, props)) return;
        // nobody goes on from it twice
        const isMine = keeper.loaded !== undefined && (await keeper.remove());
        if (!isMine || !isShown) entry.keeper = undefined;
      },
      (error: unknown) => {
        if (!(error instanceof IsletError) || error.code === 'ISLET_ERR_STORE') throw error;
        // what code of before has left, and this one cannot read, is not worth failing for
        this.log.error({ err: error, actor: entry.id }, 'an island starts anew');
        entry.keeper = undefined;
      },
    );
  }

  /** Whether the code of now can show what that of before has left. */
  private canShow({ id, route: { component } }: Entry, { loaded }: Keeper): boolean {
    try {
      // parts that were left out are not there before the actor is
      const isWhole = loaded !== undefined && !('machine' in component) && !('leftOut' in loaded.snapshot);
      if (isWhole) logicOf(component).render(loaded.snapshot);
      return true;
    } catch (err) {
      const cure = 'if its model has another shape now, raise `schema` and write `migrate(old, from)`';
      this.log.error({ err, actor: id }, `what was kept of an island cannot be shown by the code of now; ${cure}`);
      return false;
    }
  }
}

/** Whether a component can show what it begins with. */
function canBegin({ route: { component } }: Entry, props: unknown): boolean {
  try {
    const { init, view } = component as unknown as Component<unknown, AnyMessage, unknown>;
    view(init(props)[0]);
    return true;
  } catch {
    return false;
  }
}
