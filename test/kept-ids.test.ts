// The ids under which a kept actor shows a long list: what is written of them costs what has changed, and a server that
// goes on after a restart has the very same.

import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { readSaved } from '../server/actors/saved-state.ts';
import { type ManagedStore, memoryStore, type Saved, type Write } from '../server/index.ts';
import { component, effect, html, keyed, type List, list } from '../shared/index.ts';
import type { TestClient } from './support/client.ts';
import { startServer } from './support/server.ts';
import { timesOf } from './support/times.ts';

interface Row {
  readonly id: number;
  readonly text: string;
}

interface Step {
  readonly kind: 'insert' | 'remove' | 'move' | 'open' | 'write' | 'head' | 'exchange';
  /** Parts of the list's length. */
  readonly at: number;
  readonly to: number;
}

interface Model {
  readonly rows: List<Row>;
  readonly next: number;
  /** The row that shows more of itself. */
  readonly open: number;
  readonly head: boolean;
}

function step({ rows, next, open, head }: Model, { kind, at, to }: Step): Model {
  const length = list.length(rows);
  const place = Math.floor(at * length);
  const row = list.at(rows, place) as Row;
  const other: Row = { id: next, text: `row ${next} `.padEnd(40, '.') };
  const same = { rows, next: next + 1, open, head };
  switch (kind) {
    case 'insert':
      return { ...same, rows: list.insert(rows, place, other) };
    case 'remove':
      return { ...same, rows: list.remove(rows, place) };
    case 'move':
      return { ...same, rows: list.move(rows, place, Math.floor(to * length)) };
    case 'open':
      return { ...same, open: row.id };
    case 'write':
      return { ...same, rows: list.with(rows, place, { ...row, text: other.text }) };
    case 'head':
      return { ...same, head: !head };
    case 'exchange':
      return { ...same, rows: list.with(rows, place, other) };
  }
}

function table(count: number) {
  return component<Model, { readonly type: 'UserStepped'; readonly step: Step }>({
    init: () => [
      {
        rows: list.from(Array.from({ length: count }, (_, id) => ({ id, text: 'x'.repeat(40) }))),
        next: count,
        open: 0,
        head: false,
      },
      effect.none,
    ],
    update: (model, message) => [step(model, message.step), effect.none],
    view: ({ rows, open, head }) =>
      html`<div @click=${({ detail }) => ({ type: 'UserStepped', step: detail as unknown as Step })}>
        ${head ? html`<h1>${[html`<i>the</i>`, html`<b>rows</b>`]}</h1>` : 'rows'}
        <ul>${keyed(rows, 'id', rowView, { open })}</ul>
        ${head ? null : html`<p></p>`}
      </div>`,
  });
}

const rowView = ({ id, text }: Row, { open }: { readonly open: number }) =>
  html`<li>${id === open ? html`<b>${text}</b><ul>${[html`<li></li>`, html`<li></li>`]}</ul>` : text}</li>`;

const key = '/ws/table';
const declare =
  (what: ReturnType<typeof table>) =>
  (app: FastifyInstance): void =>
    void app.islet.route(key, what, { shared: true, persist: true });

async function send(page: TestClient, step: Step): Promise<void> {
  page.click(0, { data: { detail: { ...step } } });
  await page.next('patch');
}

/** What is kept of the ids, as a server reads it. */
async function keptIds(store: ManagedStore, what: ReturnType<typeof table>): Promise<readonly number[] | undefined> {
  const saved = await store.load(key);
  return saved && readSaved(key, saved, what, Date.now()).instances?.ids;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('insert', 'remove', 'move', 'open', 'write', 'head', 'exchange'),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    to: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { minLength: 4, maxLength: 8 },
);

