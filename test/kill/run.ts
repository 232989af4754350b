// `npm run kill`: servers are ended in every way, at every step of a turn and at moments drawn from a seed, while
// clients send to what they keep. Prints a line for each count; the exit code is 1 where one is not zero that is
// promised to be.

import { parseArgs } from 'node:util';
import { runKill } from './kill.ts';
import { isGood, toText } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    clients: { type: 'string', default: '8' },
    postgres: { type: 'string' },
    'same-code': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run kill -- [options]

  --rounds N      servers that are ended before clients may settle (default 60)
  --seed N        from which moments and changes are drawn (default: another each time)
  --clients N     light clients (default 8)
  --postgres URL  keeps states there, in place of an SQLite file
  --same-code     no server has other code than the one before
  --help          prints this`);
  process.exit(0);
}
console.log(`seed ${values.seed}`);
const report = await runKill({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  clients: Number(values.clients),
  postgres: values.postgres,
  changes: !values['same-code'],
  onProgress: (round, end) => console.error(`${round} ${end}`),
});
console.log(toText(report));
process.exit(isGood(report) ? 0 : 1);
