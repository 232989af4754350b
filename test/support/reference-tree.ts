// The patch format read literally: a plain tree made of wire data, to which patches are applied as
// `shared/wire/patch.ts` says, ids counted in order. It knows nothing of views, keys or DOM; what it does not expect,
// it throws at.

import type { WireContent, WireInstance } from '../../shared/wire/content.ts';
import type { WireDefinition } from '../../shared/wire/definition.ts';
import type { Patch, Run } from '../../shared/wire/patch.ts';

interface Item {
  readonly id: number;
  readonly template: number;
  readonly slots: unknown[];
}

type Content = string | number | null | Item | Item[] | { readonly raw: string };

const contentKinds = [0, 1];

export class ReferenceTree {
  content: Content = null;
  nextId = 1;
  /** Instances that moved in lists, so far. */
  moves = 0;
  /** Instances made, so far. */
  made = 0;
  private readonly definitions: WireDefinition[] = [];
  private readonly items = new Map<number, Item>();
  private readonly used = new Set<number>();
  private ids: number[] = [];

  /** @param runs Ids of all instances in document order, as `[first, count, ...]`. */
  mount(content: WireContent, runs: readonly number[], nextId: number): void {
    for (let at = 0; at < runs.length; at += 2) {
      for (let count = 0; count < (runs[at + 1] ?? 0); count++) this.ids.push((runs[at] ?? 0) + count);
    }
    this.content = this.makeContent(content);
    if (this.ids.length > 0) throw new Error(`${this.ids.length} ids are left over`);
    this.nextId = nextId;
  }

  apply(patch: Patch): void {
    if (patch.length === 0) return;
    for (const operation of patch) {
      if (operation[0] === 'define') {
        const [, first, ...definitions] = operation;
        // some may be told again, of which an earlier process knew no more than the name
        if (first > this.definitions.length) throw new Error(`templates ${first} do not follow`);
        this.definitions.splice(first, this.definitions.length, ...(definitions as WireDefinition[]));
      } else if (operation[0] === 'list') {
        const [, id, hole, removed, ...runs] = operation;
        this.editList(this.listAt(id, hole), removed, runs);
      } else if (typeof operation[0] !== 'number') throw new Error('not part of a tree');
      else this.set(operation[0], operation[1], operation[2]);
    }
  }

  define(definitions: readonly WireDefinition[]): void {
    this.definitions.push(...definitions);
  }

  /** The whole tree with its ids; an empty list shows nothing, as null does. */
  toPlain(): unknown {
    return toPlain(this.content);
  }

  private set(id: number, hole: number, value: unknown): void {
    if (id === 0) {
      if (hole !== 0) throw new Error('the island has one hole');
      this.forget(this.content);
      this.content = this.makeContent(value as WireContent);
      return;
    }
    const item = this.find(id);
    const kind = this.kindOf(item, hole);
    this.forget(item.slots[hole] as Content);
    if (kind === 7) {
      const texts = Object.entries({ ...(item.slots[hole] as object), ...(value as object) });
      item.slots[hole] = Object.fromEntries(texts.filter(([, text]) => text !== null));
    } else item.slots[hole] = contentKinds.includes(kind) ? this.makeContent(value as WireContent) : value;
  }

  private editList(list: Item[], removed: readonly number[], runs: readonly Run[]): void {
    for (const id of removed) {
      const [gone] = list.splice(indexIn(list, id), 1);
      this.forget(gone as Item);
    }
    for (const [before, ...entries] of runs) {
      for (const entry of entries) {
        let item: Item;
        if (typeof entry === 'number') {
          if (entry === before) throw new Error('an entry cannot stand before itself');
          [item] = list.splice(indexIn(list, entry), 1) as [Item];
          this.moves++;
        } else item = this.make(entry);
        list.splice(before === 0 ? list.length : indexIn(list, before), 0, item);
      }
    }
  }

  private makeContent(wire: WireContent): Content {
    if (wire === null || typeof wire === 'string' || typeof wire === 'number') return wire;
    if (typeof wire[0] === 'number') return this.make(wire as WireInstance);
    if (wire[0] === 'raw') return { raw: wire[1] as string };
    return (wire as WireInstance[]).map((item) => this.make(item));
  }

  private make([template, ...values]: WireInstance): Item {
    const definition = this.definitions[template];
    if (!definition) throw new Error(`template ${template} was not defined`);
    const id = this.ids.shift() ?? this.nextId++;
    if (this.used.has(id)) throw new Error(`the id ${id} was used before`);
    this.used.add(id);
    this.made++;
    const item: Item = { id, template, slots: [] };
    this.items.set(id, item);
    const [, , ...holes] = definition;
    const slots = values.slice(0, holes.length);
    // behind them some rows of lists have a key
    const [key = 0, ...rest] = values.slice(holes.length);
    if (holes.length !== slots.length || typeof key !== 'number' || rest.length > 0)
      throw new Error('slots do not match holes');
    holes.forEach(([kind], index) => {
      const slot = slots[index];
      item.slots.push(contentKinds.includes(kind) ? this.makeContent(slot as WireContent) : slot);
    });
    return item;
  }

  private listAt(id: number, hole: number): Item[] {
    const list = this.find(id).slots[hole];
    if (!Array.isArray(list)) throw new Error(`hole ${hole} of ${id} holds no list`);
    return list as Item[];
  }

  private find(id: number): Item {
    const item = this.items.get(id);
    if (!item) throw new Error(`there is no instance ${id}`);
    return item;
  }

  private kindOf(item: Item, hole: number): number {
    const [, , ...holes] = this.definitions[item.template] as WireDefinition;
    const found = holes[hole];
    if (!found) throw new Error(`instance ${item.id} has no hole ${hole}`);
    return found[0];
  }

  private forget(content: Content): void {
    if (Array.isArray(content)) for (const item of content) this.forget(item);
    else if (content !== null && typeof content === 'object' && 'slots' in content) {
      this.items.delete(content.id);
      for (const slot of content.slots) this.forget(slot as Content);
    }
  }
}

function indexIn(list: readonly Item[], id: number): number {
  const index = list.findIndex((item) => item.id === id);
  if (index < 0) throw new Error(`the list holds no instance ${id}`);
  return index;
}

function toPlain(content: unknown): unknown {
  if (Array.isArray(content)) return content.length === 0 ? null : content.map(toPlain);
  if (content === null || typeof content !== 'object' || !('slots' in content)) return content;
  const { id, template, slots } = content as Item;
  return { id, template, slots: slots.map(toPlain) };
}
