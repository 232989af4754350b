/*
 * Puts an island's DOM right where it is not as the tree knows it: others have changed it, or something else is to be
 * shown and what stands there is to be kept. It is a script of its own, loaded when that happens first (`parts.ts`);
 * what it shares with the script that loads it, it gets from that (`given.ts`). Input: the tree. Output: changed DOM,
 * the fewest nodes touched.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import {
  type IdRuns,
  isInstance,
  isRaw,
  templateOf,
  type WireContent,
  type WireInstance,
} from '../../shared/wire/content.ts';
import type { Cursor } from './adopt.ts';
import { writePart } from './attribute-parts.ts';
import { carryFields } from './carry.ts';
import type { DomContent, DomInstance, TreeInside } from './dom-tree.ts';
import { createLooseCursor } from './loose-cursor.ts';
import { arrange, isAlone, isTangled, isWhole, mend } from './mend.ts';
import { contains, insertBefore, parentOf, remove } from './native.ts';
import { createOthers } from './others.ts';
import { link, nodesOf, type Part, partsOf, place, placeOf } from './places.ts';
import { createRecovery } from './recovery.ts';
import { replay, tell } from './replay.ts';
import { type TakeOver, takeOver } from './take-over.ts';
import type { DomTemplate } from './templates.ts';

export interface Repair {
  /** Nothing may be taken for granted now: content is to be set by this. */
  readonly isWanted: boolean;
  setContent(instance: DomInstance, hole: number, wire: WireContent): void;
  /** What a part consists of, wherever others have put it. */
  nodesOf(part: Part): Node[];
  /** Others have just done something: if they have taken out what a person could press, that is put back. */
  look(): void;
  /** Puts back what others have moved or taken out since. */
  mend(): void;
  /**
   * Shows something else, and keeps the nodes that are the same, and with them focus, typing and scroll: those of
   * instances with the same ids, or whatever looks the same (`same.ts`).
   */
  mount(content: WireContent, ids: IdRuns, nextId: number, keeps: 'ids' | 'looks'): void;
  /**
   * Brings an instance to what it should be: what still stands in its place is kept, or else it is made anew between
   * its neighbours. @throws Error when its place is gone.
   */
  replace(id: number, content: WireContent, ids: IdRuns, nextId: number): void;
  /**
   * Goes around what others have put in.
   *
   * @param misfits Gets the ids of instances that have to be made anew; 0: all.
   */
  cursor(misfits: Set<number>): Cursor;
}

/** For so long somebody may take an element out of the page, to put it somewhere else. */
const takenMs = 50;

