/*
 * What a page in development does besides, and a page in production leaves out. `development.ts` fills it in; what
 * would call it skips what is missing.
 */

import type { Compile } from '../../shared/template/compile.ts';

export interface Checks {
  /** Refuses a template that cannot be parsed as written. */
  compile?: Compile;
  /** A node of the page was not as the component shows it, and was corrected. `name` is an attribute's; empty: text. */
  mismatch?: (node: Node, found: unknown, wanted: unknown, name: string) => void;
  /** The page had other nodes than the component shows, and got all of these anew. */
  replaced?: (root: Node, found: readonly Node[]) => void;
  /** Something of a component that runs here went wrong. */
  problem?: (problem: string, error: unknown) => void;
}

export const checks: Checks = {};
