/*
 * Puts right what others have done to an island's DOM. Input: an instance, and what is known of others' doings. Output:
 * parts in their places and in the order of the model, others' nodes taken out of places that had to be put right, and
 * the instances that cannot be put right by moving nodes.
 */

import { isContent } from '../../shared/template/definition.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import type { DomInstance } from './dom-tree.ts';
import { contains, insertBefore, parentOf, read, remove } from './native.ts';
import { compareDocumentPosition, lastOf, previousOf } from './native-order.ts';
import type { Others } from './others.ts';
import { instancesIn, nodeAt, nodesOf, partsOf, place, placeOf } from './places.ts';

/** What cannot be put right by moving nodes. */
export type TellMisfit = (instance: DomInstance) => void;

/** Looks through an instance, and all that it holds. It is not tangled. */
export function mend(instance: DomInstance, others: Others, tell: TellMisfit): void {
  instance.template.holes.forEach(({ kind }, hole) => {
    if (!isContent(kind)) return;
    arrange(instance, hole, others);
    for (const inner of instancesIn(instance.slots[hole])) {
      if (isWhole(inner, others)) mend(inner, others, tell);
      else tell(inner);
    }
  });
}

/**
 * Whether a part reaches around the end of a place, since one of its own ends was moved, or that end was moved into what
 * others have put around a node of it: more than its own would go with it.
 */
export function isTangled({ nodes, slots }: DomInstance): boolean {
  const ends = nodes.filter((node) => node instanceof Comment);
  // what could not be adopted has no nodes
  const holdsEnd = (node?: Node): boolean => ends.some((end) => node && contains.call(node, end));
  return slots.some((slot) => instancesIn(slot).some((part) => nodesOf(part)?.some(holdsEnd)));
}

/**
 * Puts what a hole holds into its place and order. Where any of it had to be moved, what others put there goes.
 *
 * @param isWrong Others' nodes go in any case.
 */
export function arrange(instance: DomInstance, hole: number, others: Others, isWrong = false): void {
  const { kind } = instance.template.holes[hole] as BrowserHole;
  const [parent, end] = placeOf(instance, hole);
  const slot = instance.slots[hole];
  let before = end;
  const behind = (): ChildNode | null => (before ? previousOf(before) : lastOf(parent));

  if (!isWrong && (slot instanceof Text || Array.isArray(slot))) {
    const at = behind();
    // what somebody has put in the place of a text, such as its translation, stays until the text is another one; and
    // what is written as markup is nobody's to look after
    if (at !== slot && !(at && others.isTheirs(at)) && slot instanceof Text) insertBefore.call(parent, slot, end);
    return;
  }
  const parts = partsOf(slot)
    .reverse()
    .flatMap((part) => {
      const nodes = nodesOf(part);
      isWrong ||= !nodes;
      return nodes ? [{ part, first: nodes[0] as ChildNode, last: nodes.at(-1) as ChildNode }] : [];
    });
  parts.forEach(({ part, first, last }, index) => {
    let at = behind();
    // one that was moved here is met again where it should be
    while (at && at !== last && at !== parts[index + 1]?.last && others.isMet(at)) {
      isWrong ||= !others.isTheirs(at);
      at = previousOf(at);
    }
    if (at !== last) {
      isWrong = true;
      place(part, parent, before);
    }
    before = first;
  });
  if (!isWrong) return;
  before = end;
  for (const { first, last } of parts) {
    for (let at = behind(); at && at !== last; at = behind()) {
      // one of ours that was moved here is of another place, or is an end of what holds this one; so is one that others
      // have put something around
      if (others.isMet(at) && !others.isJunk(at)) insertBefore.call(parent, at, first);
      else remove(at);
    }
    before = first;
  }
  for (let at = behind(); at && (!kind || others.isJunk(at)); at = behind()) remove(at);
}

/** Whether a text stands alone in its place. */
export function isAlone(text: Text, parent: Node | null, end: Node | null, others: Others): boolean {
  const before = previousOf(text);
  return (
    parent !== null &&
    parentOf(text) === parent &&
    (end ? previousOf(end) : lastOf(parent)) === text &&
    !(before && others.isJunk(before))
  );
}

/**
 * Whether all that an instance knows of itself is where it should be, in its order. Where others have put something
 * around it is its place still.
 */
export function isWhole(instance: DomInstance, { isTheirs }: Others): boolean {
  const { first, last, nodes, template, isBroken } = instance;
  if (isBroken || !nodesOf(instance) || isTangled(instance)) return false;
  let before: Node = first;
  const ourParentOf = (node: Node): Node | null => {
    let parent = parentOf(node);
    while (parent && isTheirs(parent)) parent = parentOf(parent);
    return parent;
  };
  return template.holes.every(({ path }, hole) => {
    const node = nodes[hole];
    if (!node || !(follows(before, node) && (follows(node, last) || contains.call(last, node)))) return false;
    before = node;
    const parent = ourParentOf(node);
    // a template's root is no node of the page
    if (path.length === 1) return parent === ourParentOf(last);
    const pattern = path.length > 1 && parentOf(nodeAt(template.content, path));
    return pattern ? !!parent && read(parent, 'nodeName') === read(pattern, 'nodeName') : true;
  });
}

function follows(before: Node, node: Node): boolean {
  const how = compareDocumentPosition.call(before, node);
  return before === node || (how & (Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_DISCONNECTED)) === 4;
}
