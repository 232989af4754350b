/*
 * Shows another rendering in the place of what is shown, and keeps each element that is the same in both (`same.ts`),
 * wherever it stands then: with its island, its typing, focus, scroll, and whatever plays in it. Input: the tree, and
 * content. Output: changed DOM. What is new is made beside the page, with marks where something of the page belongs;
 * then that is moved to its marks, what holds others first, so that it is never out of the page. Part of `repair.ts`.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import { isShared } from '../../shared/wire/adoption.ts';
import {
  isInstance,
  isRaw,
  slotsOf,
  templateOf,
  type WireContent,
  type WireInstance,
} from '../../shared/wire/content.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import { isState } from './controls.ts';
import type { DomContent, DomInstance, TreeInside } from './dom-tree.ts';
import { arrange, isWhole } from './mend.ts';
import { contains, findAll, firstOf, insertBefore, nextOf, parentOf, read, remove, write } from './native.ts';
import { compareDocumentPosition } from './native-order.ts';
import type { Others } from './others.ts';
import { special } from './parts.ts';
import { link, nodeAt, nodesOf, type Part, partsOf, place, placeOf } from './places.ts';
import { isEdited, isSameInside, renderedAs, shownIn } from './renderings.ts';
import { findSame, type Item } from './same.ts';
import type { DomTemplate } from './templates.ts';

export interface TakeOver {
  /** Sets content while it is shown. */
  setContent(instance: DomInstance, hole: number, wire: WireContent): void;
  /** Moves what is kept to where it belongs, and takes out what is not. */
  finish(): void;
}

