/*
 * `npm run bench`: everything measured side by side, in one run. Each round measures every workload once on all its
 * subjects, with fresh servers and a fresh driver; within it the subjects take turns. Prints the report; a whole run
 * also writes bench/results/latest.json the tables of docs/performance.md, and the README's figures.
 *
 *   npm run bench -- --only counter,table --rounds 5 --quick --no-browser --no-readme
 *   npm run bench -- --before ../other-checkout --only counter,table/one,broadcast,join,idle,pages
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkBudgets } from './budgets.ts';
import { buildFolder } from './build.ts';
import type { JobFigures } from './driver/main.ts';
import { installPeers } from './install.ts';
import { measureListFloor } from './list-floor.ts';
import { phoenixVersions, preparePhoenix } from './phoenix.ts';
import { insertMarkdown, printComparison, printReport, toMarkdown, toSummary } from './report.ts';
import { Collector, describeMachine, describeVersions, type Results } from './results.ts';
import { type Workload, type WorkloadName, workloads } from './workloads.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    'no-browser': { type: 'boolean', default: false },
    'no-readme': { type: 'boolean', default: false },
    out: { type: 'string' },
    before: { type: 'string' },
  },
});
const maxJobMs = 180_000;
const pace = options.quick ? 'quick' : 'full';
const rounds = options.quick ? 1 : Number(options.rounds);
const wanted = options.only.split(',').filter((name) => name !== '');
const isWanted = (name: string): boolean =>
  wanted.length === 0 || wanted.some((prefix) => name === prefix || name.startsWith(`${prefix}/`));

const before = options.before === undefined ? undefined : resolve(options.before);
const isAll = pace === 'full' && wanted.length === 0 && !options['no-browser'] && before === undefined;

installPeers();
const phoenix = preparePhoenix();
if ('reason' in phoenix) console.log(`Phoenix LiveView is left out: ${phoenix.reason}`);
const collector = new Collector();
const started = performance.now();
/** What could not be measured: the rest still is. */
const failures: string[] = [];

for (let round = 1; round <= rounds; round++) {
  for (const [name, workload] of Object.entries(workloads) as [WorkloadName, Workload][]) {
    if (!isWanted(name)) continue;
    await attempt(`round ${round} of ${rounds}: ${workload.title}`, async () => {
      for (const [subject, figures] of Object.entries(await runJob(name))) collector.add(name, subject, figures);
    });
  }
  if (isWanted('table10k')) collector.add('list', 'floor', measureListFloor([1_000, 10_000]));
}
if (!options['no-browser'] && ['dom', 'click', 'size'].some(isWanted)) {
  await attempt('in the browser', async () => {
    const { measureBrowser } = await import('./browser/measure.ts');
    await measureBrowser({ collector, isWanted, isQuick: options.quick, rounds });
  });
}

const results: Results = {
  date: new Date().toISOString(),
  machine: describeMachine(),
  versions: {
    ...describeVersions(['uhtml', 'lit', 'phoenix_live_view']),
    ...('folder' in phoenix && phoenixVersions(phoenix)),
  },
  rounds,
  pace,
  figures: collector.toFigures(),
};
const verdicts = checkBudgets(results);
printReport(results, verdicts);
if (before) printComparison(results);
// only a whole run at full pace is fit to be shown, and to take the place of the last one
const isWhole = isAll && failures.length === 0;
const latest = fileURLToPath(new URL('./results/latest.json', import.meta.url));
const out = options.out ?? (isWhole ? latest : `${buildFolder}partial.json`);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify({ ...results, budgets: verdicts }, null, 2)}\n`);
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(`\n${seconds} s; these results are in ${relative(process.cwd(), out)}`);

if (isWhole && !options['no-readme']) {
  for (const [page, markdown] of [
    ['docs/performance.md', toMarkdown(results, verdicts)],
    ['README.md', toSummary(results)],
  ] as const) {
    const path = fileURLToPath(new URL(`../${page}`, import.meta.url));
    if (insertMarkdown(path, markdown)) console.log(`The figures of ${page} are new, too.`);
    else console.log(`${page} has no markers for its figures:\n\n${markdown}`);
  }
}

for (const failure of failures) console.error(`NOT MEASURED ${failure}`);
process.exit(failures.length === 0 ? 0 : 1);

async function attempt(what: string, measure: () => Promise<void>): Promise<void> {
  process.stderr.write(`${what}\n`);
  try {
    await measure();
  } catch (error) {
    console.error(error);
    failures.push(what);
  }
}

async function runJob(workload: WorkloadName): Promise<JobFigures> {
  const script = fileURLToPath(new URL('./driver/main.ts', import.meta.url));
  const others = {
    ...(before && { BENCH_BEFORE: before }),
    ...('folder' in phoenix && { BENCH_PHOENIX: phoenix.folder }),
  };
  const env = { ...process.env, BENCH_PACE: pace, ...others };
  const child = fork(script, [workload], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env });
  let figures: JobFigures | undefined;
  child.on('message', (message: JobFigures) => {
    figures = message;
  });
  // a server that does not answer must not stop the run for ever
  const watchdog = setTimeout(() => child.kill('SIGKILL'), maxJobMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(watchdog);
  if (figures === undefined || code !== 0) throw new Error(`${workload} ended with ${code}`);
  return figures;
}
