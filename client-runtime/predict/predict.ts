/*
 * `predict`: has islands of a route answered in the page by their component, which the server's route allows by
 * `predict: true`. Input: a path as the server declares it, and the component, or what loads it. Output: islands that
 * are in the page, or come later, are taken over in place.
 */

import { type AnyComponent, isComponent } from '../../shared/language/component.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { expressionOf } from '../../shared/language/route.ts';
import { anyCode } from '../../shared/wire/frames.ts';
import type { ServerComponent } from '../element/element.ts';
import type { Predictor } from '../element/predictor.ts';
import type { OfflineLimits } from './offline/records.ts';
import { createPredictor } from './predictor.ts';
import { tellUnpredicted } from './unpredicted.ts';

declare global {
  interface CustomElementRegistry {
    /**
     * Paths that scripts of the page have given to `predict`: development says which of them no route has. Each has what
     * makes room for another version of the code, when it is given to `predict` again.
     */
    isletPredicted?: Map<string, (next: Take) => void>;
  }
}

/** The wait for code that could not be loaded: it doubles up to the longest. */
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/** Takes an island over, if that is one of the path's. */
type Take = (element: ServerComponent) => Promise<void>;

/** What is known of an element. */
interface Known {
  /** The route that it was taken over with. */
  route?: string | undefined;
  predictor?: Predictor | undefined;
  /** How often prediction has ended there, and how many connections it loses until that is tried again. */
  times: number;
  left: number;
}

type Loaded = AnyComponent | { readonly default: AnyComponent };

/** How `predict` is told which code this is. */
export interface PredictOptions {
  /** Names this code, as the route's `predict: { code }` does on the server. Where they differ nothing is predicted. */
  readonly code?: string;
  /** Keeps what is done offline, also over a reload; the route's `predict: { offline: true }` has to allow it. */
  readonly offline?: boolean | OfflineLimits;
}

/**
 * Has the islands of a route answer at once. Of a path the last component counts, also for islands that are answered already.
 *
 * @param path As it was declared on the server: `/ws/rate/:id`.
 * @param component The component, or a function that loads it when a page has such an island first.
 * @throws IsletError ISLET_ERR_COMPONENT for what is no component, or a state machine.
 * @example predict('/ws/list', list);
 * @example predict('/ws/list', () => import('./list.ts'));
 * @example predict('/ws/list', list, { offline: true });
 */
export function predict(
  path: string,
  component: AnyComponent | (() => Promise<Loaded>),
  { code = anyCode, offline = false }: PredictOptions = {},
): void {
  const expression = expressionOf(path);
  const known = new WeakMap<Element, Known>();
  let next: Take | undefined;
  let loading: Promise<AnyComponent> | undefined;
  let waitMs = firstWaitMs;
  if (typeof component !== 'function') check(path, component);

  const load = async (): Promise<AnyComponent> => {
    if (typeof component !== 'function') return component;
    const loaded = await component();
    const found = 'default' in loaded ? loaded.default : loaded;
    check(path, found);
    return found;
  };

  const take: Take = async (element) => {
    if (next) {
      known.get(element)?.predictor?.end();
      return next(element);
    }
    const name = element.getAttribute('route') ?? '';
    const its = known.get(element) ?? { times: 0, left: 0 };
    if (!expression.test(name.replace(/[?#].*/s, '')) || its.route === name) return;
    known.set(element, its);
    // where nothing of it is shown, what was kept is older
    if (its.times && element.state !== 'live') return;
    try {
      const keep = offline && (await (await import('./offline/offline.ts')).keepOf(element, code, offline));
      if (!keep && element.state !== 'live') return;
      loading ??= load();
      const made = await loading;
      element.predict((island) => {
        its.route = name;
        its.predictor = createPredictor(made, code, island, keep || undefined, () => {
          its.predictor = undefined;
          // another server may have this code again; each time it is asked later, since it answers with the whole tree
          its.left = 2 ** its.times++;
          queueMicrotask(() => void next?.(element));
        });
        // another version came while this one was loaded
        if (next) its.predictor.end();
        return its.predictor;
      });
    } catch (error) {
      // it stays what it was, and is tried again
      console.warn(`islet: ${path} is not predicted`, error);
      tellUnpredicted(element, 'code', error);
      loading = undefined;
      // what is no component never will be one
      if (error instanceof IsletError) return;
      setTimeout(() => void take(element), waitMs);
      waitMs = Math.min(longestWaitMs, waitMs * 2);
    }
  };

  // one that is taken out of the page is asked when it comes back
  const takeAll = (): void => {
    for (const element of customElements.isletIslands ?? []) void take(element);
  };
  customElements.isletPredicted ??= new Map();
  const paths = customElements.isletPredicted;
  paths.get(path)?.(take);
  paths.set(path, (other) => {
    next = other;
    takeAll();
  });
  addEventListener('islet:state', (event) => {
    const [element] = event.composedPath();
    const its = known.get(element as Element);
    if (its && (element as ServerComponent).state === 'offline' && --its.left === 0) its.route = undefined;
    if (element instanceof Element) void take(element as ServerComponent);
  });
  takeAll();
}

function check(path: string, component: unknown): asserts component is AnyComponent {
  if (isComponent(component) && !('machine' in component)) return;
  const cure = 'give a component made of init, update and view, or have the script that brings it call predict';
  throw new IsletError('ISLET_ERR_COMPONENT', `'${path}' cannot be predicted: ${cure}`);
}
