/*
 * Draws the tree of an island into a document of parse5's nodes. Input: the tree as the wire keeps it (`tree.ts`).
 * Output: nodes in the island's element, the same ones as long as their instances live, and for each element which
 * holes hear its events and which properties were set.
 */

import { parseFragment } from 'parse5';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import {
  clone,
  createText,
  type Element,
  isElement,
  type Node,
  type Parent,
  setAttribute,
  setChildren,
} from './nodes.ts';
import { type Instance, isInstance, type Json, type Made, type Slot, type Tree, type WireTemplate } from './tree.ts';

/** Where an event of an element is told to. */
export interface Ear {
  readonly instance: number;
  readonly hole: number;
  readonly listener: Json;
}

/** What is known of an element besides its markup. */
export interface ElementState {
  /** By the name of the event. */
  readonly ears: Map<string, Ear>;
  /** What the view says of properties. */
  readonly bound: Map<string, Json>;
  /** What the properties are: the view said them, or a person did. */
  readonly properties: Map<string, Json>;
}

const states = new WeakMap<Element, ElementState>();

export function stateOf(element: Element): ElementState {
  const present = states.get(element);
  if (present) return present;
  const state: ElementState = { ears: new Map(), bound: new Map(), properties: new Map() };
  states.set(element, state);
  return state;
}

/** One instance as it was drawn. */
interface Drawn {
  /** The nodes of its template, and the parents in which they stand. */
  readonly top: readonly Node[];
  readonly places: readonly Place[];
}

interface Place {
  readonly kind: number;
  readonly node: Node;
  /** For content among siblings: all that the template has in the same parent. */
  readonly siblings: readonly Node[];
  shown: Slot | undefined;
  content: readonly Node[];
}

/** Parsed once for each template of a server, however many pages show it. */
const parsed = new Map<string, readonly Node[]>();

export class Drawing {
  private readonly tree: Tree;
  private readonly host: Element;
  private readonly drawn = new WeakMap<Instance, Drawn>();
  private readonly shownTexts = new WeakMap<Slot, readonly Node[]>();

  constructor(tree: Tree, host: Element) {
    this.tree = tree;
    this.host = host;
  }

  /** Makes the element show what the tree holds now. */
  draw(): void {
    setChildren(this.host, this.nodesOf(this.tree.root));
  }

  private nodesOf(slot: Slot): readonly Node[] {
    if (!('made' in slot)) return [];
    const { made } = slot;
    if (isInstance(made)) return this.drawInstance(made);
    if (Array.isArray(made)) return made.flatMap((each) => this.drawInstance(each));
    const present = this.shownTexts.get(slot);
    if (present) return present;
    const nodes = toNodes(made);
    this.shownTexts.set(slot, nodes);
    return nodes;
  }

  private drawInstance(instance: Instance): readonly Node[] {
    const template = this.tree.templates[instance.template] as WireTemplate;
    let drawn = this.drawn.get(instance);
    if (!drawn) {
      drawn = create(template);
      this.drawn.set(instance, drawn);
    }
    for (const [index, place] of drawn.places.entries()) {
      const hole = template.holes[index] as WireTemplate['holes'][number];
      const slot = instance.slots[index] as Slot;
      if ('made' in slot) place.content = this.nodesOf(slot);
      else if (place.shown !== slot)
        apply(place.node as Element, hole.kind, hole.name, slot.value, { instance, index, before: place.shown });
      place.shown = slot;
    }
    return this.arrange(drawn);
  }

  /** Puts content where it belongs; returns what stands at the instance's top. */
  private arrange({ top, places }: Drawn): readonly Node[] {
    const contentBefore = new Map<Node, readonly Node[]>();
    for (const { kind, node, content } of places) {
      if (kind === HoleKind.child) contentBefore.set(node, content);
      else if (kind === HoleKind.only) setChildren(node as Element, content);
    }
    const spread = (nodes: readonly Node[]): Node[] =>
      nodes.flatMap((node) => [...(contentBefore.get(node) ?? []), node]);
    const parents = new Set(places.filter(({ siblings }) => siblings.length > 0).map(({ siblings }) => siblings));
    for (const siblings of parents) {
      if (siblings === top) continue;
      const { parentNode } = siblings[0] as Node;
      if (parentNode) setChildren(parentNode, spread(siblings));
    }
    return spread(top);
  }
}

function create({ namespace, markup, holes }: WireTemplate): Drawn {
  const key = `${namespace}${markup}`;
  let nodes = parsed.get(key);
  if (!nodes) {
    nodes = parseTemplate(namespace, markup);
    parsed.set(key, nodes);
  }
  const holder = parseFragment('');
  const top = nodes.map((node) => clone(node, holder));
  holder.childNodes = [...top];
  const lists = new Map<Parent, readonly Node[]>([[holder, top]]);
  const places = holes.map(({ kind, path }): Place => {
    let parent: Parent = holder;
    let node: Node | undefined;
    for (const index of path) {
      if (node) parent = node as Parent;
      node = parent.childNodes[index];
    }
    if (!node) throw new Error(`a template has no node at ${path.join(', ')}`);
    if (kind !== HoleKind.child) return { kind, node, siblings: [], shown: undefined, content: [] };
    const siblings = lists.get(parent) ?? [...parent.childNodes];
    lists.set(parent, siblings);
    return { kind, node, siblings, shown: undefined, content: [] };
  });
  return { top, places };
}

function parseTemplate(namespace: number, markup: string): readonly Node[] {
  if (namespace === 0) return parseFragment(markup).childNodes;
  const tag = namespace === 1 ? 'svg' : 'math';
  const [wrapper] = parseFragment(`<${tag}>${markup}</${tag}>`).childNodes;
  return isElement(wrapper) ? wrapper.childNodes : [];
}

function toNodes(made: Exclude<Made, Instance | Instance[]>): readonly Node[] {
  if (made === null || made === '') return [];
  if (typeof made === 'object') return parseFragment(made.raw).childNodes;
  return [createText(String(made), null)];
}

function apply(
  element: Element,
  kind: number,
  name: string,
  value: Json,
  {
    instance,
    index,
    before,
  }: { readonly instance: Instance; readonly index: number; readonly before: Slot | undefined },
): void {
  const { ears, bound, properties } = stateOf(element);
  if (kind === HoleKind.attribute) setAttribute(element, name, value as string | null);
  else if (kind === HoleKind.boolean) setAttribute(element, name, value === true ? '' : null);
  else if (kind === HoleKind.spread) {
    const old = before && 'value' in before ? Object.keys(before.value ?? {}) : [];
    const texts = (value ?? {}) as { readonly [name: string]: string | null };
    // what the object does not have any more is gone
    for (const name of new Set([...old, ...Object.keys(texts)])) setAttribute(element, name, texts[name] ?? null);
  } else if (kind === HoleKind.text) setChildren(element, [createText(String(value ?? ''), element)]);
  else if (kind === HoleKind.property) {
    bound.set(name, value);
    properties.set(name, value);
  } else if (kind === HoleKind.event) {
    if (value === null) ears.delete(name);
    else ears.set(name, { instance: instance.id, hole: index, listener: value });
  }
}
