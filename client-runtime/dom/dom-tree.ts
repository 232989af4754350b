/*
 * An island's DOM: makes instances of templates, and applies patches. Input: operations (`shared/wire/patch.ts`).
 * Output: changed DOM, the fewest nodes touched. The same code serves both places; `adopt.ts` builds the same
 * structures over server-rendered DOM.
 */

import { isContent } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import {
  decodeIdsReversed,
  type IdRuns,
  isInstance,
  isRaw,
  markupOf,
  slotsOf,
  templateOf,
  type WireContent,
  type WireInstance,
} from '../../shared/wire/content.ts';
import { type BrowserHole, decodeDefinition, type WireDefinition } from '../../shared/wire/definition.ts';
import { decodeListener, type Listener, type WireListener } from '../../shared/wire/listener.ts';
import {
  type AttributeChanges,
  carryOut,
  instanceOf,
  type Operation,
  type OperationHandler,
  type Run,
  readRun,
} from '../../shared/wire/patch.ts';
import { autofocusIn } from './autofocus.ts';
import { noteListener } from './controls.ts';
import { hear, type Toggle } from './hear.ts';
import { trusted } from './trusted.ts';

/** A template as the browser holds it. */
export interface DomTemplate {
  /** Instances are copies of its children. It is an element where these are SVG or MathML. */
  readonly content: ParentNode & Node;
  readonly holes: readonly BrowserHole[];
  /** What it was made of, if that came from a server. */
  readonly text?: string;
  /** For adoption, made when it is first needed. */
  plan?: Map<Node, number[]>;
}

/** What a child hole holds in the DOM. */
export type DomContent = Text | DomInstance | Set<DomInstance> | ChildNode[] | null;

export interface DomInstance {
  id: number;
  readonly template: DomTemplate;
  /** Per hole: the element it belongs to, or the comment that ends its content. */
  readonly nodes: Node[];
  /** Per hole: content, or how its event is heard. */
  readonly slots: (DomContent | Toggle | undefined)[];
  first: ChildNode;
  last: ChildNode;
}

/** What the tree tells the element (or app) that it belongs to. */
export interface DomOwner {
  /** An event happened at a hole that has a handler, and the listener's conditions hold. */
  onEvent(instance: number, hole: number, event: Event, listener: Listener): void;
  /** A property is to be set; returns false where somebody else sees to it: it is state of a control (`fields.ts`). */
  onProperty(node: Node, name: string, value: unknown): boolean;
  /** An operation could not be carried out: this instance is not what it should be; 0: perhaps none is. */
  onMisfit(instance: number, error: unknown): void;
}

/** An island's DOM. It carries out operations, and knows their instances. */
export interface DomTree extends OperationHandler<void> {
  templates: DomTemplate[];
  instances: Map<number, DomInstance>;
  nextId: number;
  /**
   * Shows something else.
   *
   * @param ids Those of all instances, in document order.
   * @param keeps Keeps the nodes of instances whose template stays in its place, and with them focus, typing and
   *   scroll; else all that stands in the root is made anew.
   */
  mount(content: WireContent, ids: IdRuns, nextId: number, keeps?: boolean): void;
  /** Gives the next instances these ids, in document order, and those after them the ids from `nextId` on. */
  expectIds(ids: IdRuns, nextId: number): void;
  /** Carries out what changes the DOM; other operations do not. */
  apply(operations: readonly Operation[]): void;
  /** Makes an instance anew in its place, with all that it holds. @throws Error when its place is gone. */
  replace(id: number, content: WireContent, ids: IdRuns, nextId: number): void;
  define(first: number, ...definitions: WireDefinition[]): void;
  /** Gives an instance its id and place in the index. @param instance One that is kept; else it is new or adopted. */
  enter(template: DomTemplate, instance?: DomInstance): DomInstance;
  /** Starts (or changes, or with null stops) to hear a hole's event. */
  listen(instance: DomInstance, hole: number, wire: WireListener | null): void;
  /** Starts or stops to hear what happens at the window and the document, which outlive the island. */
  hear(isOn: boolean): void;
  setProperty(node: Node, name: string, value: unknown): void;
}

