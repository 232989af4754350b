// In CI laws try the same cases each time, so that a change is refused for what it did. Everywhere else, and in
// `npm run test:laws`, each run tries others.

import fc from 'fast-check';

export const hasSameCases = process.env.CI === 'true';

if (hasSameCases) fc.configureGlobal({ seed: 1 });
