/*
 * Finds an instance of a tree by its id, and all that it stands in: an event names one, and to look through the tree
 * would cost as much as it is big. Instances are kept in the order of their ids, in chunks: ids count up, so a new one
 * comes to the end, and each change costs what comes and goes. There is no moment at which a whole tree is entered.
 * Where an instance stands is known by itself: `parent`.
 */

import type { MessageMap } from '../language/html.ts';
import { type Content, forEachInstance, type Instance, List, MappedInstance, unwrap } from './tree.ts';

/** A hole of an instance. */
export interface HoleOf {
  readonly instance: Instance;
  readonly hole: number;
}

export interface FoundInstance {
  readonly instance: Instance;
  /** What its messages go through on their way to `update`, from the innermost to the outermost. */
  readonly maps: readonly MessageMap[];
  /** The holes that it stands in, from the innermost to the outermost. */
  readonly outer: readonly HoleOf[];
}

/** A chunk has no more instances than this: an array that grew has room for 131. */
const maxLength = 128;

export class InstancesById {
  private readonly chunks: Instance[][] = [];
  // what a rendering has taken out of the tree, which may be taken back
  private gone: Content[] | undefined;

  /** An instance was made: it has the highest id so far. */
  add(instance: Instance): void {
    const last = this.chunks.at(-1);
    if (last && last.length < maxLength) last.push(instance);
    else this.chunks.push([instance]);
  }

  /** Content has gone from its place. It is not found any more, and forgotten when that stays. */
  leave(content: Content): void {
    if (typeof content !== 'object') return;
    this.gone ??= [];
    this.gone.push(content);
  }

  /** What came and went stays so. */
  keep(): void {
    const ids: number[] = [];
    for (const content of this.gone ?? []) {
      forEachInstance(content, (instance) => {
        ids.push(instance.id);
        // who still knows one of them does not keep the rest
        instance.parent = undefined;
      });
    }
    this.gone = undefined;
    this.remove(ids.sort((left, right) => left - right));
  }

  /** What went since the last `keep` is there again, and what came, with ids from `start` to before `end`, is not. */
  rollBack(start: number, end: number): void {
    this.gone = undefined;
    for (let id = end - 1; id >= start; id--) this.remove([id]);
  }

  /** All instances have other ids now. @param instances All but the root. */
  renew(instances: readonly Instance[]): void {
    this.gone = undefined;
    this.chunks.length = 0;
    for (const instance of instances.toSorted((left, right) => left.id - right.id)) this.add(instance);
  }

  /** Finds an instance below a root, or that itself; undefined if there is none (any more). */
  find(id: number, root: Instance): FoundInstance | undefined {
    const { chunk, place } = this.lookUp(id);
    const instance = id === root.id ? root : chunk?.[place];
    if (instance?.id !== id) return undefined;
    const outer: HoleOf[] = [];
    const maps: MessageMap[] = [];
    for (let at = instance; ; ) {
      if (at instanceof MappedInstance) maps.push(at.messageMap);
      if (at === root) return { instance, maps, outer };
      const { parent } = at;
      const holder = parent instanceof List ? parent.parent : parent;
      const content = parent instanceof List ? parent : at;
      const hole = holder ? holder.findIndex((slot) => unwrap(slot as Content) === content) : -1;
      // it has gone, or what it stands in
      if (!holder || hole < 0) return undefined;
      outer.push({ instance: holder, hole });
      at = holder;
    }
  }

  /** Takes out those of these ids, which rise: of each chunk all at once. */
  private remove(ids: readonly number[]): void {
    const { chunks } = this;
    for (let next = 0; next < ids.length; ) {
      const { number, chunk = [], place } = this.lookUp(ids[next] as number);
      const rest = chunk.splice(place);
      if (rest[0]?.id !== ids[next]) next++;
      for (const instance of rest) {
        if (instance.id === ids[next]) next++;
        else chunk.push(instance);
      }
      // chunks of few would keep as much as those of many
      for (const at of [number + 1, number]) {
        const [left, right] = [chunks[at - 1], chunks[at]];
        if (!right || (left?.length ?? maxLength) + right.length > maxLength) continue;
        left?.push(...right);
        chunks.splice(at, 1);
      }
    }
  }

  /** The chunk that an id can be in, and its place there. */
  private lookUp(id: number): { number: number; chunk: Instance[] | undefined; place: number } {
    const number = lastUpTo(id, this.chunks, ([first]) => first as Instance);
    const chunk = this.chunks[number];
    return { number, chunk, place: lastUpTo(id, chunk ?? [], (instance) => instance) };
  }
}

/** The place of the last item whose instance has an id up to this one; -1: there is none. */
function lastUpTo<Item>(id: number, items: readonly Item[], instanceOf: (item: Item) => Instance): number {
  let low = 0;
  for (let high = items.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (instanceOf(items[middle] as Item).id > id) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}
