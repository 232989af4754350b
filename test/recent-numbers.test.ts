// What an actor remembers of its clients in memory: for a time, and of each account so many at most.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecentNumbers } from '../server/actors/recent-numbers.ts';

describe('an account', () => {
  test('that sets more names than it may loses its own which it has not set for longest, and that is said', () => {
    const numbers = new RecentNumbers(1_000_000, 2);
    expect(numbers.set('other', 1, 'b')).toBe(false);
    expect(numbers.set('first', 1, 'a')).toBe(false);
    expect(numbers.set('second', 1, 'a')).toBe(false);
    expect(numbers.set('first', 2, 'a')).toBe(false);
    expect(numbers.set('third', 1, 'a')).toBe(true);
    expect(['other', 'first', 'second', 'third'].map((name) => numbers.get(name))).toEqual([1, 2, undefined, 1]);
  });

  test('takes nothing from others, however many names it sets', () => {
    const names = fc.array(fc.record({ name: fc.nat(30), account: fc.constantFrom('a', 'b', undefined) }));
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 5 }), (sets, max) => {
        const numbers = new RecentNumbers(1_000_000, max);
        // the latest names of each account, the last one at the end
        const latest = new Map<string | undefined, string[]>();
        for (const [index, { name, account }] of sets.entries()) {
          const own = `${account} ${name}`;
          const others = (latest.get(account) ?? []).filter((each) => each !== own);
          latest.set(account, [...others, own]);
          const isDropped = account !== undefined && others.length === max;
          if (isDropped) latest.set(account, [...others.slice(1), own]);
          expect(numbers.set(own, index, account)).toBe(isDropped);
        }
        const known = [...latest.values()].flat();
        for (const { name, account } of sets) {
          const own = `${account} ${name}`;
          expect(numbers.get(own) !== undefined).toBe(known.includes(own));
        }
      }),
    );
  });
});

test('a number that was taken away is known to nobody, and whether it was there is said', () => {
  const numbers = new RecentNumbers(1_000_000, 5);
  numbers.set('one', 1, 'a');
  expect([numbers.delete('one'), numbers.delete('one'), numbers.get('one')]).toEqual([true, false, undefined]);
});
