/*
 * What `drawn.ts` says of a tree, kept while the tree changes: it costs what has changed. Input: as of
 * `content-digest.ts`. Output: the number.
 */

import type * as HoleKind from '../template/hole-kind.ts';
import { signatureOf } from './address.ts';
import { ContentDigest } from './content-digest.ts';
import { isPlain, numberOfValue } from './drawn.ts';
import type { Rendering } from './rendering.ts';
import { type Content, type Instance, Raw, unwrap } from './tree.ts';

export class DrawnDigest extends ContentDigest {
  private sum = 0;
  private sumBefore = 0;

  /** What is drawn by now. */
  get drawn(): number {
    return this.sum >>> 0;
  }

  override begin(root: Content): void {
    this.sum = 0;
    super.begin(root);
  }

  override keep(): void {
    this.sumBefore = this.sum;
  }

  override rollBack(): void {
    this.sum = this.sumBefore;
  }

  protected override addContent(id: number, hole: number, content: Content, sign: 1 | -1): void {
    if (!(unwrap(content) instanceof Raw)) super.addContent(id, hole, content, sign);
  }

  protected override addInstance(owner: number, ownerHole: number, instance: Instance, sign: 1 | -1): void {
    this.sum = (this.sum + sign * signatureOf(instance.definition.strings)) | 0;
    super.addInstance(owner, ownerHole, instance, sign);
  }

  protected override addValue(_: number, hole: number, value: unknown, sign: 1 | -1): void {
    if (isPlain(value)) this.sum = (this.sum + sign * numberOfValue(hole, value)) | 0;
  }

  protected override encode(_: HoleKind.Kind, slot: unknown): unknown {
    return slot;
  }

  protected override describe(): string {
    return '';
  }

  protected override add(): void {}
}

/** What a rendering has drawn; kept from the first question on. */
export function drawnBy(rendering: Rendering): number {
  if (!rendering.drawn) {
    const digest = new DrawnDigest(rendering.table);
    digest.begin(rendering.content);
    rendering.drawn = digest;
    if (rendering.digest) rendering.digest.beside = digest;
    else rendering.digest = digest;
  }
  return rendering.drawn.drawn;
}
