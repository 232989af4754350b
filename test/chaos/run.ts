// `npm run chaos`: many clients and some real pages in a network that keeps losing their connections. Prints a line for
// each count; the exit code is 1 if an event was lost, doubled or out of order, if somebody sees something else than
// the server has, or if the server still has something when all have gone.

import { parseArgs } from 'node:util';
import { isGood, toText } from './report.ts';

const help = `npm run chaos -- [options]

  --disconnects N   connections that are lost before clients may settle (default 10000)
  --seed N          from which all places and times are drawn (default: another each time)
  --clients N       light clients (default 20)
  --pages N         pages in a real browser (default 2)
  --session-ms N    how long the server keeps a session (default 60000); with less, events may be told as dropped
  --help            prints this`;

let options: ReturnType<typeof read>;
try {
  options = read();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${help}`);
  process.exit(2);
}
if (!options) {
  console.log(help);
  process.exit(0);
}
console.log(`seed ${options.seed}`);
// not needed to explain oneself
const { runChaos } = await import('./chaos.ts');
if (options.pages > 0) await (await import('../../scripts/build.ts')).buildBundles();
let toldAt = performance.now();
const report = await runChaos({
  ...options,
  onProgress(disconnects, events) {
    if (performance.now() - toldAt < 5_000) return;
    toldAt = performance.now();
    console.error(`${disconnects} disconnects, ${events} events applied`);
  },
});
console.log(toText(report));
process.exit(isGood(report) ? 0 : 1);

function read() {
  const { values } = parseArgs({
    options: {
      disconnects: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      clients: { type: 'string', default: '20' },
      pages: { type: 'string', default: '2' },
      'session-ms': { type: 'string', default: '60000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    disconnects: count('disconnects', values.disconnects, 1),
    seed: count('seed', values.seed, 0),
    clients: count('clients', values.clients, 1),
    pages: count('pages', values.pages, 0),
    sessionMs: count('session-ms', values['session-ms'], 1),
  };
}

function count(name: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${name} takes a whole number from ${least} on, not '${text}'`);
}
