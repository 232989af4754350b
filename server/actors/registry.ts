/*
 * Who knows all actors: one entry for each, by key, with its state between the first one who asks for it and its end.
 * Input: a route and who wants it. Output: live actors. Declared routes are in `routes.ts`.
 */

import { toAttributeMessages } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { Inspector } from '../../shared/runtime/inspect.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import { Supervisor } from '../../shared/runtime/supervisor.ts';
import { type Counters, createCounters } from '../inspect/counters.ts';
import type { Log } from '../inspect/log.ts';
import { type Booking, Budgets } from '../limits/budgets.ts';
import { FairShare } from '../limits/fair-share.ts';
import type { RouteParams, Settings } from '../options.ts';
import { Committer } from '../store/committer.ts';
import { memoryStore } from '../store/memory.ts';
import type { Store, StoreError, Write } from '../store/store.ts';
import { Sweeper } from '../store/sweeper.ts';
import { WriteNames } from '../store/write-names.ts';
import { Waits } from '../waits.ts';
import type { ActorPort } from './actor-port.ts';
import { fixedBytes } from './actor-size.ts';
import { Keeper, type Keeping } from './keeper.ts';
import { LiveActor } from './live-actor.ts';
import { type Match, type Route, type RouteOptions, Routes } from './routes.ts';
import { Waker } from './waker.ts';

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

/** All that is known of one actor. */
interface Entry {
  readonly id: string;
  readonly route: Route;
  /** What it was found by, if it is shared. */
  readonly match: Match | undefined;
  /** A promise while props or what is kept are loaded. */
  actor: Promise<LiveActor> | LiveActor | undefined;
  /** Keeps it, if it is persisted. */
  keeper: Keeper | undefined;
  /** Its turns are committed. */
  commits: boolean;
  /** Runs until the end of what is kept has to be put off again. */
  keepTimer: unknown;
  /** Whose it is to keep while nobody looks: the account of whoever asked for it first. */
  readonly account: string;
  /** Whether it waits for somebody to look at it. */
  isIdle: boolean;
  /** Of a shared actor: what it waits for until it starts, and for the store before it is released. */
  readonly waits: Waits | undefined;
  /** Runs while nobody looks at a shared actor; then it is released. */
  idleTimer: unknown;
  /** Bytes that it takes, as far as that is known. */
  bytes: number;
  /** Its place in the account while nobody looks. */
  booking: Booking | undefined;
}

/** On whose account is what nobody asked for. */
const serverAccount = 'server';
/** How long an island of one's own is kept for whom it is, and how big it may be. */
const ownKeptMs = 120_000;
export const ownKeptBytes = 64 * 1024;
/** How long the store may take to answer when the server stops. */
const closeMs = 5_000;
/** After a failure the store gets some time to recover. */
const retryMs = 5_000;

export class Registry {
  readonly counters: Counters = createCounters();
  readonly inspector: Inspector;
  /** What is kept for clients, here and in sessions. */
  readonly budgets: Budgets;
  /** Whose frames the server is busy with. */
  readonly fairShare: FairShare;
  private readonly settings: Settings;
  readonly log: Log;
  private readonly root: ReturnType<typeof Supervisor.createRoot>;
  private readonly store: Store;
  private readonly keeping: Keeping;
  private readonly sweeper: Sweeper;
  private readonly routes: Routes;
  private readonly waker: Waker;
  /** By id: the key of a shared actor, or a key with a number for one of an island's own. */
  private readonly entries = new Map<string, Entry>();
  /** Bytes of what each account has started. */
  private readonly running = new Map<string, number>();
  private count = 0;
  private isClosed = false;

