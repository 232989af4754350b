/*
 * Who knows all actors: one entry for each, by key, with its state between the first one who asks for it and its end.
 * Input: a route and who wants it. Output: live actors. Declared routes are in `routes.ts`.
 */

import { toAttributeMessages } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { Inspector } from '../../shared/runtime/inspect.ts';
import { Supervisor } from '../../shared/runtime/supervisor.ts';
import { type Counters, createCounters } from '../inspect/counters.ts';
import type { Log } from '../inspect/log.ts';
import { type Booking, Budgets } from '../limits/budgets.ts';
import { FairShare } from '../limits/fair-share.ts';
import type { RouteParams, Settings } from '../options.ts';
import { Saver } from '../store/saver.ts';
import { memoryStore, type Store } from '../store/store.ts';
import { Sweeper } from '../store/sweeper.ts';
import { Waits } from '../waits.ts';
import { fixedBytes } from './actor-size.ts';
import { LiveActor } from './live-actor.ts';
import { type Match, type Route, type RouteOptions, Routes } from './routes.ts';

/** All that is known of one actor. */
interface Entry {
  readonly id: string;
  readonly route: Route;
  /** A promise while props or a snapshot are loaded. */
  actor: Promise<LiveActor> | LiveActor | undefined;
  /** Saves it, if it is persisted. */
  saver: Saver | undefined;
  /** Whose it is to keep while nobody looks: the account of whoever asked for it first. */
  readonly account: string;
  /** Whether it waits for somebody to look at it. */
  isIdle: boolean;
  /** Of a shared actor: what it waits for until it starts, and when it is saved to be released. */
  readonly waits: Waits | undefined;
  /** Runs while nobody looks at a shared actor; then it is released. */
  idleTimer: unknown;
  /** Bytes that it takes, as far as that is known. */
  bytes: number;
  /** Its place in the account while nobody looks. */
  booking: Booking | undefined;
}

