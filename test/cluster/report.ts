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
  /** Events of islands of one's own: those may begin anew, which is told. */
  readonly own: { readonly sent: number; readonly dropped: Dropped };
  /** Events of what is not kept: they are applied at most once, and it is told where nobody knows. */
  readonly loose: { readonly sent: number; readonly dropped: Dropped };
  readonly moves: number;
  /** How often each fault happened, and the longest that a click of a shared island took meanwhile, in milliseconds. */
  readonly faults: ReadonlyMap<string, { readonly times: number; readonly longestMs: number }>;
  readonly details: readonly string[];
  readonly seconds: number;
}

/** How often each reason was given, and whether the events were applied. */
export type Dropped = ReadonlyMap<string, number>;

type Counts = Record<
  'lost' | 'doubled' | 'disordered' | 'toldWrongly' | 'dropped' | 'sent' | 'applied' | 'refused',
  number
>;

/** Whether an event was applied, as far as anything is known of it. */
export interface Applied {
  has(id: number): boolean;
  readonly doubled: number;
  readonly disordered: number;
}

/** What a component has noted in its book. */
export function inBook({ last = 0, missing = [], doubled = 0, disordered = 0 }: Partial<Sender> = {}): Applied {
  const passedOver = new Set(missing);
  return { has: (id) => id <= last && !passedOver.has(id), doubled, disordered };
}

/** An event that was applied, and in which process. */
export interface Note {
  readonly id: number;
  readonly process: string;
}

/**
 * What was noted by all processes. There is an order in each of them alone: one that hung may apply what it had, which
 * nobody sees any more.
 */
export function inOrder(notes: readonly Note[]): Applied {
  const ids = new Set<number>();
  const last = new Map<string, number>();
  let disordered = 0;
  for (const { id, process } of notes) {
    ids.add(id);
    if (id < (last.get(process) ?? 0)) disordered++;
    last.set(process, id);
  }
  return { has: (id) => ids.has(id), doubled: notes.length - ids.size, disordered };
}

/** Compares what an island's client did and was told with what was applied of it. */
export function compare({ sender, acts, before }: IslandBook, applied: Applied, details: string[]): Counts {
  const { doubled, disordered } = applied;
  const sum = { lost: 0, doubled, disordered, toldWrongly: 0, dropped: 0, sent: acts.length, applied: 0, refused: 0 };
  if (doubled > 0) details.push(`doubled: ${doubled} of ${sender}`);
  if (disordered > 0) details.push(`out of order: ${disordered} of ${sender}`);
  for (const [index, { deed, outcome }] of acts.entries()) {
    const id = index + 1;
    if (id <= before) continue;
    const isApplied = applied.has(id);
    if (isApplied) sum.applied++;
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
      ['own: told as dropped', ofDropped(report.own)],
      ['not kept: told as dropped', ofDropped(report.loose)],
      ...[...faults].map(
        ([fault, { times, longestMs }]) =>
          [fault, `${times} times, longest click ${Math.round(longestMs)} ms`] as const,
      ),
    ],
    details,
    isGood(report),
  );
}

export function countOf(dropped: Dropped): number {
  return [...dropped.values()].reduce((sum, count) => sum + count, 0);
}

function ofDropped({ sent, dropped }: FaultsReport['own']): string {
  const total = countOf(dropped);
  const reasons = [...dropped].map(([reason, count]) => `${count} ${reason}`);
  return `${total} of ${sent}${total === 0 ? '' : ` (${reasons.join(', ')})`}`;
}
