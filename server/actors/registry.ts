/*
 * Who knows all actors: one entry for each, by key, with its state between the first one who asks for it and its end.
 * Input: a route and who wants it. Output: live actors. Declared routes are in `routes.ts`, entries in `entries.ts`.
 */

import { toAttributeMessages } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { Inspector } from '../../shared/runtime/inspect.ts';
import { Supervisor } from '../../shared/runtime/supervisor.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import { Closing, endMs, keptMs } from '../closing.ts';
import { type Counters, createCounters } from '../inspect/counters.ts';
import type { Log } from '../inspect/log.ts';
import { serverAccount } from '../limits/account.ts';
import { Budgets } from '../limits/budgets.ts';
import { FairShare } from '../limits/fair-share.ts';
import type { RouteParams, Settings } from '../options.ts';
import { Committer } from '../store/committer.ts';
import { memoryStore } from '../store/memory.ts';
import type { Store, StoreError } from '../store/store.ts';
import { Sweeper } from '../store/sweeper.ts';
import { WriteNames } from '../store/write-names.ts';
import { Waits } from '../waits.ts';
import type { ActorPort } from './actor-port.ts';
import { type ClaimOwner, Entries, type Entry } from './entries.ts';
import { IdleActors, type IdleOwner } from './idle-actors.ts';
import { IdleTrees } from './idle-trees.ts';
import { Keeper, type Keeping } from './keeper.ts';
import { type ActorContext, LiveActor } from './live-actor.ts';
import { MakingWay, type MakingWayOwner } from './making-way.ts';
import { leftKeyOf, OwnIslands, type OwnPlace, type OwnWrite } from './own-islands.ts';
import type { LeftClient } from './own-state.ts';
import type { DeclaredOptions } from './route-options.ts';
import { type Match, Routes } from './routes.ts';
import { Sends } from './sends.ts';
import { Tasks } from './tasks.ts';
import { Waker } from './waker.ts';

/** Who has shared actors where several processes run one app: each has one owner among them. */
export interface SharedActors {
  acquire(match: Match, account: string): ActorPort | Promise<ActorPort>;
  /** What stands in a page, whoever owns the actor; nobody is asked to start it. Undefined: nothing can be shown. */
  html(match: Match, waits: Waits): Promise<readonly Chunk[] | undefined>;
  /** Something is due for an actor that nobody may have started. */
  wake(match: Match): Promise<void>;
}

/** Starts what a claim has granted. */
export interface Claim extends ClaimOwner {
  /**
   * Writes the claim.
   *
   * @param keeper Of a persisted actor, with what is kept loaded; undefined: nothing of it is kept.
   * @throws What says that somebody else has claimed it; and what the store throws.
   */
  write(keeper: Keeper | undefined): Promise<void>;
}

/** How long a page that comes back waits for the store, to be shown nothing that is over. */
const compareMs = 1_000;

export class Registry implements IdleOwner, MakingWayOwner, ActorContext {
  readonly counters: Counters = createCounters();
  readonly inspector: Inspector;
  /** What is kept for clients, here and in sessions. */
  readonly budgets: Budgets;
  /** Whose frames the server is busy with. */
  readonly fairShare: FairShare;
  readonly settings: Settings;
  readonly log: Log;
  private readonly root: ReturnType<typeof Supervisor.createRoot>;
  private readonly store: Store;
  readonly keeping: Keeping;
  readonly closing: Closing;
  private readonly sweeper: Sweeper;
  readonly routes: Routes;
  private readonly waker: Waker;
  /** All actors, by id. */
  readonly entries: Entries;
  /** Islands of one's own that outlive their server. */
  readonly own: OwnIslands;
  /** Functions of durable tasks. */
  readonly tasks = new Tasks();
  private readonly idle = new IdleActors(this);
  readonly trees: IdleTrees;
  private readonly makingWay = new MakingWay(this);
  /** What the app sends to shared actors. */
  readonly sends: Sends;
  /** Undefined: this process has all of them. */
  sharedActors: SharedActors | undefined;
  /** The server stops: nothing begins any more. */
  isClosed = false;

