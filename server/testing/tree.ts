/*
 * What a client shows of an island, kept up to date from the frames of docs/protocol.md alone: instances with values
 * for their holes. Input: operations as they came. Output: the tree, for whoever draws or compares it. Nothing here is
 * shared with the rest of the product, so that both cannot be wrong in the same way.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A template as the server told it. */
export interface WireTemplate {
  /** 0 for HTML, 1 for SVG, 2 for MathML. */
  readonly namespace: number;
  readonly markup: string;
  readonly holes: readonly WireHole[];
}

export interface WireHole {
  readonly kind: number;
  readonly name: string;
  /** Indexes through `childNodes` to its node. */
  readonly path: readonly number[];
}

export interface Instance {
  readonly id: number;
  /** The number of its template. */
  readonly template: number;
  readonly slots: Slot[];
}

/** What a hole holds: content that was made, or a value as it came. Another one is another object. */
export type Slot = { readonly made: Made } | { readonly value: Json };
export type Made = null | string | number | Instance | Instance[] | { readonly raw: string };

/** Kinds of holes that hold content: all of an element's, or some among siblings. */
const contentKinds: readonly number[] = [0, 1];

/** The kind of a hole that holds attributes by name, of which what changed is sent. */
const attributesKind = 7;

/** The id of the island itself, whose only hole holds the root. */
const islandId = 0;

export class Tree {
  /** Templates that are known, by their numbers. */
  readonly templates: WireTemplate[] = [];
  /** What stands in the island. */
  root: Slot = { made: null };
  private instances = new Map<number, Instance>();
  private nextId = 1;

  get templateCount(): number {
    return this.templates.length;
  }

  /** The id of the outermost instance; 0 when the root is none. */
  get rootId(): number {
    return 'made' in this.root && isInstance(this.root.made) ? this.root.made.id : 0;
  }

  /** Begins anew with a whole island. */
  mount(nextId: number, ids: readonly number[], content: Json): void {
    this.instances = new Map();
    const old = unrolled(ids);
    this.root = { made: this.make(content, () => old.shift() ?? fail('a mount has too few ids')) };
    this.nextId = nextId;
  }

  /** Replaces one instance by what it holds now, as a `part` brings it. */
  replace(id: number, nextId: number, ids: readonly number[], content: Json): void {
    const old = this.instances.get(id) ?? fail(`no instance ${id}`);
    for (const slot of old.slots) this.forget(slot);
    const listed = unrolled(ids);
    const made = this.make(content, () => listed.shift() ?? fail('a part has too few ids'));
    if (!isInstance(made) || made.id !== id) fail(`a part of another instance than ${id}`);
    // who holds it, holds the same object
    old.slots.splice(0, old.slots.length, ...(made as Instance).slots);
    this.instances.set(id, old);
    this.nextId = nextId;
  }

  /** Takes everything out. */
  clear(): void {
    this.instances = new Map();
    this.root = { made: null };
  }

  /** @throws Error for one that cannot be carried out. */
  apply(operation: readonly Json[]): void {
    const [first, ...rest] = operation;
    if (typeof first === 'number') this.set(first, rest[0] as number, rest[1] as Json);
    else if (first === 'define') this.define(rest[0] as number, rest.slice(1) as Json[][]);
    else if (first === 'list') this.edit(rest as never);
    else if (first !== 'emit' && first !== 'provide' && first !== 'refused') fail(`unknown operation ${first}`);
  }

  /** The whole of it, ids included, to be compared as text. */
  toText(): string {
    return JSON.stringify([this.nextId, this.root]);
  }

  /** What is to be read in it, in order, without markup. */
  toWords(): string {
    const words: (string | number)[] = [];
    const read = (made: Made): void => {
      if (typeof made === 'string' || typeof made === 'number') words.push(made);
      else if (Array.isArray(made)) for (const each of made) read(each);
      else if (isInstance(made)) for (const slot of made.slots) if ('made' in slot) read(slot.made);
    };
    if ('made' in this.root) read(this.root.made);
    return words.join(' ');
  }

