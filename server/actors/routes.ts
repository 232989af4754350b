/*
 * Routes of components: declared once, found by the path that a client names. Input: paths and options. Output: a route
 * with the parameters of its path, and the key of the shared actor that they name. Each route has a supervisor.
 */

import { attributesThatCount, isAttributeName, unreported } from '../../shared/language/attributes.ts';
import { type AnyComponent, isComponent } from '../../shared/language/component.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { SupervisorInput } from '../../shared/runtime/charges.ts';
import { Supervisor } from '../../shared/runtime/supervisor.ts';
import type { RouteParams } from '../options.ts';
import { type Predicted, toPredicted } from './predicted.ts';
import { problemOfParts } from './public-model.ts';
import { RouteIndex } from './route-index.ts';
import type { DeclaredOptions } from './route-options.ts';

export interface Route {
  readonly path: string;
  /** Names of the attributes that count. */
  readonly attributes: readonly string[];
  readonly component: AnyComponent;
  readonly options: DeclaredOptions;
  readonly pattern: URLPattern | undefined;
  readonly supervisor: Supervisor;
  /** How pages may predict it, if they may. */
  readonly predicted: Predicted | undefined;
}

export interface Match {
  readonly route: Route;
  readonly params: RouteParams;
  /** Names the shared actor: the same however a client writes the path. */
  readonly key: string;
}

/** A shorter time could end while a turn still needs what is stored. */
const minKeepMs = 1_000;

/** A parameter in a path: `:name`, with what it may be, or `*`. */
const parameter = /(?::([\w$]+)(?:\((?:[^()\\]|\\.)*\))?|\*)/g;

export class Routes {
  private readonly root: Supervisor;
  private readonly input: SupervisorInput;
  private readonly routes = new Map<string, Route>();
  /** Of paths with parameters. */
  private readonly patterns = new RouteIndex<Route>();
  /** Of paths without parameters: one for all, since each island keeps its own. */
  private readonly exact = new Map<string, Match>();

  constructor(root: Supervisor, input: SupervisorInput) {
    this.root = root;
    this.input = input;
  }

  /** Declares a route. @throws IsletError ISLET_ERR_ROUTE when the path is no path, is taken, or options contradict. */
  add(path: string, component: AnyComponent, options: DeclaredOptions): void {
    if (!path.startsWith('/')) throw new IsletError('ISLET_ERR_ROUTE', `'${path}' must start with a slash`);
    if (this.routes.has(path)) throw new IsletError('ISLET_ERR_ROUTE', `'${path}' has a component already`);
    if (!isComponent(component)) {
      throw new IsletError(
        'ISLET_ERR_ROUTE',
        `what stands at '${path}' is not a component: make it with component(...)`,
      );
    }
    const problem = problemOf(options, 'machine' in component);
    if (problem !== undefined) throw new IsletError('ISLET_ERR_ROUTE', `'${path}': ${problem}`);
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
    const { predicted, component: made } = toPredicted(component, options) ?? { predicted: undefined, component };
    const route: Route = { path, attributes, component: made, options, pattern, supervisor, predicted };
    this.routes.set(path, route);
    if (pattern) this.patterns.add(path, route);
    else this.exact.set(path, { route, params: Object.freeze({}), key: path });
  }

  /** The route that was declared by a path. */
  get(path: string): Route | undefined {
    return this.routes.get(path);
  }

  /** Finds a shared actor by the parameters of its path; undefined: they are not those of the path. */
  matchParams({ path, pattern }: Route, params: RouteParams): Match | undefined {
    const texts = Object.values(params);
    if (texts.some((text) => typeof text !== 'string')) return undefined;
    const filled = pattern
      ? path.replaceAll(parameter, (_, name = '0') => encodeURIComponent(params[name] ?? ''))
      : path;
    const match = this.match(filled);
    if (match?.route.path !== path) return undefined;
    const names = Object.keys(match.params);
    const isSame = names.length === texts.length && names.every((name) => match.params[name] === params[name]);
    return isSame ? match : undefined;
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
    for (const route of this.patterns.candidates(path)) {
      const groups = route.pattern?.exec({ pathname: path })?.pathname.groups;
      if (!groups) continue;
      const params = decodeParams(groups);
      return { route, params, key: `${route.path}?${new URLSearchParams(params)}` };
    }
    return undefined;
  }
}

const known: { readonly [name in keyof DeclaredOptions]-?: true } = {
  shared: true,
  persist: true,
  attributes: true,
  survive: true,
  forgets: true,
  keepMs: true,
  idleMs: true,
  props: true,
  authorizeEvent: true,
  presence: true,
  predict: true,
  keeps: true,
  publicUser: true,
};

/** What is wrong with options, also for those who write no types. */
function problemOf(options: DeclaredOptions, isMachine: boolean): string | undefined {
  const { shared, persist, attributes, survive, forgets, keepMs, idleMs, props, authorizeEvent, presence } = options;
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) return `a route has no option '${unknown}'`;
  for (const [name, value] of Object.entries({ shared, persist })) {
    if (value !== undefined && typeof value !== 'boolean') return `${name} is true or false; got ${String(value)}`;
  }
  for (const [name, value] of Object.entries({ props, authorizeEvent, presence })) {
    if (value !== undefined && typeof value !== 'function') return `${name} is a function`;
  }
  if (persist && !shared) return "persist needs shared; what an island of one's own outlives is said by survive";
  if (idleMs !== undefined) {
    if (!(idleMs >= 0)) return `idleMs must be a number of 0 or more; got ${String(idleMs)}`;
    if (!shared) return "idleMs needs shared: an island of one's own ends with its page";
  }
  if (keepMs !== undefined && !(persist && keepMs >= minKeepMs)) {
    return `keepMs needs persist, and is a number of ${minKeepMs} or more; got ${String(keepMs)}`;
  }
  if (survive !== undefined && (shared || !['deploy', 'crash', false].includes(survive))) {
    return "survive is 'deploy', 'crash' or false, and for islands of one's own: a shared actor has persist";
  }
  if (forgets !== undefined) {
    if (!isTexts(forgets)) return "forgets names parts of the model, such as ['password']";
    if (shared && !persist) return 'forgets needs persist: of other shared actors nothing is stored';
    if (isMachine) return 'forgets is for components with init: a machine keeps its context whole';
  }
  const wrong = problemOfPrediction(options, isMachine);
  if (wrong !== undefined) return wrong;
  if (attributes !== undefined) {
    if (!isTexts(attributes)) return "attributes names attributes, such as ['sort']";
    if (shared) return 'attributes are for props of islands of their own: a shared actor gets none';
  }
  return undefined;
}

function problemOfPrediction(
  { predict, keeps, publicUser, persist }: DeclaredOptions,
  isMachine: boolean,
): string | undefined {
  if (!predict) return keeps || publicUser ? 'keeps and publicUser need predict' : undefined;
  if (predict !== true) {
    const { code = 'any', offline = false, ...others } = predict;
    if (!/^\S{1,64}$/.test(String(code)) || typeof offline !== 'boolean' || Object.keys(others).length > 0) {
      return "predict is true or { code, offline }: a short name of the pages' code without spaces, true or false";
    }
    if (offline && !persist)
      return 'predict: { offline: true } needs persist: of other actors nobody knows what was done';
  }
  if (isMachine) return 'predict is for components with init: what a machine does by itself no page can know';
  const problem = problemOfParts(keeps);
  if (problem) return problem;
  if (publicUser !== undefined && typeof publicUser !== 'function') return 'publicUser is a function';
  return undefined;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
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
