// What pages get of a predicted model: all of it but what `keeps` names, wherever that stands; and what is shared
// between two models is shared between what is left of them.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leavingOut, problemOfParts } from '../server/actors/public-model.ts';

type Data = null | number | string | boolean | readonly Data[] | { readonly [key: string]: Data };

const { data } = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Data>(null, 1, 'text', true),
    fc.array(tie('data'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', '0', '*'), tie('data'), { maxKeys: 4 }),
  ),
}));
const record = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', '*'), data, { maxKeys: 5 });

type Path = readonly (string | number)[];

/** Places of a model whose last name is that of a record. */
function placesOf(value: Data, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, isList ? Number(key) : key];
    return [...(isList || key === '*' ? [] : [here]), ...placesOf(inner as Data, here)];
  });
}

/** What is left, said as simply as can be: a place goes whose path is named, or lies in one that is. */
function left(value: Data, parts: readonly string[][], path: Path = []): Data | undefined {
  const isNamed = parts.some(
    (part) =>
      part.length === path.length &&
      part.every((name, index) =>
        typeof path[index] === 'number' ? name === '*' : name === '*' || name === path[index],
      ),
  );
  if (isNamed) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const rest = left(inner as Data, parts, [...path, Array.isArray(value) ? Number(key) : key]);
    return rest === undefined ? [] : [[key, rest] as const];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** Names of some places, with stars for lists, and for some names of records. */
const parts = (model: Data) =>
  fc
    .subarray(placesOf(model))
    .chain((places) =>
      fc.tuple(
        ...places.map((place) =>
          fc
            .array(fc.boolean(), { minLength: place.length, maxLength: place.length })
            .map((stars) =>
              place.map((name, index) =>
                typeof name === 'number' || (stars[index] && index < place.length - 1) ? '*' : name,
              ),
            ),
        ),
      ),
    );

/** A list that is named like a record is an error, which says so. */
const isMeantForList = (error: unknown): boolean =>
  /which is a list: '\*\.|neither a record nor a list/.test(String(error));

test('what is named is left out, wherever it stands, and nothing else', () => {
  fc.assert(
    fc.property(
      record.chain((model) => fc.tuple(fc.constant(model), parts(model))),
      ([model, named]) => {
        const before = JSON.stringify(model);
        let rest: unknown;
        try {
          rest = leavingOut(named.map((each) => each.join('.')))(model);
        } catch (error) {
          fc.pre(!isMeantForList(error));
          throw error;
        }
        expect(JSON.stringify(rest)).toBe(JSON.stringify(left(model, named)));
        expect(JSON.stringify(model)).toBe(before);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('what two models share is shared by what is left of them', () => {
  const toPublic = leavingOut(['secret', 'rows.*.author', 'byName.*.mail']) as (model: object) => {
    rows: object[];
    byName: Record<string, object>;
    other: object;
  };
  const model = {
    ...{
      secret: 'x',
      other: {},
      rows: [
        { text: 'a', author: 'x' },
        { text: 'b', author: 'x' },
      ],
    },
    byName: { anna: { mail: 'x', age: 1 } },
  };
  const first = toPublic(model);
  expect(first).toEqual({ other: {}, rows: [{ text: 'a' }, { text: 'b' }], byName: { anna: { age: 1 } } });
  expect(toPublic(model)).toBe(first);
  const next = toPublic({ ...model, rows: [model.rows[0], { text: 'c', author: 'x' }] });
  expect(next.rows[0]).toBe(first.rows[0]);
  expect(next.byName).toBe(first.byName);
  expect(next.other).toBe(first.other);
  expect(toPublic({ ...model, secret: 'y' }).rows).toBe(first.rows);
});

test('a name with a dot is the part of that name, too', () => {
  expect(leavingOut(['a.b'])({ 'a.b': 1, a: { b: 2, c: 3 } })).toEqual({ a: { c: 3 } });
  expect(leavingOut(['*.a.b'])([{ 'a.b': 1, c: 3 }])).toEqual([{ c: 3 }]);
});

test('what could hold a part, and is neither record nor list, leaves nothing', () => {
  class Person {
    readonly mail = 'x';
  }
  expect(() => leavingOut(['person.mail'])({ person: new Person() })).toThrow('the model.person, which is neither');
  expect(() => leavingOut(['people.mail'])({ people: [{ mail: 'x' }] })).toThrow("'*.mail' is that of each item");
  expect(() => leavingOut(['mail'])(7)).toThrow('this model has none');
  expect(leavingOut(['person.mail'])({ person: null })).toEqual({ person: null });
  expect(leavingOut([])(7)).toBe(7);
});

test.each([['a.'], ['.a'], [''], ['a..b'], ['*'], ['a.*']])('%j names no part', (part) => {
  expect(problemOfParts([part])).toContain(`Got '${part}'`);
});

test('dots and stars name parts', () => {
  expect(problemOfParts(['a', 'a.b', 'a.*.b', '*.b'])).toBeUndefined();
  expect(problemOfParts(undefined)).toContain('predict needs keeps');
  expect(problemOfParts([1])).toContain('predict needs keeps');
});
