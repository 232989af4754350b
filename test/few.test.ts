// Collections that hardly ever hold more than one do what a Map and a Set do.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FewMap, FewSet } from '../server/few.ts';

const keys = fc.nat(3);
const steps = fc.array(fc.record({ key: keys, adds: fc.boolean() }));

test('a map does what a Map does, whatever comes and goes', () => {
  fc.assert(
    fc.property(steps, keys, (all, last) => {
      const [few, map] = [new FewMap<number, string>(), new Map<number, string>()];
      for (const [index, { key, adds }] of all.entries()) {
        for (const each of [few, map]) adds ? each.set(key, `${index}`) : each.delete(key);
        expect([few.size, [...few.values()]]).toEqual([map.size, [...map.values()]]);
        for (const other of [0, 1, 2, 3]) expect(few.get(other)).toBe(map.get(other));
      }
      const seen = [few, map].map((each) => {
        const values: string[] = [];
        for (const value of each.values()) {
          values.push(value);
          each.delete(last);
        }
        return values;
      });
      expect(seen[0]).toEqual(seen[1]);
    }),
  );
});

test('a set does what a Set does, whatever comes and goes', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (all, ends) => {
      const [few, set] = [new FewSet<number>(), new Set<number>()];
      for (const { key, adds } of all) {
        if (adds) {
          few.add(key);
          set.add(key);
        } else expect(few.delete(key)).toBe(set.delete(key));
        expect([few.size, ...few]).toEqual([set.size, ...set]);
        for (const other of [0, 1, 2, 3]) expect(few.has(other)).toBe(set.has(other));
      }
      if (ends) few.clear();
      expect([...few]).toEqual(ends ? [] : [...set]);
    }),
  );
});