  constructor(settings: Settings, inspector: Inspector, log: Log) {
    this.settings = settings;
    this.inspector = inspector;
    this.log = log;
    const { clock, restart, limits } = settings;
    this.closing = new Closing(clock);
    this.entries = new Entries(limits.maxRunningBytesPerClient);
    this.fairShare = new FairShare(clock);
    this.trees = new IdleTrees(clock);
    const { maxBytesPerClient: maxBytes, maxDetachedIslands: islands, maxIdleActors: actors } = limits;
    this.budgets = new Budgets({ maxBytes, maxCounts: { islands, actors, unread: Number.POSITIVE_INFINITY } });
    const onFault = (err: unknown): void => log.error({ err }, 'the supervision of actors met a fault of its own');
    const supervision = { clock, restart, onFault };
    this.root = Supervisor.createRoot('islet', supervision);
    this.routes = new Routes(this.root, supervision);
    this.store = settings.store ?? memoryStore();
    const { store } = this;
    this.keeping = {
      store,
      committer: new Committer({ store, clock, log }),
      names: new WriteNames(),
      clock,
      checksModels: settings.development.checksModels,
    };
    const acquire = (match: Match, waits: Waits) => this.acquire(match, {}, null, waits, serverAccount);
    this.sends = new Sends({ settings, routes: this.routes, acquire, isClosed: () => this.isClosed });
    this.own = new OwnIslands(settings, this.keeping, log);
    this.sweeper = new Sweeper({ store: this.store, clock, log });
    this.waker = new Waker({
      store,
      clock,
      log,
      isAwake: (key) => this.entries.get(key) !== undefined,
      verify: (key) => this.verify(key),
      wake: (key) => this.wake(key),
    });
  }

  /** Declares a route. @throws IsletError ISLET_ERR_ROUTE when the path is no path, is taken, or options contradict. */
  add(path: string, component: AnyComponent, options: DeclaredOptions): void {
    this.routes.add(path, component, options);
    if (options.persist) this.waker.start();
    // numbers of clients end, too, and so do islands of one's own
    if (options.persist || this.own.survivalOf({ options }) !== false) this.sweeper.start();
  }

  /** Finds the route of a path as a client names it. */
  match(path: string): Match | undefined {
    return this.routes.match(path);
  }

  /**
   * Gives the actor that a client joins: the shared one, or one of its own, started if need be.
   *
   * @param attributes Those that count. A shared actor's first state is the server's to say, not that of whoever comes
   *   first: it gets none.
   * @param waits Of whom an island's own actor is for: it ends with them. A shared one is for whoever comes next, too.
   * @param account Whose account a shared actor is on that has to be started.
   * @param own What an island of one's own may have left behind; undefined: nothing.
   * @throws IsletError ISLET_ERR_JOIN_UNKNOWN_ROUTE, ISLET_ERR_NO_ANSWER, ISLET_ERR_LIMIT_RUNNING, and what
   *   props or the store throw.
   */
  acquire(
    match: Match,
    attributes: RouteParams,
    user: unknown,
    waits: Waits,
    account: string,
    own?: OwnPlace,
  ): Promise<ActorPort> | ActorPort {
    const { key, route } = match;
    if (!route.options.shared) {
      const entry = this.entries.create(match, account);
      return this.settle(entry, () =>
        this.toProps(match, attributes, user, waits, (props) => {
          const taken = own && this.own.takeUp(entry, own, props);
          const start = (): LiveActor => this.start(entry, props, attributes);
          return taken ? waits.ask('answer of the store', taken, start) : start();
        }),
      );
    }
    if (this.sharedActors) return this.sharedActors.acquire(match, account);
    const present = this.entries.get(key)?.actor;
    if (present) return present;
    const shared = new Waits(this.settings);
    const entry = this.entries.create(match, account, shared);
    return this.settle(entry, () =>
      this.toProps(match, {}, null, shared, (props) => {
        const loading = this.loadShared(entry, match, props);
        const start = (): LiveActor => this.start(entry, props, {});
        return loading ? shared.ask('answer of the store', loading, start) : start();
      }),
    );
  }

  /** Loads what a shared actor goes on from. Undefined: there is nothing to wait for. */
  private loadShared(entry: Entry, match: Match, props: unknown): Promise<void> | undefined {
    if (!match.route.options.persist) {
      return this.own.takeUp(entry, { key: leftKeyOf(match), user: undefined, isTakenUp: true }, props);
    }
    entry.keeper = this.createKeeper(match);
    entry.commits = true;
    return entry.keeper.load();
  }

  /**
   * Starts a shared actor that this process claims.
   *
   * @throws What props, the store or the claim throw.
   */
  startClaimed(match: Match, account: string, claim: Claim): Promise<LiveActor> | LiveActor {
    const shared = new Waits(this.settings);
    const entry = this.entries.create(match, account, shared);
    entry.claim = claim;
    return this.settle(entry, () =>
      this.toProps(match, {}, null, shared, (props) => {
        const load = async (): Promise<void> => {
          await this.loadShared(entry, match, props);
          await claim.write(entry.commits ? entry.keeper : undefined);
        };
        return shared.ask('answer of the store', load(), () => this.start(entry, props, {}));
      }),
    );
  }

