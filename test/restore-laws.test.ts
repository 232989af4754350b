// The laws of going on after a restart, over random views: a tree that was made anew from the same model takes up the
// ids of the one before, and what follows is the same stream; a page that lived through all of it shows what the server
// has.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptTable } from '../server/actors/kept-table.ts';
import { compile } from '../server/html-parser.ts';
import { html, keyed, type List, list } from '../shared/index.ts';
import { applyIdEdits, type IdEdit, IdEdits } from '../shared/tree/id-edits.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { beginDigest, renumber, takeUpIds } from '../shared/tree/take-up.ts';
import type { IdRuns } from '../shared/wire/content.ts';
import { histories, lists, type Part, views, withBomb } from './support/arbitrary-views.ts';
import { ReferenceTree } from './support/reference-tree.ts';
import { timesOf } from './support/times.ts';

/** What a process leaves behind, as text. */
interface Left {
  readonly ids: IdRuns;
  readonly nextId: number;
  readonly names: readonly string[];
  readonly digest: string;
}

type View = ReturnType<typeof views>;

function begin(part: Part, names: readonly string[] = []): { readonly rendering: Rendering; readonly view: View } {
  const view = views();
  const rendering = new Rendering(compile, new KeptTable(names));
  rendering.render(view(part));
  return { rendering, view };
}

function leave(rendering: Rendering): Left {
  const { names } = rendering.table as KeptTable;
  const left: Left = {
    ids: rendering.toIds(),
    nextId: rendering.nextId,
    names,
    digest: rendering.kept?.toText() ?? '',
  };
  return JSON.parse(JSON.stringify(left));
}

/** What a page would have that came just now. */
function newPage(rendering: Rendering): ReferenceTree {
  const page = new ReferenceTree();
  page.define(rendering.table.encode());
  page.mount(JSON.parse(JSON.stringify(rendering.toMount())), rendering.toIds(), rendering.nextId);
  return page;
}

function check(history: readonly Part[], restarts: readonly number[]): void {
  let { rendering, view } = begin(history[0] ?? null);
  beginDigest(rendering);
  const page = newPage(rendering);
  const late: ReferenceTree[] = [];
  for (const [index, part] of history.slice(1).entries()) {
    if (restarts.includes(index)) {
      const left = leave(rendering);
      ({ rendering, view } = begin(history[index] ?? null, left.names));
      expect(takeUpIds(rendering, left.ids, left.nextId)).toBe(true);
      expect(beginDigest(rendering).toText()).toBe(left.digest);
      late.push(newPage(rendering));
    }
    const patch = JSON.parse(JSON.stringify(rendering.render(view(part))));
    for (const each of [page, ...late]) {
      each.apply(patch);
      expect(each.nextId).toBe(rendering.nextId);
      expect(each.toPlain()).toEqual(newPage(rendering).toPlain());
    }
    // what was kept up to date is what it would be if it were found out anew
    const kept = rendering.kept?.toText();
    expect(beginDigest(rendering).toText()).toBe(kept);
  }
}

const restarts = fc.array(fc.nat({ max: 8 }), { maxLength: 5 });

test('histories of any views, restarted anywhere, go on as one stream', () => {
  fc.assert(fc.property(histories, restarts, check), { numRuns: timesOf(200) });
});

test('so do lists whose rows have come, gone and moved', () => {
  fc.assert(fc.property(lists, restarts, check), { numRuns: timesOf(200) });
});

test('another tree has another digest', () => {
  fc.assert(
    fc.property(fc.oneof(histories, lists), (history) => {
      const { rendering, view } = begin(history[0] ?? null);
      const digest = beginDigest(rendering);
      for (const part of history.slice(1)) {
        const before = [digest.toText(), JSON.stringify(rendering.toIds())];
        const patch = rendering.render(view(part));
        const isMoved = JSON.stringify(rendering.toIds()) !== before[1];
        if (patch.length === 0) expect(digest.toText()).toBe(before[0]);
        else expect(digest.toText() !== before[0] || isMoved).toBe(true);
      }
    }),
    { numRuns: timesOf(150) },
  );
});

/** Begins to keep the ids of a rendering, as they are now. */
function beginEdits(rendering: Rendering): { readonly edits: IdEdits; readonly ids: IdRuns } {
  const edits = new IdEdits(rendering);
  beginDigest(rendering).edits = edits;
  expect(edits.take()).toBeUndefined();
  return { edits, ids: rendering.toIds() };
}

