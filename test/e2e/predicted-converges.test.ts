// The convergence run in Chromium; in Firefox and WebKit it is in test/engines. `PREDICTED_OPERATIONS=500` does more of it,
// `PREDICTED_SEED` others.

import { test } from 'vitest';
import { openPages } from '../support/pages.ts';
import { type CheckedPage, expectConverging } from '../support/predicted-converges.ts';

const newPage = openPages();

async function open(url: string): Promise<CheckedPage> {
  const page = await newPage();
  await page.goto(url);
  return {
    evaluate: (run, ...args) => page.evaluate(`(${run})(...${JSON.stringify(args)})`),
  };
}

test(
  'every frame that two pages paint is right, whatever is refused, cut, replaced and moved',
  {
    timeout: 240_000,
  },
  () => expectConverging(open, Number(process.env.PREDICTED_OPERATIONS ?? 80), Number(process.env.PREDICTED_SEED ?? 7)),
);
