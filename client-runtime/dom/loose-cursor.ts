/*
 * Finds what the server rendered where others have put something in between before it was adopted. Input: what
 * templates say of nodes, and the DOM. Output: their nodes, what is others', and the instances of which nobody can
 * tell. Part of `repair.ts`.
 */

import { type Cursor, isNamed, marks } from './adopt.ts';
import type { DomInstance, TreeInside } from './dom-tree.ts';
import { firstOf, getAttribute, hasAttribute, nextOf } from './native.ts';
import type { Others } from './others.ts';
import { placeOf } from './places.ts';

/** @param misfits Gets the ids of instances that have to be made anew; 0: all. */
export function createLooseCursor({ tree }: TreeInside, { claim }: Others, misfits: Set<number>): Cursor {
  const host = tree.instances.get(0) as DomInstance;
  const [, end] = placeOf(host, 0);
  let next: ChildNode | null = null;
  /** The instance whose element is being looked through, what of it others have put there, and what it is to hold. */
  let owner = host;
  let others: Node[] = [];
  let patterns: Node[] = [];
  /** What comes in this element cannot be told: ids are counted, and no node is taken. */
  let isLost = false;

  const lose = (): void => {
    isLost = true;
    next = null;
    misfits.add(owner.id);
  };

  const skip = (): void => {
    others.push(next as ChildNode);
    next = nextOf(next as ChildNode);
  };

  const find = (isIt: (node: Node) => boolean): ChildNode | undefined => {
    for (let node = next; node && node !== end; node = nextOf(node)) if (isIt(node)) return node;
    return undefined;
  };

  return {
    take(pattern) {
      if (isLost) return undefined;
      patterns.push(pattern);
      const node = find((node) => isLike(node, pattern)) ?? find((node) => isNamed(node, pattern));
      while (node && next !== node) skip();
      if (node) next = nextOf(node);
      else lose();
      return node;
    },

    text() {
      const node = next;
      if (!(node instanceof Text)) return undefined;
      patterns.push(node);
      next = nextOf(node);
      return node;
    },

    markup() {
      const nodes: ChildNode[] = [];
      for (; next && next !== end && !(next instanceof Comment && !next.data); next = nextOf(next)) nodes.push(next);
      return nodes;
    },

    within(parent, instance, look) {
      const outer = { owner, others, patterns, next, isLost };
      if (!isLost && parent) {
        owner = instance;
        others = [];
        patterns = [];
        next = firstOf(parent);
      }
      look();
      if (!isLost) {
        while (next && next !== end) skip();
        // one that looks like ours may be ours
        if (others.some((node) => patterns.some((pattern) => isLike(node, pattern)))) lose();
        for (const node of others) {
          claim(node);
          tree.foreign.isSeen = true;
        }
      }
      ({ owner, others, patterns, next, isLost } = outer);
    },
  };
}

/** Whether it looks like that: by what seldom changes. Others may have added to it. */
function isLike(node: Node, pattern: Node): boolean {
  if (!isNamed(node, pattern)) return false;
  if (!(pattern instanceof Element)) return true;
  // what stands in there is other code's
  if (hasAttribute.call(pattern, 'data-islet-own')) return hasAttribute.call(node as Element, 'data-islet-own');
  for (const name of marks) {
    const found = getAttribute.call(node as Element, name)?.split(' ');
    const isThere = (part: string): boolean => found?.includes(part) ?? false;
    if (getAttribute.call(pattern, name)?.split(' ').every(isThere) === false) return false;
  }
  let inside = firstOf(node);
  for (let child = firstOf(pattern); child; child = nextOf(child)) {
    if (child instanceof Text) continue;
    while (inside && !isNamed(inside, child)) inside = nextOf(inside);
    if (!inside) return false;
    inside = nextOf(inside);
  }
  return true;
}
