/*
 * `npm run bench:predict`: what prediction gives and what it costs, beside the same board without it. Prints the tables;
 * a whole run also writes bench/results/predict.json and the tables of docs/predicted.md.
 *
 *   npm run bench:predict -- --rounds 5
 *   npm run bench:predict -- --quick
 *   npm run bench:predict -- --no-browser
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { buildBundles } from '../scripts/build.ts';
import { chromiumArgs, chromiumPath } from '../test/support/chromium.ts';
import { buildFolder } from './build.ts';
import { distances, measureLatency, nameOf } from './predict/latency.ts';
import { measureServerCost, startBoards } from './predict/server-cost.ts';
import { type PredictResults, toPredictTables } from './predict/tables.ts';
import { insertMarkdown } from './report.ts';
import { Collector, describeMachine } from './results.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    'no-browser': { type: 'boolean', default: false },
    'no-server': { type: 'boolean', default: false },
  },
});
const { quick: isQuick } = options;
const rounds = isQuick ? 1 : Number(options.rounds);
const collector = new Collector();
const [load = 0] = loadavg();

await buildBundles();
const [page] = await buildBundles({ entries: ['bench/predict/page.ts'], write: false });
const [predict] = await buildBundles({ entries: ['client-runtime/predict/predict.ts'], write: false });
if (!page || !predict) throw new Error('the scripts of the board are not built');
mkdirSync(buildFolder, { recursive: true });
const script = `${buildFolder}board.js`;
writeFileSync(script, page.code);
collector.add('predict/size', 'predicted', { gzipBytes: predict.gzipBytes, minifiedBytes: predict.minifiedBytes });

for (let round = 1; round <= rounds; round++) {
  if (!options['no-browser']) await measureBrowser(round);
  if (options['no-server']) continue;
  process.stderr.write(`round ${round} of ${rounds}: server\n`);
  for (const [name, figures] of Object.entries(await measureServerCost({ script, isQuick })))
    collector.add('predict/server', name, figures);
}

const results: PredictResults = {
  date: new Date().toISOString(),
  machine: describeMachine(),
  versions: { node: process.versions.node },
  rounds,
  load,
  pace: isQuick ? 'quick' : 'full',
  figures: collector.toFigures(),
};
const markdown = toPredictTables(results);
console.log(markdown);
if (!isQuick && !options['no-browser'] && !options['no-server']) {
  writeFileSync(
    fileURLToPath(new URL('./results/predict.json', import.meta.url)),
    `${JSON.stringify(results, null, 2)}\n`,
  );
  insertMarkdown(fileURLToPath(new URL('../docs/predicted.md', import.meta.url)), markdown);
}
process.exit(0);

async function measureBrowser(round: number): Promise<void> {
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: chromiumArgs });
  const server = await startBoards(script);
  try {
    for (const distance of distances) {
      process.stderr.write(`round ${round} of ${rounds}: in Chromium, ${nameOf(distance)}\n`);
      for (const predicts of [false, true]) {
        const repetitions = isQuick ? 3 : 15;
        const figures = await measureLatency(browser, { port: server.port, predicts, repetitions, ...distance });
        collector.add(`predict/${nameOf(distance)}`, predicts ? 'predicted' : 'plain', figures);
      }
    }
  } finally {
    await server.stop();
    await browser.close();
  }
}
