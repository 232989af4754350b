// Routes with parameters, found by how they begin: as if each were tried in its order, and few are.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RouteIndex } from '../server/actors/route-index.ts';

const segment = fc.constantFrom('a', 'b', 'ab', 'A', '%61', 'é');
const declared = fc.oneof(
  fc.constantFrom('a', 'b'),
  fc.constantFrom(':id', '*'),
  segment,
  fc.constantFrom(':id', ':id?', ':id*', ':id+', '*', '{b}?', 'a:id', '(\\d+)', 'a.b', '\\:a', ':n(a|b)', '{a/:x}?'),
);
const asked = fc.oneof(
  fc.constantFrom('a', 'b'),
  fc.constantFrom('a', 'b'),
  segment,
  fc.constantFrom('', '.', '..', '%2e', '%2E%2e', 'a.b', ':a', '\\', '\ta', ' ', 'a?', '#', '7'),
);
const pathOf = (segments: readonly string[]): string => `/${segments.join('/')}`;

test('a path is of the same route as if all were tried in the order in which they were declared', () => {
  const patterns = fc.array(fc.array(declared, { minLength: 1, maxLength: 4 }).map(pathOf), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(patterns, fc.array(asked, { maxLength: 5 }), (paths, segments) => {
      const index = new RouteIndex<URLPattern>();
      const all: URLPattern[] = [];
      for (const path of paths) {
        let pattern: URLPattern;
        try {
          pattern = new URLPattern({ pathname: path });
        } catch {
          continue; // it cannot be declared
        }
        all.push(pattern);
        index.add(path, pattern);
      }
      const matches = (pattern: URLPattern): boolean => pattern.test({ pathname: pathOf(segments) });
      expect(index.candidates(pathOf(segments)).find(matches)).toBe(all.find(matches));
    }),
    { numRuns: 3_000 },
  );
});

test('of three hundred routes with parameters a path is tried on one', () => {
  const index = new RouteIndex<string>();
  const paths = Array.from({ length: 300 }, (_, number) => `/ws/kind-${number}/:id`);
  for (const path of paths) index.add(path, path);
  expect(index.candidates('/ws/kind-299/ann@example.org')).toEqual(['/ws/kind-299/:id']);
  expect(index.candidates(`/ws/none${'/x'.repeat(10_000)}`)).toEqual([]);
});
