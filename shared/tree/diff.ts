/*
 * Compares a rendered tree with what a view returned now, brings the tree up to date in place, and writes the
 * operations that do the same to a DOM. Cost follows the change: equal parts are compared by identity and left alone.
 */

import { Keyed, Memo, Template, UnsafeHtml } from '../html.ts';
import type { Operation } from '../patch.ts';
import { type Hole, HoleKind } from '../template/definition.ts';
import { encodeContent, encodeListener, encodeSlot, type TemplateTable } from './encode.ts';
import { diffArray, diffKeyed } from './list.ts';
import {
  type Allocator,
  type Content,
  createContent,
  Instance,
  isContent,
  List,
  Memoized,
  Raw,
  toSlot,
  toText,
} from './tree.ts';

/** Where a diff writes its operations, and what it needs to make new instances. */
export interface DiffTarget extends Allocator {
  readonly table: TemplateTable;
  readonly operations: Operation[];
}

/** Tells whether an instance can be brought up to date with a template: they come from the same literal. */
export function isSame(instance: Instance, template: Template): boolean {
  return instance.definition.strings === template.strings;
}

/** Brings an instance up to date with a template of the same literal. */
export function diffInstance(instance: Instance, template: Template, target: DiffTarget): void {
  const { holes } = instance.definition;
  const { slots } = instance;
  const { values } = template;
  instance.map = template.map;
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    const old = slots[index];
    if (isContent(hole.kind)) {
      const value = values[hole.value];
      // most holes hold text that did not change
      if (value === old && typeof value !== 'object') continue;
      slots[index] = diffContent(old as Content, value, instance.id, index, target);
    } else if (hole.kind === HoleKind.event) {
      slots[index] = diffListener(old, toSlot(hole, values), instance.id, index, target);
    } else {
      const slot = toSlot(hole, values);
      if (Object.is(slot, old)) continue;
      slots[index] = slot;
      target.operations.push([instance.id, index, encodeSlot(hole.kind, slot, target.table)]);
    }
  }
}

function diffContent(before: Content, value: unknown, id: number, hole: number, target: DiffTarget): Content {
  if (before instanceof Memoized && value instanceof Memo) {
    if (!sameValues(before.deps, value.deps)) {
      before.content = diffContent(before.content, value.view(), id, hole, target);
      before.deps = value.deps;
    }
    return before;
  }
  const old = before instanceof Memoized ? before.content : before;
  if (value === null || typeof value !== 'object') {
    const text = toText(value);
    if (text !== old) target.operations.push([id, hole, text]);
    return text;
  }
  if (value instanceof Memo) return new Memoized(value.deps, diffContent(old, value.view(), id, hole, target));
  if (value instanceof Template) {
    if (old instanceof Instance && isSame(old, value)) {
      diffInstance(old, value, target);
      return old;
    }
  } else if (value instanceof Keyed) {
    if (old instanceof List && old.source && old.instances.length > 0 && value.items.length > 0) {
      diffKeyed(old, value, id, hole, target);
      return old;
    }
  } else if (Array.isArray(value)) {
    if (old instanceof List && !old.source && old.instances.length > 0 && value.length > 0) {
      diffArray(old, value, id, hole, target);
      return old;
    }
  } else if (value instanceof UnsafeHtml && old instanceof Raw && old.html === value.html) return old;

  const content = createContent(value, target);
  if (isEmptyList(old) && isEmptyList(content)) return content;
  if (typeof content !== 'object' && content === old) return old;
  target.operations.push([id, hole, encodeContent(content, target.table)]);
  return content;
}

function isEmptyList(content: Content): boolean {
  return content instanceof List && content.instances.length === 0;
}

function diffListener(old: unknown, next: unknown, id: number, hole: number, target: DiffTarget): unknown {
  if (old === next) return old;
  const wire = encodeListener(next);
  const before = encodeListener(old);
  const isEqual = wire === before || (typeof wire === 'object' && JSON.stringify(wire) === JSON.stringify(before));
  if (!isEqual) target.operations.push([id, hole, wire]);
  return next;
}

function sameValues(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, index) => Object.is(value, right[index]));
}
