// What a rendering has drawn, as one number: kept up to date it is what a page that draws the same finds in its tree.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { drawnIn } from '../shared/tree/drawn.ts';
import { drawnBy } from '../shared/tree/drawn-digest.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { beginDigest } from '../shared/tree/take-up.ts';
import { histories, lists, type Part, views, withBomb } from './support/arbitrary-views.ts';
import { timesOf } from './support/times.ts';

const all = fc.oneof(histories, lists);

function begin(part: Part): { rendering: Rendering; view: ReturnType<typeof views> } {
  const [rendering, view] = [new Rendering(compile, new TemplateTable()), views()];
  rendering.render(view(part));
  return { rendering, view };
}

test('of any history it is what another process draws of the present alone, beside another digest or without', () => {
  fc.assert(
    fc.property(all, fc.boolean(), (history, isKept) => {
      const { rendering, view } = begin(history[0] ?? null);
      drawnBy(rendering);
      if (isKept) beginDigest(rendering);
      for (const part of history.slice(1)) {
        rendering.render(view(part));
        expect(drawnBy(rendering)).toBe(drawnIn(begin(part).rendering.content));
      }
    }),
    { numRuns: timesOf(200) },
  );
});

test('a rendering that is taken back, or throws, takes it back', () => {
  fc.assert(
    fc.property(all, fc.nat(), fc.boolean(), (history, place, isKept) => {
      const { rendering, view } = begin(history[0] ?? null);
      const drawn = drawnBy(rendering);
      if (isKept) beginDigest(rendering);
      rendering.render(view(history.at(-1) ?? null));
      rendering.rollBack();
      expect(drawnBy(rendering)).toBe(drawn);
      try {
        rendering.render(view(withBomb(history.at(-1) ?? null, place)));
      } catch {
        expect(drawnBy(rendering)).toBe(drawn);
      }
    }),
    { numRuns: timesOf(150) },
  );
});
