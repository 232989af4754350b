// Whatever happens to pages that keep what is done offline, nothing is done twice, and nothing is lost in silence.
// `OFFLINE=50` runs so many storms; the first one's seed is `SEED`.

import { test } from 'vitest';
import { expectOnce } from '../support/offline-storm.ts';
import { openPages } from '../support/pages.ts';

const newPage = openPages();
const { OFFLINE = '2', SEED = '1' } = process.env;

for (let run = 0; run < Number(OFFLINE); run++) {
  const seed = Number(SEED) + run;
  test(`cuts, reloads, kills and another server: each thing once or told, seed ${seed}`, { timeout: 240_000 }, () =>
    expectOnce(newPage, seed, 14),
  );
}
