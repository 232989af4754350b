// Predicted islands in further engines: the convergence run. `PREDICTED_OPERATIONS=500` does more of it.

import { describe, test } from 'vitest';
import { expectConverging } from '../support/predicted-converges.ts';
import { engineName, isMissing, usePages } from './page.ts';

describe.skipIf(isMissing)(engineName, () => {
  const open = usePages();

  test(
    'paints no wrong frame of a predicted list, whatever is refused, cut, replaced and moved',
    {
      timeout: 240_000,
    },
    () => expectConverging(open, Number(process.env.PREDICTED_OPERATIONS ?? 50)),
  );
});
