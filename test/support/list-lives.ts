// Lives of long lists: steps that are done to an array and to a list alike. Input: a length, and steps. Output: both
// after each step.

import fc from 'fast-check';
import { expect } from 'vitest';
import { type List, list } from '../../shared/language/list.ts';

/** A step of a list's life, done to an array and to a list alike. */
export interface Step {
  readonly kind: 'with' | 'insert' | 'append' | 'remove' | 'move';
  readonly index: number;
  readonly other: number;
  readonly items: readonly number[];
}

export const places = fc.oneof(fc.integer({ min: -700, max: 700 }), fc.integer({ min: -3, max: 3 }));
export const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('with', 'insert', 'append', 'remove', 'move'),
  index: places,
  other: places,
  items: fc.oneof(
    fc.array(fc.nat(), { maxLength: 3 }),
    fc.array(fc.nat(), { minLength: 200, maxLength: 400, size: 'max' }),
  ),
});
export const lives = fc.tuple(fc.nat(600), fc.array(steps, { maxLength: 30, size: 'max' }));

function inArray(items: readonly number[], { kind, index, other, items: added }: Step): readonly number[] {
  const [first = 0] = added;
  switch (kind) {
    case 'with':
      return items.with(index, first);
    case 'insert':
      return items.toSpliced(index, 0, ...added);
    case 'append':
      return [...items, ...added];
    case 'remove':
      return items.toSpliced(index, other);
    case 'move': {
      if (items.at(index) === undefined || items.at(other) === undefined) throw new RangeError('no such place');
      const rest = items.toSpliced(index, 1);
      return rest.toSpliced(other < 0 ? items.length + other : other, 0, items.at(index) as number);
    }
  }
}

export function inList(items: List<number>, { kind, index, other, items: added }: Step): List<number> {
  const [first = 0] = added;
  switch (kind) {
    case 'with':
      return list.with(items, index, first);
    case 'insert':
      return list.insert(items, index, ...added);
    case 'append':
      return list.append(items, ...added);
    case 'remove':
      return list.remove(items, index, other);
    case 'move':
      return list.move(items, index, other);
  }
}

/** Both lives after each step; a step that arrays do not take must not be taken by lists either. */
export function follow(
  life: readonly [number, readonly Step[]],
  look: (array: readonly number[], items: List<number>, before: List<number>) => void,
) {
  const [length, all] = life;
  let array: readonly number[] = Array.from({ length }, (_, index) => index);
  let items = list.from(array);
  look(array, items, items);
  for (const step of all) {
    let next: readonly number[];
    try {
      next = inArray(array, step);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      expect(() => inList(items, step)).toThrow(RangeError);
      continue;
    }
    const before = items;
    const plain = list.toArray(before);
    array = next;
    items = inList(before, step);
    // nothing is changed in place
    expect(list.toArray(before)).toEqual(plain);
    look(array, items, before);
  }
}

export function holdsWhatAnArrayHolds(): void {
  fc.assert(
    fc.property(lives, places, (life, index) => {
      follow(life, (array, items) => {
        expect(list.toArray(items)).toEqual(array);
        expect([...list.items(items)]).toEqual(array);
        expect(list.length(items)).toBe(array.length);
        expect(list.at(items, index)).toBe(array.at(index));
        const isOdd = (item: number): boolean => item % 2 === 1;
        expect(list.map(items, (item, at) => `${at} ${item}`)).toEqual(array.map((item, at) => `${at} ${item}`));
        expect(list.filter(items, isOdd)).toEqual(array.filter(isOdd));
        expect(list.findIndex(items, (item, at) => at > 300 && isOdd(item))).toBe(
          array.findIndex((item, at) => at > 300 && isOdd(item)),
        );
      });
    }),
    { numRuns: 60 },
  );
}
