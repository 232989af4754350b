// What a run has come to: counts from the ledgers, the books of those who sent, and what the server still has.

import type { Entry, Ledger } from './ledger.ts';
import type { Fault } from './storm.ts';

/** What somebody sent to one island, and what it heard. */
export interface Book {
  readonly sender: string;
  /** Events made; their ids are 1 up to this. */
  readonly made: number;
  /** Ids of events about which it was told that they were not, or perhaps not, applied. */
  readonly told: ReadonlySet<number>;
  /** Events that it was told are lost without being told which. */
  readonly toldUnnamed: number;
}

export interface ChaosReport {
  readonly disconnects: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly sent: number;
  readonly applied: number;
  /** Neither applied nor told. */
  readonly lost: number;
  /** Applied once more than once. */
  readonly doubled: number;
  /** Applied after one of the same sender that was made later. */
  readonly disordered: number;
  readonly told: number;
  /** Trees that are not what the server has, or not what the ledger says. */
  readonly differ: number;
  /** Connections, sessions and actors that the server still has when all have gone and the times are over. */
  readonly left: number;
  /** Errors of the protocol, failures of actors, and errors in the log. */
  readonly errors: number;
  /** What is wrong, in words; the first of each kind. */
  readonly details: readonly string[];
  /** Whether sessions may end while clients are away, so that events may be told as dropped. */
  readonly maySessionsEnd: boolean;
  readonly seconds: number;
}

export type Outcome = Pick<ChaosReport, 'sent' | 'applied' | 'lost' | 'doubled' | 'disordered' | 'told'> & {
  readonly details: readonly string[];
};

/** Compares what was sent with what was applied. */
export function outcomeOf(ledger: Ledger, books: readonly Book[]): Outcome {
  const bySender = new Map<string, number[]>(books.map(({ sender }) => [sender, []]));
  const details: string[] = [];
  for (const { sender, id } of ledger) bySender.get(sender)?.push(id);
  const sum = { sent: 0, applied: 0, lost: 0, doubled: 0, disordered: 0, told: 0 };
  for (const { sender, made, told, toldUnnamed } of books) {
    const ids = bySender.get(sender) ?? [];
    const seen = new Set<number>();
    let last = 0;
    for (const id of ids) {
      if (seen.has(id)) {
        sum.doubled++;
        details.push(`doubled: ${sender} ${id}`);
      } else if (id < last) {
        sum.disordered++;
        details.push(`out of order: ${sender} ${id} after ${last}`);
      }
      seen.add(id);
      last = Math.max(last, id);
    }
    const missing = range(made).filter((id) => !seen.has(id) && !told.has(id));
    const lost = missing.slice(toldUnnamed);
    if (lost.length > 0) details.push(`lost: ${sender} ${lost.slice(0, 20).join(' ')}`);
    sum.sent += made;
    sum.applied += seen.size;
    sum.lost += lost.length;
    sum.told += told.size + toldUnnamed;
  }
  return { ...sum, details };
}

/** What a tree must read when these events were applied, in the words of `Tree.toWords`. */
export function wordsOf(ledger: Ledger, shownEntries: number): string {
  const counts = new Map<string, number>();
  for (const { sender } of ledger) counts.set(sender, (counts.get(sender) ?? 0) + 1);
  const rows = ledger.slice(-shownEntries).flatMap(({ sender, id }: Entry) => [sender, id]);
  const rest = ledger.length % 7;
  return [ledger.length, ...rows, ...counts.values(), ...(rest === 0 || rest === 3 ? [] : [rest])].join(' ');
}

/** Whether nothing is wrong. */
export function isGood(report: ChaosReport): boolean {
  const { lost, doubled, disordered, told, differ, left, errors, maySessionsEnd } = report;
  return lost + doubled + disordered + differ + left + errors === 0 && (told === 0 || maySessionsEnd);
}

/** A line for each count. */
export function toText(report: ChaosReport): string {
  const { faults, seconds, details } = report;
  const lines: [string, string | number][] = [
    ['disconnects', `${report.disconnects} in ${seconds.toFixed(1)} s`],
    [
      'faults',
      Object.entries(faults)
        .flatMap(([fault, count]) => `${fault} ${count}`)
        .join(', '),
    ],
    ['events sent', report.sent],
    ['applied', report.applied],
    ['lost', report.lost],
    ['doubled', report.doubled],
    ['out of order', report.disordered],
    ['told as dropped', report.told],
    ['trees that differ', report.differ],
    ['left behind', report.left],
    ['errors', report.errors],
  ];
  return linesOf(lines, details, isGood(report));
}

/** What a run prints: its counts, what is wrong as far as that is few lines, and whether all is good. */
export function linesOf(
  counts: readonly (readonly [name: string, value: string | number])[],
  details: readonly string[],
  isAllGood: boolean,
): string {
  const table = counts.map(([name, value]) => `${name.padEnd(24)} ${value}`);
  return [...table, ...details.slice(0, 20), isAllGood ? 'good' : 'NOT GOOD'].join('\n');
}

/** From 1 to `count`. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