function createRepair(inside: TreeInside): Repair {
  const { tree, root, owner, create, fill } = inside;
  const { foreign } = tree;
  const others = createOthers();
  /** What is shown is to be kept as far as it is what is mounted. */
  let isKeeping = false;
  /** Instances that are kept if one with their id is mounted. */
  let known: ReadonlyMap<number, DomInstance> | undefined;
  /** What shows another rendering in the place of what is shown. */
  let taken: TakeOver | undefined;

  const find = (id: number): DomInstance => tree.instances.get(id) as DomInstance;

  /** Nodes of ours were moved or taken out, and nobody has put them back. */
  let isMoved = false;
  const note = (): void => {
    if (others.note(foreign.records.splice(0))) isMoved = true;
  };

  const allNodesOf = (part: Part): Node[] => {
    const nodes: Node[] = nodesOf(part) ?? [];
    if (part instanceof Node || !foreign.isSeen) return nodes;
    const inner = part.slots.flatMap((slot) => partsOf(slot).flatMap(allNodesOf));
    return [...nodes, part.first, part.last, ...part.nodes, ...inner].filter(Boolean);
  };

  /** @param old What stands there and may be kept; what is kept is taken out. */
  const build = (wire: WireContent, instance: DomInstance, hole: number, parent: Node, old: Set<Part>): DomContent => {
    if (wire === null || typeof wire !== 'object' || isRaw(wire)) return inside.build(wire, instance, hole, parent);
    const make = (item: WireInstance): DomInstance => {
      const kept = known?.get(inside.peekId() as number) as DomInstance;
      const template = tree.templates[templateOf(item)] as DomTemplate;
      // nobody knows which attributes an object gave to what is kept
      const isOpen = template.holes.some(({ kind }) => kind === HoleKind.spread);
      if (isOpen || kept?.template !== template || !isWhole(kept, others) || !old.delete(kept))
        return create(item, instance, hole);
      fill(tree.enter(kept.template, instance, hole, kept), item);
      return kept;
    };
    if (isInstance(wire)) return make(wire);
    const list = inside.newList();
    for (const item of wire) link(make(item), list);
    return list;
  };

  /** Does what keeps; nothing of it is others' doing. */
  const keep = (act: () => void): void => {
    foreign.pause();
    note();
    isKeeping = true;
    try {
      act();
    } finally {
      isKeeping = false;
      known = taken = undefined;
      foreign.resume();
    }
  };

  return {
    get isWanted() {
      return isKeeping || foreign.isSeen;
    },

    nodesOf: allNodesOf,

    setContent(instance, hole, wire) {
      if (taken) {
        taken.setContent(instance, hole, wire);
        return;
      }
      const old = instance.slots[hole];
      const [parent, end] = placeOf(instance, hole);
      foreign.pause();
      note();
      if (old instanceof Text && typeof wire !== 'object') {
        if (old.data !== `${wire}`) old.data = wire as string;
        if (foreign.isSeen && !isAlone(old, parent, end, others)) arrange(instance, hole, others, true);
        return;
      }
      const parts = new Set(partsOf(old));
      // first what is new: its ids are counted, whatever becomes of it
      const content = build(wire, instance, hole, parent, isKeeping ? parts : new Set());
      instance.slots[hole] = content;
      for (const part of parts) inside.removePart(part);
      for (const part of partsOf(content)) place(part, parent, end);
      if (foreign.isSeen || known) arrange(instance, hole, others, true);
    },

    look() {
      const taken = foreign.records.flatMap(({ removedNodes }) =>
        [...removedNodes].filter((node) => node instanceof Element),
      );
      // nothing else may happen that would have us look
      if (taken[0]) setTimeout(() => taken.some((node) => !contains.call(root, node)) && owner.onTaken(), takenMs);
    },

    mend() {
      note();
      if (!isMoved) return;
      isMoved = false;
      foreign.pause();
      owner.onTorn();
      try {
        const host = find(0);
        const mark = host.nodes[0] as Node;
        if (mark !== root && parentOf(mark) !== root) insertBefore.call(root, mark, null);
        const tell = ({ id }: DomInstance): void => owner.onMisfit(id, Error('somebody else has changed the page'));
        if (isTangled(host)) tell(host);
        else mend(host, others, tell);
      } catch (error) {
        owner.onMisfit(0, error);
      }
      foreign.resume();
    },

    mount(content, ids, nextId, keeps) {
      keep(() => {
        const host = find(0);
        if (keeps === 'ids') known = tree.instances;
        else taken = takeOver(inside, others, content);
        tree.instances = new Map([[0, host]]);
        tree.expectIds(ids, nextId);
        this.setContent(host, 0, content);
        taken?.finish();
      });
    },

    replace(id, content, ids, nextId) {
      const instance = find(id);
      const { holder, hole } = instance;
      keep(() => {
        known = tree.instances;
        tree.expectIds(ids, nextId);
        const wire = content as WireInstance;
        if (isWhole(instance, others) && instance.template === tree.templates[templateOf(wire)]) {
          fill(tree.enter(instance.template, holder, hole, instance), wire);
          return;
        }
        isKeeping = false;
        for (const node of allNodesOf(instance)) remove(node);
        inside.forget(instance);
        create(wire, holder, hole, instance);
        const [parent, end] = placeOf(holder, hole);
        // behind the last item of a list comes the list itself
        const next = instance.next as DomInstance | undefined;
        place(instance, parent, next?.first && parentOf(next.first) === parent ? next.first : end);
        arrange(holder, hole, others, true);
      });
    },

    cursor: (misfits) => createLooseCursor(inside, others, misfits),
  };
}

export const part = { carryFields, createRecovery, createRepair, replay, tell, writePart };
