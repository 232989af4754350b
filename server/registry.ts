/*
 * Who knows all actors: the routes, the actors of each by key, and when an actor starts, is saved and released.
 * Input: a route's path and who wants it. Output: live actors.
 */

import type { AnyActorRef, Snapshot } from 'xstate';
import type { AnyComponent } from '../shared/component.ts';
import { IsletError } from '../shared/errors.ts';
import type { AnyMessage } from '../shared/html.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { type Counters, LiveActor, type Log } from './live-actor.ts';
import type { RouteParams, Settings } from './options.ts';
import { Persistence } from './persistence.ts';
import { createSystem, Supervisor } from './supervisor.ts';

export interface RouteOptions<Props = unknown> {
  /** One actor for everybody (for each value of the path's parameters); else one for each island. Default false. */
  readonly shared?: boolean;
  /** Saves the actor's snapshots, so that it goes on where it was after a release or a restart. Needs `shared`. */
  readonly persist?: boolean;
  /**
   * Props for `init`, from the path's parameters and the island's attributes; undefined: there is no such island.
   * Default: both as one object.
   */
  readonly props?: (params: RouteParams, attributes: RouteParams) => Props;
  /** How long the shared actor stays when nobody looks, in milliseconds. Default: the plugin's. */
  readonly idleMs?: number;
}

export interface Route {
  readonly path: string;
  readonly component: AnyComponent;
  readonly options: RouteOptions;
  readonly pattern: URLPattern | undefined;
  readonly table: TemplateTable;
  readonly supervisor: Supervisor;
}

export interface Match {
  readonly route: Route;
  readonly params: RouteParams;
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
  private count = 0;

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
      throw new IsletError('ISLET_ERR_ROUTE', `what stands at '${path}' is not a component: make it with component(...)`);
    }
    if (options.persist && !options.shared) {
      throw new IsletError('ISLET_ERR_ROUTE', `'${path}': persist needs shared, since an island's own actor ends with it`);
    }
    let table = this.tables.get(component);
    if (!table) this.tables.set(component, (table = new TemplateTable()));
    const pattern = /[:*(]/.test(path) ? new URLPattern({ pathname: path }) : undefined;
    const route: Route = { path, component, options, pattern, table, supervisor: new Supervisor(this.system, path) };
    this.routes.set(path, route);
    return route;
  }

  /** Finds the route of a path as a client names it. */
  match(path: string): Match | undefined {
    const exact = this.routes.get(path);
    if (exact && !exact.pattern) return { route: exact, params: {} };
    for (const route of this.routes.values()) {
      const groups = route.pattern?.exec({ pathname: path })?.pathname.groups;
      if (groups) return { route, params: decodeParams(groups) };
    }
    return undefined;
  }

  /** Gives the actor that a client joins: the shared one, or one of its own, started if need be. */
  acquire(match: Match, path: string, attributes: RouteParams): Promise<LiveActor> | LiveActor {
    if (!match.route.options.shared) return this.spawn(match, path, attributes);
    const running = this.shared.get(path);
    if (running) return running;
    const spawned = this.spawn(match, path, attributes, path);
    this.shared.set(path, spawned);
    if (spawned instanceof Promise) {
      spawned.then(
        (actor) => this.shared.set(path, actor),
        () => this.shared.delete(path),
      );
    }
    return spawned;
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
    await this.persistence.close();
    for (const actor of this.actors) actor.stop();
    this.actors.clear();
    this.shared.clear();
    (this.system as unknown as { stop(): void }).stop();
  }

  /** The props that a route's options make of parameters and attributes. */
  toProps({ route, params }: Match, attributes: RouteParams): unknown {
    if (!route.options.props) return { ...attributes, ...params };
    const props = route.options.props(params, attributes);
    if (props === undefined) throw new IsletError('ISLET_ERR_JOIN_UNKNOWN_ROUTE', `props of ${route.path} refused it`);
    return props;
  }

  private spawn(match: Match, path: string, attributes: RouteParams, key?: string): Promise<LiveActor> | LiveActor {
    const { route } = match;
    if (!route.options.persist || key === undefined) return this.start(match, path, attributes, key, undefined);
    return this.persistence
      .load(key)
      .then((snapshot) => this.start(match, path, attributes, key, snapshot));
  }

  private start(
    match: Match,
    path: string,
    attributes: RouteParams,
    key: string | undefined,
    snapshot: Snapshot<unknown> | undefined,
  ): LiveActor {
    const { route } = match;
    const isPersisted = key !== undefined && route.options.persist === true;
    const actor: LiveActor = new LiveActor({
      id: key ?? `${path}#${++this.count}`,
      component: route.component,
      props: this.toProps(match, attributes),
      attributes: toMessages(route.component, attributes),
      isShared: key !== undefined,
      table: route.table,
      settings: this.settings,
      supervisor: route.supervisor,
      counters: this.counters,
      log: this.log,
      ...(isPersisted && { onRendered: () => this.persistence.touch(key, actor) }),
      ...(key !== undefined && { onAudience: this.watchIdle(key, route) }),
    });
    this.actors.add(actor);
    if (isPersisted) this.persistence.add(key, actor);
    actor.start(snapshot);
    return actor;
  }

  /** Releases a shared actor when nobody has looked for the idle time. */
  private watchIdle(key: string, route: Route): (isLookedAt: boolean) => void {
    const { clock } = this.settings;
    let timer: unknown;
    return (isLookedAt) => {
      clock.clearTimeout(timer);
      if (isLookedAt) return;
      timer = clock.setTimeout(() => {
        const actor = this.shared.get(key);
        if (!(actor instanceof LiveActor) || actor.subscribers.size > 0) return;
        this.persistence.remove(key).then(() => {
          // somebody may have come while the snapshot was written
          if (actor.subscribers.size > 0) this.persistence.add(key, actor);
          else {
            this.shared.delete(key);
            this.release(actor);
          }
        });
      }, route.options.idleMs ?? this.settings.idleMs);
    };
  }
}

/** What makes the messages of those attributes that a component declares. */
export function toMessages(component: AnyComponent, attributes: RouteParams): (() => AnyMessage)[] {
  return Object.entries(component.attributes ?? {})
    .filter(([name]) => Object.hasOwn(attributes, name))
    .map(([name, toMessage]) => () => toMessage(attributes[name] as string));
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
