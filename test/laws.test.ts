// The laws of the engine, over random views: whatever a view was before, its patches lead to what it is now.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../server/actors/history.ts';
import { compile } from '../server/html-parser.ts';
import { html, keyed, type Template } from '../shared/index.ts';
import { isContent } from '../shared/template/definition.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { renderContent } from '../shared/tree/html.ts';
import type { FoundInstance } from '../shared/tree/instances-by-id.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { takeUpIds } from '../shared/tree/take-up.ts';
import { type Content, Instance, List, MappedInstance, unwrap } from '../shared/tree/tree.ts';
import type { WireInstance } from '../shared/wire/content.ts';
import type { Patch } from '../shared/wire/patch.ts';
import { decodeServerFrame, encodeOperations, encodeServerFrame } from '../shared/wire/server-frames.ts';
import { histories, lists, type Part, views, withBomb } from './support/arbitrary-views.ts';
import { mounted } from './support/render.ts';
import { timesOf } from './support/times.ts';

/** Renders one part after the other, hands each patch to `use`, and checks what it leads to. */
function follow(history: readonly Part[], use: (patch: Patch, rendering: Rendering) => Patch = (patch) => patch): void {
  const view = views();
  const table = new TemplateTable();
  const rendering = new Rendering(compile, table);
  rendering.render(view(history[0] ?? null));
  const tree = mounted(rendering);
  for (const part of history.slice(1)) {
    tree.apply(use(rendering.render(view(part)), rendering));

    expect(tree.nextId).toBe(rendering.nextId);
    expect(tree.toPlain()).toEqual(mounted(rendering).toPlain());
    const fresh = new Rendering(compile, table);
    fresh.render(view(part));
    expect(withoutEmpty(rendering.toMount())).toEqual(withoutEmpty(fresh.toMount()));
    expect(renderContent(rendering.content)).toBe(renderContent(fresh.content));
  }
}

const withoutEmpty = (wire: unknown): unknown =>
  Array.isArray(wire) ? (wire.length === 0 ? null : wire.map(withoutEmpty)) : wire;

test('a patch leads from one rendering to the next, with the same instances on both sides', () => {
  fc.assert(
    fc.property(histories, (history) => follow(history)),
    { numRuns: timesOf(300) },
  );
});

test('lists of any keys, items and literals are patched into each other', () => {
  fc.assert(
    fc.property(lists, (history) => follow(history)),
    { numRuns: timesOf(300) },
  );
});

test('a patch is plain JSON: going through text changes nothing', () => {
  const throughText = (patch: Patch): Patch => {
    const read = JSON.parse(JSON.stringify(patch)) as Patch;
    expect(read).toEqual(patch);
    return read;
  };
  fc.assert(fc.property(histories, (history) => follow(history, throughText)));
});

test('a patch crosses the wire unchanged', () => {
  const overTheWire = (patch: Patch): Patch => {
    if (patch.length === 0) return patch;
    const frame = { kind: 'patch', channel: 3, operations: patch, event: 7 } as const;
    expect(decodeServerFrame(encodeServerFrame(frame))).toEqual(frame);
    return patch;
  };
  fc.assert(fc.property(histories, (history) => follow(history, overTheWire)));
});

// views that come and go, so that later patches undo earlier ones
const walks = fc
  .tuple(fc.oneof(histories, lists), fc.array(fc.nat(), { minLength: 2, maxLength: 120, size: 'max' }))
  .map(([parts, steps]) => steps.map((step) => parts[step % parts.length] as Part));