/** @param end The node in `root` before which the content ends; null: it fills `root`. */
export function createDomTree(root: ParentNode & Node, end: Node | null, owner: DomOwner): DomTree {
  /** Ids for the next new instances, last first, where they do not just count on. */
  let nextIds: number[] = [];
  /** How many instances are being made: after a failure of that nobody knows which ids the next ones have. */
  let making = 0;
  /** What is shown is to be kept as far as it is what is mounted. */
  let isKeeping: boolean | undefined;

  /** Makes the instance that the root of the content stands in. */
  const createHost = (end: Node | null): DomInstance => {
    const hole: BrowserHole = { kind: end ? HoleKind.child : HoleKind.only, name: '', path: [] };
    return {
      id: 0,
      template: { content: root, holes: [hole] },
      nodes: [end ?? root],
      slots: [null],
    } as unknown as DomInstance;
  };

  /** Where a patch does not fit there is no such instance, and whatever is done to it throws. */
  const find = (id: number): DomInstance => tree.instances.get(id) as DomInstance;

  const setHole = (instance: DomInstance, hole: number, value: unknown): void => {
    const { kind, name } = instance.template.holes[hole] as BrowserHole;
    const element = instance.nodes[hole] as Element;
    if (isContent(kind)) setContent(instance, hole, value as WireContent);
    else if (kind === HoleKind.attribute) setAttribute(element, name, value as string | null);
    else if (kind === HoleKind.spread) {
      for (const [name, text] of Object.entries(value as AttributeChanges)) setAttribute(element, name, text);
    } else if (kind === HoleKind.boolean) {
      // what a person opened is theirs
      if (name !== 'open' || owner.onProperty(element, name, value)) element.toggleAttribute(name, value as boolean);
    } else if (kind === HoleKind.property) tree.setProperty(element, name, value);
    else if (kind === HoleKind.event) tree.listen(instance, hole, value as WireListener | null);
    else {
      if (element instanceof HTMLTextAreaElement) owner.onProperty(element, 'value', value);
      // no `textContent`, which a script's policy would ask for more than data
      if (element.textContent !== value) element.replaceChildren(...(value ? [value as string] : []));
    }
  };

  const setContent = (instance: DomInstance, hole: number, wire: WireContent): void => {
    const old = instance.slots[hole];
    if (old instanceof Text && typeof wire !== 'object') {
      if (old.data !== `${wire}`) old.data = wire as string;
      return;
    }
    const parts = new Set(partsOf(old));
    const [parent, end] = placeOf(instance, hole);
    // first what is new: its ids are counted, whatever becomes of it
    const content = build(wire, parent, isKeeping ? parts : new Set());
    instance.slots[hole] = content;
    for (const part of parts) removePart(part);
    for (const part of partsOf(content)) place(part, parent, end);
  };

  /** @param old What stands there and may be kept; what is kept is taken out. */
  const build = (wire: WireContent, parent: Node, old: Set<Part>): DomContent => {
    if (wire === null) return null;
    if (typeof wire !== 'object') return new Text(wire as string);
    if (isRaw(wire)) return [...parse(markupOf(wire), parent).childNodes];
    const make = (item: WireInstance, part: Part | undefined): DomInstance => {
      const kept = part as DomInstance;
      const template = tree.templates[templateOf(item)] as DomTemplate;
      // nobody knows which attributes an object gave to what is kept
      const isOpen = template.holes.some(({ kind }) => kind === HoleKind.spread);
      if (isOpen || kept?.template !== template || !old.delete(kept)) return create(item);
      fill(tree.enter(kept.template, kept), item);
      return kept;
    };
    if (isInstance(wire)) return make(wire, [...old][0]);
    // rows have no names here: one is kept for the row that has the same texts, unless there are more such
    const rowOf = new Map<string, Part | undefined>([['', undefined]]);
    for (const part of old) {
      const texts = ((part as DomInstance).slots ?? []).map((slot) => (slot instanceof Text ? slot.data : '')).join('');
      rowOf.set(texts, rowOf.has(texts) ? undefined : part);
    }
    const rows = wire.map((item) => {
      const { holes } = tree.templates[templateOf(item)] as DomTemplate;
      const texts = slotsOf(item).map((slot, hole) =>
        isContent((holes[hole] as BrowserHole).kind) && typeof slot !== 'object' ? slot : '',
      );
      return make(item, rowOf.get(texts.join('')));
    });
    return new Set(rows);
  };

  /** Makes an instance, which has yet to be placed. */
  const create = (wire: WireInstance): DomInstance => {
    making++;
    const template = tree.templates[templateOf(wire)] as DomTemplate;
    const instance = tree.enter(template);
    const content = document.importNode(template.content, true);
    // all places first: filling one hole shifts what stands behind it
    for (const { path } of template.holes) {
      instance.nodes.push(path.reduce((node: Node, index) => node.childNodes[index] as Node, content));
    }
    fill(instance, wire);
    autofocusIn(content);
    instance.first = content.firstChild as ChildNode;
    instance.last = content.lastChild as ChildNode;
    making--;
    return instance;
  };

  const fill = (instance: DomInstance, wire: WireInstance): void => {
    slotsOf(wire).forEach((value, hole) => {
      // what is new has nothing yet
      if (value !== null || instance.first) setHole(instance, hole, value);
    });
  };

  const removePart = (part: Part): void => {
    if (!(part instanceof Node)) forget(part);
    for (const node of nodesOf(part)) node.remove();
  };

  const forget = (instance: DomInstance): void => {
    // while nodes are kept another may have the id already
    if (find(instance.id) === instance) tree.instances.delete(instance.id);
    for (const slot of instance.slots) {
      stopHearing(slot);
      for (const part of partsOf(slot)) if (!(part instanceof Node)) forget(part);
    }
  };

  const tree: DomTree = {
    templates: [],
    instances: new Map([[0, createHost(end)]]),
    nextId: 1,

    mount(content: WireContent, ids: IdRuns, nextId: number, keeps?: boolean): void {
      if (!keeps) {
        tree.hear(false);
        // something else may stand there
        root.replaceChildren();
      }
      const host = keeps ? find(0) : createHost(null);
      tree.instances = new Map([[0, host]]);
      tree.expectIds(ids, nextId);
      isKeeping = keeps;
      setContent(host, 0, content);
      isKeeping = false;
    },

    expectIds(ids, nextId) {
      tree.nextId = nextId;
      nextIds = decodeIdsReversed(ids);
      making = 0;
    },

    apply(operations: readonly Operation[]): void {
      for (const operation of operations) {
        try {
          carryOut(operation, tree);
        } catch (error) {
          const id = instanceOf(operation);
          owner.onMisfit(!making && tree.instances.has(id) ? id : 0, error);
        }
      }
    },

    replace(id: number, content: WireContent, ids: IdRuns, nextId: number): void {
      const old = find(id);
      const { first } = old;
      const nodes = nodesOf(old);
      forget(old);
      tree.expectIds(ids, nextId);
      const made = create(content as WireInstance);
      place(made, first.parentNode as ParentNode, first);
      for (const node of nodes) node.remove();
      // what holds it holds it still
      tree.instances.set(id, Object.assign(old, made));
    },

    set(id: number, hole: number, value: unknown): void {
      setHole(find(id), hole, value);
    },

    define(first: number, ...definitions: WireDefinition[]): void {
      definitions.forEach((definition, index) => {
        const text = JSON.stringify(definition);
        if (tree.templates[first + index]?.text === text) return;
        const { wrapper, markup, holes } = decodeDefinition(definition);
        const parsed = parse(wrapper ? `<${wrapper}>${markup}</${wrapper}>` : markup);
        const content = wrapper ? (parsed.firstChild as Element) : parsed;
        tree.templates[first + index] = { content, holes, text };
      });
      // those of a mount are all there are
      tree.templates.length = first + definitions.length;
    },

    enter(template: DomTemplate, instance = { template, nodes: [], slots: [] } as unknown as DomInstance): DomInstance {
      instance.id = nextIds.pop() ?? tree.nextId++;
      tree.instances.set(instance.id, instance);
      return instance;
    },

    listen(instance: DomInstance, hole: number, wire: WireListener | null): void {
      const { name } = instance.template.holes[hole] as BrowserHole;
      stopHearing(instance.slots[hole]);
      const node = instance.nodes[hole] as Node;
      const listener = wire === null ? null : decodeListener(wire);
      instance.slots[hole] =
        listener && hear(node, name, listener, (event) => owner.onEvent(instance.id, hole, event, listener));
      noteListener(node, name, listener && listener.data === 1);
    },

    hear(isOn: boolean): void {
      for (const { slots } of tree.instances.values()) {
        for (const slot of slots) if (typeof slot === 'function') slot(isOn, true);
      }
    },

    setProperty(node: Node, name: string, value: unknown): void {
      const target = node as Node & Record<string, unknown>;
      const next = value ?? (typeof target[name] === 'string' ? '' : value);
      // an equal value set again would move the caret
      if (!owner.onProperty(node, name, next) || (target[name] ?? null) === next) return;
      try {
        target[name] = next;
      } catch (error) {
        reportError(error); // it is that element's own
      }
    },

    list(id: number, hole: number, removed: readonly number[], ...runs: Run[]): void {
      // first what is new: its ids are counted, whatever becomes of it
      const parts = runs.map(readRun).map(({ before, entries }) => ({
        before,
        entries: entries.map((entry) => (typeof entry === 'number' ? find(entry) : create(entry))),
      }));
      const instance = find(id);
      const list = instance.slots[hole] as Set<DomInstance>;
      for (const gone of removed) {
        const item = find(gone);
        list.delete(item);
        removePart(item);
      }
      const [parent, end] = placeOf(instance, hole);
      for (const { before, entries } of parts) {
        const next = before ? find(before).first : end;
        for (const item of entries) {
          list.add(item);
          place(item, parent, next);
        }
      }
    },
  };
  return tree;
}

