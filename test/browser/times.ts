// How often a law is tried in the browser, which has no environment: as in test/support/times.ts.

import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly times: number;
  }
}

/** @param few So often it is tried in the suite. */
export function timesOf(few: number): number {
  return Math.ceil(few * inject('times'));
}
