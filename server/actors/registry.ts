/*
 * Who knows all actors: the routes, the actors of each by key, and when an actor starts, is saved and released.
 * Input: a route's path and who wants it. Output: live actors.
 */

import type { AnyActorRef } from 'xstate';
import {
  attributesThatCount,
  isAttributeName,
  toAttributeMessages,
  unreported,
} from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { toError } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import type { RouteParams, Settings } from '../options.ts';
import { type Loaded, Persistence } from '../store/persistence.ts';
import { whenReady } from '../when-ready.ts';
import { type Counters, LiveActor, type Log } from './live-actor.ts';
import { createSystem, Supervisor } from './supervisor.ts';

export interface RouteOptions<Props = unknown> {
  /** One actor for everybody (for each value of the path's parameters); else one for each island. Default false. */
  readonly shared?: boolean;
  /**
   * Saves the actor's snapshots when it has changed, so that it goes on where it was after a release or a restart of the
   * server. A snapshot that its view cannot show is never overwritten: the actor is given up instead. Needs `shared`.
   */
  readonly persist?: boolean;
  /**
   * Attributes that `props` reads besides those that the component declares, such as `['sort']`. What neither names
   * counts nowhere. A change of one is no message: the next island of this element starts from it.
   */
  readonly attributes?: readonly string[];
  /**
   * Props for `init`, at once or later: what the first view needs is loaded here. Undefined: there is no such island.
   * Default: parameters and the attributes that count, as one object.
   *
   * @param params The path's parameters, as a browser sent them.
   * @param attributes Those that count, as a browser sent them; none for a shared actor.
   * @param user Whose island it is: what `authenticate` gave for who joins, or `reply.html` was told; null for a
   *   shared actor, which is nobody's own.
   */
  readonly props?: (
    params: RouteParams,
    attributes: RouteParams,
    user: unknown,
  ) => Props | undefined | PromiseLike<Props | undefined>;
  /** How long the shared actor stays when nobody looks, in milliseconds. Default: the plugin's. */
  readonly idleMs?: number;
}

export interface Route {
  readonly path: string;
  /** Names of the attributes that count. */
  readonly attributes: readonly string[];
  readonly component: AnyComponent;
  readonly options: RouteOptions;
  readonly pattern: URLPattern | undefined;
  readonly table: TemplateTable;
  readonly supervisor: Supervisor;
}

export interface Match {
  readonly route: Route;
  readonly params: RouteParams;
  /** Names the shared actor: the same however a client writes the path. */
  readonly key: string;
}

export class Registry {
  readonly counters: Counters = { views: 0, encodings: 0, frames: 0, failures: 0, droppedEvents: 0 };
  private readonly settings: Settings;
  private readonly log: Log;
  private readonly system: AnyActorRef;
  private readonly persistence: Persistence;
  private readonly routes = new Map<string, Route>();
  private readonly tables = new Map<AnyComponent, TemplateTable>();
  private readonly shared = new Map<string, Promise<LiveActor> | LiveActor>();
  private readonly actors = new Set<LiveActor>();
  /** Shared actors that nobody looks at, longest first. */
  private readonly idle = new Map<LiveActor, { readonly timer: unknown; readonly release: () => void }>();
  private count = 0;
  private isClosed = false;

  constructor(settings: Settings, log: Log) {
    this.settings = settings;
    this.log = log;
    this.system = createSystem(settings.clock);
    this.persistence = new Persistence(settings, log);
  }

