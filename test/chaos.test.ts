// Many lost connections in a short time, in all the ways of `npm run chaos`, which does the same with more of
// everything.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runChaos } from './chaos/chaos.ts';
import { isGood, outcomeOf, toText } from './chaos/report.ts';

test('however often connections are lost, each event is applied once, in order, and everybody sees the same', async () => {
  const report = await runChaos({ disconnects: 50, seed: 7, clients: 8 });
  expect(isGood(report), toText(report)).toBe(true);
  expect(report.disconnects).toBeGreaterThanOrEqual(50);
  expect(report.applied).toBe(report.sent);
  expect(report.sent).toBeGreaterThan(50);
}, 60_000);

test('where sessions end soon, what is not applied is told', async () => {
  const report = await runChaos({ disconnects: 50, seed: 8, clients: 8, sessionMs: 15 });
  expect(isGood(report), toText(report)).toBe(true);
  expect(report.told).toBeGreaterThan(0);
}, 60_000);

test('what is lost, doubled, or out of order is counted', () => {
  const ledger = [1, 3, 2, 3, 6].map((id) => ({ sender: 'a', id }));
  const books = [
    { sender: 'a', made: 7, told: new Set([4]), toldUnnamed: 0 },
    { sender: 'b', made: 3, told: new Set<number>(), toldUnnamed: 2 },
  ];
  expect(outcomeOf(ledger, books)).toMatchObject({ sent: 10, applied: 4, lost: 3, doubled: 1, disordered: 1, told: 3 });
});

test('the program explains itself, and what it does not understand', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('chaos/run.ts', import.meta.url)), ...args], {
      encoding: 'utf8',
    });
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--disconnects N') });
  expect(run('--disconnects', 'many')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--disconnects takes a whole number from 1 on, not 'many'"),
  });
  expect(run('--often')).toMatchObject({ status: 2, stderr: expect.stringContaining("'--often'") });
});
