// What a run has come to: counts from the model that is stored at last, and from the books of those who sent.

import type { Client, Island } from '../chaos/client.ts';
import { linesOf, range } from '../chaos/report.ts';
import { type Board, textOf } from './board.ts';

export interface KillReport {
  readonly ends: Readonly<Record<string, number>>;
  readonly sent: number;
  /** Events that their clients were told have an outcome. */
  readonly acknowledged: number;
  readonly applied: number;
  /** Neither applied nor told. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Sent as void, since their place was gone. */
  readonly void: number;
  /** Told that they were not, or perhaps not, applied. */
  readonly told: number;
  /** Told so, and applied nevertheless. */
  readonly toldWrongly: number;
  readonly trees: number;
  /** Texts that are not the last one that was typed. */
  readonly letters: number;
  readonly timersTwice: number;
  readonly timersNever: number;
  readonly timersFired: number;
  readonly runsTwice: number;
  readonly runs: number;
  readonly tasks: number;
  readonly tasksDone: number;
  readonly tasksTwice: number;
  /** Asked for, and neither done nor dead. */
  readonly tasksNever: number;
  readonly tasksDead: number;
  /** Calls of their function: more than once for some, by the same key. */
  readonly taskCalls: number;
  readonly errors: number;
  readonly details: readonly string[];
  readonly seconds: number;
}

export interface Books {
  readonly clients: readonly Client[];
  /** Of the shared island, and of those of one's own. */
  readonly boards: readonly Board[];
  readonly runs: readonly string[];
  /** Each with the key of its task, and what it was for. */
  readonly calls: readonly string[];
}

type Counts = Omit<KillReport, 'ends' | 'trees' | 'errors' | 'seconds'>;

/** Compares what was sent with what is stored. */
export function countOf({ clients, boards, runs, calls }: Books): Counts {
  const details: string[] = [];
  const sum = {
    sent: 0,
    acknowledged: 0,
    applied: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    told: 0,
    void: 0,
    letters: 0,
  };
  let toldWrongly = 0;
  for (const island of clients.flatMap(({ islands }) => islands)) {
    const kept = boards.find(({ senders }) => senders[island.sender])?.senders[island.sender];
    const { applied = 0, doubled = 0, disordered = 0, last = 0, missing = [] } = kept ?? {};
    const isApplied = (id: number): boolean => id <= last && !missing.includes(id);
    const lost = range(island.made).filter((id) => !isApplied(id) && !island.told.has(id));
    const wrong = [...island.told.keys()].filter(isApplied);
    const codes = new Map<string, number>();
    for (const code of island.told.values()) codes.set(code, (codes.get(code) ?? 0) + 1);
    for (const [code, count] of codes) details.push(`told: ${island.sender} ${code} ${count} times`);
    if (lost.length > 0) details.push(`lost: ${island.sender} ${lost.slice(0, 20).join(' ')}`);
    if (doubled + disordered > 0) details.push(`${doubled} doubled, ${disordered} out of order: ${island.sender}`);
    if (last > 0 && kept?.text !== textOf(last)) sum.letters++;
    sum.sent += island.made;
    sum.acknowledged += island.made - island.told.size - island.waiting.length - island.unsent.length;
    sum.applied += applied;
    sum.lost += lost.length;
    sum.doubled += doubled;
    sum.disordered += disordered;
    sum.told += island.told.size;
    sum.void += toldAs(island, 'void');
    toldWrongly += wrong.length;
  }
  const total = (of: (board: Board) => number): number => boards.reduce((all, board) => all + of(board), 0);
  return {
    ...sum,
    toldWrongly,
    timersTwice: total(({ firedTwice }) => firedTwice),
    timersNever: total(({ pending }) => Object.keys(pending).length),
    timersFired: total(({ fired }) => fired),
    runsTwice: runs.length - new Set(runs).size,
    runs: runs.length,
    tasks: new Set(calls.map((call) => call.split(' ', 1)[0])).size,
    tasksDone: total(({ done }) => done),
    tasksTwice: total(({ doneTwice }) => doneTwice),
    tasksNever: total(({ tasks }) => Object.keys(tasks).length),
    tasksDead: total(({ dead }) => dead),
    taskCalls: calls.length,
    details,
  };
}

export function isGood(report: KillReport): boolean {
  const { lost, doubled, disordered, told, toldWrongly, trees, letters, errors, runsTwice } = report;
  const { timersTwice, timersNever, tasksTwice, tasksNever, tasksDead } = report;
  return (
    lost +
      doubled +
      disordered +
      told +
      toldWrongly +
      trees +
      letters +
      errors +
      runsTwice +
      timersTwice +
      timersNever +
      tasksTwice +
      tasksNever +
      tasksDead ===
    0
  );
}

/** A line for each count. */
export function toText(report: KillReport): string {
  const { ends, seconds, details } = report;
  const lines: [string, string | number][] = [
    ['servers ended', `${Object.values(ends).reduce((sum, each) => sum + each, 0)} in ${seconds.toFixed(1)} s`],
    ...Object.entries(ends).map(([end, count]): [string, number] => [`  ${end}`, count]),
    ['events sent', report.sent],
    ['acknowledged', report.acknowledged],
    ['applied', report.applied],
    ['lost', report.lost],
    ['doubled', report.doubled],
    ['out of order', report.disordered],
    ['void', report.void],
    ['told', report.told],
    ['told and applied', report.toldWrongly],
    ['trees that differ', report.trees],
    ['letters lost', report.letters],
    ['timers fired', report.timersFired],
    ['timers fired twice', report.timersTwice],
    ['timers never fired', report.timersNever],
    ['runs', report.runs],
    ['runs done twice', report.runsTwice],
    ['tasks', report.tasks],
    ['calls of their function', report.taskCalls],
    ['results', report.tasksDone],
    ['results handled twice', report.tasksTwice],
    ['tasks never done', report.tasksNever],
    ['tasks dead', report.tasksDead],
    ['errors', report.errors],
  ];
  return linesOf(lines, details, isGood(report));
}

function toldAs({ told }: Island, why: string): number {
  return [...told.values()].filter((each) => each === why).length;
}
