/*
 * Shows results to people: tables on the terminal, and in Markdown for docs/performance.md and, five figures, for the
 * README, between their markers.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Verdict } from './budgets.ts';
import { figureOf, type Results, ratioOf } from './results.ts';
import { subjects } from './subjects.ts';
import { workloads } from './workloads.ts';

const start = '<!-- bench:start -->';
const end = '<!-- bench:end -->';

/** Prints what each figure is in proportion to that of the other checkout: medians of the rounds' ratios. */
export function printComparison(results: Results): void {
  console.log('\nThis checkout in proportion to the other one:');
  for (const [workload, bySubject] of Object.entries(results.figures)) {
    for (const figure of Object.keys(bySubject.before ?? {})) {
      const ratio = ratioOf(results, workload, 'islet', 'before', figure);
      if (ratio !== undefined) console.log(`  ${workload} ${figure}: ${ratio.toFixed(2)}`);
    }
  }
}

/** A section of the printed report: one workload (or one of its actions), a line for each subject. */
interface Section {
  readonly title: string;
  readonly workload: string;
  /** Figures and their headings. */
  readonly columns: readonly (readonly [figure: string, heading: string, scale?: number])[];
  /** The figure whose ratio to the least of all subjects is told. */
  readonly order: string;
}

const loopColumns = (prefix: string): Section['columns'] => [
  [`${prefix}cpuUs`, 'CPU µs'],
  [`${prefix}perSecond`, 'per second'],
  [`${prefix}p50Us`, 'p50 µs'],
  [`${prefix}p99Us`, 'p99 µs'],
  [`${prefix}bytes`, 'bytes'],
];

const memoryColumns: Section['columns'] = [
  ['residentBytes', 'resident KiB', 1_024],
  ['heapBytes', 'heap KiB', 1_024],
];

const browserColumns: Section['columns'] = [
  ['us', 'mean of the middle half, µs'],
  ['p95Us', 'p95 µs'],
  ['layoutUs', 'style and layout µs'],
];

const tableActions = [
  ['table/one', 'one', '1,000 rows: change one'],
  ['table/update10', 'update10', '1,000 rows: change every tenth'],
  ['table/swap', 'swap', '1,000 rows: swap two'],
  ['table/select', 'select', '1,000 rows: select one'],
  ['table/append', 'append', '1,000 rows: append one'],
  ['table/append', 'remove', '1,000 rows: remove the second'],
  ['table/prepend', 'prepend', '1,000 rows: prepend one'],
  ['table/reverse', 'reverse', '1,000 rows: reverse'],
  ['table10k/one', 'one', '10,000 rows: change one'],
  ['list/1k', 'one', '1,000 rows, a long list: change one'],
  ['list/10k', 'one', '10,000 rows, a long list: change one'],
  ['list/100k', 'one', '100,000 rows, a long list: change one'],
  ['nested/1k', 'pick', '1,000 rows: click a nested button'],
  ['nested/10k', 'pick', '10,000 rows: click a nested button'],
  ['nested/100k', 'pick', '100,000 rows: click a nested button'],
] as const;

const browserActions = ['one', 'update10', 'swap', 'select', 'append', 'remove', 'prepend', 'reverse'] as const;

/** Rooms of the measured cluster; what stands on the bus is told where there is one. */
const rooms = [
  ['alone', '100 at one process without a bus'],
  ['memory', '100 at one process, bus in memory'],
  ['one', '1,000 at one of three processes'],
  ['two', '1,000 at two of three processes'],
  ['three', '1,000 at three processes'],
  ['few', 'one at the owner, 100 elsewhere'],
  ['many', 'one at the owner, 1,000 elsewhere'],
  ['near', 'one alone, at the owner'],
  ['far', 'one alone, elsewhere'],
] as const;

