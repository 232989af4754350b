/*
 * Where things stand in an island's DOM. Input: instances and their holes. Output: their nodes, their places, and parts
 * put into a place or moved. Nothing here trusts that what was put somewhere is still there.
 */

import type { DomInstance } from './dom-tree.ts';
import { firstOf, insertBefore, isConnected, nextOf, parentOf } from './native.ts';
import { special } from './parts.ts';

/** What can stand in a place: an instance, a text, or a node of raw markup. */
export type Part = DomInstance | ChildNode;

/** What stands in a list, in its order: a ring, of which the list itself is the end. */
export interface Link {
  next: Link | undefined;
  previous: Link | undefined;
}

export class DomList implements Link {
  next: Link | undefined = this;
  previous: Link | undefined = this;

  *[Symbol.iterator](): Generator<DomInstance> {
    for (let item = this.next; item !== this; item = item?.next) yield item as DomInstance;
  }
}

/** Puts an item into a list, or moves it there. @param before The list itself: at its end. */
export function link(item: Link, before: Link): void {
  if (item === before) return;
  unlink(item);
  item.previous = before.previous;
  item.next = before;
  (before.previous as Link).next = item;
  before.previous = item;
}

export function unlink(item: Link): void {
  const { next, previous } = item;
  if (next) next.previous = previous;
  if (previous) previous.next = next;
  item.next = item.previous = undefined;
}

/** What a slot holds, if that is nodes. */
export function partsOf(slot: DomInstance['slots'][number]): Part[] {
  if (!slot || typeof slot !== 'object') return [];
  return Symbol.iterator in slot ? [...slot] : [slot];
}

/** The instances in a slot. */
export function instancesIn(slot: DomInstance['slots'][number]): DomInstance[] {
  return partsOf(slot).filter((part) => !(part instanceof Node)) as DomInstance[];
}

/** What stands between the ends of a part, whoever put it there; undefined if somebody has torn it apart. */
export function nodesOf(part: Part): ChildNode[] | undefined {
  if (part instanceof Node) return [part];
  const { first, last } = part;
  const nodes: ChildNode[] = [];
  for (let node: ChildNode | null = first; node; node = nextOf(node)) {
    nodes.push(node);
    if (node === last) return nodes;
  }
  return undefined;
}

/** Where a hole's content stands: its parent, and the node behind it. */
export function placeOf(instance: DomInstance, hole: number): [Node & ParentNode, Node | null] {
  const node = instance.nodes[hole] as Node;
  return instance.template.holes[hole]?.kind
    ? [parentOf(node) as ParentNode & Node, node]
    : [node as Node & ParentNode, null];
}

/** A node of a template's copy, by the path from its root. */
export function nodeAt(root: Node, path: readonly number[]): Node {
  let node = root;
  for (let step = 0; step < path.length; step++) {
    node = firstOf(node) as Node;
    for (let count = path[step] as number; count > 0; count--) node = nextOf(node) as Node;
  }
  return node;
}

/** WebKit has no `moveBefore`. */
type Movable = Omit<ParentNode, 'moveBefore'> & Partial<Pick<ParentNode, 'moveBefore'>>;

/**
 * Puts what is new, or moves what is there, before a node. What moves keeps focus, selection, scroll and animations:
 * natively where the browser can.
 *
 * @throws Error when the part has been torn apart, or the place is gone.
 */
export function place(part: Part, parent: Node & Movable, before: Node | null): void {
  const nodes = nodesOf(part);
  if (!nodes) throw Error('torn');
  const [first] = nodes as [ChildNode];
  const isSame = parentOf(first) === parent;
  const isMove = isSame || (isConnected(first) && isConnected(parent));
  if (isSame && nextOf(nodes.at(-1) as Node) === before) return;
  const { moveBefore } = (parent instanceof Element ? Element : DocumentFragment).prototype as Movable;
  if (isMove && moveBefore) {
    for (const node of nodes) moveBefore.call(parent as ParentNode, node, before);
  } else if (isMove && special.part) special.part.move(nodes, parent, before);
  else for (const node of nodes) insertBefore.call(parent, node, before);
}
