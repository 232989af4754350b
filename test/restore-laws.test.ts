// The laws of going on after a restart, over random views: a tree that was made anew from the same model takes up the
// ids of the one before, and what follows is the same stream; a page that lived through all of it shows what the server
// has.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptTable } from '../server/actors/kept-table.ts';
import { compile } from '../server/html-parser.ts';
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
        const before = [digest.toText(), digest.orders, JSON.stringify(rendering.toIds())];
        const patch = rendering.render(view(part));
        const isMoved = JSON.stringify(rendering.toIds()) !== before[2];
        if (patch.length === 0) expect(digest.toText()).toBe(before[0]);
        else expect(digest.toText() !== before[0] || isMoved).toBe(true);
        if (isMoved) expect(digest.orders).not.toBe(before[1]);
      }
    }),
    { numRuns: timesOf(150) },
  );
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