const sections: readonly Section[] = [
  { title: workloads.counter.title, workload: 'counter', columns: loopColumns(''), order: 'cpuUs' },
  ...(['kept/100', 'kept/1'] as const).map((workload): Section => {
    return { title: workloads[workload].title, workload, columns: loopColumns(''), order: 'cpuUs' };
  }),
  ...tableActions.map(([workload, action, title]) => {
    return { title, workload, columns: loopColumns(`${action}.`), order: `${action}.cpuUs` };
  }),
  { title: workloads.broadcast.title, workload: 'broadcast', columns: loopColumns(''), order: 'cpuUs' },
  ...rooms.map(([room, title]): Section => {
    const columns: Section['columns'] = [
      [`${room}.cpuUs`, "owner's CPU µs"],
      [`${room}.p50Us`, 'p50 µs'],
      [`${room}.busBytes`, 'bytes on the bus'],
    ];
    return { title: `Shared counter event, ${title}`, workload: 'cluster', columns, order: `${room}.cpuUs` };
  }),
  { title: workloads.joins.title, workload: 'joins', columns: loopColumns(''), order: 'cpuUs' },
  { title: workloads.pages.title, workload: 'pages', columns: loopColumns(''), order: 'cpuUs' },
  { title: workloads['pages/island'].title, workload: 'pages/island', columns: loopColumns(''), order: 'cpuUs' },
  { title: workloads['idle/counter'].title, workload: 'idle/counter', columns: memoryColumns, order: 'residentBytes' },
  { title: workloads['idle/kept'].title, workload: 'idle/kept', columns: memoryColumns, order: 'residentBytes' },
  { title: workloads['idle/table'].title, workload: 'idle/table', columns: memoryColumns, order: 'residentBytes' },
  {
    title: workloads.start.title,
    workload: 'start',
    columns: [
      ['startMs', 'ms'],
      ['startCpuMs', 'CPU ms'],
    ],
    order: 'startMs',
  },
  ...browserActions.map((action): Section => {
    return {
      title: `In Chromium, 1,000 rows: ${action}`,
      workload: `dom/${action}`,
      columns: browserColumns,
      order: 'us',
    };
  }),
  ...[0, 100].map((ms): Section => {
    return {
      title: `Click to change, ${ms} ms of network round trip`,
      workload: `click/${ms}`,
      columns: [
        ['changedMs', 'changed ms'],
        ['paintedMs', 'painted ms'],
        ['p95Ms', 'painted p95 ms'],
      ],
      order: 'paintedMs',
    };
  }),
  {
    title: 'Bundles, minified',
    workload: 'size',
    columns: [
      ['minifiedBytes', 'bytes'],
      ['gzipBytes', 'gzip -9'],
    ],
    order: 'gzipBytes',
  },
];

/** Prints every section that was measured, then the budgets. */
export function printReport(results: Results, verdicts: readonly Verdict[]): void {
  for (const section of sections) printSection(results, section);
  console.log('\nBudgets');
  for (const verdict of verdicts) {
    const mark = verdict.isMet ? 'met   ' : 'MISSED';
    console.log(`  ${mark} ${verdict.what}: ${formatVerdict(verdict)} of ${format(verdict.limit)} ${verdict.unit}`);
  }
}

function printSection(results: Results, { title, workload, columns, order }: Section): void {
  const measured = results.figures[workload];
  if (measured === undefined) return;
  const names = Object.keys(measured).filter((name) => figureOf(results, workload, name, order) !== undefined);
  if (names.length === 0) return;
  names.sort((a, b) => (figureOf(results, workload, a, order) ?? 0) - (figureOf(results, workload, b, order) ?? 0));
  const least = figureOf(results, workload, names[0] as string, order) ?? Number.NaN;
  const lines = [[title, ...columns.map(([, heading]) => heading), 'times']];
  for (const name of names) {
    const cells = columns.map(([figure, , scale = 1]) =>
      format((figureOf(results, workload, name, figure) ?? Number.NaN) / scale),
    );
    lines.push([
      `  ${labelOf(name)}`,
      ...cells,
      format((figureOf(results, workload, name, order) ?? Number.NaN) / least),
    ]);
  }
  console.log(`\n${align(lines)}`);
}

