/*
 * Adopts server-rendered DOM as an island's tree, node for node. Input: the content's shape (`shared/wire/adoption.ts`)
 * and the DOM as the browser parsed it. Where others have put something in between, `loose-cursor.ts` goes around it.
 * Output: instances, and what is heard and kept of their nodes.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import { type Adoption, isInShape, type Shape, shapesIn } from '../../shared/wire/adoption.ts';
import { isInstance, isRaw, slotsOf, templateOf, type WireInstance } from '../../shared/wire/content.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import type { WireListener } from '../../shared/wire/listener.ts';
import { isState } from './controls.ts';
import type { DomContent, DomInstance, DomTree } from './dom-tree.ts';
import { findAll, firstOf, getAttribute, hasAttribute, nextOf, read } from './native.ts';
import { special } from './parts.ts';
import { DomList, link, placeOf } from './places.ts';
import type { DomTemplate } from './templates.ts';

/** Where the next node to adopt stands. */
export interface Cursor {
  /** Takes the node that a node of a template says; undefined: nobody can tell which it is. */
  take(pattern: Node): ChildNode | undefined;
  /** Takes a text; undefined: somebody has put something else in its place. */
  text(): ChildNode | undefined;
  /** Takes what was written as markup. */
  markup(): ChildNode[];
  /** Goes through what stands in an element. */
  within(parent: Node | undefined, instance: DomInstance, look: () => void): void;
}

/**
 * Adopts what stands where the tree belongs.
 *
 * @param adoption Ids that are 0 count from 1 on.
 * @param cursor Finds the nodes; without, each has to be where it should be.
 * @throws Error when the shape is none of these templates, or a node is not where it should be. Nothing was changed.
 */
export function adopt(
  tree: DomTree,
  { shape, ids, nextId }: Pick<Adoption, 'shape' | 'ids' | 'nextId'>,
  cursor = createCursor(tree),
): void {
  const host = tree.instances.get(0) as DomInstance;
  /** What is told once all has been found. */
  const later: (() => void)[] = [];
  tree.foreign.forget();
  tree.instances = new Map([[0, host]]);

  const adoptContent = (part: Shape, holder: DomInstance, hole: number): DomContent => {
    if (part === null) return null;
    if (!part || typeof part === 'string') return (cursor.text() ?? new Text()) as Text;
    if (isInstance(part)) return adoptInstance(part, holder, hole);
    if (isRaw(part)) return cursor.markup();
    const list = new DomList();
    for (const row of shapesIn(part)) link(adoptInstance(row as WireInstance, holder, hole), list);
    return list;
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
          cursor.text();
          continue;
        }
        const node = cursor.take(pattern) as ChildNode;
        instance.isBroken ||= !node;
        // what has no holes inside is left alone: something may have drawn itself there
        let adoptInside =
          own &&
          firstOf(pattern) &&
          !hasAttribute.call(pattern as Element, 'data-islet-own') &&
          (() => adoptNodes(pattern as Node));
        for (const hole of own ?? []) {
          const { kind, name } = holes[hole] as BrowserHole;
          const isIn = kind !== HoleKind.child && isInShape(holes[hole] as BrowserHole);
          const value = isIn && kind !== HoleKind.only && values.shift();
          instance.nodes[hole] = node;
          if (kind === HoleKind.only) {
            const [shape] = values;
            adoptInside = () => fill(hole);
            // what its person may have edited, the shape says
            if (node && (shape === null || typeof shape === 'string') && special.part?.isEditable(node)) {
              adoptInside = undefined;
              later.push(() => tree.set?.(instance.id, hole, shape));
              values.shift();
            }
          } else if (kind === HoleKind.attribute) instance.slots[hole] = isIn ? (value as string) : undefined;
          else if (node && kind !== HoleKind.child) {
            later.push(() => {
              if (kind === HoleKind.event) tree.listen(instance, hole, value as WireListener | null);
              else if (kind === HoleKind.spread) special.part?.sayStates(tree, node as Element, pattern as Element);
              else if (kind === HoleKind.property) tree.setProperty(node, name, value);
              // what the model says of these, the HTML says
              else if (node instanceof HTMLTextAreaElement && kind === HoleKind.text)
                tree.setProperty(node, 'value', node.defaultValue);
              else if (kind === HoleKind.boolean && isState(node, name))
                tree.setProperty(node, name, hasAttribute.call(node as Element, name));
            });
          }
        }
        if (adoptInside) cursor.within(node, instance, adoptInside);
        if (parent !== template.content) continue;
        instance.first ??= node;
        instance.last = node;
      }
    };

    adoptNodes(template.content);
    [instance.key] = values;
    return instance;
  };

  const [root] = placeOf(host, 0);
  tree.expectIds(ids || [], ids ? nextId : 1);
  cursor.within(root, host, () => {
    host.slots[0] = adoptContent(shape, host, 0);
  });
  // a strict Content-Security-Policy has kept the HTML from saying it, and lets a script
  for (const node of findAll<HTMLElement>(root, '[style]')) node.style.cssText ||= node.getAttribute('style') as string;
  for (const act of later) act();
}

/** Whether a node may be the one that a node of a template says. */
export function isNamed(node: Node, pattern: Node): boolean {
  const isSame = read(node, 'nodeName') === read(pattern, 'nodeName');
  return isSame && !(pattern instanceof Comment && pattern.data !== (node as Comment).data);
}

/** Attributes that seldom change, and tell elements from each other. */
export const marks = ['id', 'class', 'name', 'type', 'role'];

/** Finds all nodes where they should be. What it throws says that somebody has put something in. */
function createCursor(tree: DomTree): Cursor {
  const [, end] = placeOf(tree.instances.get(0) as DomInstance, 0);
  let next: ChildNode | null;

  const takeIf = (isIt: boolean): ChildNode => {
    if (!isIt || next === end) throw Error('misfit');
    const node = next as ChildNode;
    next = nextOf(node);
    return node;
  };

  return {
    take: (pattern) =>
      takeIf(
        !!next &&
          isNamed(next, pattern) &&
          !(
            pattern instanceof Element &&
            marks.some((name) => {
              const text = getAttribute.call(pattern, name);
              return text !== null && text !== getAttribute.call(next as Element, name);
            })
          ),
      ),
    text: () => takeIf(next instanceof Text),
    markup() {
      const nodes: ChildNode[] = [];
      while (next && next !== end && !(next instanceof Comment && !next.data)) nodes.push(takeIf(true));
      return nodes;
    },
    within(parent, _, look) {
      const outer = next;
      next = firstOf(parent as Node);
      look();
      if (next && next !== end) throw Error('misfit');
      next = outer;
    },
  };
}

/** The holes of each node that has some, or has them inside. */
export function planOf({ content, holes }: DomTemplate): NonNullable<DomTemplate['plan']> {
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