const throughText = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

test('edits make of the ids of a tree those that it has later, whatever came, went and moved', () => {
  fc.assert(
    fc.property(fc.oneof(histories, lists), fc.array(fc.boolean()), fc.nat(), (history, taken, place) => {
      const { rendering, view } = begin(history[0] ?? null);
      const { edits, ids } = beginEdits(rendering);
      const all: IdEdit[] = [];
      for (const [index, part] of history.slice(1).entries()) {
        try {
          // what is taken back has changed nothing
          rendering.render(view(withBomb(part, place)));
        } catch {}
        rendering.rollBack();
        rendering.render(view(part));
        rendering.keep();
        if (taken[index]) continue;
        const some = edits.take();
        expect(some).toBeDefined();
        all.push(...throughText(some ?? []));
        expect(applyIdEdits(ids, all)).toEqual(rendering.toIds());
      }
    }),
    { numRuns: timesOf(200) },
  );
});

test('of a tree with another root no edits are known', () => {
  const rendering = new Rendering(compile, new KeptTable([]));
  const other = (text: string) => html`<p>${text}</p>`;
  rendering.render(html`<p>one</p>`);
  const { edits } = beginEdits(rendering);
  rendering.render(other('one'));
  rendering.keep();
  expect(edits.take()).toBeUndefined();
  rendering.render(other('two'));
  rendering.keep();
  expect(edits.take()).toEqual([]);
});

test.each([
  ['an id behind one that is not there', [[9, 4, 1]]],
  ['an id behind itself', [[4, 4, 1]]],
  [
    'an id behind one that has gone',
    [
      [0, 2, 1],
      [2, 7, 1],
    ],
  ],
  ['ids in a circle', [[2, 7, 2, 7, 1]]],
])('edits with %s are edits of other ids', (_, edits) => {
  expect(applyIdEdits([1, 3], edits as never)).toBeUndefined();
});

test.each([1_000, 5_000])('an edit of a list of %d rows is as long as what it changes', (count) => {
  const view = (rows: List<{ readonly id: number }>) =>
    html`<ul>${keyed(rows, 'id', ({ id }) => html`<li>${id % 3 > 0 ? html`<b>${id}</b>` : null}</li>`)}</ul>`;
  const first = list.from(Array.from({ length: count }, (_, id) => ({ id })));
  const rendering = new Rendering(compile, new KeptTable([]));
  rendering.render(view(first));
  const { edits } = beginEdits(rendering);
  const middle = count >> 1;
  const changes = [
    list.insert(first, middle, { id: count + 1 }),
    list.insert(first, 0, { id: count + 1 }),
    list.insert(first, count, { id: count + 1 }),
    list.remove(first, middle),
    list.move(first, 0, -1),
    list.move(first, -2, 1),
    list.with(first, middle, { id: count + 1 }),
    list.insert(list.remove(first, middle >> 1), middle, { id: count + 1 }),
  ];
  for (const [index, next] of changes.entries()) {
    for (const rows of [next, first]) {
      const ids = rendering.toIds();
      rendering.render(view(rows));
      rendering.keep();
      const some = edits.take() ?? [];
      expect(applyIdEdits(ids, some)).toEqual(rendering.toIds());
      expect(some.flat().length, `change ${index}`).toBeLessThanOrEqual(6);
    }
  }
});

test('a rendering that is taken back takes its digest back', () => {
  fc.assert(
    fc.property(fc.oneof(histories, lists), fc.nat(), (history, place) => {
      const { rendering, view } = begin(history[0] ?? null);
      const digest = beginDigest(rendering);
      const before = digest.toText();
      for (const part of history.slice(1)) {
        try {
          rendering.render(view(withBomb(part, place)));
        } catch {
          rendering.rollBack();
        }
        rendering.rollBack();
        expect(digest.toText()).toBe(before);
      }
    }),
    { numRuns: timesOf(80) },
  );
});

test('a tree that nobody has is numbered on from where the one before ended', () => {
  const { rendering } = begin({ kind: 'array', parts: ['a', 'b'] });
  renumber(rendering, 40);
  expect(rendering.toIds()).toEqual([40, 3]);
  expect(rendering.nextId).toBe(43);
  const other = begin('a').rendering;
  expect(takeUpIds(other, [1, 3], 9)).toBe(false);
});
