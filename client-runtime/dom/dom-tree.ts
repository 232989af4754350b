/*
 * An island's DOM: makes instances of templates, and applies patches. Input: operations (`shared/wire/patch.ts`).
 * Output: changed DOM, the fewest nodes touched. The same code serves both places; `adopt.ts` builds the same
 * structures over server-rendered DOM.
 */

import type { WireHole } from '../../shared/template/definition.ts';
import type {
  Define,
  EditList,
  Operation,
  SetHole,
  WireContent,
  WireInstance,
  WireListener,
} from '../../shared/wire/patch.ts';

/** A template as the browser holds it. */
export interface DomTemplate {
  /** Instances are copies of its children. It is an element where these are SVG or MathML. */
  readonly content: ParentNode & Node;
  readonly holes: readonly WireHole[];
  /** What it was made of, if that came from a server. */
  readonly text?: string;
  /** For adoption, made when it is first needed. */
  plan?: Map<Node, [hole: number, kind: number, name: string][]>;
}

/** What a child hole holds in the DOM. */
export type DomContent = Text | DomInstance | Set<DomInstance> | ChildNode[] | null;

export interface DomInstance {
  id: number;
  readonly template: DomTemplate;
  /** Per hole: the element it belongs to, or the comment that ends its content. */
  readonly nodes: Node[];
  /** Per hole: content, or how its event is heard. */
  readonly slots: (DomContent | EventListener | undefined)[];
  first: ChildNode;
  last: ChildNode;
}

/** How an event is heard, in full. */
export type Listener = Exclude<WireListener, number>;

/** What the tree tells the element (or app) that it belongs to. */
export interface DomOwner {
  /** An event happened at a hole that has a handler. */
  onEvent(instance: number, hole: number, event: Event, listener: Listener): void;
  /** A property is to be set; returns false to have it left alone (a field somebody is typing in). */
  onProperty(node: Node, name: string, value: unknown): boolean;
}

// The namespaces by their numbers on the wire, as the element that a template's markup stands in.
const wrappers = ['', 'svg', 'math'];

export class DomTree {
  templates: DomTemplate[] = [];
  readonly instances = new Map<number, DomInstance>();
  nextId = 1;
  readonly owner: DomOwner;
  /** Ids for the next new instances, last first, where they do not just count on. */
  #ids: number[] = [];
  /** What is shown is to be kept as far as it is what is mounted. */
  #keeps: unknown;

  /** @param end The node in `root` before which the content ends; null: it fills `root`. */
  constructor(root: ParentNode & Node, end: Node | null, owner: DomOwner) {
    this.owner = owner;
    const hole: WireHole = [end ? 1 : 0, ''];
    this.instances.set(0, {
      id: 0,
      template: { content: root, holes: [hole] },
      nodes: [end ?? root],
      slots: [null],
    } as unknown as DomInstance);
  }

  /**
   * Shows something else.
   *
   * @param ids Runs `[first, count, ...]` in document order.
   * @param keeps Keeps the nodes of instances whose template stays in its place, and with them focus, typing and
   *   scroll; else all are made anew.
   */
  mount(content: WireContent, ids: readonly number[], nextId: number, keeps?: boolean): void {
    const host = this.#find(0);
    const [root, end] = placeOf(host, 0);
    if (!keeps) {
      // something else may stand there
      while (root.firstChild !== end) root.firstChild?.remove();
      host.slots[0] = null;
    }
    this.instances.clear();
    this.instances.set(0, host);
    this.expectIds(ids);
    this.#keeps = keeps;
    this.#setContent(host, 0, content);
    this.#keeps = false;
    this.nextId = nextId;
  }

  /** Gives the next instances these ids, in document order: runs `[first, count, ...]`. */
  expectIds(runs: readonly number[]): void {
    this.#ids = [];
    for (let at = runs.length; at > 0; at -= 2) {
      for (let count = runs[at - 1] as number; count-- > 0; ) this.#ids.push((runs[at - 2] as number) + count);
    }
  }

