/*
 * Changed components in an open page: those that run become the new version, and keep their model. Input: elements that
 * are registered again and apps that are started again, since their module was loaded again. Output: islands that go on
 * with the new code. Each version of a module may have brought its own copy of all this: what they know together is in
 * one place of the page, and nothing of it is compared by its class.
 */

import { attributesThatCount } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { createPlainActor } from '../../shared/runtime/actor.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import { Runtime } from '../../shared/runtime/runtime.ts';
import { checks } from '../dom/checks.ts';
import { compile, toDomTemplate } from '../dom/compile.ts';
import { repair } from '../dom/parts.ts';
import type { DomTemplate } from '../dom/templates.ts';
import { LocalIsland } from './local-island.ts';
import { pageClock, pageSupervisor } from './page-supervisor.ts';
import { type Begun, renewal } from './renewal.ts';

interface Element {
  component: AnyComponent;
  readonly replace: (next: AnyComponent, island: typeof LocalIsland) => void;
}

/** What all copies know together. */
interface Known {
  readonly elements: Map<string, Element>;
  /** Elements come and go: what nobody has any more is not held here. */
  readonly islands: Set<WeakRef<Begun['island']>>;
  readonly running: WeakMap<Begun['island'], Running>;
}

interface Running {
  readonly begun: Begun;
  /** The version that it is. */
  component: AnyComponent;
}

type Snapshot = NonNullable<Begun['island']['snapshot']>;

const key = Symbol.for('islet.development');
const page = globalThis as { [key]?: Known };
page[key] ??= { elements: new Map(), islands: new Set(), running: new WeakMap() };
const { elements, islands, running: runningOf } = page[key];
let count = 0;

// a page is changed soon, and perhaps while its server starts
void repair.load();

renewal.begun = (begun) => {
  islands.add(new WeakRef(begun.island));
  runningOf.set(begun.island, { begun, component: begun.component });
};

renewal.defined = (component, replace) => {
  elements.set(component.name as string, { component, replace });
};

renewal.renew = (component) => {
  const element = elements.get(component.name as string);
  if (!element) return false;
  // a browser takes an element's interface once and for all
  if (interfaceOf(element.component) !== interfaceOf(component)) {
    location.reload();
    return true;
  }
  element.component = component;
  element.replace(component, LocalIsland);
  // one that could not become the version before is older than the others
  for (const running of all()) if (running.component.name === component.name) void renew(running, component);
  return true;
};

renewal.restart = (component, root) => {
  const running = all().find((each) => each.begun.root === root && root.isConnected);
  if (!running || running.component === component) return undefined;
  const { island } = running.begun;
  void renew(running, component);
  return { element: root, dispatch: (message) => island.dispatch(message), stop: () => island.stop() };
};

/** Has an island go on as another version of its component. */
async function renew(running: Running, next: AnyComponent): Promise<void> {
  const { island, props, root, tree, fields, owner } = running.begun;
  const name = next.name ?? 'component';
  await repair.load();
  let snapshot: Snapshot | undefined;
  try {
    snapshot = island.snapshot && migrate(island.snapshot, running.component, next);
    if (snapshot && !('machine' in next)) logicOf(next).render(snapshot);
  } catch (error) {
    if (!canBegin(next, props)) {
      checks.problem?.(`${name} cannot be shown`, error);
      return;
    }
    console.warn(`islet: ${name} begins anew: what it was cannot be shown by the code of now`, error);
    snapshot = undefined;
  }
  running.component = next;
  const runtime = new Runtime({
    id: `${name}#renewed-${++count}`,
    component: next,
    props,
    compile,
    place: island,
    supervisor: pageSupervisor,
    createActor: createPlainActor,
    clock: pageClock,
    root,
    snapshot,
  });
  island.become(runtime, () => {
    const { rendering } = runtime;
    const old = [...tree.templates];
    const isSame = (made: DomTemplate) => (each: DomTemplate) => textOf(each) === textOf(made);
    const made = rendering.table.definitions.map(toDomTemplate);
    tree.templates.length = 0;
    for (const each of made) tree.templates.push(old.find(isSame(each)) ?? each);
    const whole = [rendering.toMount(), rendering.toIds(), rendering.nextId] as const;
    fields.hold();
    const restore = fields.save();
    if (tree.repair) tree.repair.mount(...whole, 'looks');
    else tree.mount(...whole);
    restore(!!tree.repair);
    fields.release(false)();
  });
  owner.onEmit('islet:renewed', { component: name });
}

/** What a template says, whichever copy has compiled it. */
function textOf(template: DomTemplate): string {
  const { strings = [], namespace } = template as { strings?: readonly string[]; namespace?: string };
  return JSON.stringify([strings, namespace]);
}

/** @throws Error for a model of another schema that cannot be made one of this. */
function migrate(
  snapshot: Snapshot,
  { schema: from = 0 }: AnyComponent,
  { schema = 0, migrate }: AnyComponent,
): Snapshot {
  if (from === schema) return snapshot;
  if (!migrate || from > schema) throw new Error(`it has the schema ${from}, and the component has ${schema}`);
  const { context } = snapshot as Snapshot & { readonly context?: unknown };
  return Object.assign({ ...snapshot }, { context: migrate(context, from) });
}

function canBegin(component: AnyComponent, props: unknown): boolean {
  try {
    const { init, view } = component as unknown as { init(props: unknown): [unknown]; view(model: unknown): unknown };
    view(init(props)[0]);
    return true;
  } catch {
    return false;
  }
}

/** What of a component its element cannot change any more. */
function interfaceOf(component: AnyComponent): string {
  const { properties = {}, contexts = {}, form, shadow } = component;
  const names = [attributesThatCount(component), Object.keys(properties), Object.keys(contexts)];
  return JSON.stringify([names, form !== undefined, shadow]);
}

function all(): Running[] {
  return [...islands].flatMap((reference) => {
    const island = reference.deref();
    if (!island) islands.delete(reference);
    return (island && runningOf.get(island)) ?? [];
  });
}