test('whatever came, went and moved, what is kept are the ids that pages have, and a restarted server goes on under them', async () => {
  const what = table(400);
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 2 }), async (lives) => {
      const store = memoryStore();
      let before: unknown;
      for (const life of lives) {
        await using server = await startServer(declare(what), { store });
        const page = await server.visit(key);
        const mount = page.frames.find(({ kind }) => kind === 'mount');
        const { epoch, ids, nextId } = mount as Extract<typeof mount, { kind: 'mount' }>;
        if (before !== undefined) expect([epoch, ids, nextId]).toEqual(before);
        for (const each of life) await send(page, each);
        const other = await (await server.connect()).join(key);
        expect(other.kind).toBe('mount');
        const shown = other as Extract<typeof other, { kind: 'mount' }>;
        expect(await keptIds(store, what)).toEqual(shown.ids);
        before = [shown.epoch, shown.ids, shown.nextId];
      }
    }),
    { numRuns: timesOf(6) },
  );
}, 120_000);

/** What is written of each step of a list of so many rows. */
async function writesOf(count: number, all: readonly Step[]): Promise<readonly Write[]> {
  const store = memoryStore();
  const writes: Write[] = [];
  const noting: ManagedStore = {
    ...store,
    commit(some) {
      writes.push(...some);
      return store.commit(some);
    },
  };
  await using server = await startServer(declare(table(count)), { store: noting });
  const page = await server.visit(key);
  // the first one has all of it
  await send(page, { kind: 'write', at: 0, to: 0 });
  writes.length = 0;
  for (const each of all) await send(page, each);
  return writes;
}

test.each([1_000, 10_000])(
  'what is written of a row that comes, goes or moves in a list of %d does not grow with it',
  async (count) => {
    const kinds = ['insert', 'remove', 'move', 'exchange'] as const;
    // one after the other, all over the list
    const writes = await writesOf(
      count,
      Array.from({ length: 20 }, (_, index) => ({ kind: kinds[index % 4] ?? 'insert', at: index / 21, to: 0.5 })),
    );
    expect(writes).toHaveLength(20);
    for (const { model, instances, rendering = '' } of writes) {
      expect(instances).toBeUndefined();
      const { patch = '' } = model as { readonly patch?: string };
      expect(patch.length).toBeGreaterThan(20);
      expect(patch.length).toBeLessThan(300);
      expect(rendering.length).toBeLessThan(300);
    }
  },
  30_000,
);

test('all ids are written once for many changes, when the model is, and a restarted server goes on under them', async () => {
  const store = memoryStore();
  const what = table(300);
  const wholes: number[] = [];
  let most = 0;
  const noting: ManagedStore = {
    ...store,
    commit(writes) {
      for (const { instances, model } of writes) {
        if (instances === undefined) continue;
        wholes.push(instances.length);
        expect(model && 'base' in model).toBe(true);
      }
      return store.commit(writes);
    },
  };
  // rows that come and go; then none does, until the model is written whole; then seldom
  const lives: readonly (readonly [count: number, kindOf: (index: number) => Step['kind']])[] = [
    [60, (index) => (index % 2 ? 'insert' : 'remove')],
    [400, () => 'write'],
    [250, (index) => (['insert', 'write', 'write', 'remove', 'write', 'write'] as const)[index % 6] ?? 'write'],
  ];
  let before: unknown;
  for (const [count, kindOf] of lives) {
    await using server = await startServer(declare(what), { store: noting, limits: { maxEventsPerSecond: 10_000 } });
    const page = await server.visit(key);
    const { epoch, ids } = page.frames.find(({ kind }) => kind === 'mount') as { epoch?: string; ids?: unknown };
    if (before !== undefined) expect([epoch, ids]).toEqual(before);
    for (let index = 0; index < count; index++) {
      await send(page, { kind: kindOf(index), at: ((index * 37) % 100) / 100, to: 0 });
      const [listed] = await store.list(0, 1);
      most = Math.max(most, listed?.bytes ?? 0);
    }
    const shown = (await (await server.connect()).join(key)) as { ids?: unknown };
    before = [epoch, shown.ids];
    expect(await keptIds(store, what)).toEqual(shown.ids);
  }
  expect(wholes.length).toBeGreaterThan(1);
  expect(wholes.length).toBeLessThan(15);
  // base and patches are three times the base, and the ids of 300 rows are a tenth
  expect(most).toBeLessThan(90_000);
}, 120_000);

