/*
 * Adopts server-rendered DOM as an island's tree, node for node. Input: the content's shape (`shared/wire/adoption.ts`)
 * and the DOM as the browser parsed it. A DOM that is not what the shape says throws; the caller then asks for a mount.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import { type Adoption, type Shape, shapesIn } from '../../shared/wire/adoption.ts';
import { isInstance, isRaw, slotsOf, templateOf, type WireInstance } from '../../shared/wire/content.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import type { WireListener } from '../../shared/wire/listener.ts';
import { isDisclosure } from './controls.ts';
import { type DomContent, type DomInstance, type DomTemplate, type DomTree, placeOf } from './dom-tree.ts';

/**
 * Adopts what stands where the tree belongs.
 *
 * @param adoption Ids that are 0 count on from `tree.nextId`.
 * @throws Error when the DOM is not what the shape says.
 */
export function adopt(tree: DomTree, { shape, ids, nextId }: Pick<Adoption, 'shape' | 'ids' | 'nextId'>): void {
  const host = tree.instances.get(0) as DomInstance;
  const [root, end] = placeOf(host, 0);
  /** The next node to adopt. */
  let next = root.firstChild;

  const adoptContent = (part: Shape): DomContent => {
    if (part === null) return null;
    if (!part) {
      const node = next;
      if (!(node instanceof Text)) mismatch();
      next = node.nextSibling;
      return node;
    }
    if (isInstance(part)) return adoptInstance(part);
    if (!isRaw(part)) return new Set(shapesIn(part).map(adoptContent) as DomInstance[]);
    const nodes: ChildNode[] = [];
    for (; next && !(next instanceof Comment && !next.data); next = next.nextSibling) nodes.push(next);
    return nodes;
  };

  // a shape has the values of an instance in the order of its holes, without those of attributes
  const adoptInstance = (part: WireInstance): DomInstance => {
    const values = slotsOf(part);
    const template = tree.templates[templateOf(part)] ?? mismatch();
    const instance = tree.enter(template);
    template.plan ??= planOf(template);
    const { plan } = template;
    const kindOf = (hole: number): HoleKind.Kind | undefined => template.holes[hole]?.kind;
    const fill = (hole: number): void => {
      instance.slots[hole] = adoptContent(values.shift() as Shape);
    };

    const adoptNodes = (parent: Node): void => {
      for (const pattern of parent.childNodes) {
        const holes = plan.get(pattern);
        // this comment ends the content of a hole
        for (const hole of holes ?? []) if (kindOf(hole) === HoleKind.child) fill(hole);
        const node: ChildNode = next?.nodeName === pattern.nodeName ? next : mismatch();
        // what has no holes inside is left alone: something may have drawn itself there
        let adoptInside = holes && pattern.firstChild && (() => adoptNodes(pattern));
        for (const hole of holes ?? []) {
          const { kind, name } = template.holes[hole] as BrowserHole;
          instance.nodes[hole] = node;
          if (kind === HoleKind.only) adoptInside = () => fill(hole);
          else if (kind === HoleKind.property) tree.setProperty(node, name, values.shift());
          // what the model says of these, the HTML says
          else if (node instanceof HTMLTextAreaElement && kind === HoleKind.text)
            tree.setProperty(node, 'value', node.defaultValue);
          else if (kind === HoleKind.boolean && name === 'open' && isDisclosure(node as Element))
            tree.setProperty(node, name, (node as Element).hasAttribute(name));
          else if (kind === HoleKind.event) tree.listen(instance, hole, values.shift() as WireListener | null);
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

  // a strict Content-Security-Policy has kept the HTML from saying it, and lets a script
  for (const node of root.querySelectorAll<HTMLElement>('[style]'))
    node.style.cssText ||= node.getAttribute('style') as string;
  if (ids) tree.expectIds(ids, nextId);
  host.slots[0] = adoptContent(shape);
  if (next !== end) mismatch();
}

function mismatch(): never {
  throw Error('mismatch');
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