test('what is kept of the patches leads from any version that it knows to the newest, ids included', () => {
  // at which steps somebody says that all have a version that is so many behind
  const reports = fc.dictionary(fc.nat(119).map(String), fc.nat(8), { maxKeys: 4 });
  fc.assert(
    fc.property(walks, fc.integer({ min: 0, max: 4_000 }), reports, (walk, maxBytes, behind) => {
      const view = views();
      const rendering = new Rendering(compile, new TemplateTable());
      rendering.render(view(walk[0] ?? null));
      const history = new History(maxBytes, 0);
      const trees = [mounted(rendering)];
      let forgotten = 0;
      for (const [step, part] of walk.slice(1).entries()) {
        const patch = rendering.render(view(part));
        if (patch.length === 0) continue;
        history.add(encodeOperations(patch));
        trees.push(mounted(rendering));
        if (behind[step] === undefined) continue;
        forgotten = Math.max(forgotten, trees.length - 1 - behind[step]);
        history.forget(forgotten);
      }
      const present = trees.length - 1;
      // what all have is not kept, and takes nothing of the rest
      expect(history.since(forgotten - 1)).toBeUndefined();
      if (forgotten === present) expect(history.bytes).toBe(0);
      if (maxBytes === 4_000 && present < 10) expect(history.since(forgotten)).toBeDefined();
      trees.forEach((tree, version) => {
        const patch = history.since(version);
        // whoever is up to date misses nothing, and what is known of a version is known of all that are newer
        if (version === present) expect(patch).toBe('');
        else if (history.since(version - 1) !== undefined) expect(patch).toBeDefined();
        if (patch === undefined) return;
        tree.apply(JSON.parse(`[${patch}]`));
        expect(tree.nextId).toBe(rendering.nextId);
        expect(tree.toPlain()).toEqual(mounted(rendering).toPlain());
      });
      for (const version of [-1, present + 1, 0.5 + present]) expect(history.since(version)).toBeUndefined();
    }),
    { numRuns: timesOf(60) },
  );
});

test('rendering the same again gives an empty patch', () => {
  fc.assert(
    fc.property(histories, (history) => {
      follow(history, (patch, rendering) => {
        const wire = JSON.stringify(rendering.toMount());
        const html = renderContent(rendering.content);
        expect([wire, html]).toEqual([JSON.stringify(rendering.toMount()), renderContent(rendering.content)]);
        return patch;
      });
      const view = views();
      const rendering = new Rendering(compile, new TemplateTable());
      for (const part of history) {
        rendering.render(view(part));
        expect(rendering.render(view(part))).toEqual([]);
      }
    }),
  );
});

test('every instance in a tree is found by its id for events, and no other id is', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const view = views();
      const rendering = new Rendering(compile, new TemplateTable());
      for (const part of history) rendering.render(view(part));
      const present = eventHoles(rendering.toMount() as WireInstance, rendering);
      const ids = new Set(expand(rendering.toIds()));
      let found = 0;
      for (let id = 0; id <= rendering.nextId; id++) {
        for (let hole = 0; hole < 6; hole++) {
          if (!rendering.findListener(id, hole)) continue;
          expect(ids).toContain(id);
          found++;
        }
      }
      expect(found).toBe(present);
    }),
  );
});

test('an instance is found by its id where a search through the whole tree finds it, whatever came, went, moved and was taken back', () => {
  const bombs = fc.array(fc.option(fc.nat()), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.oneof(histories, lists), bombs, (history, places) => {
      const view = views();
      const rendering = new Rendering(compile, new TemplateTable());
      for (const [step, part] of history.entries()) {
        const place = places[step] ?? null;
        // one that throws is taken back
        const shown = place === null ? part : withBomb(part, place);
        try {
          rendering.render(view(shown));
        } catch {
          if (!rendering.isRendered) continue;
        }
        const wanted = search(rendering.content as Instance);
        for (let id = 0; id <= rendering.nextId; id++) expectSame(rendering.findInstance(id), wanted.get(id));
      }
    }),
    { numRuns: timesOf(100) },
  );
});

test('what was found by its id is found by the ids that it is given after a restart, in whatever order', () => {
  fc.assert(
    fc.property(lists, fc.infiniteStream(fc.nat()), (history, order) => {
      const view = views();
      const rendering = new Rendering(compile, new TemplateTable());
      for (const part of history) rendering.render(view(part));
      const count = expand(rendering.toIds()).length;
      const ids = Array.from({ length: count }, (_, at) => [order.next().value as number, 3 * at + 1] as const)
        .sort(([left], [right]) => left - right)
        .map(([, id]) => id);
      expect(
        takeUpIds(
          rendering,
          ids.flatMap((id) => [id, 1]),
          3 * count + 1,
        ),
      ).toBe(true);
      for (const part of [...history, history[0] as never]) {
        rendering.render(view(part));
        const wanted = search(rendering.content as Instance);
        for (let id = 0; id <= rendering.nextId; id++) expectSame(rendering.findInstance(id), wanted.get(id));
      }
    }),
    { numRuns: timesOf(100) },
  );
});