/** A list of which edits are kept, and the ids that pages have. */
async function withEdits(store: ManagedStore, what: ReturnType<typeof table>): Promise<readonly [string, unknown]> {
  await using server = await startServer(declare(what), { store });
  const page = await server.visit(key);
  for (const at of [0.1, 0.5, 0.9]) await send(page, { kind: 'insert', at, to: 0 });
  const shown = await (await server.connect()).join(key);
  return shown.kind === 'mount' ? [shown.epoch, shown.ids] : ['', shown];
}

/** Changes what is kept as a text of its own. */
async function rewrite(store: ManagedStore, change: (saved: Saved) => Partial<Write>): Promise<void> {
  const saved = await store.load(key);
  if (!saved) throw new Error('nothing is kept');
  const write = { key, by: `test ${saved.by}`, after: saved.by, schema: 0, ...change(saved) };
  expect(await store.commit([write])).toEqual([true]);
}

async function restarted(store: ManagedStore, what: ReturnType<typeof table>): Promise<readonly [string, unknown]> {
  await using server = await startServer(declare(what), { store });
  const shown = await (await server.connect()).join(key);
  return shown.kind === 'mount' ? [shown.epoch, shown.ids] : ['', shown];
}

test('what was written without edits is read as it was, and edits follow it', async () => {
  const [store, what] = [memoryStore(), table(600)];
  const before = await withEdits(store, what);
  await rewrite(store, (saved) => {
    const ids = readSaved(key, saved, what, 0).instances;
    return {
      model: { base: JSON.stringify(readSaved(key, saved, what, 0).snapshot) },
      instances: JSON.stringify({ ids: ids?.ids, names: ids?.names }),
    };
  });
  expect(await restarted(store, what)).toEqual(before);
  const after = await withEdits(store, what);
  expect(after[0]).toBe(before[0]);
  expect((await store.load(key))?.model?.patches).toHaveLength(3);
  expect(await restarted(store, what)).toEqual(after);
});

test('code of before edits writes ids of its own over them, and what follows goes on from those', async () => {
  const [store, what] = [memoryStore(), table(600)];
  const [, ids] = await withEdits(store, what);
  const names = readSaved(key, (await store.load(key)) as Saved, what, 0).instances?.names;
  // as it was written before there was a number; and what is written now has none, either
  await rewrite(store, () => ({ model: { patch: '[[["ids"],[0,[0,3,1]]]]' } }));
  await rewrite(store, () => ({ model: { patch: '[[["ids"]]]' }, instances: JSON.stringify({ ids, names }) }));
  const before = await restarted(store, what);
  expect(before[1]).toEqual(ids);
  const after = await withEdits(store, what);
  expect(after[0]).toBe(before[0]);
  expect(await restarted(store, what)).toEqual(after);
});

test.each([
  ['of ids that are not there', [['ids'], [1, [1_000_000, 1_000_001, 1]]]],
  ['that leave an id out', [['ids'], [1, [0, 2, 1]]]],
])('edits %s make another tree, under ids that nothing had before', async (_, damage) => {
  const [store, what] = [memoryStore(), table(600)];
  const [epoch] = await withEdits(store, what);
  await rewrite(store, () => ({ model: { patch: JSON.stringify([damage]) } }));
  const [other, ids] = await restarted(store, what);
  expect(other).not.toBe(epoch);
  // one after the other
  expect(ids).toHaveLength(2);
  expect((ids as number[])[0]).toBeGreaterThan(600);
});

test('edits that are none are refused, and what is kept stays', async () => {
  const [store, what] = [memoryStore(), table(600)];
  await withEdits(store, what);
  await rewrite(store, () => ({ model: { patch: '[[["ids"],7]]' } }));
  const before = await store.load(key);
  await expect(restarted(store, what)).resolves.toMatchObject(['', { kind: 'error' }]);
  expect(await store.load(key)).toMatchObject({ by: before?.by });
});