  /** Declares a route. @throws IsletError ISLET_ERR_ROUTE when the path is no path, is taken, or options contradict. */
  add(path: string, component: AnyComponent, options: RouteOptions): Route {
    if (!path.startsWith('/')) throw new IsletError('ISLET_ERR_ROUTE', `'${path}' must start with a slash`);
    if (this.routes.has(path)) throw new IsletError('ISLET_ERR_ROUTE', `'${path}' has a component already`);
    if (typeof component?.logic?.render !== 'function') {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `what stands at '${path}' is not a component: make it with component(...)`,
      );
    }
    if (options.persist && !options.shared) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `'${path}': persist needs shared, since an island's own actor ends with it`,
      );
    }
    if (options.idleMs !== undefined && !(options.idleMs >= 0)) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `'${path}': idleMs must be a number of 0 or more; got ${String(options.idleMs)}`,
      );
    }
    if (options.shared && options.attributes) {
      const problem = 'attributes are for props of islands of their own: a shared actor gets none';
      throw new IsletError('ISLET_ERR_ROUTE', `'${path}': ${problem}`);
    }
    const attributes = attributesThatCount(component, options.attributes);
    const wrong = attributes.find((name) => !isAttributeName(name) || unreported.test(name));
    if (wrong !== undefined) {
      const problem = unreported.test(wrong)
        ? 'is not told to a server'
        : 'is no attribute of HTML: write it in lower case';
      throw new IsletError('ISLET_ERR_ROUTE', `'${path}': the attribute '${wrong}' ${problem}`);
    }
    let table = this.tables.get(component);
    if (!table) {
      table = new TemplateTable();
      this.tables.set(component, table);
    }
    const pattern = /[:*(]/.test(path) ? new URLPattern({ pathname: path }) : undefined;
    const supervisor = new Supervisor(this.system, path);
    const route: Route = { path, attributes, component, options, pattern, table, supervisor };
    this.routes.set(path, route);
    return route;
  }

  /** Finds the route of a path as a client names it. */
  match(path: string): Match | undefined {
    const exact = this.routes.get(path);
    if (exact && !exact.pattern) return { route: exact, params: {}, key: path };
    for (const route of this.routes.values()) {
      const groups = route.pattern?.exec({ pathname: path })?.pathname.groups;
      if (!groups) continue;
      const params = decodeParams(groups);
      return { route, params, key: `${route.path}?${new URLSearchParams(params)}` };
    }
    return undefined;
  }

  /**
   * Gives the actor that a client joins: the shared one, or one of its own, started if need be.
   *
   * @param attributes Those that count. A shared actor's first state is the server's to say, not that of whoever comes
   *   first: it gets none.
   */
  acquire(match: Match, attributes: RouteParams, user: unknown): Promise<LiveActor> | LiveActor {
    const { key, route } = match;
    if (!route.options.shared) {
      const id = `${key}#${++this.count}`;
      return whenReady(this.toProps(match, attributes, user), (props) =>
        this.start(match, id, props, attributes, undefined),
      );
    }
    const running = this.shared.get(key);
    if (running instanceof LiveActor && running.isPastFailure) this.discard(running);
    else if (running) return running;
    const starting = whenReady(this.toProps(match, {}, null), (props) => {
      if (!route.options.persist) return this.start(match, key, props, {}, undefined);
      return this.persistence.load(key).then((saved) => this.start(match, key, props, {}, saved));
    });
    this.shared.set(key, starting);
    if (starting instanceof Promise) {
      starting.then(
        (actor) => this.shared.set(key, actor),
        () => this.shared.delete(key),
      );
    }
    return starting;
  }

  /** Stops an island's own actor; a shared one stays until nobody has looked for a while. */
  release(actor: LiveActor): void {
    this.actors.delete(actor);
    actor.stop();
  }

  /** Number of running actors. */
  get size(): number {
    return this.actors.size;
  }

  /** Saves what is to be saved and stops all actors. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const { timer } of this.idle.values()) this.settings.clock.clearTimeout(timer);
    for (const actor of this.actors) actor.settle();
    await this.persistence.close();
    for (const actor of this.actors) actor.stop();
    this.idle.clear();
    this.actors.clear();
    this.shared.clear();
    (this.system as unknown as { stop(): void }).stop();
  }

  /** The props that a route's options make, at once or later. @throws IsletError ISLET_ERR_JOIN_UNKNOWN_ROUTE */
  toProps({ route, params }: Match, attributes: RouteParams, user: unknown): unknown {
    if (!route.options.props) return { ...attributes, ...params };
    return whenReady(route.options.props(params, attributes, user), (props) => {
      if (props !== undefined) return props;
      throw new IsletError('ISLET_ERR_JOIN_UNKNOWN_ROUTE', `props of ${route.path} refused it`);
    });
  }

  private start(
    { route }: Match,
    id: string,
    props: unknown,
    attributes: RouteParams,
    saved: Loaded | undefined,
  ): LiveActor {
    if (this.isClosed) throw toError('ISLET_ERR_SERVER_STOPPING');
    const { shared: isShared = false, persist: isPersisted = false } = route.options;
    const actor: LiveActor = new LiveActor({
      id,
      component: route.component,
      props,
      attributes: toAttributeMessages(route.component, attributes),
      snapshot: saved?.snapshot,
      isShared,
      table: route.table,
      settings: this.settings,
      supervisor: route.supervisor,
      counters: this.counters,
      log: this.log,
      ...(isPersisted && { onRendered: () => this.persistence.touch(id, actor) }),
      ...(isShared && { onAudience: (isLookedAt: boolean) => this.watchIdle(actor, route, isLookedAt) }),
    });
    this.actors.add(actor);
    if (isPersisted) this.persistence.add(id, actor, saved?.version ?? 0);
    actor.start();
    // whoever asked for it may only have rendered a page
    if (isShared) this.watchIdle(actor, route, false);
    return actor;
  }

  /** Releases a shared actor when nobody has looked for the idle time, or too many are idle. */
  private watchIdle(actor: LiveActor, route: Route, isLookedAt: boolean): void {
    const { clock, idleMs, limits } = this.settings;
    clock.clearTimeout(this.idle.get(actor)?.timer);
    this.idle.delete(actor);
    if (isLookedAt || this.isClosed) return;
    const release = (): void => void this.releaseIdle(actor, route);
    this.idle.set(actor, { release, timer: clock.setTimeout(release, route.options.idleMs ?? idleMs) });
    const [longest] = this.idle.values();
    if (!longest || this.idle.size <= limits.maxIdleActors) return;
    clock.clearTimeout(longest.timer);
    longest.release();
  }

  private async releaseIdle(actor: LiveActor, route: Route): Promise<void> {
    this.idle.delete(actor);
    actor.settle();
    const isSaved = await this.persistence.flush(actor.id);
    // somebody may have come, or something have changed, while the snapshot was written
    if (this.isClosed || actor.subscribers.size > 0 || this.idle.has(actor)) return;
    if (!isSaved) {
      this.watchIdle(actor, route, false);
      return;
    }
    this.discard(actor);
  }

  /** Lets go of a shared actor: the next one who comes starts another. */
  private discard(actor: LiveActor): void {
    this.settings.clock.clearTimeout(this.idle.get(actor)?.timer);
    this.idle.delete(actor);
    this.persistence.forget(actor.id);
    this.shared.delete(actor.id);
    this.release(actor);
  }
}

function decodeParams(groups: Record<string, string | undefined>): RouteParams {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(groups)) {
    try {
      params[name] = decodeURIComponent(value ?? '');
    } catch {
      params[name] = value ?? '';
    }
  }
  return params;
}
