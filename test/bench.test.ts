// The measurement's own arithmetic: medians, ratios of rounds, budgets, and the tables of the pages. No test measures a
// time.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTable, operate } from '../bench/app/rows.ts';
import { checkBudgets } from '../bench/budgets.ts';
import { Meaning } from '../bench/driver/protocol.ts';
import { channelProtocol } from '../bench/driver/protocol-channels.ts';
import { median, percentile, trimmedMean } from '../bench/driver/statistics.ts';
import { preparePhoenix } from '../bench/phoenix.ts';
import { toPredictTables } from '../bench/predict/tables.ts';
import { insertMarkdown, toMarkdown, toSummary } from '../bench/report.ts';
import { Collector, type Results, ratioOf } from '../bench/results.ts';
import { isHere, type SubjectName, subjects } from '../bench/subjects.ts';

const machine = { cpu: 'a processor', cores: 2, memoryGiB: 4, system: 'a system' };

function resultsOf(collector: Collector): Results {
  return {
    date: '2026-11-22',
    machine,
    versions: { node: '24' },
    rounds: 3,
    pace: 'full',
    figures: collector.toFigures(),
  };
}

function counterResults(...cpuUs: readonly (readonly [islet: number, ws: number])[]): Results {
  const collector = new Collector();
  for (const [islet, ws] of cpuUs) {
    collector.add('counter', 'islet', { cpuUs: islet, maxBytes: 15 });
    collector.add('counter', 'ws', { cpuUs: ws });
  }
  return resultsOf(collector);
}

test('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(percentile([1, 2, 3], 1)).toBe(3);
});

test('a trimmed mean leaves outliers out', () => {
  expect(trimmedMean([...Array(50).fill(2), ...Array(50).fill(4), 1_000])).toBeCloseTo(3);
});

test('a ratio is the median of the rounds, so that a slow round does not count', () => {
  expect(ratioOf(counterResults([12, 10], [60, 50], [50, 10]), 'counter', 'islet', 'ws', 'cpuUs')).toBe(1.2);
});

test('budgets are met or missed, and left out when they were not measured', () => {
  expect(checkBudgets(counterResults([16, 10]))).toEqual([
    { what: "a counter's patch", value: 15, limit: 20, unit: 'bytes', isMet: true },
    { what: 'server CPU per counter event', value: 1.6, limit: 1.4, unit: 'times a bare ws echo', isMet: false },
  ]);
});

test('who changes a table in a browser is held against lit: islet that runs there, and its element', () => {
  const collector = new Collector();
  for (const [subject, us] of Object.entries({ lit: 10, 'islet-app': 9, 'islet-page': 11 }))
    collector.add('dom/select', subject, { us });
  expect(checkBudgets(resultsOf(collector)).map(({ value, isMet }) => [value, isMet])).toEqual([
    [0.9, true],
    [1.1, false],
  ]);
});

test('the markdown tells machine, versions, figures and budgets', () => {
  const results = counterResults([16, 10]);
  const markdown = toMarkdown(results, checkBudgets(results));
  expect(markdown).toContain('2026-11-22: a processor, 2 cores, 4 GiB, a system');
  expect(markdown).toContain('| counter event | 16 | 10 |');
  expect(markdown).toContain('| server CPU per counter event | 1.60 | 1.40 times a bare ws echo | missed |');
});

test('the markdown has a column for LiveView where that was measured, and else none', () => {
  const collector = new Collector();
  collector.add('broadcast', 'islet', { cpuUs: 1, bytes: 13 });
  collector.add('broadcast', 'wsPaced', { cpuUs: 2, bytes: 11 });
  expect(toMarkdown(resultsOf(collector), [])).not.toContain('Phoenix');
  collector.add('broadcast', 'phoenix', { cpuUs: 3, bytes: 70 });
  const markdown = toMarkdown(resultsOf(collector), []);
  expect(markdown).toContain('LiveViewJS | Phoenix LiveView |\n');
  expect(markdown).toContain('| delivery to one of 1,000 subscribers | 1 / 13 |  |  |  | 3 / 70 |');
  expect(markdown).toContain('| the same, bare ws at its pace | 1 | 2 |  |  |  |');
});

