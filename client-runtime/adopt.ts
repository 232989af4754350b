/*
 * Adopts server-rendered DOM as an island's tree, node for node. Input: the content's shape (`shared/tree/encode.ts`)
 * and the DOM as the browser parsed it. A DOM that is not what the shape says throws; the caller then asks for a mount.
 */

import type { WireListener } from '../shared/patch.ts';
import type { WireHole } from '../shared/template/definition.ts';
import type { Shape } from '../shared/tree/encode.ts';
import type { DomContent, DomInstance, DomTemplate, DomTree } from './dom-tree.ts';

/** Per template: which holes belong to which of its nodes, and whose content a comment ends. */
const plans = new WeakMap<DomTemplate, Map<Node, number[]>>();

/** Adopts the content of `root`. @throws Error when the DOM is not what the shape says. */
export function adopt(tree: DomTree, root: Node, shape: Shape): void {
  const host = tree.instances.get(0) as DomInstance;
  const [content, rest] = adoptContent(tree, shape, root.firstChild);
  host.slots[0] = content;
  const end = host.nodes[0] as Node;
  if (rest !== (end === root ? null : end)) mismatch();
}

function mismatch(): never {
  throw new Error('ISLET_ERR_PATCH');
}

/** Returns the content that starts at `node`, and the node behind it. */
function adoptContent(tree: DomTree, shape: Shape, node: Node | null): [DomContent, Node | null] {
  if (shape === null) return [null, node];
  if (shape === 0) return node instanceof Text ? [node, node.nextSibling] : mismatch();
  const [kind, ...rest] = shape;
  if (kind === 'raw') {
    const nodes: Node[] = [];
    let next = node;
    for (; next && !(next instanceof Comment && next.data === ''); next = next.nextSibling) nodes.push(next);
    return [nodes, next];
  }
  if (kind !== 'list') return adoptInstance(tree, shape as readonly unknown[], node);
  const list = new Set<DomInstance>();
  let next = node;
  for (let at = 0; at < rest.length; at += 2) {
    for (let count = 0; count < (rest[at] as number); count++) {
      const [instance, behind] = adoptInstance(tree, rest[at + 1] as readonly unknown[], next);
      list.add(instance);
      next = behind;
    }
  }
  return [list, next];
}

function adoptInstance(tree: DomTree, shape: readonly unknown[], start: Node | null): [DomInstance, Node | null] {
  const template = tree.templates[shape[0] as number] ?? mismatch();
  const instance = tree.enter(template);
  const plan = planOf(template);
  const shapes: unknown[] = [];
  let place = 1;
  template.holes.forEach(([kind], hole) => {
    instance.slots[hole] = null;
    if (kind < 2 || kind === 4 || kind === 5) shapes[hole] = shape[place++];
  });

  const walk = (from: Node, first: Node | null): Node | null => {
    let node = first;
    for (let pattern = from.firstChild; pattern; pattern = pattern.nextSibling) {
      const holes = plan.get(pattern) ?? [];
      const kind = template.holes[holes[0] as number]?.[0];
      if (kind === 1) {
        const hole = holes[0] as number;
        const [content, behind] = adoptContent(tree, shapes[hole] as Shape, node);
        instance.slots[hole] = content;
        node = behind;
      }
      if (!node || node.nodeName !== pattern.nodeName) mismatch();
      let isFilled = pattern.nodeName === 'NOSCRIPT';
      for (const hole of holes) {
        instance.nodes[hole] = node;
        const [holeKind, name] = template.holes[hole] as WireHole;
        if (holeKind === 0) {
          const [content, behind] = adoptContent(tree, shapes[hole] as Shape, node.firstChild);
          if (behind) mismatch();
          instance.slots[hole] = content;
        } else if (holeKind === 4) {
          // what a person typed before the script ran is newer than what the server rendered
          if (!/^(value|checked|selected)$/.test(name)) tree.setProperty(instance, hole, shapes[hole]);
        } else if (holeKind === 5) tree.listen(instance, hole, shapes[hole] as WireListener | null);
        isFilled ||= holeKind === 0 || holeKind === 6;
      }
      if (!isFilled && walk(pattern, node.firstChild)) mismatch();
      node = node.nextSibling;
    }
    return node;
  };

  // the first hole may be empty, its start is marked all the same
  if (!start) mismatch();
  instance.first = start;
  const behind = walk(template.content, start);
  instance.last = (behind ? behind.previousSibling : start.parentNode?.lastChild) as Node;
  return [instance, behind];
}

function planOf(template: DomTemplate): Map<Node, number[]> {
  let plan = plans.get(template);
  if (!plan) {
    plan = new Map();
    plans.set(template, plan);
    template.holes.forEach(([, , ...path], hole) => {
      const node = path.reduce((from: Node, index) => from.childNodes[index] as Node, template.content);
      const holes = (plan as Map<Node, number[]>).get(node);
      if (holes) holes.push(hole);
      else plan?.set(node, [hole]);
    });
  }
  return plan;
}
