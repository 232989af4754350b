/*
 * Collects what happens to a list's instances, and says it as one operation. Input: for each place of a section what is
 * to stand there. Output: the list's instances, cut as its items are, and a `list` operation if any came, went or moved.
 */

import type { Chunks } from '../language/chunk-table.ts';
import type { Template } from '../language/html.ts';
import { type Entry, editList, putBefore, type Run } from '../wire/patch.ts';
import { encodeInstance, rows } from './encode.ts';
import type { Section } from './list-sections.ts';
import { createInstance, type DiffTarget, type Instance, isSame, type List } from './tree.ts';

export class ListEdit {
  private readonly removed: Instance[] = [];
  private readonly list: List;
  private readonly owner: Instance;
  private readonly hole: number;
  private readonly target: DiffTarget;

  constructor(list: List, owner: Instance, hole: number, target: DiffTarget) {
    this.list = list;
    this.owner = owner;
    this.hole = hole;
    this.target = target;
  }

  /** Brings an instance (undefined: there is none) up to date at its new place, or has it made anew there. */
  place(instance: Instance | undefined, section: Section, place: number, template: Template): void {
    if (instance && isSame(instance, template)) {
      this.target.update(instance, template);
      section.put(place, instance);
      return;
    }
    if (instance) this.removed.push(instance);
    section.put(place, template);
  }

  remove(instance: Instance): void {
    this.removed.push(instance);
  }

  /**
   * Writes the operation, if there is anything to do, and gives the list its instances.
   *
   * @param chunks What they are cut as.
   */
  finish(sections: readonly Section[], chunks: Chunks): void {
    const { list, owner, hole, removed, target } = this;
    const { digest, journal, byId, operations } = target;
    for (const gone of removed) {
      digest?.remove(owner.id, hole, gone);
      journal.note(gone, 'parent', gone.parent);
      gone.parent = undefined;
      byId.leave(gone);
    }
    const runs = sections.flatMap((section) => this.enter(section));
    let { instances } = list;
    for (const {
      change: { from, to, oldFrom, oldTo },
      old,
      next,
    } of sections) {
      // most often one chunk took the place of another, and no instance came, went or moved
      if (next === old && to - from === 1 && oldTo - oldFrom === 1) continue;
      let at = 0;
      const cut = chunks.slice(from, to).map(({ length }) => {
        at += length;
        return (length === next.length ? next : next.slice(at - length, at)) as Instance[];
      });
      instances = instances.toSpliced(from, oldTo - oldFrom, ...cut);
    }
    journal.note(list, 'instances', list.instances);
    list.instances = instances;
    if (removed.length + runs.length === 0) return;
    operations.push(
      editList(
        owner.id,
        hole,
        removed.map(({ id }) => id),
        runs,
      ),
    );
  }

  /** Says what comes to places of a section; what is new is made: ids are given in the order of the operation. */
  private enter(section: Section): Run[] {
    const { start, next, old, stays } = section;
    const runs: Run[] = [];
    if (next === old && !stays?.length) return runs;
    // where nothing has gone nothing is made in its place: all but the middle stays
    const [from, end] = stays && !this.removed[0] ? [start, start + stays.length] : [0, next.length];
    const isStaying = (place: number): boolean => stays?.[place - start] !== 0 && !isTemplate(next[place]);
    for (let place = from; place < end; place++) {
      if (isStaying(place)) continue;
      const entries: Entry[] = [];
      for (; place < end && !isStaying(place); place++) entries.push(this.enterOne(section, place));
      // the chunk behind it stays
      const before = next[place] ?? this.list.instances.slice(section.change.oldTo).find((chunk) => chunk[0])?.[0];
      runs.push(putBefore((before as Instance | undefined)?.id ?? 0, entries));
    }
    return runs;
  }

  /** Gives an entry of a run: the id of what moves, or what is new. */
  private enterOne(section: Section, place: number): Entry {
    const { list, owner, hole, target } = this;
    const next = section.next[place] as Instance | Template;
    if (!isTemplate(next)) return next.id;
    const instance = createInstance(next, target, target.place, list);
    section.put(place, instance);
    target.digest?.insert(owner.id, hole, instance);
    return rows.withKey(encodeInstance(instance, target.table), instance, list.source, section.items[place]);
  }
}

/** By a property, which takes half the time of `instanceof`. */
function isTemplate(next: Instance | Template | undefined): next is Template {
  return (next as Template).strings !== undefined;
}
