/*
 * Adopts server-rendered DOM as an island's tree, node for node. Input: the content's shape (`shared/tree/encode.ts`)
 * and the DOM as the browser parsed it. A DOM that is not what the shape says throws; the caller then asks for a mount.
 */

import type { Shape } from '../../shared/tree/encode.ts';
import type { WireListener } from '../../shared/wire/patch.ts';
import { type DomContent, type DomInstance, type DomTemplate, type DomTree, placeOf } from './dom-tree.ts';

/**
 * Adopts what stands where the tree belongs.
 *
 * @param ids Runs `[first, count, ...]` in document order; 0: they count on from `tree.nextId`.
 * @throws Error when the DOM is not what the shape says.
 */
export function adopt(tree: DomTree, shape: Shape, ids: readonly number[] | 0, nextId: number): void {
  const host = tree.instances.get(0) as DomInstance;
  const [root, end] = placeOf(host, 0);
  /** The next node to adopt. */
  let next = root.firstChild;

  const adoptContent = (part: Shape): DomContent => {
    if (part === null) return null;
    const node = next;
    if (part === 0) {
      if (!(node instanceof Text)) mismatch();
      next = node.nextSibling;
      return node;
    }
    const [kind, ...rest] = part;
    if (kind === 'raw') {
      const nodes: ChildNode[] = [];
      for (; next && !(next instanceof Comment && !next.data); next = next.nextSibling) nodes.push(next);
      return nodes;
    }
    if (kind !== 'list') return adoptInstance(part);
    const list = new Set<DomInstance>();
    for (let at = 0; at < rest.length; at += 2) {
      for (let count = 0; count < (rest[at] as number); count++) list.add(adoptInstance(rest[at + 1] as unknown[]));
    }
    return list;
  };

  // a shape has the values of an instance in the order of its holes, without those of attributes
  const adoptInstance = ([number, ...values]: readonly unknown[]): DomInstance => {
    const template = tree.templates[number as number] ?? mismatch();
    const instance = tree.enter(template);
    template.plan ??= planOf(template);
    const { plan } = template;
    const fill = (hole: number): void => {
      instance.slots[hole] = adoptContent(values.shift() as Shape);
    };

    const adoptNodes = (parent: Node): void => {
      for (const pattern of parent.childNodes) {
        const holes = plan.get(pattern);
        // this comment ends the content of a hole
        for (const [hole, kind] of holes ?? []) if (kind === 1) fill(hole);
        const node: ChildNode = next?.nodeName === pattern.nodeName ? next : mismatch();
        // what has no holes inside is left alone: something may have drawn itself there
        let adoptInside = holes && pattern.firstChild && (() => adoptNodes(pattern));
        for (const [hole, kind, name] of holes ?? []) {
          instance.nodes[hole] = node;
          if (kind === 0) adoptInside = () => fill(hole);
          else if (kind === 4) tree.setProperty(node, name, values.shift());
          else if (kind === 5) tree.listen(instance, hole, values.shift() as WireListener | null);
        }
        if (adoptInside) {
          next = node.firstChild;
          adoptInside();
          if (next) mismatch();
        }
        next = node.nextSibling;
      }
    };

    instance.first = next ?? mismatch();
    adoptNodes(template.content);
    instance.last = (next ? next.previousSibling : instance.first.parentNode?.lastChild) as ChildNode;
    return instance;
  };

  if (ids) tree.expectIds(ids);
  host.slots[0] = adoptContent(shape);
  if (next !== end) mismatch();
  tree.nextId = nextId;
}

function mismatch(): never {
  throw Error('mismatch');
}

/** The holes of each node that has some, or has them inside. */
function planOf({ content, holes }: DomTemplate): NonNullable<DomTemplate['plan']> {
  const plan = new Map<Node, [number, number, string][]>();
  holes.forEach(([kind, name, ...path], hole) => {
    let node: Node = content;
    for (const index of path) {
      node = node.childNodes[index] as Node;
      plan.set(node, plan.get(node) ?? []);
    }
    plan.get(node)?.push([hole, kind, name]);
  });
  return plan;
}