  constructor(settings: Settings, inspector: Inspector, log: Log) {
    this.settings = settings;
    this.inspector = inspector;
    this.log = log;
    const { clock, restart, limits } = settings;
    this.fairShare = new FairShare(clock);
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
      checksModels: settings.development.checksModels,
    };
    this.sweeper = new Sweeper({ store: this.store, clock, log });
    this.waker = new Waker({ store, log, isAwake: (key) => this.entries.has(key), wake: (key) => this.wake(key) });
  }

  /** Declares a route. @throws IsletError ISLET_ERR_ROUTE when the path is no path, is taken, or options contradict. */
  add(path: string, component: AnyComponent, options: RouteOptions): void {
    this.routes.add(path, component, options);
    if (options.persist) this.waker.start();
    if (options.keepMs !== undefined) this.sweeper.start();
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
      const entry = this.createEntry(match, account);
      return this.settle(entry, () =>
        this.toProps(match, attributes, user, waits, (props) => {
          const taken = own && this.takeUp(entry, own);
          const start = (): LiveActor => this.start(entry, props, attributes);
          return taken ? waits.ask('answer of the store', taken, start) : start();
        }),
      );
    }
    const present = this.entries.get(key)?.actor;
    if (present) return present;
    const shared = new Waits(this.settings);
    const entry = this.createEntry(match, account, shared);
    return this.settle(entry, () =>
      this.toProps(match, {}, null, shared, (props) => {
        if (!route.options.persist) return this.start(entry, props, {});
        const keeper = this.createKeeper(match);
        entry.keeper = keeper;
        entry.commits = true;
        return shared.ask('answer of the store', load(keeper), () => this.start(entry, props, {}));
      }),
    );
  }

  /** Stops an island's own actor; a shared one stays until nobody has looked for a while. */
  release({ id }: ActorPort): void {
    const entry = this.entries.get(id);
    if (!(entry?.actor instanceof LiveActor)) return;
    this.discard(entry);
    // whoever comes next begins anew
    if (entry.commits && !this.isClosed) this.remove(entry.keeper);
  }

  /** Starts a shared actor for which something is due. @throws What the store and props throw. */
  private async wake(key: string): Promise<void> {
    const match = this.routes.matchKey(key);
    if (!match?.route.options.persist || this.isClosed) return;
    await this.acquire(match, {}, null, new Waits(this.settings), serverAccount);
  }

  /** What an island of one's own outlives; false where nothing is kept. */
  survivalOf({ options }: Route): 'deploy' | 'crash' | false {
    return options.shared || this.settings.store === undefined ? false : (options.survive ?? 'deploy');
  }

  /** Keeps states of islands of one's own for those who come back after a deploy. */
  async keepOwn(writes: readonly OwnWrite[]): Promise<void> {
    const { committer, names } = this.keeping;
    const all = writes.map((write) =>
      committer.commit({ ...write, by: names.next(), after: undefined, endsInMs: ownKeptMs }),
    );
    await this.within(Promise.all(all));
  }

  /** An island of one's own goes on from what it left behind, if it did. */
  private takeUp(entry: Entry, { key, user, isTakenUp }: OwnPlace): Promise<void> | undefined {
    const { route } = entry;
    const survival = this.survivalOf(route);
    if (survival === false) return undefined;
    entry.commits = survival === 'crash';
    if (!isTakenUp && !entry.commits) return undefined;
    const { keeps: leftOut } = route.options;
    // what is about to be taken away is not put off
    const keepMs = entry.commits ? ownKeptMs : undefined;
    const options = { keepMs, leftOut, user, maxBytes: ownKeptBytes, isOwn: true };
    const keeper = new Keeper(key, route.component, options, this.keeping);
    entry.keeper = keeper;
    if (!isTakenUp) return undefined;
    if (entry.commits) return load(keeper);
    return keeper.load().then(
      async () => {
        // nobody goes on from it twice
        const isMine = keeper.loaded !== undefined && (await keeper.remove());
        if (!isMine || !this.canShow(entry, keeper)) entry.keeper = undefined;
      },
      (error: unknown) => {
        if (!(error instanceof IsletError)) throw toError('ISLET_ERR_STORE', { cause: error });
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

  private remove(keeper: Keeper | undefined): void {
    keeper?.remove().catch((err: unknown) => {
      this.log.error({ err, actor: keeper.key }, 'what is kept of an island could not be removed');
    });
  }

  /** Number of actors, those included that wait for what they start with. */
  get size(): number {
    return this.entries.size;
  }

  /** Finishes the turns of all actors, and has them kept; what takes too long is not waited for. */
  async drain(): Promise<void> {
    this.keeping.committer.hurry();
    await this.within(Promise.all([...this.entries.values()].map((entry) => this.drainOf(entry))));
  }

  /** Waits for what the store has to do before the server stops, but not for ever. */
  private async within(work: Promise<unknown>): Promise<void> {
    const { clock } = this.settings;
    const isOver = Promise.withResolvers<void>();
    const timer = clock.setTimeout(isOver.resolve, closeMs);
    await Promise.race([work, isOver.promise]);
    clock.clearTimeout(timer);
  }

  /** Stops all actors; what was not kept yet is. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.sweeper.end();
    this.waker.end();
    const entries = [...this.entries.values()];
    for (const entry of entries) this.endIdle(entry);
    await this.drain();
    await this.keeping.committer.close(closeMs);
    for (const entry of entries) {
      this.endKeeping(entry);
      entry.waits?.end('ISLET_ERR_SERVER_STOPPING');
    }
    await this.store.close();
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
    return waits.ask(`answer of props of ${path}`, options.props(params, attributes, user), (props) => {
      if (props !== undefined) return next(props);
      throw new IsletError('ISLET_ERR_JOIN_UNKNOWN_ROUTE', `props of ${path} refused it`);
    });
  }

  private createEntry(match: Match, account: string, waits?: Waits): Entry {
    const { maxRunningBytesPerClient } = this.settings.limits;
    if (this.bytesOf(account) + fixedBytes > maxRunningBytesPerClient) throw toError('ISLET_ERR_LIMIT_RUNNING');
    return this.addEntry(match, account, waits);
  }

  /** @param waits Of a shared actor; one of an island's own has none. */
  private addEntry(match: Match, account: string, waits: Waits | undefined): Entry {
    const { route, key } = match;
    const id = waits ? key : `${key}#${++this.count}`;
    const none = {
      actor: undefined,
      keeper: undefined,
      commits: false,
      keepTimer: undefined,
      idleTimer: undefined,
      booking: undefined,
    };
    const entry: Entry = { id, route, match: waits && match, account, waits, isIdle: false, bytes: 0, ...none };
    this.entries.set(id, entry);
    this.charge(entry, fixedBytes);
    return entry;
  }

  private createKeeper({ key, route }: Match): Keeper {
    const { keepMs, keeps: leftOut } = route.options;
    return new Keeper(key, route.component, { keepMs, leftOut }, this.keeping);
  }

  /** Keeps what is stored for as long as the actor runs. */
  private keepOn(entry: Entry): void {
    const keepMs = entry.route.options.shared ? entry.route.options.keepMs : ownKeptMs;
    if (keepMs === undefined || !entry.keeper || !entry.commits) return;
    entry.keepTimer = this.settings.clock.setTimeout(() => {
      void entry.keeper?.touch();
      this.keepOn(entry);
    }, keepMs / 2);
  }

  private endKeeping(entry: Entry): void {
    this.settings.clock.clearTimeout(entry.keepTimer);
    entry.keepTimer = undefined;
  }

  /** An actor whose turn was not kept makes way, now or when the store can be read. */
  private async makeWay({ match, actor, id }: Entry, error: StoreError | undefined): Promise<void> {
    if (!match) {
      this.log.error({ err: error, actor: id }, `the state of ${id} was not kept`);
      if (actor instanceof LiveActor) for (const subscriber of actor.subscribers) subscriber.fail('ISLET_ERR_STORE');
      return;
    }
    const { key } = match;
    const what = error ? 'the store refuses it' : 'another writer has a newer one';
    this.log.error({ err: error, actor: key }, `the state of ${key} was not kept: ${what}`);
    try {
      await this.replace(match, error);
    } catch (err) {
      if (this.isClosed) return;
      this.log.error({ err, actor: key }, `what is kept of ${key} could not be loaded; trying again`);
      const entry = this.entries.get(key);
      if (!entry) return;
      this.endKeeping(entry);
      entry.keepTimer = this.settings.clock.setTimeout(() => void this.makeWay(entry, error), retryMs);
    }
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
    const entry = this.entries.get(key);
    if (!entry?.waits || !(entry.actor instanceof LiveActor) || this.isClosed) return;
    const { actor: old, waits } = entry;
    if (old.subscribers.size === 0) {
      this.discard(entry);
      return;
    }
    const keeper = this.createKeeper(match);
    await this.toProps(match, {}, null, waits, (props) =>
      waits.ask('answer of the store', load(keeper), () => {
        if (this.entries.get(key) !== entry || this.isClosed) return; // it was released meanwhile
        const audience = [...old.subscribers];
        old.subscribers.clear();
        this.discard(entry);
        const next = this.addEntry(match, entry.account, new Waits(this.settings));
        next.keeper = keeper;
        next.commits = true;
        const actor = this.start(next, props, {});
        for (const subscriber of audience) {
          subscriber.moveTo(actor, actor.recall(subscriber.name), error && 'ISLET_ERR_STORE');
        }
      }),
    );
  }

  private bytesOf(account: string): number {
    return this.running.get(account) ?? 0;
  }

  /** Notes how big an actor is now; 0: it is no more. */
  private charge(entry: Entry, bytes: number): void {
    const { account } = entry;
    const total = this.bytesOf(account) + bytes - entry.bytes;
    entry.bytes = bytes;
    if (total > 0) this.running.set(account, total);
    else this.running.delete(account);
  }

  private forget(entry: Entry): void {
    if (this.entries.get(entry.id) !== entry) return;
    this.entries.delete(entry.id);
    this.charge(entry, 0);
  }

  /** Keeps in an entry what is there now or later; what cannot be had leaves no entry. */
  private settle(entry: Entry, begin: () => Promise<LiveActor> | LiveActor): Promise<LiveActor> | LiveActor {
    const fail = (error: unknown): never => {
      this.forget(entry);
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

  private start(entry: Entry, props: unknown, attributes: RouteParams): LiveActor {
    if (this.isClosed) throw toError('ISLET_ERR_SERVER_STOPPING');
    const { id, route, keeper } = entry;
    const { component, options, supervisor, attributes: names } = route;
    const { shared: isShared = false } = options;
    const actor: LiveActor = new LiveActor({
      id,
      component,
      props,
      attributes: names,
      keeper,
      commits: entry.commits,
      isShared,
      settings: this.settings,
      supervisor,
      counters: this.counters,
      inspector: this.inspector,
      onMeasured: (bytes) => {
        if (this.entries.get(id) === entry) this.charge(entry, bytes);
      },
      ...(keeper && { onLost: (error: StoreError | undefined) => void this.makeWay(entry, error) }),
      ...(isShared && { onAudience: (isLookedAt: boolean) => this.watchIdle(entry, actor, isLookedAt) }),
    });
    entry.actor = actor;
    this.keepOn(entry);
    // what was kept has been told of the attributes already
    actor.start(keeper?.loaded === undefined ? toAttributeMessages(component, attributes) : []);
    // whoever asked for it may only have rendered a page
    if (isShared) this.watchIdle(entry, actor, false);
    return actor;
  }

  /** Releases a shared actor when nobody has looked for the idle time, or too much is kept. */
  private watchIdle(entry: Entry, actor: LiveActor, isLookedAt: boolean): void {
    this.endIdle(entry);
    if (isLookedAt || this.isClosed) return;
    const ms = this.idleMsOf(entry, actor);
    const onTimeout = (): void => {
      actor.settle();
      // what changed in the meantime is kept for longer
      if (this.idleMsOf(entry, actor) > ms) this.watchIdle(entry, actor, false);
      else void this.releaseIdle(entry);
    };
    const release = (): void => {
      this.endIdle(entry);
      // whoever has just asked for it is about to look
      setImmediate(() => {
        if (!entry.isIdle) void this.releaseIdle(entry);
      });
    };
    entry.isIdle = true;
    entry.idleTimer = this.settings.clock.setTimeout(onTimeout, ms);
    const booking = this.budgets.book(entry.account, { kind: 'actors', bytes: actor.estimateBytes(), release });
    if (entry.isIdle) entry.booking = booking;
  }

  /** What never changed is soon made again, unless making it is what fails. */
  private idleMsOf({ route }: Entry, actor: LiveActor): number {
    const { idleMs, unchangedIdleMs } = this.settings;
    const ms = route.options.idleMs ?? idleMs;
    return actor.hasChanged || actor.hasFailed ? ms : Math.min(ms, unchangedIdleMs);
  }

  private endIdle(entry: Entry): void {
    this.settings.clock.clearTimeout(entry.idleTimer);
    entry.isIdle = false;
    entry.idleTimer = undefined;
    entry.booking?.end();
    entry.booking = undefined;
  }

  private async releaseIdle(entry: Entry): Promise<void> {
    const { actor } = entry;
    this.endIdle(entry);
    if (!(actor instanceof LiveActor) || this.isClosed) return;
    const isKept = await this.drainOf(entry);
    // somebody may have come, or something have changed, while it was written
    if (this.isClosed || actor.subscribers.size > 0 || entry.isIdle) return;
    if (isKept) {
      actor.lastWrite();
      this.discard(entry);
    } else this.watchIdle(entry, actor, false);
  }

  /** Ends the turns that are due, and has them kept; false if that takes too long. */
  private async drainOf({ id, actor, waits }: Entry): Promise<boolean> {
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
  private discard(entry: Entry): void {
    this.endIdle(entry);
    this.endKeeping(entry);
    this.forget(entry);
    if (entry.actor instanceof LiveActor) entry.actor.stop();
  }
}

/** @throws IsletError ISLET_ERR_STORE for what the store throws, and what cannot be read. */
async function load(keeper: Keeper): Promise<void> {
  try {
    await keeper.load();
  } catch (cause) {
    throw cause instanceof IsletError ? cause : toError('ISLET_ERR_STORE', { cause });
  }
}
