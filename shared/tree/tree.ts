/*
 * The rendered tree: instances of templates, and what stands in their holes.
 * Input: the values that a view returned. Output: slots that `diff` compares, `html` writes and `encode` sends.
 * An instance keeps one array of slots and nothing else per hole: with thousands of rows, memory is what counts.
 */

import { IsletError } from '../errors.ts';
import { On } from '../events.ts';
import { isScriptUrl } from '../escape.ts';
import { Embedded, html, Keyed, Memo, type MessageMap, Template, UnsafeHtml } from '../html.ts';
import { type Definition, type Hole, HoleKind } from '../template/definition.ts';
import type { Compile } from '../template/compile.ts';

/** Text, or nothing (null). A number stays one: it is shorter on the wire. */
export type Text = string | number | null;

/** What a child hole holds. */
export type Content = Text | Instance | List | Raw | Memoized;

/** What any hole holds: content; for attributes text; for boolean attributes a boolean; else the value as given. */
export type Slot = unknown;

export class Instance {
  readonly id: number;
  readonly definition: Definition;
  readonly slots: Slot[];
  map: MessageMap | undefined;

  constructor(id: number, definition: Definition, slots: Slot[], map: MessageMap | undefined) {
    this.id = id;
    this.definition = definition;
    this.slots = slots;
    this.map = map;
  }
}

/** A list's instances in order; `items` and `source` say where they came from if the list is keyed. */
export class List {
  instances: Instance[];
  items: readonly unknown[] | undefined;
  source: Keyed | undefined;

  constructor(instances: Instance[], items: readonly unknown[] | undefined, source: Keyed | undefined) {
    this.instances = instances;
    this.items = items;
    this.source = source;
  }
}

export class Raw {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

export class Memoized {
  deps: readonly unknown[];
  content: Content;

  constructor(deps: readonly unknown[], content: Content) {
    this.deps = deps;
    this.content = content;
  }
}

/**
 * What making instances needs: the compiler, and the next id, which counts up from 1 and is never set back.
 * (0 stands for the island itself, whose one hole holds the root.)
 */
export interface Allocator {
  readonly compile: Compile;
  nextId: number;
}

/** Makes an instance of a template. Ids count in document order: an instance before what it holds. */
export function createInstance(template: Template, allocator: Allocator): Instance {
  const definition = allocator.compile(template.strings, template.namespace);
  if (definition.isDocument) throw new IsletError('ISLET_ERR_RENDER', 'a whole document cannot stand inside a view');
  const { holes } = definition;
  const slots = new Array<Slot>(holes.length);
  const instance = new Instance(allocator.nextId++, definition, slots, template.map);
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    slots[index] = isContent(hole.kind)
      ? createContent(template.values[hole.value], allocator)
      : toSlot(hole, template.values);
  }
  return instance;
}

/** Makes the content of a child hole from any value. */
export function createContent(value: unknown, allocator: Allocator): Content {
  if (value === null || typeof value !== 'object') return toText(value);
  if (value instanceof Template) return createInstance(value, allocator);
  if (value instanceof Keyed) {
    const keys = new Set<string | number>();
    const instances = value.items.map((item) => {
      addKey(keys, value, item);
      return createInstance(toTemplate(value.view(item as never)), allocator);
    });
    return new List(instances, value.items.slice(), value);
  }
  if (Array.isArray(value)) {
    return new List(value.map((item) => createInstance(toTemplate(item), allocator)), undefined, undefined);
  }
  if (value instanceof Memo) return new Memoized(value.deps, createContent(value.view(), allocator));
  if (value instanceof UnsafeHtml) return new Raw(value.html);
  if (value instanceof Embedded) {
    throw new IsletError('ISLET_ERR_RENDER', 'serverComponent() belongs into a document; in a view write <server-component>');
  }
  return toText(value);
}

/** Adds an item's key to those seen in its list. @throws IsletError ISLET_ERR_RENDER for a duplicate. */
export function addKey(keys: Set<string | number>, list: Keyed, item: unknown): string | number {
  const key = list.key(item as never);
  if (keys.has(key)) {
    throw new IsletError('ISLET_ERR_RENDER', `two items of a keyed list have the key ${JSON.stringify(key)}; ${describeList(list)}`);
  }
  keys.add(key);
  return key;
}

/** Tells whether a hole of this kind holds nodes. */
export function isContent(kind: HoleKind): boolean {
  return kind === HoleKind.only || kind === HoleKind.child;
}

// Each item of a list is an instance; what is not one already stands in this template's hole.
const wrapper = (value: unknown): Template => html`${value as string}`;

/** Gives the template of a list's item. */
export function toTemplate(value: unknown): Template {
  return value instanceof Template ? value : wrapper(value);
}

/** Gives the text of a value; booleans, like null and undefined, are nothing. */
export function toText(value: unknown): Text {
  switch (typeof value) {
    case 'string':
      return value === '' ? null : value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : String(value);
    case 'undefined':
    case 'boolean':
      return null;
    case 'object':
      return value === null ? null : describe(value);
    case 'bigint':
      return String(value);
    default:
      throw new IsletError('ISLET_ERR_RENDER', `a ${typeof value} cannot be shown in a view`);
  }
}

/** Gives the slot of a hole that holds no nodes. */
export function toSlot(hole: Hole, values: readonly unknown[]): Slot {
  const value = values[hole.value];
  switch (hole.kind) {
    case HoleKind.attribute: {
      const text = hole.parts === undefined ? toAttribute(value) : join(hole.parts, values, hole.value);
      return hole.isUrl && text !== null && isScriptUrl(text) ? null : text;
    }
    case HoleKind.boolean:
      return Boolean(value);
    case HoleKind.property:
      if (value === undefined) return null;
      return hole.isUrl && isScriptUrl(String(value)) ? '' : value;
    case HoleKind.event:
      return toListener(hole, value);
    case HoleKind.text:
      if (hole.name === 'script') return value;
      return hole.parts === undefined ? (toAttribute(value) ?? '') : join(hole.parts, values, hole.value);
    default:
      return null;
  }
}

function toListener(hole: Hole, value: unknown): unknown {
  if (value === null || value === undefined || value === false) return null;
  const handler = value instanceof On ? value.handler : value;
  if (typeof handler === 'function' || (typeof handler === 'object' && handler !== null && 'type' in handler)) return value;
  throw new IsletError('ISLET_ERR_RENDER', `@${hole.name} takes a message, a function or on(...); got ${describe(handler)}`);
}

function toAttribute(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : describe(value);
    case 'function':
    case 'symbol':
      throw new IsletError('ISLET_ERR_RENDER', `a ${typeof value} cannot be an attribute's value`);
    default:
      return String(value);
  }
}

// In a partly dynamic attribute `${condition && 'name'}` is a common way to write a part that may be missing.
function join(parts: readonly string[], values: readonly unknown[], first: number): string {
  let text = parts[0] ?? '';
  for (let index = 1; index < parts.length; index++) {
    const value = values[first + index - 1];
    if (value !== false) text += toAttribute(value) ?? '';
    text += parts[index];
  }
  return text;
}

// Data that only looks like a template, or has no usable toString, must neither become markup nor throw.
function describe(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => toAttribute(item) ?? '').join(',');
  try {
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  } catch {
    return '[object]';
  }
}

function describeList(list: Keyed): string {
  return `its key function is \`${String(list.key).slice(0, 80)}\``;
}