  /** Carries out what changes the DOM; `emit` and `provide` do not. */
  apply(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (operation[0] === 'list') this.#editList(operation);
      else if (operation[0] === 'define') this.define(operation);
      else if (typeof operation[0] === 'number') {
        const [id, hole, value] = operation as SetHole;
        this.#set(this.#find(id), hole, value);
      }
    }
  }

  define([, first, ...definitions]: Define): void {
    definitions.forEach((definition, index) => {
      const text = JSON.stringify(definition);
      if (this.templates[first + index]?.text === text) return;
      const [namespace, markup, ...holes] = definition;
      const wrapper = wrappers[namespace];
      const parsed = parse(wrapper ? `<${wrapper}>${markup}</${wrapper}>` : markup);
      const content = wrapper ? (parsed.firstChild as Element) : parsed;
      this.templates[first + index] = { content, holes, text };
    });
  }

  /** Gives an instance its id and place in the index. @param instance One that is kept; else it is new or adopted. */
  enter(template: DomTemplate, instance = { template, nodes: [], slots: [] } as unknown as DomInstance): DomInstance {
    instance.id = this.#ids.pop() ?? this.nextId++;
    this.instances.set(instance.id, instance);
    return instance;
  }

  /** Starts (or changes, or with null stops) to hear a hole's event. */
  listen(instance: DomInstance, hole: number, wire: WireListener | null): void {
    const [, name] = instance.template.holes[hole] as WireHole;
    const node = instance.nodes[hole] as Node;
    // removing what is not there does nothing
    node.removeEventListener(name, instance.slots[hole] as EventListener);
    const listener: Listener | null = typeof wire === 'number' ? [wire, 0, 0, ''] : wire;
    const handler = listener && ((event: Event) => this.owner.onEvent(instance.id, hole, event, listener));
    instance.slots[hole] = handler;
    node.addEventListener(name, handler);
  }

  setProperty(node: Node, name: string, value: unknown): void {
    const target = node as Node & Record<string, unknown>;
    const next = value ?? (typeof target[name] === 'string' ? '' : value);
    // an equal value set again would move the caret
    if (!this.owner.onProperty(node, name, next) || (target[name] ?? null) === next) return;
    try {
      target[name] = next;
    } catch (error) {
      reportError(error); // it is that element's own
    }
  }

  /** Where a patch does not fit there is no such instance, and whatever is done to it throws. */
  #find(id: number): DomInstance {
    return this.instances.get(id) as DomInstance;
  }

  #set(instance: DomInstance, hole: number, value: unknown): void {
    const [kind, name] = instance.template.holes[hole] as WireHole;
    const element = instance.nodes[hole] as Element;
    if (kind < 2) this.#setContent(instance, hole, value as WireContent);
    else if (kind === 2) {
      if (value === null) element.removeAttribute(name);
      // set again, it would load what it names again
      else if (element.getAttribute(name) !== value) element.setAttribute(name, value as string);
    } else if (kind === 3) element.toggleAttribute(name, value as boolean);
    else if (kind === 4) {
      const set = (): void => this.setProperty(element, name, value);
      // it can only be set to an option that it has, and these come next
      if (element instanceof HTMLSelectElement) queueMicrotask(set);
      else set();
    } else if (kind === 5) this.listen(instance, hole, value as WireListener | null);
    else if (element.textContent !== value) element.textContent = value as string;
  }

  #setContent(instance: DomInstance, hole: number, wire: WireContent): void {
    const old = instance.slots[hole];
    if (old instanceof Text && typeof wire !== 'object') {
      if (old.data !== `${wire}`) old.data = wire as string;
      return;
    }
    const parts = new Set(partsOf(old));
    const clear = (): void => {
      for (const part of parts) {
        parts.delete(part);
        this.#remove(part);
      }
    };
    if (!this.#keeps) clear();
    instance.slots[hole] = this.#build(wire, ...placeOf(instance, hole), parts);
    clear();
  }

  /** @param old What stands there and may be kept; what is kept is taken out. */
  #build(wire: WireContent, parent: Node & ParentNode, end: Node | null, old: Set<Part>): DomContent {
    if (wire === null) return null;
    if (!Array.isArray(wire)) return parent.insertBefore(new Text(wire as string), end);
    const [kind, markup] = wire as unknown as [unknown, string];
    if (kind === 'raw') return insert(parse(markup, parent), parent, end);
    const make = (item: WireInstance, part: Part | undefined): DomInstance => {
      const kept = part as DomInstance;
      if (kept?.template !== this.templates[item[0]] || !old.delete(kept)) return this.#create(item, parent, end);
      if (kept.last.nextSibling !== end) move(nodesOf(kept), parent, end);
      this.#fill(this.enter(kept.template, kept), item);
      return kept;
    };
    if (typeof kind === 'number') return make(wire as unknown as WireInstance, [...old][0]);
    // rows have no names here: one is kept for the row that has the same texts, unless there are more such
    const rowOf = new Map<string, Part | undefined>([['', undefined]]);
    for (const part of old) {
      const texts = ((part as DomInstance).slots ?? []).map((slot) => (slot instanceof Text ? slot.data : '')).join('');
      rowOf.set(texts, rowOf.has(texts) ? undefined : part);
    }
    const rows = (wire as WireInstance[]).map((item) => {
      const { holes } = this.templates[item[0]] as DomTemplate;
      const texts = holes.map(([kind], hole) => (kind < 2 && typeof item[hole + 1] !== 'object' ? item[hole + 1] : ''));
      return make(item, rowOf.get(texts.join('')));
    });
    return new Set(rows);
  }

  #create(wire: WireInstance, parent: Node, end: Node | null): DomInstance {
    const template = this.templates[wire[0]] as DomTemplate;
    const instance = this.enter(template);
    const content = document.importNode(template.content, true);
    // all places first: filling one hole shifts what stands behind it
    for (const [, , ...path] of template.holes) {
      instance.nodes.push(path.reduce((node: Node, index) => node.childNodes[index] as Node, content));
    }
    this.#fill(instance, wire);
    const nodes = insert(content, parent, end);
    instance.first = nodes[0] as ChildNode;
    instance.last = nodes.at(-1) as ChildNode;
    return instance;
  }

  #fill(instance: DomInstance, [, ...slots]: WireInstance): void {
    slots.forEach((value, hole) => {
      // what is new has nothing yet
      if (value !== null || instance.first) this.#set(instance, hole, value);
    });
  }

  #editList([, id, hole, removed, ...runs]: EditList): void {
    const instance = this.#find(id);
    const list = instance.slots[hole] as Set<DomInstance>;
    for (const gone of removed) {
      const item = this.#find(gone);
      list.delete(item);
      this.#remove(item);
    }
    const [parent, end] = placeOf(instance, hole);
    for (const [before, ...entries] of runs) {
      const next = before ? this.#find(before).first : end;
      for (const entry of entries) {
        if (typeof entry === 'number') move(nodesOf(this.#find(entry)), parent, next);
        else list.add(this.#create(entry, parent, next));
      }
    }
  }

  #remove(part: Part): void {
    if (!(part instanceof Node)) this.#forget(part);
    for (const node of nodesOf(part)) node.remove();
  }

  #forget(instance: DomInstance): void {
    // while nodes are kept another may have the id already
    if (this.#find(instance.id) === instance) this.instances.delete(instance.id);
    for (const slot of instance.slots)
      for (const part of partsOf(slot)) if (!(part instanceof Node)) this.#forget(part);
  }
}