type Part = DomInstance | ChildNode;

function setAttribute(element: Element, name: string, text: string | null): void {
  if (text === null) element.removeAttribute(name);
  // set again, it would load what it names again
  else if (element.getAttribute(name) !== text) {
    // a Content-Security-Policy forbids the attribute, and not what a script says
    if (name === 'style') (element as HTMLElement).style.cssText = text;
    else element.setAttribute(name, text);
  }
}

function stopHearing(slot: DomInstance['slots'][number]): void {
  if (typeof slot === 'function') slot(false);
}

/** What a slot holds, if that is nodes. */
function partsOf(slot: DomInstance['slots'][number]): Iterable<Part> {
  if (slot instanceof Set || Array.isArray(slot)) return slot;
  return slot && typeof slot === 'object' ? [slot] : [];
}

/** @throws TypeError when somebody else has taken some of them out. */
function nodesOf(part: Part): ChildNode[] {
  if (part instanceof Node) return [part];
  const nodes = [part.first];
  for (let node = part.first; node !== part.last; nodes.push(node)) node = node.nextSibling as ChildNode;
  return nodes;
}

/** Parses markup as it would be inside `parent`; no script in it will run. */
function parse(markup: string, parent?: Node): ParentNode & Node {
  if (parent instanceof Element) {
    const context = parent.cloneNode() as Element;
    context.innerHTML = trusted(markup);
    return context;
  }
  const template = document.createElement('template');
  template.innerHTML = trusted(markup);
  return template.content;
}

