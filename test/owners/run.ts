// `npm run owners`: many simulated clusters, one after the other, each of another seed. Prints what was done and what
// went wrong; the exit code is 1 if an event was lost, doubled, out of order or told wrongly, or if a version was shown in
// two ways or went back.

import { parseArgs } from 'node:util';

const help = `npm run owners -- [options]

  --runs N     simulated clusters (default 10000)
  --seed N     of the first; the others follow (default 1)
  --keys N     shared actors, which people look at in turn (default 1)
  --unkept     actors that no store keeps: each event is done at most once
  --slow       questions to other machines take up to 100 ms
  --lookers    the actors count who looks; with one actor alone
  --help       prints this`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    keys: { type: 'string', default: '1' },
    unkept: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
    lookers: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const [runs, first, keys] = [Number(values.runs), Number(values.seed), Number(values.keys)];
if (![runs, keys].every((count) => Number.isSafeInteger(count) && count > 0) || !Number.isSafeInteger(first)) {
  console.error(`--runs, --seed and --keys are whole numbers\n\n${help}`);
  process.exit(2);
}
// not needed to explain oneself
const { simulateMany } = await import('./simulation.ts');
let toldAt = performance.now();
const tell = (done: number): void => {
  if (performance.now() - toldAt < 10_000) return;
  toldAt = performance.now();
  console.error(`${done} of ${runs}`);
};
const report = await simulateMany(first, runs, tell, {
  keys,
  persist: !values.unkept,
  maxQuestionMs: values.slow ? 100 : 0,
  countsLookers: values.lookers,
});
for (const [name, count] of Object.entries(report.faults).sort()) console.log(`${name.padEnd(32)} ${count}`);
console.log(`${'events sent'.padEnd(32)} ${report.sent}`);
console.log(`${'applied'.padEnd(32)} ${report.applied}`);
console.log(`${'refused, and told'.padEnd(32)} ${report.refused}`);
console.log(`${'dropped, and told'.padEnd(32)} ${report.dropped}`);
console.log(`${'runs with something wrong'.padEnd(32)} ${report.badRuns}`);
for (const line of report.wrong.slice(0, 20)) console.log(line.slice(0, 500));
console.log(report.badRuns === 0 ? 'good' : 'NOT GOOD');
process.exit(report.badRuns === 0 ? 0 : 1);