test('of what has gone nothing is kept, and what is left stands close together', () => {
  const rendering = new Rendering(compile, new TemplateTable());
  const view = (rows: readonly number[]) =>
    html`<ul>${keyed(rows, String, (row) => html`<li>${html`<b @click=${{ type: 'Went' }}>${row}</b>`}</li>`)}</ul>`;
  const { chunks } = rendering.byId as unknown as { readonly chunks: readonly (readonly Instance[])[] };
  const show = (next: Template) => {
    const before = chunks.flat();
    rendering.render(next);
    rendering.keep();
    const left = chunks.flat();
    expect(left.map(({ id }) => id)).toEqual(
      expand(rendering.toIds())
        .slice(1)
        .sort((one, other) => one - other),
    );
    for (const [at, chunk] of chunks.entries())
      if (at > 0) expect(chunk.length + (chunks[at - 1] as readonly Instance[]).length).toBeGreaterThan(128);
    // who knows one that has gone does not keep the others by it
    const present = new Set(left);
    for (const gone of before) if (!present.has(gone)) expect(gone.parent).toBeUndefined();
  };
  const all = Array.from({ length: 5_000 }, (_, row) => row);
  let rows = all;
  for (const every of [2, 3, 5, 7]) {
    show(view(rows));
    rows = rows.filter((_, at) => at % every === 0);
  }
  // from the end to the beginning, of each 64 but one
  show(view(all));
  for (let end = 1_000; end > 0; end -= 64) show(view(all.filter((row) => row < end || row % 64 === 0)));
  show(html`<div>${view(all)}</div>`);
  show(html`<div>${null}</div>`);
  expect(chunks).toEqual([]);
});

const mapOf = (instance: Instance) => (instance instanceof MappedInstance ? [instance.messageMap] : []);

/** All instances below one, by their ids: what a search through the whole tree finds. */
function search(root: Instance): Map<number, FoundInstance> {
  const found = new Map<number, FoundInstance>();
  const visit = (instance: Instance, around: FoundInstance | undefined, hole: number): void => {
    const outer = around ? [{ instance: around.instance, hole }, ...around.outer] : [];
    const here = { instance, maps: [...mapOf(instance), ...(around?.maps ?? [])], outer };
    found.set(instance.id, here);
    for (const [at, { kind }] of instance.definition.holes.entries()) {
      const content = isContent(kind) ? unwrap(instance[at] as Content) : null;
      if (content instanceof Instance) visit(content, here, at);
      if (content instanceof List) for (const each of content.instances.flat()) visit(each, here, at);
    }
  };
  visit(root, undefined, 0);
  return found;
}

function expectSame(found: FoundInstance | undefined, wanted: FoundInstance | undefined): void {
  expect(found?.instance).toBe(wanted?.instance);
  expect(found?.maps).toEqual(wanted?.maps);
  const places = [found, wanted].map((each) => each?.outer.map(({ instance, hole }) => [instance.id, hole]));
  expect(places[0]).toEqual(places[1]);
}

function expand(runs: readonly number[]): number[] {
  return runs.flatMap((first, index) =>
    index % 2 === 0 ? Array.from({ length: runs[index + 1] ?? 0 }, (_, count) => first + count) : [],
  );
}

/** Counts event holes with a handler below an instance. */
function eventHoles(wire: unknown, rendering: Rendering): number {
  if (!Array.isArray(wire)) return 0;
  if (typeof wire[0] !== 'number') return wire.reduce((sum: number, item) => sum + eventHoles(item, rendering), 0);
  const { holes } = rendering.table.definitions[wire[0]] ?? { holes: [] };
  return holes.reduce((sum, { kind }, index) => {
    const slot: unknown = wire[index + 1];
    return sum + (kind === 5 ? Number(slot !== null) : kind <= 1 ? eventHoles(slot, rendering) : 0);
  }, 0);
}
