/*
 * Checks that a page in development makes and a page in production leaves out. `development.ts` fills them in; what
 * would call them skips them where they are missing.
 */

import type { Compile } from '../shared/template/compile.ts';

export interface Checks {
  /** Refuses a template that cannot be parsed as written. */
  compile?: Compile;
  /** Says that a page was not what its component shows. */
  report?: (problem: string) => void;
}

export const checks: Checks = {};
