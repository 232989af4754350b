// The script of the page of e2e/secrets.test.ts.

import { predict } from '../../client-runtime/predict/predict.ts';
import { createLedger, ownNote } from './secrets.ts';

const ledger = createLedger({
  authorOf: () => {
    throw new Error('a page has no service');
  },
});
predict('/ws/ledger', ledger, { offline: true });
predict('/ws/own', ownNote);