  /** Lets go of a claimed actor at once: what it has not kept is lost. */
  abandon(actor: LiveActor): void {
    const entry = this.entries.get(actor.id);
    if (entry?.actor === actor) this.discard(entry);
  }

  /** Resolves when the turn that is under way is kept; what takes too long is not waited for. */
  async finishTurn({ id }: Pick<ActorPort, 'id'>): Promise<void> {
    const entry = this.entries.get(id);
    if (entry) await this.within(this.drainOf(entry));
  }

  /**
   * Whether somebody else has gone on from what is kept of an actor. What cannot be read soon says nothing: who is
   * not the latest finds out with the next turn.
   */
  async isOvertaken({ id }: ActorPort): Promise<boolean> {
    const entry = this.entries.get(id);
    const { keeper, commits } = entry ?? {};
    if (!entry || !keeper || !commits) return false;
    let isOvertaken = false;
    const compare = async (): Promise<void> => {
      // what is under way is its own
      await this.drainOf(entry);
      isOvertaken = !(await keeper.isLatest().catch(() => true));
    };
    await this.closing.within(compare(), compareMs);
    return isOvertaken;
  }

  /**
   * Stops an island's own actor; a shared one stays until nobody has looked for a while.
   *
   * @param isKept What is kept of it stays, for whoever goes on from that.
   */
  release({ id }: ActorPort, isKept = false): void {
    const entry = this.entries.get(id);
    if (!(entry?.actor instanceof LiveActor)) return;
    this.discard(entry);
    // whoever comes next begins anew
    if (entry.commits && !isKept && !this.isClosed) this.remove(entry.keeper);
  }

  /** Starts a shared actor for which something is due. Resolves to false if it has no route. @throws What the store and props throw. */
  private async wake(key: string): Promise<boolean> {
    const match = this.routes.matchKey(key);
    if (!match?.route.options.persist || this.isClosed) return false;
    if (this.sharedActors) await this.sharedActors.wake(match);
    else await this.acquire(match, {}, null, new Waits(this.settings), serverAccount);
    return true;
  }

  /**
   * An actor runs here, and the store says that something is due for it. Where its own next time is another one, somebody
   * else may have written the row: it writes itself again, and makes way if it is fenced.
   */
  private async verify(key: string): Promise<void> {
    const entry = this.entries.get(key);
    if (!(entry?.actor instanceof LiveActor) || !entry.keeper || !entry.commits || this.isClosed) return;
    if (entry.actor.isCommitting || entry.keeper.isDue) return;
    const outcome = await entry.keeper.writeAgain();
    if (outcome !== 'done' && this.entries.has(entry) && !this.isClosed) {
      this.onLost(entry, outcome === 'fenced' ? undefined : outcome);
    }
  }

  private remove(keeper: Keeper | undefined): void {
    keeper?.remove().catch((err: unknown) => {
      this.log.error({ err, actor: keeper.key }, 'what is kept of an island could not be removed');
    });
  }

  /**
   * Keeps states of islands of one's own for those who come back after a deploy; what takes too long is not waited for.
   *
   * @param clients Who looks at shared actors, which are kept while an app is written. Undefined: they go on.
   */
  async keepOwn(writes: readonly OwnWrite[], clients?: ReadonlyMap<ActorPort, readonly LeftClient[]>): Promise<void> {
    const shared =
      clients === undefined ? [] : this.entries.all().flatMap((entry) => this.own.sharedWrite(entry, clients) ?? []);
    if (writes.length + shared.length > 0) await this.within(this.own.keep([...writes, ...shared]));
  }

  /** Number of actors, those included that wait for what they start with. */
  get size(): number {
    return this.entries.size;
  }

  /** The server stops: finishes the turns of all actors, and has them kept. What takes too long is not waited for. */
  async drain(): Promise<void> {
    this.closing.begin();
    for (const { actor } of this.entries.all()) if (actor instanceof LiveActor) actor.pauseTasks();
    this.keeping.committer.hurry();
    await this.within(Promise.all(this.entries.all().map((entry) => this.drainOf(entry))));
  }

  /** Waits for what the store has to do, but not for ever. */
  private async within(work: Promise<unknown>): Promise<void> {
    await this.closing.within(work, keptMs);
  }

