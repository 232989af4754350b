/*
 * `npm run bench:curves`: what each workload costs over its size, with the exponent of the curve, so that a cost that
 * grows with what is there, and not with what changes, is seen. Prints microseconds of CPU; with `--work` the work
 * counted (`curves/work.ts`), which is the same on every machine.
 *
 *   npm run bench:curves -- --only subscribers,rows
 *   npm run bench:curves -- --work --short --json
 */

import { parseArgs } from 'node:util';
import { type Curve, curves, type Run } from './curves/curves.ts';
import { exponentOf, type Point } from './curves/exponent.ts';
import { beginCounting, countWork } from './curves/work.ts';
import { median } from './driver/statistics.ts';

export interface MeasuredCurve extends Pick<Curve, 'title' | 'of' | 'unit' | 'limit'> {
  readonly points: readonly Point[];
}

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    work: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Two sizes of each are enough to see a cost that grows. */
    short: { type: 'boolean', default: false },
  },
});
const wanted = options.only.split(',').filter((part) => part !== '');
const batchMs = 150;
const batches = 5;

// a client that takes more than its share waits by timers, and a server's keep no process alive
setInterval(() => {}, 1_000);
if (options.work) await beginCounting();
const measured: MeasuredCurve[] = [];
for (const curve of curves) {
  const { title, of, unit, limit, sizes } = curve;
  if (wanted.length > 0 && !wanted.some((part) => title.includes(part) || of.includes(part))) continue;
  const points: Point[] = [];
  for (const size of options.short ? sizes.slice(-3, -1) : sizes) {
    const run = await curve.open(size);
    points.push({ size, cost: (await (options.work ? work(run) : cpuUs(run))) / (run.units ?? 1) });
    await run.end?.();
  }
  measured.push({ title, of, unit, limit, points });
  if (!options.json) print(measured.at(-1) as MeasuredCurve);
}
if (options.json) console.log(JSON.stringify(measured));
process.exit(0);

/** Of the second time: the first one may have something to compile. */
async function work(run: Run): Promise<number> {
  await run.act();
  await run.reset?.();
  return countWork(() => run.act());
}

/** Median of some batches. All threads count: who collects garbage, too. */
async function cpuUs(run: Run): Promise<number> {
  await batch(run, batchMs);
  const costs: number[] = [];
  for (let number = 0; number < batches; number++) costs.push(await batch(run, batchMs));
  return median(costs);
}

async function batch(run: Run, ms: number): Promise<number> {
  let [spentUs, times] = [0, 0];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const before = process.cpuUsage();
    // to ask for the time costs as much as a small piece of work
    const count = run.reset ? 1 : 20;
    for (let time = 0; time < count; time++) await run.act();
    const { user, system } = process.cpuUsage(before);
    spentUs += user + system;
    times += count;
    await run.reset?.();
  }
  return spentUs / times;
}

function print({ title, of, unit, points, limit }: MeasuredCurve): void {
  const what = options.work ? 'work' : 'µs';
  console.log(`\n${title}: ${what} for ${unit}`);
  const [all, last] = [exponentOf(points), exponentOf(points.slice(-2))];
  for (const { size, cost } of points)
    console.log(`  ${size.toLocaleString('en').padStart(10)} ${of.padEnd(12)} ${cost.toPrecision(4)}`);
  const held = options.work ? `, at most ${limit}` : '';
  console.log(`  exponent ${all.toFixed(2)}, between the last two ${last.toFixed(2)}${held}`);
}
