// `npm run cluster:faults`: three servers with PostgreSQL and NATS, clients that click, type and move between them, and
// faults. Prints a line for each count, and the longest click for each kind of fault; the exit code is 1 where a count
// is not zero that is promised to be.

import { parseArgs } from 'node:util';
import { natsReason } from '../support/nats.ts';
import { ownPostgresReason } from '../support/postgres.ts';
import { allFaults, type Fault, runFaults } from './faults.ts';
import { isGood, toText } from './report.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '180' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    speed: { type: 'string', default: '1' },
    rate: { type: 'string' },
    faults: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run cluster:faults -- [options]

  --clients N    light clients (default 200)
  --seconds N    how long there are faults (default 180)
  --seed N       from which moments and places are drawn (default: another each time)
  --speed N      how many seconds of the servers a second has: their deadlines come sooner (default 1)
  --rate N       how many events all clients want to do in a second (default: 5 for each client, and 250 at most)
  --faults A,B   only those whose names have one of these words, such as owner,deploy (default: all)
  --help         prints this`);
  process.exit(0);
}
const numbers = [values.clients, values.seconds, values.speed, values.seed].map(Number);
const [clients, seconds, speed, seed] = numbers as [number, number, number, number];
const rate = values.rate === undefined ? undefined : Number(values.rate);
const words = values.faults.split(',').filter(Boolean);
const faults: readonly Fault[] = allFaults.filter(
  (fault) => words.length === 0 || words.some((word) => fault.includes(word)),
);
if (
  ![clients, seconds, speed, rate ?? 1].every((number) => Number.isSafeInteger(number) && number > 0) ||
  !Number.isSafeInteger(seed) ||
  faults.length === 0
) {
  console.error(
    '--clients, --seconds, --speed, --rate and --seed are whole numbers, and --faults names faults: --help says more',
  );
  process.exit(2);
}
const missing = ownPostgresReason ?? natsReason;
if (missing !== undefined) {
  console.error(missing);
  process.exit(69);
}
console.log(`seed ${seed}`);
const report = await runFaults({
  clients,
  seconds,
  seed,
  speed,
  ...(rate !== undefined && { rate }),
  faults,
  onProgress: (line) => console.error(line),
});
console.log(toText(report));
process.exit(isGood(report) ? 0 : 1);
