// How often a law is tried: a few times in the suite, and `TEST_TIMES` as often by `npm run test:laws`.

export const times = Number(process.env.TEST_TIMES ?? 1);

/** @param few So often it is tried in the suite: enough to see it broken by a mistake that is made often. */
export function timesOf(few: number): number {
  return Math.ceil(few * times);
}
