/*
 * Encodes rendered content for a patch, or its shape for adoption: what a browser cannot read off the server's HTML.
 * Input: a tree and its component's table of templates. Output: plain JSON arrays.
 */

import { On } from '../language/events.ts';
import { type Definition, encodeDefinition, type Hole, HoleKind, isContent } from '../template/definition.ts';
import type { Define, WireContent, WireInstance, WireListener } from '../wire/patch.ts';
import { type Content, forEachInstance, Instance, List, Memoized, Raw } from './tree.ts';

// Most components have a few templates: looking through them is as fast as a map, which each actor would have to keep.
const maxListed = 8;

/**
 * The templates that an actor has used so far, numbered in the order of their first use: at first that of the document,
 * so that two actors which show the same have the same numbers. It only grows.
 */
export class TemplateTable {
  readonly definitions: Definition[] = [];
  private numbers: Map<Definition, number> | undefined;

  numberOf(definition: Definition): number {
    const number = this.numbers ? this.numbers.get(definition) : this.definitions.indexOf(definition);
    return number === undefined || number < 0 ? this.add(definition) : number;
  }

  private add(definition: Definition): number {
    const number = this.definitions.push(definition) - 1;
    if (number === maxListed) this.numbers = new Map(this.definitions.map((each, index) => [each, index]));
    else this.numbers?.set(definition, number);
    return number;
  }

  /** Numbers the templates of all instances in a tree. */
  addAll(content: Content): void {
    forEachInstance(content, (instance) => this.numberOf(instance.definition));
  }

  /** The operation that tells a browser the templates it does not know yet, if there are any. */
  define(first: number): Define | undefined {
    if (first >= this.definitions.length) return undefined;
    return ['define', first, ...this.definitions.slice(first).map(encodeDefinition)];
  }
}

/** Encodes content whole. */
export function encodeContent(content: Content, table: TemplateTable): WireContent {
  if (content === null || typeof content !== 'object') return content;
  if (content instanceof Instance) return encodeInstance(content, table);
  if (content instanceof List) return content.instances.map((instance) => encodeInstance(instance, table));
  return content instanceof Raw ? ['raw', content.html] : encodeContent(content.content, table);
}

export function encodeInstance(instance: Instance, table: TemplateTable): WireInstance {
  const { holes } = instance.definition;
  const wire: [number, ...unknown[]] = [table.numberOf(instance.definition)];
  for (let index = 0; index < holes.length; index++) {
    wire.push(encodeSlot(holes[index]?.kind as HoleKind, instance[index], table));
  }
  return wire;
}

/** Encodes what one hole holds. */
export function encodeSlot(kind: HoleKind, slot: unknown, table: TemplateTable): unknown {
  switch (kind) {
    case HoleKind.only:
    case HoleKind.child:
      return encodeContent(slot as Content, table);
    case HoleKind.event:
      return encodeListener(slot);
    default:
      return slot;
  }
}

/** Encodes how a handler wants its event, or null for none. */
export function encodeListener(slot: unknown): WireListener | null {
  if (slot === null) return null;
  if (!(slot instanceof On)) return typeof slot === 'function' ? 1 : 0;
  const { debounceMs = 0, throttleMs = 0, preventDefault, stopPropagation, include = [] } = slot.options;
  const data = typeof slot.handler === 'function' ? 1 : 0;
  const flags = (preventDefault ? 'p' : '') + (stopPropagation ? 's' : '');
  if (!debounceMs && !throttleMs && !flags && include.length === 0) return data;
  return [data, debounceMs, throttleMs, flags, ...include];
}

/**
 * The shape of server-rendered content, for adoption: as on the wire, but only with what the HTML does not say.
 * Text is 0 (null: none); attributes are left out; a list is `[count, shape, count, shape, ...]` in runs of equal shapes.
 */
export type Shape = 0 | null | readonly unknown[];

/** @see Shape */
export function encodeShape(content: Content, table: TemplateTable): Shape {
  if (content === null) return null;
  if (typeof content !== 'object') return 0;
  if (content instanceof Memoized) return encodeShape(content.content, table);
  if (content instanceof Raw) return ['raw'];
  if (content instanceof List) {
    const runs: unknown[] = ['list'];
    let last: Shape = null;
    for (const instance of content.instances) {
      const shape = encodeShape(instance, table);
      if (isEqual(shape, last)) (runs[runs.length - 2] as number)++;
      else runs.push(1, shape);
      last = shape;
    }
    return runs;
  }
  const shape: unknown[] = [table.numberOf(content.definition)];
  const { holes } = content.definition;
  for (let index = 0; index < holes.length; index++) {
    const { kind } = holes[index] as Hole;
    const slot = content[index];
    if (isContent(kind)) shape.push(encodeShape(slot as Content, table));
    else if (kind === HoleKind.event || kind === HoleKind.property) shape.push(encodeSlot(kind, slot, table));
  }
  return shape;
}

function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (!Array.isArray(left) || !Array.isArray(right)) {
    // a property's value may be any JSON
    return typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right);
  }
  return left.length === right.length && left.every((value, index) => isEqual(value, right[index]));
}

/** Ids of all instances in document order, as runs `[first, count, ...]`. */
export function encodeIds(content: Content): number[] {
  const runs: number[] = [];
  let next = -1;
  forEachInstance(content, ({ id }) => {
    if (id === next) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
    else runs.push(id, 1);
    next = id + 1;
  });
  return runs;
}
