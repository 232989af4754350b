// What an actor keeps of its patches: what they come to, in few bytes. That it is right is a law (`laws.test.ts`).

import { describe, expect, test } from 'vitest';
import { History } from '../server/actors/history.ts';
import type { Operation } from '../shared/wire/patch.ts';
import { encodeOperations } from '../shared/wire/server-frames.ts';

const maxBytes = 4_000;

/** A history of patches, from version 0 on. */
function historyOf(patches: readonly (readonly Operation[])[]): History {
  const history = new History(maxBytes, 0);
  for (const patch of patches) history.add(encodeOperations(patch));
  return history;
}

const patchOf = (patches: readonly (readonly Operation[])[], version = 0): unknown => {
  const patch = historyOf(patches).since(version);
  return patch === undefined ? undefined : JSON.parse(`[${patch}]`);
};

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe('the patch from an earlier version to the present', () => {
  test('sets a hole once, however often it was set', () => {
    expect(patchOf(times(10, (count) => [[1, 1, count]]))).toEqual([[1, 1, 9]]);
    expect(patchOf([[[1, 1, null]], [[2, 1, 'other']], [[1, 1, ['raw', '<i>x</i>']]], [[1, 1, true]]])).toEqual([
      [2, 1, 'other'],
      [1, 1, true],
    ]);
  });

  test('makes every instance that was made, since both sides count them', () => {
    const made: Operation[][] = [
      [[1, 1, [2, 'bold']]],
      [[1, 1, []]],
      [
        [
          1,
          1,
          [
            [2, 'a'],
            [2, 'b'],
          ],
        ],
      ],
      [[1, 1, 'text']],
    ];
    expect(patchOf(made)).toEqual([
      [1, 1, [2, 'bold']],
      [
        1,
        1,
        [
          [2, 'a'],
          [2, 'b'],
        ],
      ],
      [1, 1, 'text'],
    ]);
  });

  test('keeps each change of attributes that an object says: a later one does not say what an earlier one did', () => {
    expect(patchOf([[[1, 0, { title: 'a', lang: 'b' }]], [[1, 0, { title: null }]], [[1, 1, 'x']]])).toEqual([
      [1, 0, { title: 'a', lang: 'b' }],
      [1, 0, { title: null }],
      [1, 1, 'x'],
    ]);
  });

  test('leaves out what was set in rows that are gone', () => {
    expect(patchOf([[[5, 0, 'x']], [[6, 0, 'y']], [['list', 1, 0, [5]]]])).toEqual([
      [6, 0, 'y'],
      ['list', 1, 0, [5]],
    ]);
  });

  test('provides the last value of a key, and fires every event in its order', () => {
    expect(
      patchOf([
        [['provide', 'theme', 'dark']],
        [['emit', 'change', 1]],
        [
          ['provide', 'size', 2],
          ['emit', 'change', 2],
        ],
        [['provide', 'theme', 'light']],
      ]),
    ).toEqual([
      ['emit', 'change', 1],
      ['provide', 'size', 2],
      ['emit', 'change', 2],
      ['provide', 'theme', 'light'],
    ]);
  });
});

describe('what is kept', () => {
  test('of a hundred thousand changes of a few holes is their last values', () => {
    const history = historyOf(times(100_000, (count) => [[1, count % 7, count]]));
    const patch = history.since(0);
    expect(patch?.length).toBeLessThan(7 * 15);
    expect(JSON.parse(`[${patch}]`)).toHaveLength(7);
  });

  test('is bounded where nothing can be left out: the oldest versions are not known any more', () => {
    const count = 1_000;
    const history = historyOf(times(count, (index) => [['list', 1, 0, [], [0, [1, `row ${index}`]]]]));
    expect(history.since(0)).toBeUndefined();
    expect(history.since(count - maxBytes / 40)).toBeUndefined();
    expect(JSON.parse(`[${history.since(count - 10)}]`)).toHaveLength(10);
  });

  test('of versions that everybody has is nothing, and the rest leads on from there', () => {
    const history = historyOf(times(20, (index) => [[index, 0, index]]));
    history.forget(17);
    expect(history.since(16)).toBeUndefined();
    expect(history.since(17)).toBe('[17,0,17],[18,0,18],[19,0,19]');
    expect(history.since(19)).toBe('[19,0,19]');
    history.forget(16);
    expect(history.since(17)).toBe('[17,0,17],[18,0,18],[19,0,19]');
    history.forget(20);
    expect(history.bytes).toBe(0);
    expect(history.since(20)).toBe('');
    history.add('[1,0,1]');
    expect(history.since(20)).toBe('[1,0,1]');
  });

  test('of a patch above the bound is nothing', () => {
    const history = historyOf([[[1, 1, 'a'.repeat(maxBytes)]]]);
    expect(history.since(0)).toBeUndefined();
    expect(history.since(1)).toBe('');
  });
});
