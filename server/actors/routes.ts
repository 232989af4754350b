/*
 * Routes of components: declared once, found by the path that a client names. Input: paths and options. Output: a route
 * with the parameters of its path, and the key of the shared actor that they name. Each route has a supervisor.
 */

import { attributesThatCount, isAttributeName, unreported } from '../../shared/language/attributes.ts';
import { type AnyComponent, isComponent } from '../../shared/language/component.ts';
import type { Client } from '../../shared/language/events.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { Supervisor, type SupervisorInput } from '../../shared/runtime/supervisor.ts';
import type { EventAnswer, RouteParams } from '../options.ts';

export interface RouteOptions<Props = unknown, User = unknown> {
  /** One actor for everybody (for each value of the path's parameters); else one for each island. Default false. */
  readonly shared?: boolean;
  /**
   * Commits each turn of the actor to the store before anybody is shown it, so that the actor goes on where it was
   * after a release, a restart or a crash of the server. A state that its view cannot show is never overwritten: the
   * actor is given up instead. Needs `shared`.
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
  props?(
    params: RouteParams,
    attributes: RouteParams,
    user: User | null,
  ): Props | undefined | PromiseLike<Props | undefined>;
  /** Says of each event of this route whether it may happen, in place of the plugin's. */
  authorizeEvent?(
    client: Client<User | null>,
    route: string,
    params: RouteParams,
  ): EventAnswer | PromiseLike<EventAnswer>;
  /**
   * How long what is stored of a persisted actor stays after it was last wanted, in milliseconds: joined, rendered, or
   * changed. Then it is removed, and the next one starts from its props. Needs `persist`. Default: for ever.
   */
  readonly keepMs?: number;
  /**
   * What an island of one's own survives, where the plugin has a `store`: a deploy, at which its state is written
   * (64 KiB at most) and kept for two minutes; a crash as well, for which each of its turns is committed; or neither
   * (false). Default `'deploy'`.
   */
  readonly survive?: 'deploy' | 'crash' | false;
  /** Names of the parts of the model that are never written; after a restart they are as `init` makes them. */
  readonly keeps?: readonly string[];
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
  readonly supervisor: Supervisor;
}

export interface Match {
  readonly route: Route;
  readonly params: RouteParams;
  /** Names the shared actor: the same however a client writes the path. */
  readonly key: string;
}

/** A shorter time could end while a turn still needs what is stored. */
const minKeepMs = 1_000;

export class Routes {
  private readonly root: Supervisor;
  private readonly input: SupervisorInput;
  private readonly routes = new Map<string, Route>();
  /** Of paths without parameters: one for all, since each island keeps its own. */
  private readonly exact = new Map<string, Match>();

  constructor(root: Supervisor, input: SupervisorInput) {
    this.root = root;
    this.input = input;
  }

  /** Declares a route. @throws IsletError ISLET_ERR_ROUTE when the path is no path, is taken, or options contradict. */
  add(path: string, component: AnyComponent, options: RouteOptions): void {
    if (!path.startsWith('/')) throw new IsletError('ISLET_ERR_ROUTE', `'${path}' must start with a slash`);
    if (this.routes.has(path)) throw new IsletError('ISLET_ERR_ROUTE', `'${path}' has a component already`);
    if (!isComponent(component)) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `what stands at '${path}' is not a component: make it with component(...)`,
      );
    }
    if (options.persist && !options.shared) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `'${path}': persist needs shared; what an island of one's own outlives is said by survive`,
      );
    }
    if (options.idleMs !== undefined && !(options.idleMs >= 0)) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `'${path}': idleMs must be a number of 0 or more; got ${String(options.idleMs)}`,
      );
    }
    const { keepMs } = options;
    if (keepMs !== undefined && !(options.persist && keepMs >= minKeepMs)) {
      const problem = `keepMs needs persist, and is a number of ${minKeepMs} or more; got ${String(keepMs)}`;
      throw new IsletError('ISLET_ERR_ROUTE', `'${path}': ${problem}`);
    }
    const { survive, keeps } = options;
    if (survive !== undefined && (options.shared || !['deploy', 'crash', false].includes(survive))) {
      const problem = "survive is 'deploy', 'crash' or false, and for islands of one's own: a shared actor has persist";
      throw new IsletError('ISLET_ERR_ROUTE', `'${path}': ${problem}`);
    }
    if (keeps !== undefined && !(Array.isArray(keeps) && keeps.every((name) => typeof name === 'string'))) {
      throw new IsletError('ISLET_ERR_ROUTE', `'${path}': keeps names parts of the model, such as ['password']`);
    }
    if (keeps !== undefined && 'machine' in component) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `'${path}': keeps is for components with init: a machine keeps its context whole`,
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
    const pattern = /[:*(]/.test(path) ? new URLPattern({ pathname: path }) : undefined;
    const supervisor = new Supervisor(path, this.input);
    this.root.add(supervisor);
    const route: Route = { path, attributes, component, options, pattern, supervisor };
    this.routes.set(path, route);
    if (!pattern) this.exact.set(path, { route, params: Object.freeze({}), key: path });
  }

  /** Finds what a shared actor was found by, by its key. */
  matchKey(key: string): Match | undefined {
    const exact = this.exact.get(key);
    if (exact) return exact;
    const [, path = '', query = ''] = /^([^?]*)\?(.*)$/s.exec(key) ?? [];
    const route = this.routes.get(path);
    return route && { route, params: Object.fromEntries(new URLSearchParams(query)), key };
  }

  /** Finds the route of a path as a client names it. */
  match(path: string): Match | undefined {
    const exact = this.exact.get(path);
    if (exact) return exact;
    for (const route of this.routes.values()) {
      const groups = route.pattern?.exec({ pathname: path })?.pathname.groups;
      if (!groups) continue;
      const params = decodeParams(groups);
      return { route, params, key: `${route.path}?${new URLSearchParams(params)}` };
    }
    return undefined;
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