  private define(first: number, templates: readonly Json[][]): void {
    for (const [offset, [namespace, markup, ...holes]] of templates.entries()) {
      this.templates[first + offset] = {
        namespace: namespace as number,
        markup: markup as string,
        holes: (holes as [number, string, ...number[]][]).map(([kind, name, ...path]) => ({ kind, name, path })),
      };
    }
  }

  private set(id: number, hole: number, value: Json): void {
    if (id === islandId) {
      this.forget(this.root);
      this.root = { made: this.make(value, this.takeId) };
      return;
    }
    const instance = this.instances.get(id) ?? fail(`no instance ${id}`);
    const slot = instance.slots[hole] ?? fail(`no hole ${hole} in instance ${id}`);
    this.forget(slot);
    if (this.templates[instance.template]?.holes[hole]?.kind === attributesKind && 'value' in slot) {
      const texts = Object.entries<Json>({ ...(slot.value as object), ...(value as object) });
      instance.slots[hole] = { value: Object.fromEntries(texts.filter(([, text]) => text !== null)) };
    } else instance.slots[hole] = this.slot(instance.template, hole, value, this.takeId);
  }

  private edit([id, hole, removed, ...runs]: [number, number, number[], ...(readonly [number, ...Json[]])[]]): void {
    const slot = id === islandId ? this.root : this.instances.get(id)?.slots[hole];
    const list = slot && 'made' in slot && Array.isArray(slot.made) ? slot.made : fail(`no list in instance ${id}`);
    const take = (entry: number): Instance => {
      const at = list.findIndex((each) => each.id === entry);
      return list.splice(at < 0 ? fail(`no entry ${entry} in a list`) : at, 1)[0] as Instance;
    };
    for (const entry of removed) this.forget({ made: take(entry) });
    for (const [before, ...entries] of runs) {
      for (const entry of entries) {
        const instance = typeof entry === 'number' ? take(entry) : this.make(entry, this.takeId);
        const at = before === 0 ? list.length : list.findIndex((each) => each.id === before);
        list.splice(at < 0 ? fail(`no entry ${before} in a list`) : at, 0, instance as Instance);
      }
    }
  }

  private readonly takeId = (): number => this.nextId++;

  private slot(template: number, hole: number, value: Json, takeId: () => number): Slot {
    const { kind } = this.templates[template]?.holes[hole] ?? fail(`no hole ${hole} in template ${template}`);
    return contentKinds.includes(kind) ? { made: this.make(value, takeId) } : { value };
  }

  private make(content: Json, takeId: () => number): Made {
    if (content === null || typeof content === 'string' || typeof content === 'number') return content;
    if (!Array.isArray(content)) fail(`unknown content ${JSON.stringify(content)}`);
    const [first, ...values] = content as Json[];
    if (first === 'raw') return { raw: values[0] as string };
    if (typeof first !== 'number') return (content as Json[]).map((entry) => this.make(entry, takeId) as Instance);
    const instance: Instance = { id: takeId(), template: first, slots: [] };
    this.instances.set(instance.id, instance);
    // behind them some rows of lists have a key, for pages
    const slots = values.slice(0, this.templates[first]?.holes.length);
    for (const [hole, value] of slots.entries()) instance.slots.push(this.slot(first, hole, value, takeId));
    return instance;
  }

  private forget(slot: Slot): void {
    if (!('made' in slot)) return;
    for (const instance of Array.isArray(slot.made) ? slot.made : [slot.made]) {
      if (!isInstance(instance)) continue;
      this.instances.delete(instance.id);
      for (const inner of instance.slots) this.forget(inner);
    }
  }
}

export function isInstance(made: Made): made is Instance {
  return typeof made === 'object' && made !== null && 'slots' in made;
}

/** `[first, count, first, count, ...]` as ids. */
function unrolled(runs: readonly number[]): number[] {
  const ids: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    for (let offset = 0; offset < (runs[at + 1] as number); offset++) ids.push((runs[at] as number) + offset);
  }
  return ids;
}

function fail(message: string): never {
  throw new Error(message);
}
