// What a run of faults has come to: what was done and told against what is stored, and what was shown.

import { linesOf } from '../chaos/report.ts';
import type { Sender } from '../kill/book.ts';
import type { IslandBook } from './client.ts';

/** Counts of what must not be. */
export const wrongs = {
  lost: 'lost',
  doubled: 'doubled',
  disordered: 'out of order',
  toldWrongly: 'told wrongly',
  dropped: 'told as dropped',
  shownTwice: 'a version in two ways',
  wentBack: 'versions going back',
  differ: 'trees that differ',
  errors: 'errors',
} as const;
export type Wrong = keyof typeof wrongs;

export interface FaultsReport {
  readonly wrong: Readonly<Record<Wrong, number>>;
  readonly sent: number;
  readonly applied: number;
  readonly refused: number;
  /** Events of islands of one's own that were told as dropped: with their server, or where they began anew. */
  readonly ownDropped: number;
  readonly ownSent: number;
  readonly moves: number;
  /** How often each fault happened, and the longest that a click of a shared island took meanwhile, in milliseconds. */
  readonly faults: ReadonlyMap<string, { readonly times: number; readonly longestMs: number }>;
  readonly details: readonly string[];
  readonly seconds: number;
}

type Counts = Record<
  'lost' | 'doubled' | 'disordered' | 'toldWrongly' | 'dropped' | 'sent' | 'applied' | 'refused',
  number
>;

/** Compares what a shared island's client did and was told with what is stored of it. */
export function compare({ sender, acts }: IslandBook, stored: Sender | undefined, details: string[]): Counts {
  const { last = 0, missing = [], doubled = 0, disordered = 0, applied = 0 } = stored ?? {};
  const passedOver = new Set(missing);
  const sum = { lost: 0, doubled, disordered, toldWrongly: 0, dropped: 0, sent: acts.length, applied, refused: 0 };
  if (doubled > 0) details.push(`doubled: ${doubled} of ${sender}`);
  if (disordered > 0) details.push(`out of order: ${disordered} of ${sender}`);
  for (const [index, { deed, outcome }] of acts.entries()) {
    const id = index + 1;
    const isApplied = id <= last && !passedOver.has(id);
    const what = `${sender} ${id}, a ${deed}`;
    if (outcome === undefined) {
      sum.lost++;
      details.push(`lost: ${what}, was told nothing; applied: ${isApplied}`);
    } else if (outcome.kind === 'applied' && !isApplied) {
      sum.lost++;
      details.push(`lost: ${what}, told as applied`);
    } else if (outcome.kind === 'refused') {
      sum.refused++;
      if (!isApplied && deed === 'refused' && outcome.code === 'ISLET_ERR_MESSAGE_REFUSED') continue;
      sum.toldWrongly++;
      details.push(`told wrongly: ${what}, as refused by ${outcome.code}; applied: ${isApplied}`);
    } else if (outcome.kind === 'dropped') {
      sum.dropped++;
      details.push(`told as dropped: ${what}: ${outcome.why}; applied: ${isApplied}`);
    }
  }
  return sum;
}

/** Whether nothing is wrong. */
export function isGood({ wrong }: FaultsReport): boolean {
  return Object.values(wrong).every((count) => count === 0);
}

/** A line for each count. */
export function toText(report: FaultsReport): string {
  const { wrong, faults, details, seconds } = report;
  return linesOf(
    [
      ['events sent', `${report.sent} in ${seconds.toFixed(1)} s`],
      ['applied', report.applied],
      ['refused, and told', report.refused],
      ['moves', report.moves],
      ...Object.entries(wrongs).map(([name, words]) => [words, wrong[name as Wrong]] as const),
      ['own: told as dropped', `${report.ownDropped} of ${report.ownSent}`],
      ...[...faults].map(
        ([fault, { times, longestMs }]) =>
          [fault, `${times} times, longest click ${Math.round(longestMs)} ms`] as const,
      ),
    ],
    details,
    isGood(report),
  );
}
