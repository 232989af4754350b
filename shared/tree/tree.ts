/*
 * The rendered tree: instances of templates, and what stands in their holes.
 * Input: the values that a view returned. Output: slots that `diff` compares, `html` writes and `encode` sends.
 * With thousands of rows, memory is what counts: an instance has nothing but its slots.
 */

import type { Chunks } from '../language/chunk-table.ts';
import { type Deps, Embedded, html, Keyed, Memo, type MessageMap, Template, UnsafeHtml } from '../language/html.ts';
import { IsletError } from '../language/islet-error.ts';
import type { Compile } from '../template/compile.ts';
import { type Definition, type Hole, isContent, placeOf } from '../template/definition.ts';
import { Place } from '../template/place.ts';
import type { Operation } from '../wire/patch.ts';
import type { TemplateTable } from './encode.ts';
import type { InstancesById } from './instances-by-id.ts';
import type { Journal } from './journal.ts';
import type { ShownKeyed } from './keyed.ts';
import type { TreeDigest } from './tree-digest.ts';
import { type Slot, type Text, toSlot, toText } from './values.ts';

/** What a child hole holds. */
export type Content = Text | Instance | List | Raw | Memoized;

/**
 * An instance of a template, as the array of its holes' slots: a row of a table is one object with its slots inside,
 * which takes a third less memory than an object and an array.
 */
export class Instance extends Array<Slot> {
  readonly id: number;
  readonly definition: Definition;
  /** What it stands in: an instance's hole, or a list; undefined: it is the root, or was taken out of its list. */
  parent: Instance | List | undefined;

  constructor(id: number, definition: Definition, parent: Instance | List | undefined) {
    super(definition.holes.length);
    this.id = id;
    this.definition = definition;
    this.parent = parent;
  }
}

/** An instance whose template came from `mapMessages`. */
export class MappedInstance extends Instance {
  messageMap: MessageMap;

  constructor(id: number, definition: Definition, parent: Instance | List | undefined, messageMap: MessageMap) {
    super(id, definition, parent);
    this.messageMap = messageMap;
  }
}

/** A list's instances in order; `items` and `source` say where they came from if the list is keyed. */
export class List {
  /** What it stands in a hole of. */
  readonly parent: Instance;
  /** They are cut as the items are, so that what happens to an item costs one chunk. */
  instances: Chunks<Instance> = noInstances;
  /** Its items. Of an array this is a copy: it is compared with the next items even if a view changes it in place. */
  items: Chunks | undefined;
  source: Keyed | undefined;
  /** All keys of a long list as it was before what has come and gone in the last rendering: that may be taken back. */
  declare keys: Set<unknown> | undefined;
  declare lastKeys: KeyChange | undefined;

  constructor(parent: Instance, items: Chunks | undefined, source: Keyed | undefined) {
    this.parent = parent;
    this.items = items;
    this.source = source;
  }

  get isEmpty(): boolean {
    return this.instances.every(({ length }) => length === 0);
  }
}

/** Keys that have gone from a list, and those that came. */
export interface KeyChange {
  readonly gone: readonly unknown[];
  readonly made: readonly unknown[];
}

const noInstances: Chunks<never> = [];

/** All that some chunks have, as one array. */
export function flatten<Item>(chunks: Chunks<Item>, from = 0, to = chunks.length): readonly Item[] {
  return to - from === 1 ? (chunks[from] as readonly Item[]) : (chunks.slice(from, to).flat() as Item[]);
}

/** The items of a keyed list as they can be kept. */
export function keepItems({ items, chunks }: Keyed): Chunks {
  return Array.isArray(items) ? [items.slice()] : chunks;
}

export class Raw {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

export class Memoized {
  deps: Deps;
  content: Content;