type Part = DomInstance | ChildNode;

/** What a slot holds, if that is nodes. */
function partsOf(slot: DomInstance['slots'][number]): Iterable<Part> {
  if (slot instanceof Set || Array.isArray(slot)) return slot;
  return slot && typeof slot === 'object' ? [slot] : [];
}

function nodesOf(part: Part): ChildNode[] {
  if (part instanceof Node) return [part];
  const nodes: ChildNode[] = [];
  // there is no next one where somebody else has taken them out
  for (let node: ChildNode | null = part.first; node; node = node === part.last ? null : node.nextSibling)
    nodes.push(node);
  return nodes;
}

/** Parses markup as it would be inside `parent`; no script in it will run. */
function parse(markup: string, parent?: Node): ParentNode & Node {
  if (parent instanceof Element) {
    const context = parent.cloneNode() as Element;
    context.innerHTML = markup;
    return context;
  }
  const template = document.createElement('template');
  template.innerHTML = markup;
  return template.content;
}

/** Where a hole's content stands: its parent, and the node behind it. */
export function placeOf(instance: DomInstance, hole: number): [Node & ParentNode, Node | null] {
  const node = instance.nodes[hole] as Node;
  return instance.template.holes[hole]?.[0] ? [node.parentNode as ParentNode, node] : [node as Node & ParentNode, null];
}

/** Puts the children of `content` before `end`. */
function insert(content: Node, parent: Node, end: Node | null): ChildNode[] {
  const nodes = [...content.childNodes];
  for (const node of nodes) parent.insertBefore(node, end);
  return nodes;
}

/** WebKit has no `moveBefore`. */
type Movable = Omit<ParentNode, 'moveBefore'> & Partial<Pick<ParentNode, 'moveBefore'>>;

/** Moves nodes so that focus, selection, scroll and animations stay: natively where the browser can. */
function move(nodes: readonly Node[], parent: Node & Movable, before: Node | null): void {
  if (parent.moveBefore) {
    for (const node of nodes) parent.moveBefore(node, before);
    return;
  }
  const active = (parent.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement;
  const isInside = nodes.some((node) => node.contains(active));
  // asked for only where it is needed: it makes the browser lay out the page
  const scrollTop = isInside && active.scrollTop;
  for (const node of nodes) parent.insertBefore(node, before);
  if (scrollTop === false) return;
  // browsers remember the selection of a text field, not its scroll
  active.focus({ preventScroll: true });
  active.scrollTop = scrollTop;
}
