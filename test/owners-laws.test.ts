// Clusters in one process, over a bus that loses, delays and doubles, with machines that are killed between any two
// steps, frozen, cut off and deployed: what people did is applied once, in order, or they are told, and all see one
// truth. `npm run owners` does the same ten thousand times.

import { expect, test } from 'vitest';
import { Machine } from './owners/machine.ts';
import { simulateMany } from './owners/simulation.ts';
import { kept } from './support/garbage.ts';
import { timesOf } from './support/times.ts';

const runs = timesOf(12);
/** People do so much in each run, or it would prove nothing. */
const sentInRuns = 140 * runs;

test.each([
  { seed: 1, how: {} },
  { seed: 1_000, how: {} },
  { seed: 2_000, how: { maxQuestionMs: 100 } },
  { seed: 3_000, how: { maxQuestionMs: 100, countsLookers: true } },
])(
  'whatever becomes of machines and messages, nothing is wrong (seeds from $seed on, $how)',
  async ({ seed, how }) => {
    const { sent, applied, refused, wrong, faults } = await simulateMany(seed, runs, undefined, how);
    expect(wrong).toEqual([]);
    expect(applied + refused).toBe(sent);
    expect(sent).toBeGreaterThan(sentInRuns);
    expect(Object.keys(faults)).toEqual(expect.arrayContaining(['killed', 'stopped', 'frozen', 'cut off', 'moved']));
  },
  120_000,
);

test.each([
  { seed: 70, how: {} },
  { seed: 1_000, how: { maxQuestionMs: 100, countsLookers: true } },
])(
  'what nobody keeps is done at most once, or its page is told that nobody knows (seeds from $seed on, $how)',
  async ({ seed, how }) => {
    const { sent, applied, refused, dropped, wrong } = await simulateMany(seed, runs, undefined, {
      ...how,
      persist: false,
    });
    expect(wrong).toEqual([]);
    expect(applied + refused + dropped).toBe(sent);
    expect(sent).toBeGreaterThan(sentInRuns);
    expect(dropped).toBeGreaterThan(3 * runs);
    expect(dropped).toBeLessThan(sent / 10);
  },
  120_000,
);

test('of several actors, whose turns are committed together, nobody is told of a turn before it is kept', async () => {
  const { wrong, applied } = await simulateMany(50_000, runs, undefined, { keys: 3 });
  expect(wrong).toEqual([]);
  expect(applied).toBeGreaterThan(84 * runs);
}, 120_000);

test.each([2_887, 6_686, 8_727, 13_614, 26_500, 302_891, 304_010, 308_138, 403_185, 404_182])(
  'what was wrong once stays right (seed %i)',
  async (seed) => {
    expect((await simulateMany(seed, 1)).wrong).toEqual([]);
  },
);

const slow = { maxQuestionMs: 100, countsLookers: true };
test.each([
  { seed: 501_970, how: slow },
  { seed: 502_204, how: slow },
  { seed: 600_886, how: { persist: false } },
  { seed: 601_092, how: { persist: false } },
  { seed: 601_395, how: { persist: false } },
  { seed: 701_701, how: { ...slow, persist: false } },
  { seed: 702_865, how: { ...slow, persist: false } },
])('so does what was wrong with questions under way, or where nothing is kept (seed $seed)', async ({ seed, how }) => {
  expect((await simulateMany(seed, 1, undefined, how)).wrong).toEqual([]);
});

test('a cluster that is over keeps nothing: ten thousand of them take as much memory as one', async () => {
  const refs = new Map<string, WeakRef<object>>();
  const { kill } = Machine.prototype;
  Machine.prototype.kill = function (this: Machine) {
    refs.set(`machine ${refs.size}`, new WeakRef(this));
    kill.call(this);
  };
  const { faults } = await simulateMany(1, 3, undefined, slow).finally(() => {
    Machine.prototype.kill = kill;
  });
  expect(refs.size).toBeGreaterThan(9);
  // some of them died with questions under way
  expect(Object.keys(faults).filter((name) => name.startsWith('died')).length).toBeGreaterThan(1);
  expect(await kept(refs)).toEqual([]);
}, 60_000);
