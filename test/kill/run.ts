// `npm run kill`: servers are ended in every way, at every step of a turn and at moments drawn from a seed, while
// clients send to what they keep, and then while somebody types and presses in real pages. Prints a line for each count; the exit code is 1 where one is not zero that is
// promised to be.

import { parseArgs } from 'node:util';
import { runKill } from './kill.ts';
import * as pages from './pages.ts';
import { isGood, toText } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    clients: { type: 'string', default: '8' },
    pages: { type: 'string', default: '2' },
    'page-rounds': { type: 'string', default: '15' },
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
  --pages N       pages in a real browser, afterwards (default 2; 0: none)
  --page-rounds N servers that are ended while these are typed in (default 15)
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
let areGood = isGood(report);
if (Number(values.pages) > 0) {
  const ofPages = await pages.runKillPages({
    rounds: Number(values['page-rounds']),
    seed: Number(values.seed),
    pages: Number(values.pages),
    onProgress: (round, end) => console.error(`pages: ${round} ${end}`),
  });
  console.log(pages.toText(ofPages));
  areGood &&= pages.isGood(ofPages);
}
process.exit(areGood ? 0 : 1);
