// Long lists: each does what an array does, cuts itself into chunks that are neither long nor short, and shares all
// chunks but those that something happened in. In a model they are stored, compared and shown as the rest of it is.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { html, keyed, type List, list } from '../shared/index.ts';
import { plainTables, tables } from '../shared/language/chunk-table.ts';
import { changesSince, rememberedTables } from '../shared/language/remembered-chunks.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { renderContent, renderDocument } from '../shared/tree/html.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { applyModel, diffModel, type ModelOperation } from '../shared/wire/model-patch.ts';
import { follow, holdsWhatAnArrayHolds, inList, lives, type Step, steps } from './support/list-lives.ts';
import { mounted } from './support/render.ts';
import { timesOf } from './support/times.ts';

/** A step that no list takes changes nothing. */
function tried(items: List<number>, step: Step): List<number> {
  try {
    return inList(items, step);
  } catch {
    return items;
  }
}

describe('a long list', () => {
  test('holds what an array holds, whatever is done to both', holdsWhatAnArrayHolds);

  test('does so in a browser, too, where nothing is remembered of it', () => {
    Object.assign(tables, plainTables);
    try {
      holdsWhatAnArrayHolds();
    } finally {
      Object.assign(tables, rememberedTables);
    }
  });

  test('tells what has happened to its chunks since it was shown, without a look at all of them', () => {
    // what came from elsewhere may be cut in any way
    const cuts = fc.array(fc.array(fc.nat(), { maxLength: 60, size: 'max' }), { maxLength: 12, size: 'max' });
    let known = 0;
    fc.assert(
      fc.property(cuts, fc.array(steps, { minLength: 1, maxLength: 6 }), (chunks, acts) => {
        const first: List<number> = { chunks };
        let last = first;
        for (const step of acts) last = tried(last, step);
        const changes = changesSince(first.chunks, last.chunks);
        if (!changes) return;
        known++;
        // what lies between them is the same, and there is something
        let [oldEnd, end] = [0, 0];
        for (const { oldFrom, oldTo, from, to } of [
          ...changes,
          {
            oldFrom: first.chunks.length,
            oldTo: first.chunks.length,
            from: last.chunks.length,
            to: last.chunks.length,
          },
        ]) {
          expect(first.chunks.slice(oldEnd, oldFrom)).toEqual(last.chunks.slice(end, from));
          for (let at = oldEnd; at < oldFrom; at++) expect(last.chunks[at - oldEnd + end]).toBe(first.chunks[at]);
          if (end > 0 && from < last.chunks.length) expect(last.chunks[end]?.length).toBeGreaterThan(0);
          [oldEnd, end] = [oldTo, to];
        }
        expect([oldEnd, end]).toEqual([first.chunks.length, last.chunks.length]);
      }),
      { numRuns: timesOf(200) },
    );
    expect(known).toBeGreaterThan(50);
  });

  test('is compared with one of long ago by a look at all chunks', () => {
    const first = list.from([1, 2, 3]);
    let last = first;
    for (let time = 0; time < 8; time++) last = list.with(last, 0, time);
    expect(changesSince(first.chunks, last.chunks)).toEqual([{ oldFrom: 0, oldTo: 1, from: 0, to: 1 }]);
    expect(changesSince(first.chunks, list.with(last, 0, 8).chunks)).toBeUndefined();
    expect(changesSince(last.chunks, first.chunks)).toBeUndefined();
    expect(changesSince(first.chunks, JSON.parse(JSON.stringify(last)).chunks)).toBeUndefined();
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
          // of such a copy nobody knows what it was made of
          if ((acts[0]?.[1] ?? 0) % 3 === 0) next = { chunks: next.chunks.slice() };
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

  test('knows its keys after it was shown by arrays, and then had a key twice', () => {
    const view = (rows: List<{ readonly id: number }> | readonly { readonly id: number }[]) =>
      html`<ul>${keyed(rows, 'id', ({ id }) => html`<li>${id}</li>`)}</ul>`;
    const rendering = new Rendering(compile, new TemplateTable());
    const toRows = (...ids: readonly number[]) => ids.map((id) => ({ id }));
    rendering.render(view(list.from(toRows(1, 2))));
    // 3 comes and goes while nobody keeps an index
    rendering.render(view(toRows(1, 3)));
    rendering.render(view(toRows(1, 2)));
    expect(() => rendering.render(view(list.from(toRows(1, 2, 2))))).toThrow('have the key 2');
    rendering.render(view(list.from(toRows(1, 3))));
    expect(renderContent(rendering.content)).toBe('<ul><li>1</li><li>3</li></ul>');
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
