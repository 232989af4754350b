/*
 * What is summed up of a tree while it changes, so that it costs what changes: whoever compares a tree tells each change
 * of it. Types alone: `content-digest.ts` says which tree it is, `drawn-digest.ts` what it shows.
 */

import type * as HoleKind from '../template/hole-kind.ts';
import type { Content, Instance } from './tree.ts';

export interface TreeDigest {
  /** What has been summed up so far stays; the journal of the rendering still says what has changed. */
  keep(): void;
  /** Goes back to what was kept last. */
  rollBack(): void;
  /** What a hole without nodes shows is replaced. */
  change(id: number, hole: number, kind: HoleKind.Kind, old: unknown, next: unknown): void;
  /** What a hole holds is replaced as a whole. */
  replace(id: number, hole: number, old: Content, next: Content): void;
  /** An instance came into a list. */
  insert(id: number, hole: number, instance: Instance): void;
  /** An instance was taken out of a list. */
  remove(id: number, hole: number, instance: Instance): void;
}
