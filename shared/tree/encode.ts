/*
 * Encodes rendered content for a patch, or its shape for adoption: what a browser cannot read off the server's HTML.
 * Input: a tree and its component's table of templates. Output: plain JSON, as `shared/wire/` lays it out.
 */

import { On } from '../language/events.ts';
import type { Keyed } from '../language/html.ts';
import { type Definition, type Hole, isContent } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { instanceShape, isInShape, listShape, rawShape, type Shape, textShape } from '../wire/adoption.ts';
import {
  encodeRaw,
  type IdRuns,
  IdRunsWriter,
  type WireContent,
  type WireInstance,
  encodeInstance as writeInstance,
} from '../wire/content.ts';
import { encodeDefinition, type WireDefinition } from '../wire/definition.ts';
import { type WireListener, encodeListener as writeListener } from '../wire/listener.ts';
import type { HeardOn } from '../wire/on.ts';
import { type Define, define } from '../wire/patch.ts';
import { type Content, forEachInstance, Instance, List, Memoized, Raw } from './tree.ts';

// Most components have a few templates: looking through them is as fast as a map, which each actor would have to keep.
const maxListed = 8;

/**
 * The templates that an actor has used so far, numbered in the order of their first use: at first that of the document,
 * so that two actors which show the same have the same numbers. It only grows.
 */
export class TemplateTable {
  definitions: Definition[] = [];
  /** The lowest number that means another template to those who were told it before; Infinity: none does. */
  renewed = Number.POSITIVE_INFINITY;
  private numbers: Map<Definition, number> | undefined;

  numberOf(definition: Definition): number {
    const { numbers } = this;
    let number = numbers ? (numbers.get(definition) ?? -1) : this.definitions.indexOf(definition);
    if (number < 0) {
      number = this.definitions.length;
      // an array that something is pushed into has room for 16 more, for as long as the actor lives
      this.definitions = this.definitions.concat(definition);
      if (number === maxListed) this.numbers = new Map(this.definitions.map((each, index) => [each, index]));
      else numbers?.set(definition, number);
    }
    return number;
  }

  /** Numbers the templates of all instances in a tree. */
  addAll(content: Content): void {
    forEachInstance(content, (instance) => this.numberOf(instance.definition));
  }

  /** The operation that tells a browser the templates it does not know yet, if there are any. */
  define(first: number): Define | undefined {
    return first < this.definitions.length ? define(first, this.encode(first)) : undefined;
  }

  /** Encodes the templates from number `first` on, up to the one before `end`. */
  encode(first = 0, end?: number): WireDefinition[] {
    return this.definitions.slice(first, end).map(encodeDefinition);
  }
}

/**
 * What rows of lists are told to be, so that a page knows them again (`row-key.ts`): the server sets it. Without it, rows
 * are known again by how they look.
 */
export const rows: { withKey: WithKey } = { withKey: (wire) => wire };

/** @param item What the row shows, where its list has keys. */
export type WithKey = <Wire extends readonly unknown[]>(
  wire: Wire,
  row: Instance,
  source: Keyed | undefined,
  item: unknown,
) => Wire;

/** Throws what encoding content would throw: of all that it holds only properties can be what JSON cannot say. */
export function checkContent(content: Content): void {
  forEachInstance(content, (instance) => {
    const { holes } = instance.definition;
    for (let index = 0; index < holes.length; index++) {
      const slot = instance[index];
      if (typeof slot !== 'object' || slot === null || (holes[index] as Hole).kind !== HoleKind.property) continue;
      JSON.stringify(slot);
    }
  });
}

/** Encodes content whole. */
export function encodeContent(content: Content, table: TemplateTable): WireContent {
  if (content === null || typeof content !== 'object') return content;
  if (content instanceof Instance) return encodeInstance(content, table);
  if (content instanceof List)
    return mapRows(content, (row, item) => rows.withKey(encodeInstance(row, table), row, content.source, item));
  return content instanceof Raw ? encodeRaw(content.html) : encodeContent(content.content, table);
}

export function encodeInstance(instance: Instance, table: TemplateTable): WireInstance {
  const { holes } = instance.definition;
  return writeInstance(table.numberOf(instance.definition), holes.length, (hole) =>
    encodeSlot((holes[hole] as Hole).kind, instance[hole], table),
  );
}

/** What a function makes of each row of a list and its item, if it has keys. */
function mapRows<Made>({ instances, items }: List, make: (row: Instance, item: unknown) => Made): Made[] {
  const made: Made[] = [];
  instances.forEach((chunk, number) => {
    const shown = items?.[number];
    chunk.forEach((row, at) => void made.push(make(row, shown?.[at])));
  });
  return made;
}

/** Encodes what one hole holds. */
export function encodeSlot(kind: HoleKind.Kind, slot: unknown, table: TemplateTable): unknown {
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
  // there are no others
  if (slot instanceof On) return (slot as HeardOn).encode();
  return writeListener(slot);
}

/** Encodes what the HTML of content does not say. */
export function encodeShape(content: Content, table: TemplateTable): Shape {
  if (content === null) return null;
  if (typeof content !== 'object') return textShape;
  if (content instanceof Memoized) return encodeShape(content.content, table);
  if (content instanceof Raw) return rawShape;
  if (content instanceof List)
    return listShape(
      mapRows(content, (row, item) =>
        rows.withKey(encodeShape(row, table) as readonly unknown[], row, content.source, item),
      ),
    );
  const values: unknown[] = [];
  const { holes } = content.definition;
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    const slot = content[index];
    // what its person may have edited does not say what the model said
    if (hole.isEditable && typeof slot !== 'object') values.push(`${slot}`);
    else if (isContent(hole.kind)) values.push(encodeShape(slot as Content, table));
    else if (isInShape(hole)) values.push(encodeSlot(hole.kind, slot, table));
  }
  return instanceShape(table.numberOf(content.definition), values);
}

/** Ids of all instances in document order. */
export function encodeIds(content: Content): IdRuns {
  const writer = new IdRunsWriter();
  forEachInstance(content, ({ id }) => writer.add(id));
  return writer.runs;
}
