/*
 * A digest of a tree that is kept while the tree changes: it costs what has changed, and not what there is. Equal
 * digests, and equal ids in document order, mean that two trees show the same under the same ids. Input: what a
 * comparison puts in the place of what. Output: a short text. It is a sum over all that a tree holds (each instance
 * under its id, what each hole shows, where each instance stands), so it does not matter when what was added.
 */

import { type Hole, isContent } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { encodeSlot, type TemplateTable } from './encode.ts';
import type { IdEdits } from './id-edits.ts';
import { type Content, Instance, List, Raw, unwrap } from './tree.ts';
import type { TreeDigest } from './tree-digest.ts';

export class ContentDigest implements TreeDigest {
  private readonly table: TemplateTable;
  private low = 0;
  private high = 0;
  private lowBefore = 0;
  private highBefore = 0;
  /** Another digest of the same tree, which hears of the same changes. */
  beside: TreeDigest | undefined;
  /** Where somebody wants to know which ids came, went and moved. */
  edits: IdEdits | undefined;

  constructor(table: TemplateTable) {
    this.table = table;
  }

  /** What has been summed up so far stays. */
  keep(): void {
    this.beside?.keep();
    this.edits?.keep();
    this.lowBefore = this.low;
    this.highBefore = this.high;
  }

  /** Goes back to what was kept last. */
  rollBack(): void {
    this.beside?.rollBack();
    this.low = this.lowBefore;
    this.high = this.highBefore;
  }

  /** Sums up a tree anew. */
  begin(root: Content): void {
    this.low = 0;
    this.high = 0;
    this.addContent(0, 0, root, 1);
    this.edits?.lose();
    this.keep();
  }

  /** What a hole without nodes shows is replaced. */
  change(id: number, hole: number, kind: HoleKind.Kind, old: unknown, next: unknown): void {
    this.beside?.change(id, hole, kind, old, next);
    this.addValue(id, hole, this.encode(kind, old), -1);
    this.addValue(id, hole, this.encode(kind, next), 1);
  }

  /** What a hole holds is replaced as a whole. */
  replace(id: number, hole: number, old: Content, next: Content): void {
    this.beside?.replace(id, hole, old, next);
    const [before, after] = [unwrap(old), unwrap(next)];
    if (before === after) return;
    this.addContent(id, hole, before, -1);
    this.addContent(id, hole, after, 1);
    // another root: no journal knows of it
    if (id === 0) this.edits?.lose();
  }

  /** An instance came into a list. */
  insert(id: number, hole: number, instance: Instance): void {
    this.beside?.insert(id, hole, instance);
    this.addInstance(id, hole, instance, 1);
  }

  /** An instance was taken out of a list. */
  remove(id: number, hole: number, instance: Instance): void {
    this.beside?.remove(id, hole, instance);
    this.addInstance(id, hole, instance, -1);
  }

  toText(): string {
    // in decimal: it is written with each turn of an actor that is kept, and another base takes longer
    return `${this.high >>> 0}.${this.low >>> 0}`;
  }

  /** Says where an instance stands, and which it is. */
  private describe(owner: number, ownerHole: number, { id, definition }: Instance): string {
    return `${owner}.${ownerHole}>${id}:${this.table.numberOf(definition)}`;
  }

  private addContent(id: number, hole: number, content: Content, sign: 1 | -1): void {
    const inner = unwrap(content);
    if (inner === null) return;
    if (inner instanceof Instance) this.addInstance(id, hole, inner, sign);
    else if (inner instanceof List) {
      for (const chunk of inner.instances) for (const item of chunk) this.addInstance(id, hole, item, sign);
    } else if (inner instanceof Raw) this.add(`${id}.${hole}<${inner.html}`, sign);
    else this.addValue(id, hole, inner, sign);
  }

  private addInstance(owner: number, ownerHole: number, instance: Instance, sign: 1 | -1): void {
    const { id, definition } = instance;
    this.add(this.describe(owner, ownerHole, instance), sign);
    const { holes } = definition;
    for (let index = 0; index < holes.length; index++) {
      const { kind } = holes[index] as Hole;
      const slot = instance[index];
      if (isContent(kind)) this.addContent(id, index, slot as Content, sign);
      else this.addValue(id, index, this.encode(kind, slot), sign);
    }
  }

  /** What a hole without nodes shows. An object of attributes shows the same in any order. */
  private encode(kind: HoleKind.Kind, slot: unknown): unknown {
    return kind === HoleKind.spread ? Object.entries(slot as object).sort() : encodeSlot(kind, slot, this.table);
  }

  private addValue(id: number, hole: number, value: unknown, sign: 1 | -1): void {
    if (value !== null) this.add(`${id}.${hole}=${JSON.stringify(value)}`, sign);
  }

  /** Adds the hash of a text to the sum, or takes it out: two of 32 bits each (Bryc's cyrb53). */
  private add(text: string, sign: 1 | -1): void {
    let low = 0xdeadbeef;
    let high = 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      low = Math.imul(low ^ code, 2_654_435_761);
      high = Math.imul(high ^ code, 1_597_334_677);
    }
    low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
    high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
    this.low = (this.low + sign * low) | 0;
    this.high = (this.high + sign * high) | 0;
  }
}