export class Registry {
  readonly counters: Counters = createCounters();
  readonly inspector: Inspector;
  /** What is kept for clients, here and in sessions. */
  readonly budgets: Budgets;
  /** Whose frames the server is busy with. */
  readonly fairShare: FairShare;
  private readonly settings: Settings;
  private readonly log: Log;
  private readonly root: ReturnType<typeof Supervisor.createRoot>;
  private readonly store: Store;
  private readonly sweeper: Sweeper;
  private readonly routes: Routes;
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
    this.sweeper = new Sweeper({ store: this.store, clock, log });
  }

  /** Declares a route. @throws IsletError ISLET_ERR_ROUTE when the path is no path, is taken, or options contradict. */
  add(path: string, component: AnyComponent, options: RouteOptions): void {
    this.routes.add(path, component, options);
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
   * @throws IsletError ISLET_ERR_JOIN_UNKNOWN_ROUTE, ISLET_ERR_NO_ANSWER, ISLET_ERR_LIMIT_RUNNING, and what
   *   props or the store throw.
   */
  acquire(
    match: Match,
    attributes: RouteParams,
    user: unknown,
    waits: Waits,
    account: string,
  ): Promise<LiveActor> | LiveActor {
    const { key, route } = match;
    if (!route.options.shared) {
      const entry = this.createEntry(`${key}#${++this.count}`, route, account);
      return this.settle(entry, () =>
        this.toProps(match, attributes, user, waits, (props) => this.start(entry, props, attributes)),
      );
    }
    const present = this.entries.get(key)?.actor;
    if (present) return present;
    const own = new Waits(this.settings);
    const entry = this.createEntry(key, route, account, own);
    return this.settle(entry, () =>
      this.toProps(match, {}, null, own, (props) => {
        if (!route.options.persist) return this.start(entry, props, {});
        const saver = this.createSaver(match);
        entry.saver = saver;
        return own.ask('answer of the store', saver.load(), () => this.start(entry, props, {}));
      }),
    );
  }

  /** Stops an island's own actor; a shared one stays until nobody has looked for a while. */
  release(actor: LiveActor): void {
    const entry = this.entries.get(actor.id);
    if (entry?.actor === actor) this.discard(entry);
  }

  /** Number of actors, those included that wait for what they start with. */
  get size(): number {
    return this.entries.size;
  }

  /** Saves what is to be saved and stops all actors. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.sweeper.end();
    const entries = [...this.entries.values()];
    for (const entry of entries) this.endIdle(entry);
    for (const { actor } of entries) if (actor instanceof LiveActor) actor.settle();
    await Promise.all(entries.map((entry) => this.save(entry)));
    for (const { saver, waits } of entries) {
      saver?.end();
      waits?.end('ISLET_ERR_SERVER_STOPPING');
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

  private createEntry(id: string, route: Route, account: string, waits?: Waits): Entry {
    const { maxRunningBytesPerClient } = this.settings.limits;
    if (this.bytesOf(account) + fixedBytes > maxRunningBytesPerClient) throw toError('ISLET_ERR_LIMIT_RUNNING');
    return this.addEntry(id, route, account, waits);
  }

  private addEntry(id: string, route: Route, account: string, waits: Waits | undefined): Entry {
    const none = { actor: undefined, saver: undefined, idleTimer: undefined, booking: undefined };
    const entry: Entry = { id, route, account, waits, isIdle: false, bytes: 0, ...none };
    this.entries.set(id, entry);
    this.charge(entry, fixedBytes);
    return entry;
  }

  private createSaver(match: Match): Saver {
    const { key, route } = match;
    const { keepMs } = route.options;
    const { clock } = this.settings;
    const onOvertaken = () => this.replace(match);
    return new Saver({ key, store: this.store, clock, log: this.log, keepMs, onOvertaken });
  }

  /**
   * Puts an actor that goes on from the newest snapshot in the place of one that can no longer be saved. Whoever looks
   * is shown the new one.
   *
   * @throws What props or the store throw; the old actor goes on then.
   */
  private async replace(match: Match): Promise<void> {
    const { key, route } = match;
    const entry = this.entries.get(key);
    if (!entry?.waits || !(entry.actor instanceof LiveActor) || this.isClosed) return;
    const { actor: old, waits } = entry;
    if (old.subscribers.size === 0) {
      this.discard(entry);
      return;
    }
    const saver = this.createSaver(match);
    await this.toProps(match, {}, null, waits, (props) =>
      waits.ask('answer of the store', saver.load(), () => {
        if (this.entries.get(key) !== entry || this.isClosed) return; // it was released meanwhile
        // events that have come are the old one's
        old.settle();
        const audience = [...old.subscribers];
        old.subscribers.clear();
        this.discard(entry);
        const next = this.addEntry(key, route, entry.account, new Waits(this.settings));
        next.saver = saver;
        const actor = this.start(next, props, {});
        for (const subscriber of audience) subscriber.moveTo(actor);
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
      entry.saver?.end();
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
    const { id, route, saver } = entry;
    const { component, options, supervisor, attributes: names } = route;
    const { shared: isShared = false } = options;
    const actor: LiveActor = new LiveActor({
      id,
      component,
      props,
      attributes: names,
      snapshot: saver?.loaded,
      isShared,
      settings: this.settings,
      supervisor,
      counters: this.counters,
      inspector: this.inspector,
      onMeasured: (bytes) => {
        if (this.entries.get(id) === entry) this.charge(entry, bytes);
      },
      ...(saver && { onRendered: () => saver.touch() }),
      ...(isShared && { onAudience: (isLookedAt: boolean) => this.watchIdle(entry, actor, isLookedAt) }),
    });
    entry.actor = actor;
    saver?.begin(actor);
    // what was saved has been told of the attributes already
    actor.start(saver?.loaded === undefined ? toAttributeMessages(component, attributes) : []);
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
    actor.settle();
    const isSaved = await this.save(entry);
    // somebody may have come, or something have changed, while the snapshot was written
    if (this.isClosed || actor.subscribers.size > 0 || entry.isIdle) return;
    if (isSaved) this.discard(entry);
    else this.watchIdle(entry, actor, false);
  }

  /** Saves what was not saved yet; false if that failed, took too long, or the actor has changed again. */
  private async save({ id, saver, waits }: Entry): Promise<boolean> {
    if (!saver || !waits) return true;
    try {
      return await waits.ask('answer of the store', saver.flush(), (isSaved) => isSaved);
    } catch (err) {
      this.log.error({ err, actor: id }, `the snapshot of ${id} is not known to be saved`);
      return false;
    }
  }

  /** Lets go of an actor: the next one who comes starts another. */
  private discard(entry: Entry): void {
    this.endIdle(entry);
    entry.saver?.end();
    this.forget(entry);
    if (entry.actor instanceof LiveActor) entry.actor.stop();
  }
}
