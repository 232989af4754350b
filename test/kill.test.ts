// Servers that end at each step of a turn, by a signal and by two, and others in their place with other code: what
// `npm run kill` does with more of everything.

import { expect, test } from 'vitest';
import { runKill } from './kill/kill.ts';
import * as pages from './kill/pages.ts';
import { isGood, toText } from './kill/report.ts';
import { steps } from './kill/routes.ts';
import { postgresReason, startPostgres } from './support/postgres.ts';

test('whatever ends a server, and whatever code comes next, what was acknowledged is there, once', async () => {
  const report = await runKill({ rounds: 16, seed: 7, clients: 4 });
  expect(isGood(report), toText(report)).toBe(true);
  expect(Object.keys(report.ends)).toEqual(expect.arrayContaining([...steps, 'SIGTERM', 'SIGKILL', 'SIGTERM twice']));
  expect(report.applied).toBe(report.sent);
  expect(report.acknowledged).toBe(report.sent);
  expect(report.timersFired).toBeGreaterThan(0);
  // some were called for again, with the same key, and each has one result
  expect(report.tasksDone).toBe(report.tasks);
  expect(report.taskCalls).toBeGreaterThan(report.tasks);
}, 400_000);

test('a person who types and presses meanwhile, in a real page, finds all as it was left, and is sent no tree', async () => {
  const report = await pages.runKillPages({ rounds: 3, seed: 3, pages: 1 });
  expect(pages.isGood(report), pages.toText(report)).toBe(true);
  expect(report.acts).toBeGreaterThan(0);
  // another view is sent once to each island, and so is an island that is promised to survive a deploy and no crash
  expect(report.treesOfOtherViews).toBe(3);
  expect(report.treesOfLostModels).toBe(1);
}, 240_000);

test.runIf(postgresReason === undefined)(
  'so it is on PostgreSQL',
  async () => {
    await using server = await startPostgres();
    const postgres = await server.createDatabase();
    const report = await runKill({ rounds: 3, seed: 8, clients: 4, postgres });
    expect(isGood(report), toText(report)).toBe(true);
    expect(report.applied).toBe(report.sent);
    expect(report.sent).toBeGreaterThan(0);
  },
  240_000,
);
