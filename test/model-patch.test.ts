// Model patches: whatever a model was before, its patch leads to what it is now, through JSON; what is shared costs
// nothing.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyModel, diffModel, type ModelOperation } from '../shared/wire/model-patch.ts';

const throughText = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

const { model, row } = fc.letrec<{ model: unknown; row: unknown }>((tie) => ({
  row: fc.record(
    { id: fc.nat({ max: 4 }), text: fc.string({ maxLength: 3 }), more: tie('model') },
    { requiredKeys: ['id'] },
  ),
  model: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      '',
      'a',
      undefined,
      'x'.repeat(70),
      `${'x'.repeat(40)}y${'x'.repeat(40)}`,
    ),
    fc.array(tie('model'), { maxLength: 4 }),
    fc.array(tie('row'), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'list', '__proto__', 'id'), tie('model'), { maxKeys: 4 }),
  ),
}));
void row;

/** Another model that shares parts with the first, as `update` makes it. */
const pairs = fc.tuple(
  model,
  model,
  fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
  fc.infiniteStream(fc.nat({ max: 9 })),
);

function graft(whole: unknown, part: unknown, [step, ...steps]: readonly number[]): unknown {
  if (step === undefined) return part;
  if (Array.isArray(whole) && whole.length > 0) {
    const copy = whole.slice();
    const at = step % copy.length;
    if (step === 5) return copy.reverse();
    copy[at] = graft(copy[at], part, steps);
    return step === 4 ? [...copy.slice(1), copy[0]] : copy;
  }
  if (typeof whole === 'object' && whole !== null && !Array.isArray(whole)) {
    const keys = Object.keys(whole);
    const key = keys[step % keys.length];
    if (key === undefined) return { ...whole, new: part };
    return Object.fromEntries(
      Object.entries(whole).map(([name, value]) => [name, name === key ? graft(value, part, steps) : value]),
    );
  }
  return part;
}

test('a patch leads from the JSON of one model to that of the next', () => {
  fc.assert(
    fc.property(pairs, ([before, part, steps]) => {
      for (const after of [part, graft(before, part, steps)]) {
        const operations = throughText(diffModel({ model: before }, { model: after })) as ModelOperation[];
        const start = throughText({ model: before });
        const copy = throughText(start);
        expect(applyModel(start, operations)).toEqual(throughText({ model: after }));
        expect(start).toEqual(copy);
      }
    }),
    { numRuns: 5_000 },
  );
});

test('one row of a thousand is one operation, wherever it goes', () => {
  const rows = Array.from({ length: 1_000 }, (_, id) => ({ id, text: `row ${id}` }));
  const sizeOf = (next: readonly unknown[]): number => JSON.stringify(diffModel({ rows }, { rows: next })).length;
  expect(sizeOf(rows.map((each) => (each.id === 500 ? { ...each, text: 'changed' } : each)))).toBeLessThan(50);
  expect(sizeOf([...rows, { id: 1_000, text: 'new' }])).toBeLessThan(60);
  expect(sizeOf(rows.slice(1))).toBeLessThan(30);
  expect(sizeOf([rows[999], ...rows.slice(1, 999), rows[0]])).toBeLessThan(60);
});

test('a letter in a long text is a letter, and a date is a value', () => {
  const text = 'x'.repeat(10_000);
  expect(diffModel(text, `${text.slice(0, 5_000)}y${text.slice(5_000)}`)).toEqual([[[], 5_000, 0, 'y']]);
  const [one, other] = [new Date(1), new Date(2)];
  expect(diffModel({ at: one }, { at: other })).toEqual([[['at'], other]]);
});
