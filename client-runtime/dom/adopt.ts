/*
 * Adopts server-rendered DOM as an island's tree, node for node. Input: the content's shape (`shared/wire/adoption.ts`)
 * and the DOM as the browser parsed it. What others have put in between is gone around. Output: the instances that the DOM
 * is not the one of, or where nobody could tell.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import { type Adoption, isInShape, type Shape, shapesIn } from '../../shared/wire/adoption.ts';
import { isInstance, isRaw, slotsOf, templateOf, type WireInstance } from '../../shared/wire/content.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import type { WireListener } from '../../shared/wire/listener.ts';
import { isDisclosure } from './controls.ts';
import type { DomContent, DomInstance, DomTemplate, DomTree } from './dom-tree.ts';
import { firstOf, getAttribute, hasAttribute, nextOf, read } from './native.ts';
import { DomList, link, placeOf } from './places.ts';

/**
 * Adopts what stands where the tree belongs.
 *
 * @param adoption Ids that are 0 count on from `tree.nextId`.
 * @returns Ids of instances that have to be made anew; 0: all.
 * @throws Error when the shape is none of these templates.
 */
export function adopt(tree: DomTree, { shape, ids, nextId }: Pick<Adoption, 'shape' | 'ids' | 'nextId'>): Set<number> {
  const host = tree.instances.get(0) as DomInstance;
  const [root, end] = placeOf(host, 0);
  tree.foreign.forget();
  const misfits = new Set<number>();
  /** The next node to adopt. */
  let next: ChildNode | null = firstOf(root);
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

  /** Looks through what stands in an element. */
  const within = (parent: Node, instance: DomInstance, look: () => void): void => {
    const outer = { owner, others, patterns, next, isLost };
    if (!isLost) {
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
      for (const node of others) tree.foreign.claim(node);
    }
    ({ owner, others, patterns, next, isLost } = outer);
  };

  const find = (isIt: (node: Node) => boolean): ChildNode | undefined => {
    for (let node = next; node && node !== end; node = nextOf(node)) if (isIt(node)) return node;
    return undefined;
  };

  const take = (pattern: Node): ChildNode | undefined => {
    if (isLost) return undefined;
    patterns.push(pattern);
    const node = find((node) => isLike(node, pattern)) ?? find((node) => isNamed(node, pattern));
    while (node && next !== node) skip();
    if (node) next = nextOf(node);
    else lose();
    return node;
  };

  const adoptContent = (part: Shape, holder: DomInstance, hole: number): DomContent => {
    if (part === null) return null;
    if (!part) {
      const node = next;
      // somebody may have put something else in its place
      if (!(node instanceof Text)) return new Text();
      patterns.push(node);
      next = nextOf(node);
      return node;
    }
    if (isInstance(part)) return adoptInstance(part, holder, hole);
    if (!isRaw(part)) {
      const list = new DomList();
      for (const row of shapesIn(part)) link(adoptInstance(row as WireInstance, holder, hole), list);
      return list;
    }
    const nodes: ChildNode[] = [];
    for (; next && next !== end && !(next instanceof Comment && !next.data); next = nextOf(next)) nodes.push(next);
    return nodes;
  };

  // a shape has the values of an instance in the order of its holes, without those of most attributes
  const adoptInstance = (part: WireInstance, holder: DomInstance, hole: number): DomInstance => {
    const values = slotsOf(part);
    const template = tree.templates[templateOf(part)] as DomTemplate;
    const instance = tree.enter(template, holder, hole);
    template.plan ??= planOf(template);
    const { plan, holes } = template;
    const fill = (hole: number): void => {
      instance.slots[hole] = adoptContent(values.shift() as Shape, instance, hole);
    };

    const adoptNodes = (parent: Node): void => {
      for (let pattern = firstOf(parent); pattern; pattern = nextOf(pattern)) {
        const own = plan.get(pattern);
        // this comment ends the content of a hole
        for (const hole of own ?? []) if (holes[hole]?.kind === HoleKind.child) fill(hole);
        // what somebody has put in the place of a text may stay
        if (pattern instanceof Text) {
          if (!(next instanceof Text)) continue;
          patterns.push(pattern);
          next = nextOf(next);
          continue;
        }
        const node = take(pattern) as ChildNode;
        // what has no holes inside is left alone: something may have drawn itself there
        let adoptInside = own && firstOf(pattern) && (() => adoptNodes(pattern as Node));
        for (const hole of own ?? []) {
          const { kind, name } = holes[hole] as BrowserHole;
          instance.nodes[hole] = node;
          if (kind === HoleKind.only) adoptInside = () => fill(hole);
          // what the model says of these, the HTML says
          else if (node instanceof HTMLTextAreaElement && kind === HoleKind.text)
            tree.setProperty(node, 'value', node.defaultValue);
          else if (node && kind === HoleKind.boolean && name === 'open' && isDisclosure(node as Element))
            tree.setProperty(node, name, hasAttribute.call(node as Element, name));
          else if (kind !== HoleKind.child && isInShape(holes[hole] as BrowserHole)) {
            const value = values.shift();
            if (kind === HoleKind.attribute) instance.slots[hole] = value as string;
            else if (node && kind === HoleKind.property) tree.setProperty(node, name, value);
            else if (node) tree.listen(instance, hole, value as WireListener | null);
          }
        }
        if (adoptInside) within(node, instance, adoptInside);
        if (parent !== template.content) continue;
        instance.first ??= node;
        instance.last = node;
      }
    };

    adoptNodes(template.content);
    return instance;
  };

  // a strict Content-Security-Policy has kept the HTML from saying it, and lets a script
  for (const node of root.querySelectorAll<HTMLElement>('[style]'))
    node.style.cssText ||= node.getAttribute('style') as string;
  if (ids) tree.expectIds(ids, nextId);
  within(root, host, () => {
    host.slots[0] = adoptContent(shape, host, 0);
  });
  return misfits;
}

/** Whether a node may be the one that a node of a template says. */
function isNamed(node: Node, pattern: Node): boolean {
  const isSame = read(node, 'nodeName') === read(pattern, 'nodeName');
  return isSame && !(pattern instanceof Comment && pattern.data !== (node as Comment).data);
}

/** Whether it looks like that: by what seldom changes. Others may have added to it. */
function isLike(node: Node, pattern: Node): boolean {
  if (!isNamed(node, pattern)) return false;
  if (!(pattern instanceof Element)) return true;
  // what stands in there is other code's
  if (hasAttribute.call(pattern, 'data-islet-own')) return hasAttribute.call(node as Element, 'data-islet-own');
  for (const name of ['id', 'class', 'name', 'type', 'role']) {
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

/** The holes of each node that has some, or has them inside. */
function planOf({ content, holes }: DomTemplate): NonNullable<DomTemplate['plan']> {
  const plan = new Map<Node, number[]>();
  holes.forEach(({ path }, hole) => {
    let node: Node = content;
    for (const index of path) {
      node = node.childNodes[index] as Node;
      plan.set(node, plan.get(node) ?? []);
    }
    plan.get(node)?.push(hole);
  });
  return plan;
}
