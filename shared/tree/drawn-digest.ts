/*
 * What `drawn.ts` says of a tree, kept while the tree changes: it costs what has changed, on a server and in a page that
 * predicts. Input: what a comparison puts in the place of what. Output: the number.
 */

import { drawnIn, drawnInHole } from './drawn.ts';
import type { Rendering } from './rendering.ts';
import type { Content, Instance } from './tree.ts';
import type { TreeDigest } from './tree-digest.ts';

export class DrawnDigest implements TreeDigest {
  private sum = 0;
  private sumBefore = 0;

  /** What is drawn by now. */
  get drawn(): number {
    return this.sum >>> 0;
  }

  /** Sums up a tree anew. */
  begin(root: Content): void {
    this.sum = drawnIn(root);
    this.keep();
  }

  keep(): void {
    // of what one rendering changes the sum is exact without that
    this.sumBefore = this.sum |= 0;
  }

  rollBack(): void {
    this.sum = this.sumBefore;
  }

  /** @param isWhole With all instances that stand in the hole. */
  change(_: number, hole: number, __: unknown, old: unknown, next: unknown, isWhole?: boolean): void {
    this.sum += drawnInHole(hole, next, isWhole) - drawnInHole(hole, old, isWhole);
  }

  replace(id: number, hole: number, old: Content, next: Content): void {
    this.change(id, hole, 0, old, next, true);
  }

  insert(_: number, __: number, instance: Instance): void {
    this.sum += drawnIn(instance);
  }

  remove(_: number, __: number, instance: Instance): void {
    this.sum -= drawnIn(instance);
  }
}

/** What a rendering has drawn; kept from the first question on. */
export function drawnBy(rendering: Rendering): number {
  if (!rendering.drawn) {
    const digest = new DrawnDigest();
    digest.begin(rendering.content);
    rendering.drawn = digest;
    if (rendering.kept) rendering.kept.beside = digest;
    else rendering.digest = digest;
  }
  return rendering.drawn.drawn;
}
