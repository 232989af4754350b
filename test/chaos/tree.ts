// What a client shows of an island, kept up to date from the frames of docs/protocol.md alone: instances with values for
// their holes. Nothing here is shared with the product, so that both cannot be wrong in the same way.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Instance {
  readonly id: number;
  readonly template: number;
  readonly slots: Slot[];
}

/** What a hole holds: content that was made, or a value as it came. */
type Slot = { readonly made: Made } | { readonly value: Json };
type Made = null | string | number | Instance | Instance[] | { readonly raw: string };

/** Kinds of holes that hold content: all of an element's, or some among siblings. */
const contentKinds: readonly Json[] = [0, 1];

/** The kind of a hole that holds attributes by name, of which what changed is sent. */
const attributesKind = 7;

/** The id of the island itself, whose only hole holds the root. */
const islandId = 0;

export class Tree {
  /** Templates that are known: of each the kinds of its holes. */
  private readonly templates: Json[][] = [];
  private instances = new Map<number, Instance>();
  private root: Slot = { made: null };
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
    for (const [offset, [, , ...holes]] of templates.entries()) {
      this.templates[first + offset] = holes.map((hole) => (hole as Json[])[0] as Json);
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
    if (this.templates[instance.template]?.[hole] === attributesKind && 'value' in slot) {
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
    const kind = this.templates[template]?.[hole] ?? fail(`no hole ${hole} in template ${template}`);
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
    for (const [hole, value] of values.entries()) instance.slots.push(this.slot(first, hole, value, takeId));
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

function isInstance(made: Made): made is Instance {
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