/** Five figures for the README, each beside what it is to be held against. */
export function toSummary(results: Results): string {
  const { machine, versions, date } = results;
  const figure = (workload: string, name: string, of: string): number =>
    figureOf(results, workload, name, of) ?? Number.NaN;
  const cpu = (workload: string, name: string, of: string): string => `${format(figure(workload, name, of))} µs`;
  const resident = (name: string): string => `${format(figure('idle/counter', name, 'residentBytes') / 1_024)} KiB`;
  const rows = [
    [
      'one row of 1,000 changes: bytes that a page is sent',
      format(figure('table/one', 'islet', 'one.bytes')),
      `LiveViewJS ${format(figure('table/one', 'liveviewjs', 'one.bytes'))}`,
    ],
    [
      'the same: server CPU',
      cpu('table/one', 'islet', 'one.cpuUs'),
      `an echo of a bare WebSocket ${cpu('table/one', 'ws', 'one.cpuUs')}`,
    ],
    [
      'a change is delivered to one of 1,000 who look: server CPU',
      cpu('broadcast', 'islet', 'cpuUs'),
      `a bare WebSocket ${cpu('broadcast', 'ws', 'cpuUs')}`,
    ],
    [
      'a page of 1,000 rows is rendered and sent: server CPU',
      cpu('pages', 'islet', 'cpuUs'),
      `React ${cpu('pages', 'react', 'cpuUs')}`,
    ],
    ['an idle counter on a page: memory', resident('islet'), `a bare connection to Fastify ${resident('fastify')}`],
  ];
  return [
    markdownTable(['', 'Islet', 'beside it'], rows),
    `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, Node ${versions.node}.`,
  ].join('\n\n');
}

/** The tables for docs/performance.md: server CPU and bytes, memory, pages, the browser, and the budgets. */
export function toMarkdown(results: Results, verdicts: readonly Verdict[]): string {
  const { machine, versions, date, rounds } = results;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  // LiveView takes part only where Elixir is installed
  const elixir = ['phoenix', 'phoenixStream'].filter((name) => Object.values(results.figures).some((by) => name in by));
  const live = ['islet', 'ws', 'fastify', 'liveviewjs', ...elixir];
  const cell = (workload: string, name: string, figure: string, bytes?: string): string => {
    const value = figureOf(results, workload, name, figure);
    if (value === undefined) return '';
    const weight = bytes === undefined ? undefined : figureOf(results, workload, name, bytes);
    return weight === undefined ? format(value) : `${format(value)} / ${format(weight)}`;
  };
  const line = (title: string, workload: string, figure: string, bytes?: string): string[] => [
    title,
    ...live.map((name) => cell(workload, name, figure, bytes)),
  ];
  const scaled = (title: string, workload: string): string[] => [
    title,
    ...live.map((name) => {
      const value = figureOf(results, workload, name, 'residentBytes');
      return value === undefined ? '' : format(value / 1_024);
    }),
  ];
  const liveRows = [
    line('counter event', 'counter', 'cpuUs', 'bytes'),
    ...tableActions.map(([workload, action, title]) => line(title, workload, `${action}.cpuUs`, `${action}.bytes`)),
    line('delivery to one of 1,000 subscribers', 'broadcast', 'cpuUs', 'bytes'),
    ...(figureOf(results, 'broadcast', 'wsPaced', 'cpuUs') === undefined
      ? []
      : [
          [
            'the same, bare ws at its pace',
            ...live.map((name) =>
              name === 'islet' || name === 'ws' ? cell('broadcast', name === 'ws' ? 'wsPaced' : name, 'cpuUs') : '',
            ),
          ],
        ]),
    line('join over an open page', 'joins', 'cpuUs', 'bytes'),
    scaled('idle counter island, KiB resident', 'idle/counter'),
    scaled('idle island of 1,000 rows, KiB resident', 'idle/table'),
    line('server start, ms', 'start', 'startMs'),
  ].filter((cells) => cells.slice(1).some((text) => text !== ''));
  const pageNames = Object.keys(results.figures.pages ?? {});
  const domNames = Object.keys(results.figures['dom/one'] ?? {});
  const clickNames = Object.keys(results.figures['click/0'] ?? {});
  const sizeNames = Object.keys(results.figures.size ?? {});
  const blocks = [
    `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; ` +
      `medians of ${rounds} interleaved rounds. ${named.join(', ')}.`,
    liveRows.length > 0 &&
      `Server CPU in microseconds / bytes of the reply, unless said otherwise:\n\n${markdownTable(['', ...live.map(labelOf)], liveRows)}`,
    results.figures.cluster !== undefined &&
      `An event of a shared counter over several processes and NATS:\n\n${markdownTable(
        ['who looks', "owner's CPU, µs", 'p50, µs', 'bytes on the bus'],
        rooms.map(([room, title]) => [
          title,
          ...['cpuUs', 'p50Us', 'busBytes'].map((figure) => cell('cluster', 'islet', `${room}.${figure}`)),
        ]),
      )}`,
    pageNames.length > 0 &&
      `A page of 1,000 rows, rendered on the server and sent by the same Fastify (LiveViewJS: by Express${pageNames.includes('phoenix') ? '; Phoenix: by Bandit' : ''}):\n\n${markdownTable(
        ['', ...pageNames.map(labelOf)],
        [
          ['server CPU, µs', ...pageNames.map((name) => cell('pages', name, 'cpuUs'))],
          ['pages per second', ...pageNames.map((name) => cell('pages', name, 'perSecond'))],
          ['bytes', ...pageNames.map((name) => cell('pages', name, 'bytes'))],
        ],
      )}`,
    domNames.length > 0 &&
      `Changing 1,000 rows in Chromium, microseconds of script:\n\n${markdownTable(
        ['', ...domNames.map(labelOf)],
        browserActions.map((action) => [action, ...domNames.map((name) => cell(`dom/${action}`, name, 'us'))]),
      )}`,
    clickNames.length > 0 &&
      `From a click to the painted change, milliseconds:\n\n${markdownTable(
        ['network round trip', ...clickNames.map(labelOf)],
        [0, 100].map((ms) => [`${ms} ms`, ...clickNames.map((name) => cell(`click/${ms}`, name, 'paintedMs'))]),
      )}`,
    sizeNames.length > 0 &&
      `Bundles, bytes minified and compressed by gzip -9:\n\n${markdownTable(sizeNames.map(labelOf), [
        sizeNames.map((name) => cell('size', name, 'gzipBytes')),
      ])}`,
    `Budgets:\n\n${markdownTable(
      ['what', 'measured', 'budget', ''],
      verdicts.map((verdict) => [
        verdict.what,
        formatVerdict(verdict),
        `${format(verdict.limit)} ${verdict.unit}`,
        verdict.isMet ? 'met' : 'missed',
      ]),
    )}`,
  ];
  return blocks.filter((block) => block !== false).join('\n\n');
}

