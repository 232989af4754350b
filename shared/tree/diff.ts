/*
 * Compares a rendered tree with what a view returned now, brings the tree up to date in place, and writes the
 * operations that do the same to a DOM. Cost follows the change: equal parts are compared by identity and left alone.
 * Views of items are evaluated on the way; each change of the tree is noted first, so that it can be taken back.
 */

import { On } from '../language/events.ts';
import { Keyed, Memo, type MessageMap, Template, UnsafeHtml } from '../language/html.ts';
import { type Hole, isContent } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { Place } from '../template/place.ts';
import { setHole } from '../wire/patch.ts';
import { type AttributeTexts, changedTexts } from './attribute-values.ts';
import { encodeContent, encodeListener } from './encode.ts';
import type { ShownKeyed } from './keyed.ts';
import { diffArray } from './list.ts';
import { isSameData } from './same-data.ts';
import {
  type Content,
  createContent,
  type DiffTarget,
  Instance,
  isSame,
  List,
  type MappedInstance,
  Memoized,
  Raw,
  sameDeps,
  unwrap,
} from './tree.ts';
import { type Slot, toSlot, toText } from './values.ts';

/** Brings an instance up to date with a template of the same literal. */
export function diffInstance(instance: Instance, template: Template, target: DiffTarget): void {
  const { holes } = instance.definition;
  const { values } = template;
  if (template.map) setMap(instance as MappedInstance, template.map, target);
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    const old = instance[index];
    const value = values[hole.value];
    // most holes hold what they held; 0 may have been -0, and JSON of a text may be that text
    if (value === old && value !== 0 && !hole.parts && hole.kind !== HoleKind.text) continue;
    if (isContent(hole.kind)) {
      const { place } = target;
      if (typeof value === 'object') target.place = new Place(hole, place);
      set(instance, index, diffContent(old as Content, value, instance, index, target), target);
      target.place = place;
    } else if (hole.kind === HoleKind.event) {
      const listener = diffListener(old, toSlot(hole, values), instance.id, index, target);
      if (listener === old) continue;
      target.journal.hasListeners = true;
      set(instance, index, listener, target);
    } else {
      const slot = toSlot(hole, values);
      if (isSameData(slot, old)) continue;
      set(instance, index, slot, target);
      target.digest?.change(instance.id, index, hole.kind, old, slot);
      const isSpread = hole.kind === HoleKind.spread;
      const sent = isSpread ? changedTexts(old as AttributeTexts, slot as AttributeTexts) : slot;
      target.operations.push(setHole(instance.id, index, sent));
    }
  }
}

function set(instance: Instance, index: number, slot: Slot, { journal }: DiffTarget): void {
  const old = instance[index];
  if (old === slot) return;
  journal.note(instance, index, old);
  instance[index] = slot;
}

function setMap(instance: MappedInstance, map: MessageMap, { journal }: DiffTarget): void {
  if (instance.messageMap === map) return;
  journal.hasListeners = true;
  journal.note(instance, 'messageMap', instance.messageMap);
  instance.messageMap = map;
}

function diffContent(before: Content, value: unknown, owner: Instance, index: number, target: DiffTarget): Content {
  if (before instanceof Memoized && value instanceof Memo) {
    if (!sameDeps(before.deps, value.deps)) {
      const content = diffContent(before.content, value.view(value.deps as never), owner, index, target);
      target.journal.note(before, 'content', before.content);
      target.journal.note(before, 'deps', before.deps);
      before.content = content;
      before.deps = value.deps;
    }
    return before;
  }
  const old = unwrap(before);
  if (value === null || typeof value !== 'object') {
    const text = toText(value, owner.definition.holes[index]);
    if (text !== old && !(text === null && isEmpty(old))) {
      target.digest?.replace(owner.id, index, old, text);
      target.byId.leave(old);
      target.operations.push(setHole(owner.id, index, text));
    }
    return text;
  }
  if (value instanceof Memo)
    return new Memoized(value.deps, diffContent(old, value.view(value.deps as never), owner, index, target));
  if (value instanceof Template) {
    if (old instanceof Instance && isSame(old, value)) {
      target.update(old, value);
      return old;
    }
  } else if (value instanceof Keyed) {
    if (old instanceof List && old.source && !old.isEmpty && hasItems(value)) {
      (value as ShownKeyed).update(old, owner, index, target);
      return old;
    }
  } else if (Array.isArray(value)) {
    if (old instanceof List && !old.source && !old.isEmpty && value.length > 0) {
      diffArray(old, value, owner, index, target);
      return old;
    }
  } else if (value instanceof UnsafeHtml && old instanceof Raw && old.html === value.html) return old;

  const content = createContent(value, target, target.place as Place, owner);
  const isEqual = content === old || (isEmpty(old) && isEmpty(content));
  if (!isEqual) {
    target.operations.push(setHole(owner.id, index, encodeContent(content, target.table)));
    target.digest?.replace(owner.id, index, old, content);
    target.byId.leave(old);
  }
  return content;
}

function hasItems({ chunks }: Keyed): boolean {
  return chunks.some(({ length }) => length > 0);
}

function isEmpty(content: Content): boolean {
  return content === null || (content instanceof List && content.isEmpty);
}

function isSameListener(old: unknown, next: unknown): boolean {
  if (!(old instanceof On) || !(next instanceof On)) return isSameData(old, next);
  return isSameData(old.handler, next.handler) && isSameData(old.options, next.options);
}

function diffListener(old: unknown, next: unknown, id: number, hole: number, target: DiffTarget): unknown {
  // most messages are written in the view, and mean the same each time
  if (isSameListener(old, next)) return old;
  const wire = encodeListener(next);
  const before = encodeListener(old);
  const isEqual = wire === before || (typeof wire === 'object' && JSON.stringify(wire) === JSON.stringify(before));
  if (!isEqual) {
    target.digest?.change(id, hole, HoleKind.event, old, next);
    target.operations.push(setHole(id, hole, wire));
  }
  return next;
}