test('without its built app LiveView takes part in nothing', () => {
  expect(process.env.BENCH_PHOENIX).toBeUndefined();
  expect(Object.keys(subjects).filter((name) => !isHere(name as SubjectName))).toEqual(['phoenix', 'phoenixStream']);
});

test('where Elixir is not installed, LiveView is left out with a reason', () => {
  const folder = mkdtempSync(join(tmpdir(), 'islet-bench-'));
  expect(preparePhoenix(`${folder}/`, { PATH: folder })).toEqual({
    reason: process.platform === 'linux' ? expect.stringContaining('it needs Elixir 1.15') : 'there is no /proc',
  });
  rmSync(folder, { recursive: true });
});

test('a change that came by itself is told from a reply, of LiveView as of LiveViewJS', async () => {
  const page = '<meta name="csrf-token" content="c"><div id="phx-1" data-phx-session="s" data-phx-static="f"></div>';
  const server = createServer((_request, response) => response.setHeader('set-cookie', 'a=b; path=/').end(page));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { headers, converse } = await channelProtocol().prepare((server.address() as AddressInfo).port, 'shared');
  server.close();
  expect(headers).toEqual({ cookie: 'a=b' });
  const conversation = converse();
  const read = (text: string): Meaning => conversation.read(Buffer.from(text), 0, text.length);
  expect(read('["4","4","lv:phx-1","phx_reply",{}]')).toBe(Meaning.joined);
  expect(read('["4","5","lv:phx-1","phx_reply",{}]')).toBe(Meaning.reply);
  expect(read('["4",null,"lv:phx-1","diff",{}]')).toBe(Meaning.delivery);
  expect(read('[null,null,"lv:phx-1","diff",{}]')).toBe(Meaning.delivery);
});

test('the figures of the README and of the page about performance are those of the last whole run', () => {
  const latest = JSON.parse(readFileSync(new URL('../bench/results/latest.json', import.meta.url), 'utf8'));
  expect(toSummary(latest)).not.toContain('NaN');
  for (const [page, markdown] of [
    ['README.md', toSummary(latest)],
    ['docs/performance.md', toMarkdown(latest, latest.budgets)],
  ] as const)
    expect(readFileSync(new URL(`../${page}`, import.meta.url), 'utf8')).toContain(
      `<!-- bench:start -->\n${markdown}\n<!-- bench:end -->`,
    );
});

test('the figures of the page about prediction are those of its last whole run', () => {
  const latest = JSON.parse(readFileSync(new URL('../bench/results/predict.json', import.meta.url), 'utf8'));
  const markdown = toPredictTables(latest);
  expect(markdown).not.toMatch(/NaN|undefined|^\| \w.*\| {2}\|/m);
  expect(readFileSync(new URL('../docs/predicted.md', import.meta.url), 'utf8')).toContain(
    `<!-- bench:start -->\n${markdown}\n<!-- bench:end -->`,
  );
});

test('the markdown goes between the markers of a file, and nowhere else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'islet-bench-'));
  const path = join(folder, 'README.md');
  writeFileSync(path, 'before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n');
  expect(insertMarkdown(path, 'new')).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('before\n<!-- bench:start -->\nnew\n<!-- bench:end -->\nafter\n');
  writeFileSync(path, 'no markers');
  expect(insertMarkdown(path, 'new')).toBe(false);
  rmSync(folder, { recursive: true });
});

test('operations keep the table immutable, and rows that do not change the same objects', () => {
  const before = createTable(20);
  const after = operate(before, 'one');
  expect(after.rows.filter((row, index) => row !== before.rows[index])).toHaveLength(1);
  expect(operate(operate(before, 'append'), 'remove').rows).toHaveLength(20);
  expect(before).toEqual(createTable(20));
});