/** Where a hole's content stands: its parent, and the node behind it. */
export function placeOf(instance: DomInstance, hole: number): [Node & ParentNode, Node | null] {
  const node = instance.nodes[hole] as Node;
  return instance.template.holes[hole]?.kind
    ? [node.parentNode as ParentNode, node]
    : [node as Node & ParentNode, null];
}

/** WebKit has no `moveBefore`. */
type Movable = Omit<ParentNode, 'moveBefore'> & Partial<Pick<ParentNode, 'moveBefore'>>;

/**
 * Puts what is new, or moves what is there, before a node. What moves keeps focus, selection, scroll and animations:
 * natively where the browser can.
 */
function place(part: Part, parent: Node & Movable, before: Node | null): void {
  const nodes = nodesOf(part);
  const isMove = nodes[0]?.parentNode === parent;
  if (isMove && parent.moveBefore) {
    if (nodes.at(-1)?.nextSibling !== before) for (const node of nodes) parent.moveBefore(node, before);
    return;
  }
  // asked for only where it is needed: it makes the browser lay out the page
  const active = isMove && ((parent.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement | null);
  const scrollTop = active && nodes.some((node) => node.contains(active)) && active.scrollTop;
  for (const node of nodes) parent.insertBefore(node, before);
  if (!active || scrollTop === false) return;
  // browsers remember the selection of a text field, not its scroll
  active.focus({ preventScroll: true });
  active.scrollTop = scrollTop as number;
}