/** Begins to show other content. @param others Knows what is not ours. */
export function takeOver(
  { tree, owner, fill, newList, build }: TreeInside,
  others: Others,
  content: WireContent,
): TakeOver {
  const host = tree.instances.get(0) as DomInstance;
  const before = [...tree.instances.values()];
  const shown = shownIn(host.slots[0] as DomContent, others.isTheirs);
  const next = renderedAs(content, tree.templates);
  findSame(shown, next);

  /** Instances that go on whole: of the same template, with the same elements. */
  const kept = new Map<object, DomInstance>();
  const isKept = new Set<unknown>();
  for (const [wire, items] of next.itemsOf) {
    const old = items[0]?.same?.of as DomInstance | undefined;
    const template = tree.templates[templateOf(wire as WireInstance)] as DomTemplate;
    if (
      old &&
      isSameTemplate(old.template, template) &&
      // nobody knows which attributes an object gave to what is kept
      !template.holes.some(({ kind }) => kind === HoleKind.spread) &&
      items.length === shown.itemsOf.get(old)?.length &&
      items.every(({ same, at }) => same?.of === old && same.at === at) &&
      isWhole(old, others)
    ) {
      kept.set(wire, old);
      isKept.add(old);
    }
  }

  /** Which instance a node belongs to that stands beside others of it: the innermost. */
  const ownerOf = new Map<Node, DomInstance>();
  /** In how many kept instances that have several nodes a node stands. */
  const depths = new Map<Node | null, number>();
  /** What was between the ends of an instance, and in an element. */
  const nodesBefore = new Map<unknown, Node[]>();
  const moving: Element[] = [];
  for (const [old, items] of shown.itemsOf as Map<DomInstance, Item[]>) {
    for (const { node, same } of items) {
      if (!same) continue;
      nodesBefore.set(node, childrenOf(node));
      moving.push(node);
    }
    nodesBefore.set(old, nodesOf(old) ?? [old.first, old.last, ...old.nodes]);
    for (const node of nodesOf(old) ?? []) {
      ownerOf.set(node, old);
      if (isKept.has(old)) depths.set(node, (depths.get(node) ?? 0) + 1);
    }
  }
  const depthOf = (node: Node | null): number => depths.get(node) ?? 0;

  /** A browser that lays out the page in between has less to scroll then, and some lose it with each move. */
  const scrolled = moving.flatMap((node) => {
    const [top, left] = [read(node, 'scrollTop'), read(node, 'scrollLeft')];
    return top || left ? [{ node, top, left }] : [];
  });

  for (const old of before) {
    // what is kept of it hears by the listeners of its next instance
    if (old === host || isKept.has(old)) continue;
    old.template.holes.forEach(({ kind }, hole) => {
      if (kind === HoleKind.event && old.slots[hole]) tree.listen(old, hole, null);
    });
  }

  /** What is moved to the mark that stands for it: what holds others first. */
  const moves: (() => void)[] = [];
  const marked = new Map<Node, { readonly first: ChildNode; readonly last: ChildNode; readonly depth: number }>();
  const moved = new Set<Node>();
  const leftovers: Node[] = [];
  const places: [DomInstance, number][] = [];

  const make = (wire: WireInstance, holder: DomInstance, hole: number): [DomInstance, ChildNode[]] => {
    const at = moves.push(() => undefined) - 1;
    const old = kept.get(wire);
    if (!old) return create(wire, holder, hole);
    const { first, last } = old;
    fill(tree.enter(old.template, holder, hole, old), wire);
    const mark = new Comment();
    marked.set(mark, { first, last, depth: depthOf(first) - 1 });
    moves[at] = () => {
      moveTo(mark, old);
    };
    return [old, [mark]];
  };

  const create = (wire: WireInstance, holder: DomInstance, hole: number): [DomInstance, ChildNode[]] => {
    const template = tree.templates[templateOf(wire)] as DomTemplate;
    const { holes } = template;
    const made = tree.enter(template, holder, hole);
    const copy = document.importNode(template.content, true);
    made.nodes = holes.map(({ path }) => nodeAt(copy, path));
    const copies = new Map(zip(findAll(template.content, '*'), findAll(copy, '*')));
    const olds = new Set<Node>();
    const left: Node[] = [];
    for (const item of next.itemsOf.get(wire) ?? []) {
      const { same, pattern } = item;
      const found = copies.get(pattern);
      if (!same || !found || isEdited(item, template) || left.some((outer) => contains.call(outer, pattern))) continue;
      const old = same.node as ChildNode & Element;
      olds.add(old);
      moved.add(old);
      // what stands for it must do nothing while it is in the page
      const mark = document.createElement('i');
      for (const child of childrenOf(found)) insertBefore.call(mark, child, null);
      insertBefore.call(parentOf(found) as Node, mark, found);
      remove(found);
      marked.set(mark, { first: old, last: old, depth: depthOf(old) });
      const own = made.nodes.flatMap((node, at) => (node === found ? [at] : []));
      for (const at of own) {
        const { kind, name } = holes[at] as BrowserHole;
        made.nodes[at] = kind === HoleKind.only ? mark : old;
        if (kind === HoleKind.attribute && isShared(name)) made.slots[at] = same.said.get(name);
      }
      bring(
        same,
        item,
        own.map((at) => holes[at] as BrowserHole),
      );
      const isLeft = isSameInside(item, template);
      if (isLeft) left.push(pattern);
      moves.push(() => {
        moveTo(mark, old);
        if (!isLeft) {
          leftovers.push(...(nodesBefore.get(old) as Node[]));
          merge(old, firstOf(old), null, childrenOf(mark));
        }
        for (const at of own) made.nodes[at] = old;
        if (made.first === (mark as Node)) made.first = old;
        if (made.last === (mark as Node)) made.last = old;
      });
    }
    const slots = slotsOf(wire);
    made.key = slots[holes.length];
    slots.slice(0, holes.length).forEach((slot, at) => {
      if (slot !== null || olds.has(made.nodes[at] as Node)) tree.set?.(made.id, at, slot);
    });
    special.part?.autofocusIn(copy as DocumentFragment);
    made.first = firstOf(copy) as ChildNode;
    const nodes = childrenOf(copy);
    made.last = nodes.at(-1) as ChildNode;
    return [made, nodes];
  };

  /** Brings what templates say, and not holes, to what they say now; what was said before, and is not now, goes. */
  const bring = (
    { said: before, node, of }: Item,
    { said, holes: open }: Item,
    holes: readonly BrowserHole[],
  ): void => {
    const { nodes, template } = of as DomInstance;
    template.holes.forEach(({ kind, name }, hole) => {
      const isSaid = holes.some((each) => each.kind === kind && each.name === name) || said.has(name);
      if (nodes[hole] === node && kind !== HoleKind.event && !isSaid && isState(node, name))
        owner.onProperty(node, name, undefined);
    });
    for (const [name, text] of before) if (!said.has(name)) tree.writeAttribute(node, name, null, text);
    for (const [name, text] of said) {
      if (!open.has(name) && before.get(name) !== text) tree.writeAttribute(node, name, text, before.get(name));
    }
  };

  /** Puts nodes into a place, between what stays there. */
  const merge = (
    parent: Node & ParentNode,
    start: Node | null,
    end: Node | null,
    nodes: readonly ChildNode[],
  ): void => {
    let at = start;
    for (const node of nodes) {
      const found = marked.get(node);
      const isNext =
        found &&
        at &&
        parentOf(found.first) === parent &&
        found.depth === depthOf(end) &&
        follows(at, found.first) &&
        (!end || follows(found.first, end));
      // what stands where it should needs no mark
      if (isNext) {
        remove(node);
        at = nextOf(found.last);
      } else place(node, parent, at);
    }
  };

  const setContent = (instance: DomInstance, hole: number, wire: WireContent): void => {
    places.push([instance, hole]);
    const old = instance.slots[hole];
    if (old instanceof Text && typeof wire !== 'object') {
      if (old.data !== `${wire}`) old.data = wire as string;
      return;
    }
    const [parent, end] = placeOf(instance, hole);
    const parts = partsOf(old);
    const start = parts.flatMap((part) => nodesOf(part) ?? [])[0];
    const nodes: ChildNode[] = [];
    const add = (item: WireInstance): DomInstance => {
      const [made, own] = make(item, instance, hole);
      nodes.push(...own);
      return made;
    };
    let content: DomContent;
    if (wire === null || typeof wire !== 'object' || isRaw(wire)) {
      content = build(wire, instance, hole, marked.get(parent)?.first ?? parent);
      nodes.push(...(partsOf(content) as ChildNode[]));
    } else if (isInstance(wire)) content = add(wire);
    else {
      content = newList();
      for (const item of wire) link(add(item), content);
    }
    instance.slots[hole] = content;
    merge(parent, start && parentOf(start) === parent ? start : end, end, nodes);
    for (const part of parts) leave(part);
  };

  const leave = (part: Part): void => {
    if (part instanceof Node) remove(part);
    else if (!isKept.has(part)) leftovers.push(...(nodesBefore.get(part) as Node[]));
  };

  return {
    setContent,
    finish() {
      for (const move of moves) move();
      for (const node of leftovers) if (!moved.has(node) && !isKept.has(ownerOf.get(node))) remove(node);
      if (tree.foreign.isSeen) for (const [instance, hole] of places) arrange(instance, hole, others, true);
      for (const { node, top, left } of scrolled) {
        write(node, 'scrollTop', top);
        write(node, 'scrollLeft', left);
      }
    },
  };
}

/** Templates have other numbers in another rendering, and other objects. */
function isSameTemplate(left: DomTemplate, right: DomTemplate): boolean {
  return left === right || (left.text !== undefined && left.text === right.text);
}

/** Moves something to what stands for it; it stays where that was not needed. */
function moveTo(mark: Node, part: Part): void {
  const parent = parentOf(mark);
  if (!parent) return;
  place(part, parent, mark);
  remove(mark);
}

function follows(before: Node, node: Node): boolean {
  return before === node || (compareDocumentPosition.call(before, node) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

function childrenOf(node: Node): ChildNode[] {
  const children: ChildNode[] = [];
  for (let child = firstOf(node); child; child = nextOf(child)) children.push(child);
  return children;
}

function zip<Left, Right>(left: readonly Left[], right: readonly Right[]): [Left, Right][] {
  return left.map((each, at) => [each, right[at] as Right]);
}