  /** Stops all actors; what was not kept yet is. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.sweeper.end();
    this.trees.end();
    this.waker.end();
    const entries = this.entries.all();
    for (const entry of entries) this.idle.end(entry);
    await this.drain();
    await this.keeping.committer.close(this.closing.leftMs(keptMs));
    this.sends.end();
    for (const entry of entries) {
      this.endKeeping(entry);
      entry.waits?.end('ISLET_ERR_SERVER_STOPPING');
    }
    await this.closing.within(this.store.close(), endMs);
    this.entries.clear();
    this.root.stop();
  }

  /**
   * Goes on with the props that a route's options make, at once or later.
   *
   * @throws IsletError ISLET_ERR_JOIN_UNKNOWN_ROUTE, ISLET_ERR_NO_ANSWER.
   */
  toProps<Result>(
    { route, params }: Match,
    attributes: RouteParams,
    user: unknown,
    waits: Waits,
    next: (props: unknown) => Result | Promise<Result>,
  ): Result | Promise<Result> {
    const { path, options } = route;
    if (!options.props) return next({ ...attributes, ...params });
    return waits.ask(`answer of props of ${path}`, options.props({ user, params, attributes }), (props) => {
      if (props !== undefined) return next(props);
      throw new IsletError('ISLET_ERR_JOIN_UNKNOWN_ROUTE', `props of ${path} refused it`);
    });
  }

  createKeeper({ key, route }: Match): Keeper {
    const { keepMs, forgets: leftOut } = route.options;
    return new Keeper(key, route.component, { keepMs, leftOut }, this.keeping);
  }

  /** Keeps what is stored for as long as the actor runs. */
  private keepOn(entry: Entry): void {
    const keepMs = entry.route.options.shared ? entry.route.options.keepMs : this.own.keptMs;
    if (keepMs === undefined || !entry.keeper || !entry.commits) return;
    entry.keepTimer = this.settings.clock.setTimeout(() => {
      void entry.keeper?.touch();
      this.keepOn(entry);
    }, keepMs / 2);
  }

  endKeeping(entry: Entry): void {
    this.settings.clock.clearTimeout(entry.keepTimer);
    entry.keepTimer = undefined;
  }

  /** Keeps in an entry what is there now or later; what cannot be had leaves no entry. */
  private settle(entry: Entry, begin: () => Promise<LiveActor> | LiveActor): Promise<LiveActor> | LiveActor {
    const fail = (error: unknown): never => {
      this.entries.forget(entry);
      this.endKeeping(entry);
      throw error;
    };
    try {
      const begun = begin();
      if (begun instanceof LiveActor) return begun;
      entry.actor = begun.catch(fail);
      return entry.actor;
    } catch (error) {
      return fail(error);
    }
  }

  start(entry: Entry, props: unknown, attributes: RouteParams): LiveActor {
    if (this.isClosed) throw toError('ISLET_ERR_SERVER_STOPPING');
    const { component, options } = entry.route;
    const actor = new LiveActor(entry, props, this);
    entry.actor = actor;
    this.keepOn(entry);
    // what was kept has been told of the attributes already
    actor.start(entry.keeper?.loaded === undefined ? toAttributeMessages(component, attributes) : []);
    // whoever asked for it may only have rendered a page
    if (options.shared) this.idle.watch(entry, actor, false);
    return actor;
  }

  // What actors report.

  onLost(entry: Entry, error: StoreError | undefined): void {
    if (entry.claim) entry.claim.onLost(error);
    else void this.makingWay.begin(entry, error);
  }

  onMeasured(entry: Entry, bytes: number): void {
    this.entries.measure(entry, bytes);
  }

  onAudience(actor: LiveActor, isLookedAt: boolean): void {
    this.idle.watch(actor.entry, actor, isLookedAt);
  }

  /** Ends the turns that are due, and has them kept; false if that takes too long. */
  async drainOf({ id, actor, waits }: Entry): Promise<boolean> {
    if (!(actor instanceof LiveActor)) return true;
    if (!actor.isCommitted) {
      actor.settle();
      return true;
    }
    try {
      const waiting = waits ?? new Waits(this.settings);
      return await waiting.ask('answer of the store', actor.drain(), () => true);
    } catch (err) {
      this.log.error({ err, actor: id }, `the state of ${id} is not known to be kept`);
      return false;
    }
  }

  /** Lets go of an actor: the next one who comes starts another. */
  discard(entry: Entry): void {
    this.idle.end(entry);
    this.endKeeping(entry);
    this.entries.forget(entry);
    if (entry.actor instanceof LiveActor) entry.actor.stop();
    entry.claim?.onDiscarded();
  }
}