  constructor(deps: Deps, content: Content) {
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
  /** Where instances are found again; undefined: nobody looks for them. */
  readonly byId: InstancesById | undefined;
}

/** Where a diff writes its operations, and what it needs besides. */
export interface DiffTarget extends Allocator {
  readonly table: TemplateTable;
  readonly operations: Operation[];
  /** Each change of the tree is noted here before it is made. */
  readonly journal: Journal;
  /** Where the instance stands that is compared just now; undefined: it is the root. */
  place: Place | undefined;
  /** Kept up to date where somebody wants to know whether a tree made anew is this one. */
  readonly digest: TreeDigest | undefined;
  readonly byId: InstancesById;
  /** Brings an instance up to date with a template of the same literal. */
  update(instance: Instance, template: Template): void;
}

/**
 * Makes an instance of a template. Ids count in document order: an instance before what it holds.
 *
 * @param place Where it will stand, and `parent` what in; an island's root has none.
 */
export function createInstance(
  template: Template,
  allocator: Allocator,
  place: Place | undefined,
  parent: Instance | List | undefined,
): Instance {
  const definition = allocator.compile(template.strings, template.namespace, place);
  if (definition.isDocument) throw new IsletError('ISLET_ERR_RENDER', 'a whole document cannot stand inside a view');
  const { holes } = definition;
  const id = allocator.nextId++;
  const { map } = template;
  const instance = map ? new MappedInstance(id, definition, parent, map) : new Instance(id, definition, parent);
  if (parent) allocator.byId?.add(instance);
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    if (!isContent(hole.kind)) instance[index] = toSlot(hole, template.values);
    else {
      const value = template.values[hole.value];
      const isText = value === null || typeof value !== 'object';
      instance[index] = isText
        ? toText(value, hole)
        : createContent(value, allocator, new Place(hole, place), instance);
    }
  }
  return instance;
}

/** Makes the content of a child hole from any value. @param parent Whose hole it is. */
export function createContent(value: unknown, allocator: Allocator, place: Place, parent: Instance): Content {
  if (value === null || typeof value !== 'object') return toText(value, place.hole);
  if (value instanceof Template) return createInstance(value, allocator, place, parent);
  // there are no others
  if (value instanceof Keyed) return (value as ShownKeyed).create(allocator, place, parent);
  if (Array.isArray(value)) {
    const list = new List(parent, undefined, undefined);
    list.instances = [value.map((item) => createInstance(toTemplate(item), allocator, place, list))];
    return list;
  }
  if (value instanceof Memo)
    return new Memoized(value.deps, createContent(value.view(value.deps as never), allocator, place, parent));
  if (value instanceof UnsafeHtml) return new Raw(value.html);
  if (value instanceof Embedded) {
    throw new IsletError(
      'ISLET_ERR_RENDER',
      'serverComponent() belongs into a document; in a view write <server-component>',
    );
  }
  return toText(value, place.hole);
}

/** What content is, without the memos around it. */
export function unwrap(content: Content): Exclude<Content, Memoized> {
  let inner = content;
  while (inner instanceof Memoized) inner = inner.content;
  return inner;
}

/** Visits all instances in document order, which is that of ids in content that is new. */
export function forEachInstance(content: Content, visit: (instance: Instance) => void): void {
  if (content === null || typeof content !== 'object') return;
  if (content instanceof Instance) {
    visit(content);
    const { holes } = content.definition;
    for (let index = 0; index < holes.length; index++) {
      if (isContent((holes[index] as Hole).kind)) forEachInstance(content[index] as Content, visit);
    }
  } else if (content instanceof List) {
    for (const chunk of content.instances) for (const instance of chunk) forEachInstance(instance, visit);
  } else if (content instanceof Memoized) forEachInstance(content.content, visit);
}

/**
 * Tells whether an instance can be brought up to date with a template: they come from the same literal, in the same
 * way.
 */
export function isSame(instance: Instance, template: Template): boolean {
  const isMapped = template.map !== undefined;
  return instance.definition.strings === template.strings && instance instanceof MappedInstance === isMapped;
}

/** Tells whether two parts of a view read the same values, each by its name. */
export function sameDeps(left: Deps, right: Deps): boolean {
  if (left === right) return true;
  const names = Object.keys(right);
  return (
    names.length === Object.keys(left).length &&
    names.every((name) => Object.hasOwn(left, name) && Object.is(left[name], right[name]))
  );
}

/** Gives an item's key. @throws IsletError ISLET_ERR_RENDER for what is none. */
export function checkedKey(list: Keyed, item: unknown, hole: Hole | undefined): string | number {
  const key = list.keyOf(item);
  if (typeof key === 'string' || typeof key === 'number') return key;
  throw keyError(list, `a key is a string or a number; got ${String(key)}`, hole);
}

/** Makes the error for two items of one key. */
export function duplicateKey(list: Keyed, key: string | number, hole: Hole | undefined): IsletError {
  return keyError(list, `two items of a keyed list have the key ${JSON.stringify(key)}`, hole);
}

function keyError({ by }: Keyed, problem: string, hole: Hole | undefined): IsletError {
  return new IsletError('ISLET_ERR_RENDER', `${problem} (key: ${String(by).slice(0, 80)})${placeOf(hole)}`);
}

// Each item of a list is an instance; what is not one already stands in this template's hole.
const wrapper = (value: unknown): Template => html`${value as string}`;

/** Gives the template of a list's item. */
export function toTemplate(value: unknown): Template {
  return value instanceof Template ? value : wrapper(value);
}
