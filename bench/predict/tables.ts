/*
 * The tables of docs/predicted.md, of one run's figures.
 */

import { format, markdownTable } from '../report.ts';
import { figureOf, type Results } from '../results.ts';
import { type BoardAction, boardActions } from './board.ts';
import { distances, nameOf } from './latency.ts';
import { arrangementNames, arrangements } from './server-cost.ts';

const titles: { readonly [action in BoardAction]: string } = {
  up: 'count up',
  toggle: 'tick a row',
  delete: 'delete a row',
  move: 'move a row',
  text: 'type a letter',
};

export interface PredictResults extends Results {
  /** How many processes wanted a processor before the run began. */
  readonly load: number;
}

export function toPredictTables(results: PredictResults): string {
  const { machine, versions, date, rounds, load } = results;
  // a quiet machine needs no word
  const busy = load > machine.cores / 2 ? `; the machine was busy with other work (load ${format(load)})` : '';
  const figure = (workload: string, subject: string, name: string): string =>
    format(figureOf(results, workload, subject, name) ?? Number.NaN);
  const titled = (cells: (action: BoardAction) => readonly string[]): string[][] =>
    boardActions.map((action) => [titles[action], ...cells(action)]);
  const times = (workload: string, subject: string, action: BoardAction): string =>
    `${figure(workload, subject, `${action}.medianMs`)} (${figure(workload, subject, `${action}.worstMs`)})`;
  const bytes = (action: BoardAction): string[] =>
    ['up', 'down'].flatMap((way) =>
      ['plain', 'predicted'].map((subject) => figure('predict/0x1', subject, `${action}.${way}`)),
    );
  const kibibytes = (name: string): string =>
    format((figureOf(results, 'predict/server', name, 'residentBytes') ?? Number.NaN) / 1_024);
  return [
    `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${versions.node}; medians of ${rounds} rounds${busy}.`,
    'From a click to the painted change in Chromium, milliseconds: median (worst) without prediction → with it. ' +
      'The worst is the median of the rounds’ worst. The board has 1,000 rows.',
    markdownTable(
      [
        '',
        ...distances.map(({ roundTripMs, slowdown }) => `${roundTripMs} ms${slowdown > 1 ? ', slow processor' : ''}`),
      ],
      titled((action) =>
        distances.map((distance) => {
          const workload = `predict/${nameOf(distance)}`;
          return `${times(workload, 'plain', action)} → ${times(workload, 'predicted', action)}`;
        }),
      ),
    ),
    'Bytes of the frames of one event:',
    markdownTable(['', 'up, plain', 'up, predicted', 'down, plain', 'down, predicted'], titled(bytes)),
    'CPU of the server, microseconds for an event, by who looks at the board; and its memory while it idles, with all who look:',
    markdownTable(
      ['', ...arrangementNames.map((name) => arrangements[name].title)],
      [
        ...titled((action) => arrangementNames.map((name) => figure('predict/server', name, `${action}.cpuUs`))),
        ['memory, KiB', ...arrangementNames.map(kibibytes)],
      ],
    ),
    `The script that predicts has ${figure('predict/size', 'predicted', 'gzipBytes')} bytes beside the element (gzip -9).`,
  ].join('\n\n');
}
