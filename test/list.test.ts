// Long lists: each does what an array does, cuts itself into chunks that are neither long nor short, and shares all
// chunks but those that something happened in. In a model they are stored, compared and shown as the rest of it is.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { html, keyed, type List, list } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { renderContent, renderDocument } from '../shared/tree/html.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { applyModel, diffModel, type ModelOperation } from '../shared/wire/model-patch.ts';
import { mounted } from './support/render.ts';
import { timesOf } from './support/times.ts';

/** A step of a list's life, done to an array and to a list alike. */
interface Step {
  readonly kind: 'with' | 'insert' | 'append' | 'remove' | 'move';
  readonly index: number;
  readonly other: number;
  readonly items: readonly number[];
}

const places = fc.oneof(fc.integer({ min: -700, max: 700 }), fc.integer({ min: -3, max: 3 }));
const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('with', 'insert', 'append', 'remove', 'move'),
  index: places,
  other: places,
  items: fc.oneof(
    fc.array(fc.nat(), { maxLength: 3 }),
    fc.array(fc.nat(), { minLength: 200, maxLength: 400, size: 'max' }),
  ),
});
const lives = fc.tuple(fc.nat(600), fc.array(steps, { maxLength: 30, size: 'max' }));

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

function inList(items: List<number>, { kind, index, other, items: added }: Step): List<number> {
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
function follow(
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

describe('a long list', () => {
  test('holds what an array holds, whatever is done to both', () => {
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
  });

  test('is cut into chunks of some hundred items, however it came to be', () => {
    fc.assert(
      fc.property(lives, (life) => {
        follow(life, (array, { chunks }) => {
          for (const { length } of chunks) expect(length).toBeLessThanOrEqual(256);
          for (const { length } of chunks) expect(length).toBeGreaterThan(0);
          expect(chunks.length).toBeLessThanOrEqual(1 + array.length / 32);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('shares all its chunks but three at most with the one that it was made of', () => {
    const one = lives.map(([length, all]) => [length, all.map((step) => ({ ...step, other: 1, items: [7] }))] as const);
    fc.assert(
      fc.property(one, (life) => {
        follow(life, (_, { chunks }, before) => {
          const known = new Set(before.chunks);
          // a move happens in two places
          expect(chunks.filter((chunk) => !known.has(chunk)).length).toBeLessThanOrEqual(4);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('of a hundred thousand items copies one chunk to change one, and the list of chunks', () => {
    const before = list.from(Array.from({ length: 100_000 }, (_, index) => index));
    const after = list.with(before, 50_000, -1);
    const copied = after.chunks.filter((chunk, at) => chunk !== before.chunks[at]);
    expect([after.chunks.length, copied.map(({ length }) => length)]).toEqual([782, [128]]);
    expect(list.at(after, 50_000)).toBe(-1);
  });

  test('is plain JSON, and the same when it is read again', () => {
    fc.assert(
      fc.property(lives, (life) => {
        follow(life, (_, items) => expect(JSON.parse(JSON.stringify(items))).toEqual(items));
      }),
      { numRuns: 20 },
    );
  });

  test('in a stored model is patched: what is written is what has changed, and leads to the same', () => {
    fc.assert(
      fc.property(lives, (life) => {
        follow(life, (_, rows, before) => {
          const patch = diffModel({ rows: before }, { rows });
          const written = JSON.parse(JSON.stringify(patch)) as ModelOperation[];
          expect(applyModel({ rows: JSON.parse(JSON.stringify(before)) }, written)).toEqual({ rows });
        });
      }),
      { numRuns: 40 },
    );
    const before = { rows: list.from(Array.from({ length: 10_000 }, (_, id) => ({ id, label: `row ${id}` }))) };
    const after = { rows: list.with(before.rows, 5_000, { id: 5_000, label: 'another' }) };
    expect(JSON.stringify(diffModel(before, after)).length).toBeLessThan(60);
  });

  test('is shown as an array is, and by turns with one; what is shown is not changed', () => {
    interface Row {
      readonly id: number;
      readonly label: string;
    }
    const view = (rows: readonly Row[] | List<Row>) =>
      html`<ul>${keyed(rows, 'id', ({ label }) => html`<li>${label}</li>`)}</ul>`;
    const toRows = (labels: readonly string[]): Row[] => labels.map((label, id) => ({ id, label }));
    const shown = fc.tuple(fc.boolean(), fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(fc.array(shown, { minLength: 2, maxLength: 6 }), (renderings) => {
        const rendering = new Rendering(compile, new TemplateTable());
        const given = renderings.map(([isLong, labels]) => (isLong ? list.from(toRows(labels)) : toRows(labels)));
        const before = structuredClone(given);
        for (const [step, rows] of given.entries()) {
          rendering.render(view(rows));
          const labels = renderings[step]?.[1] ?? [];
          const items = labels.map((label) => `<li>${label}</li>`).join('');
          expect(renderContent(rendering.content)).toBe(`<ul>${items}</ul>`);
          expect(renderDocument(view(rows), compile, undefined)).toBe(`<ul>${items}</ul>`);
        }
        expect(given).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test('is shown by the patches of what was done to it, and a key that it has twice is an error', () => {
    interface Row {
      readonly id: number;
    }
    const view = (rows: List<Row>, after: unknown = null) =>
      html`<ul>${keyed(rows, 'id', ({ id }) => html`<li>${id}</li>`)}</ul>${after as string}`;
    // a few turns of one to three steps each; a step that adds may bring back what is there, or was
    const turn = fc.array(fc.tuple(steps, fc.nat(900)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.array(turn, { maxLength: 12, size: 'max' }), (length, turns) => {
        let rows: List<Row> = list.from(Array.from({ length }, (_, id) => ({ id })));
        const rendering = new Rendering(compile, new TemplateTable());
        rendering.render(view(rows));
        const tree = mounted(rendering);
        for (const acts of turns) {
          let next = rows;
          for (const [{ kind, index, other }, id] of acts) {
            const size = list.length(next);
            const [at, to] = [Math.abs(index) % size, Math.abs(other) % size];
            if (kind === 'with') next = list.with(next, at, { id });
            if (kind === 'insert') next = list.insert(next, at, { id });
            if (kind === 'append') next = list.append(next, { id });
            if (kind === 'remove' && size > to + 1) next = list.remove(next, at, to);
            if (kind === 'move') next = list.move(next, at, to);
          }
          const ids = list.map(next, ({ id }) => id);
          if (new Set(ids).size < ids.length) {
            expect(() => rendering.render(view(next))).toThrow('two items of a keyed list have the key');
            continue;
          }
          // what throws behind the list takes it back
          const before = mounted(rendering).toPlain();
          expect(() => rendering.render(view(next, Symbol('broken')))).toThrow('symbol');
          expect(mounted(rendering).toPlain()).toEqual(before);
          rows = next;
          tree.apply(rendering.render(view(rows)));
          expect(tree.toPlain()).toEqual(mounted(rendering).toPlain());
          expect(renderContent(rendering.content)).toContain(`<ul>${ids.map((id) => `<li>${id}</li>`).join('')}</ul>`);
        }
      }),
      { numRuns: timesOf(40) },
    );
  });

  test('may be told apart by another key from one view to the next', () => {
    const view = (rows: List<{ readonly id: number; readonly other: number }>, key: 'id' | 'other') =>
      html`<ul>${keyed(rows, key, ({ id }) => html`<li>${id}</li>`)}</ul>`;
    const rendering = new Rendering(compile, new TemplateTable());
    const rows = list.from([{ id: 1, other: 2 }]);
    rendering.render(view(rows, 'id'));
    const two = list.append(rows, { id: 3, other: 4 });
    rendering.render(view(two, 'id'));
    // 3 is an id, and no other
    const three = list.append(two, { id: 5, other: 3 });
    rendering.render(view(three, 'other'));
    expect(renderContent(rendering.content)).toBe('<ul><li>1</li><li>3</li><li>5</li></ul>');
    expect(() => rendering.render(view(list.append(three, { id: 6, other: 4 }), 'other'))).toThrow('have the key 4');
  });

  test('can be given a row again whose view threw: of a rendering that is taken back no key is known', () => {
    let isBroken = false;
    const view = (rows: List<{ readonly id: number }>) =>
      html`<ul>${keyed(rows, 'id', ({ id }) => {
        if (id === 6 && isBroken) throw new Error('broken');
        return html`<li>${id}</li>`;
      })}</ul>`;
    const rendering = new Rendering(compile, new TemplateTable());
    const rows = list.from([{ id: 1 }, { id: 2 }]);
    rendering.render(view(rows));
    const five = list.append(rows, { id: 5 });
    rendering.render(view(five));
    isBroken = true;
    expect(() => rendering.render(view(list.append(five, { id: 6 })))).toThrow('broken');
    isBroken = false;
    rendering.render(view(list.append(five, { id: 6 })));
    expect(renderContent(rendering.content)).toBe('<ul><li>1</li><li>2</li><li>5</li><li>6</li></ul>');
    expect(() => rendering.render(view(list.append(five, { id: 5 })))).toThrow('have the key 5');
  });

  test.each([
    ['with', () => list.with(list.from([1]), 1, 2)],
    ['with, from the end', () => list.with(list.from([1]), -2, 2)],
    ['with, of an empty list', () => list.with(list.from<number>([]), 0, 2)],
    ['move from nowhere', () => list.move(list.from([1, 2]), 2, 0)],
    ['move to nowhere', () => list.move(list.from([1, 2]), 0, 2)],
  ])('says that there is no such place: %s', (_, act) => {
    expect(act).toThrow(RangeError);
  });
});