/** Puts the Markdown between the markers of a file. Returns false, and changes nothing, if it has no markers. */
export function insertMarkdown(path: string, markdown: string): boolean {
  const text = readFileSync(path, 'utf8');
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) return false;
  writeFileSync(path, `${text.slice(0, from + start.length)}\n${markdown}\n${text.slice(to)}`);
  return true;
}

const labels: Readonly<Record<string, string>> = {
  'islet-app': 'islet in the browser',
  'islet-page': 'islet element (patches from the server)',
  'liveviewjs-page': 'LiveView client (patches from LiveViewJS)',
  'islet-element': 'islet element',
  vanilla: 'by hand',
  lit: 'lit',
  uhtml: 'uhtml',
  'liveview-client': 'LiveView client',
};

function labelOf(name: string): string {
  return labels[name] ?? (subjects as Readonly<Record<string, { readonly label: string }>>)[name]?.label ?? name;
}

/** What is missed by a hair shall not look like the limit. */
function formatVerdict({ value, limit }: Verdict): string {
  return value !== limit && format(value) === format(limit) ? value.toFixed(4) : format(value);
}

/** Enough digits to compare by, and no more. */
export function format(value: number): string {
  if (Number.isNaN(value)) return '';
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells.map((text, column) => (column === 0 ? text.padEnd(52) : text.padStart((widths[column] ?? 0) + 3))).join(''),
    )
    .join('\n');
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [toLine(head), toLine(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(toLine)].join(
    '\n',
  );
}
