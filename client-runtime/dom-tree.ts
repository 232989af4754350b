/*
 * An island's DOM: makes instances of templates, and applies patches. Input: operations (`shared/patch.ts`).
 * Output: changed DOM, the fewest nodes touched. The same code serves both places; `adopt.ts` builds the same
 * structures over server-rendered DOM.
 */

import type { EmitOptions } from '../shared/effect.ts';
import type { EditList, Operation, WireContent, WireInstance, WireListener } from '../shared/patch.ts';
import type { WireDefinition, WireHole } from '../shared/template/definition.ts';

/** A template as the browser holds it. */
export interface DomTemplate {
  /** Instances are copies of its children. It is an element where these are SVG or MathML. */
  readonly content: ParentNode & Node;
  readonly holes: readonly WireHole[];
}

/** What a child hole holds in the DOM. */
export type DomContent = Text | DomInstance | Set<DomInstance> | Node[] | null;

export interface DomInstance {
  readonly id: number;
  readonly template: DomTemplate;
  /** Per hole: the element it belongs to, or the comment that ends its content. */
  readonly nodes: Node[];
  /** Per hole: content, or how its event is heard. */
  readonly slots: (DomContent | EventListenerObject)[];
  first: Node;
  last: Node;
}

/** What the tree tells the element (or app) that it belongs to. */
export interface DomOwner {
  /** An event happened at a hole that has a handler. */
  onEvent(instance: number, hole: number, event: Event, listener: WireListener): void;
  /** A property is to be set; returns false to have it left alone (a field somebody is typing in). */
  onProperty(node: Node, name: string, value: unknown): boolean;
  onEmit(name: string, detail: unknown, options: EmitOptions | undefined): void;
  onProvide(key: string, value: unknown): void;
}

// The namespaces by their numbers on the wire, as the element that a template's markup stands in.
const wrappers = ['', 'svg', 'math'];

export class DomTree {
  templates: DomTemplate[] = [];
  readonly instances = new Map<number, DomInstance>();
  nextId = 1;
  readonly owner: DomOwner;
  /** Ids for the next new instances that do not just count on. */
  #ids: number[] = [];

  /** @param end The node in `root` before which the content ends; null: it fills `root`. */
  constructor(root: ParentNode & Node, end: Node | null, owner: DomOwner) {
    this.owner = owner;
    const hole: WireHole = [end ? 1 : 0, ''];
    const template = { content: document.createDocumentFragment(), holes: [hole] };
    const host = { id: 0, template, nodes: [end ?? root], slots: [null], first: root, last: root };
    this.instances.set(0, host);
  }

  /** Replaces everything. @param ids Runs `[first, count, ...]` in document order. */
  mount(content: WireContent, ids: readonly number[], nextId: number): void {
    const host = this.instances.get(0) as DomInstance;
    this.#clear(host, 0);
    this.instances.clear();
    this.instances.set(0, host);
    this.expectIds(ids);
    this.#setContent(host, 0, content);
    this.nextId = nextId;
  }

  /** Gives the next instances these ids, in document order: runs `[first, count, ...]`. */
  expectIds(runs: readonly number[]): void {
    this.#ids = [];
    for (let at = 0; at < runs.length; at += 2) {
      for (let count = 0; count < (runs[at + 1] as number); count++) this.#ids.push((runs[at] as number) + count);
    }
    this.#ids.reverse();
  }

  apply(operations: readonly Operation[]): void {
    const properties: (() => void)[] = [];
    for (const operation of operations) {
      switch (operation[0]) {
        case 'list':
          this.#editList(operation);
          break;
        case 'define':
          this.define(operation[1], operation.slice(2) as unknown as WireDefinition[]);
          break;
        case 'emit':
          this.owner.onEmit(operation[1], operation[2], operation[3]);
          break;
        case 'provide':
          this.owner.onProvide(operation[1], operation[2]);
          break;
        default: {
          const [id, hole, value] = operation;
          const instance = this.#find(id);
          // a <select> has the options that it is set to when the rest is done
          if (kindOf(instance, hole) === 4) properties.push(() => this.setProperty(instance, hole, value));
          else this.#set(instance, hole, value);
        }
      }
    }
    for (const setProperty of properties) setProperty();
  }

