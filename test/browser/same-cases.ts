// The same cases each time, in a browser, which has no environment: as in test/support/same-cases.ts.

import fc from 'fast-check';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly hasSameCases: boolean;
  }
}

if (inject('hasSameCases')) fc.configureGlobal({ seed: 1 });