  define(first: number, definitions: readonly WireDefinition[]): void {
    definitions.forEach(([namespace, markup, ...holes], index) => {
      const wrapper = wrappers[namespace];
      const content = parse(wrapper ? `<${wrapper}>${markup}</${wrapper}>` : markup);
      this.templates[first + index] = { content: wrapper ? (content.firstChild as Element) : content, holes };
    });
  }

  /** Gives a new or adopted instance its id and place in the index. */
  enter(template: DomTemplate): DomInstance {
    const id = this.#ids.pop() ?? this.nextId++;
    const instance = { id, template, nodes: [], slots: [] } as unknown as DomInstance;
    this.instances.set(id, instance);
    return instance;
  }

  /** Starts (or changes, or with null stops) to hear a hole's event. */
  listen(instance: DomInstance, hole: number, listener: WireListener | null): void {
    const name = instance.template.holes[hole]?.[1] as string;
    const node = instance.nodes[hole] as Node;
    const old = instance.slots[hole] as EventListenerObject | null | undefined;
    if (old) node.removeEventListener(name, old);
    instance.slots[hole] = null;
    if (listener === null) return;
    const handler = { handleEvent: (event: Event) => this.owner.onEvent(instance.id, hole, event, listener) };
    instance.slots[hole] = handler;
    node.addEventListener(name, handler);
  }

  setProperty(instance: DomInstance, hole: number, value: unknown): void {
    const name = instance.template.holes[hole]?.[1] as string;
    const node = instance.nodes[hole] as Node & Record<string, unknown>;
    const set = value ?? (typeof node[name] === 'string' ? '' : value);
    // an equal value set again would move the caret
    if (node[name] === set || !this.owner.onProperty(node, name, set)) return;
    try {
      node[name] = set;
    } catch (error) {
      reportError(error); // it is that element's own
    }
  }

  #find(id: number): DomInstance {
    const instance = this.instances.get(id);
    if (!instance) throw new Error('ISLET_ERR_PATCH');
    return instance;
  }

  #set(instance: DomInstance, hole: number, value: unknown): void {
    const [kind, name] = instance.template.holes[hole] as WireHole;
    const element = instance.nodes[hole] as Element;
    if (kind < 2) this.#setContent(instance, hole, value as WireContent);
    else if (kind === 2) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value as string);
    } else if (kind === 3) element.toggleAttribute(name, value as boolean);
    else if (kind === 4) this.setProperty(instance, hole, value);
    else if (kind === 5) this.listen(instance, hole, value as WireListener | null);
    else element.textContent = value as string;
  }

  #setContent(instance: DomInstance, hole: number, wire: WireContent): void {
    const old = instance.slots[hole];
    if (old instanceof Text && (typeof wire === 'string' || typeof wire === 'number')) {
      old.data = wire as string;
      return;
    }
    this.#clear(instance, hole);
    const [parent, end] = placeOf(instance, hole);
    const fragment = document.createDocumentFragment();
    instance.slots[hole] = this.#build(wire, fragment, parent);
    parent.insertBefore(fragment, end);
  }

  #build(wire: WireContent, into: DocumentFragment, parent: Node): DomContent {
    if (wire === null) return null;
    if (!Array.isArray(wire)) {
      const text = document.createTextNode(wire as string);
      into.append(text);
      return text;
    }
    const [kind, markup] = wire as unknown as [unknown, string];
    if (typeof kind === 'number') return this.#create(wire as unknown as WireInstance, into);
    if (kind !== 'raw') return new Set((wire as WireInstance[]).map((instance) => this.#create(instance, into)));
    into.append(...parse(markup, parent).childNodes);
    return [...into.childNodes];
  }

  #create([number, ...slots]: WireInstance, into: DocumentFragment): DomInstance {
    const template = this.templates[number] as DomTemplate;
    const instance = this.enter(template);
    const content = document.importNode(template.content, true);
    instance.first = content.firstChild as Node;
    instance.last = content.lastChild as Node;
    // all places first: filling one hole shifts what stands behind it
    template.holes.forEach(([, , ...path], hole) => {
      instance.nodes[hole] = nodeAt(content, path);
    });
    for (const isProperty of [false, true]) {
      slots.forEach((value, hole) => {
        if ((kindOf(instance, hole) === 4) !== isProperty) return;
        instance.slots[hole] = null;
        if (value !== null) this.#set(instance, hole, value);
      });
    }
    into.append(...content.childNodes);
    return instance;
  }

  #editList([, id, hole, removed, ...runs]: EditList): void {
    const instance = this.#find(id);
    const list = instance.slots[hole] as Set<DomInstance>;
    for (const gone of removed) {
      const item = this.#find(gone);
      list.delete(item);
      this.#forget(item);
      removeNodes(item.first, item.last);
    }
    const [parent, end] = placeOf(instance, hole);
    for (const [before, ...entries] of runs) {
      const next = before ? this.#find(before).first : end;
      for (const entry of entries) {
        if (typeof entry === 'number') {
          const { first, last } = this.#find(entry);
          moveNodes(parent, first, last, next);
        } else {
          const fragment = document.createDocumentFragment();
          list.add(this.#create(entry, fragment));
          parent.insertBefore(fragment, next);
        }
      }
    }
  }

  #clear(instance: DomInstance, hole: number): void {
    const content = instance.slots[hole] as DomContent;
    this.#forgetContent(content);
    const [parent, end] = placeOf(instance, hole);
    if (content instanceof Text) content.remove();
    else if (content instanceof Set) for (const { first, last } of content) removeNodes(first, last);
    else if (Array.isArray(content)) for (const node of content) (node as ChildNode).remove();
    else if (content) removeNodes(content.first, content.last);
    else if (instance.id === 0 && !end) (parent as Element).replaceChildren();
    instance.slots[hole] = null;
  }

  #forgetContent(content: DomContent | EventListenerObject): void {
    if (content instanceof Set) for (const item of content) this.#forget(item);
    else if (content && 'template' in content) this.#forget(content);
  }

  #forget(instance: DomInstance): void {
    this.instances.delete(instance.id);
    for (const slot of instance.slots) this.#forgetContent(slot as DomContent);
  }
}

/** The node at a hole's path. */
export function nodeAt(content: Node, path: readonly number[]): Node {
  return path.reduce((node, index) => node.childNodes[index] as Node, content);
}

function kindOf(instance: DomInstance, hole: number): number | undefined {
  return instance.template.holes[hole]?.[0];
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
function placeOf(instance: DomInstance, hole: number): [Node & ParentNode, Node | null] {
  const node = instance.nodes[hole] as Node;
  return kindOf(instance, hole) ? [node.parentNode as ParentNode, node] : [node as Node & ParentNode, null];
}

function forEachNode(first: Node, last: Node, action: (node: ChildNode) => void): void {
  for (let node: Node | null = first; node; ) {
    const next: Node | null = node === last ? null : node.nextSibling;
    action(node as ChildNode);
    node = next;
  }
}

function removeNodes(first: Node, last: Node): void {
  forEachNode(first, last, (node) => node.remove());
}

/** WebKit has no `moveBefore`. */
type Movable = Omit<ParentNode, 'moveBefore'> & Partial<Pick<ParentNode, 'moveBefore'>>;

/** Moves nodes so that focus, selection, scroll and animations stay: natively where the browser can. */
function moveNodes(parent: Node & Movable, first: Node, last: Node, before: Node | null): void {
  const root = parent.getRootNode() as Document | ShadowRoot;
  const active = root.activeElement as HTMLTextAreaElement;
  const { selectionStart, selectionEnd, selectionDirection, scrollTop, scrollLeft } = active ?? {};
  forEachNode(first, last, (node) => {
    if (parent.moveBefore) parent.moveBefore(node, before);
    else parent.insertBefore(node, before);
  });
  if (root.activeElement === active) return;
  active.focus({ preventScroll: true });
  // null or undefined where there is no text to select
  if (selectionStart != null) active.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
  active.scrollTo({ top: scrollTop, left: scrollLeft });
}
