// What a persisted actor keeps: it goes on where it was after it was released, after the server was started again, and
// after its store was down.

import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import type { DeclaredOptions } from '../server/actors/route-options.ts';
import {
  type ManagedStore,
  memoryStore,
  type Store,
  StoreError,
  serverComponent,
  type Write,
} from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock, settled } from './support/clock.ts';
import { counter } from './support/counter.ts';
import { fragileStore, keep, keptModel } from './support/kept.ts';
import { outcomeOf, refusalOf } from './support/outcomes.ts';
import { startServer } from './support/server.ts';

const declare =
  (options: DeclaredOptions = {}, what: AnyComponent = counter) =>
  (app: FastifyInstance): void => {
    app.islet.route('/ws/rate', what, { shared: true, persist: true, ...options } as never);
    app.islet.route('/ws/rate/:id', counter, { shared: true, persist: true });
    app.get('/page', (_, reply) => reply.html(html`${serverComponent({ route: '/ws/rate' })}the rest`));
  };

async function clickTo(page: TestClient, count: number): Promise<void> {
  page.click();
  await page.until(() => page.slots()[1] === count);
}

describe('an actor that nobody looks at', () => {
  test('is released after the idle time, and goes on where it was when somebody comes', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store, idleMs: 10_000, sessionMs: 0 });
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    await clickTo(page, 2);
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(9_999);
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(1);
    expect(server.app.islet.size.actors).toBe(0);
    // the next sweep of the store, and the next look for what is due
    expect(clock.waits).toHaveLength(2);
    expect(store.saves).toBe(2);

    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'mount', content: [0, 0, 2] });
    await clickTo(page, 3);
  });

  test('stays if somebody comes in time, or while it is saved', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare({ idleMs: 10_000 }), { clock, store });
    const page = await server.visit('/ws/rate');
    const leave = async (): Promise<void> => {
      page.send({ kind: 'leave', channel: 1 });
      await page.handled();
    };
    await leave();
    await clock.advance(9_999);
    await page.join('/ws/rate');
    await clock.advance(20_000);
    expect(server.app.islet.size.actors).toBe(1);

    // its last change is being written while somebody comes
    const isHeld = Promise.withResolvers<void>();
    const { promise, resolve: finish } = Promise.withResolvers<void>();
    store.broken = {
      async commit(writes) {
        isHeld.resolve();
        await promise;
        store.broken = {};
        return store.commit(writes);
      },
    };
    page.click();
    await isHeld.promise;
    await leave();
    await clock.advance(10_000);
    const joined = page.join('/ws/rate');
    await page.handled();
    finish();
    expect(await joined).toMatchObject({ content: [0, 0, 1] });
    await clickTo(page, 2);
    expect(server.app.islet.size.actors).toBe(1);
  });

  test('is released too if only a page was rendered with it', async () => {
    const clock = new ManualClock();
    await using server = await startServer(declare(), { clock });
    expect((await server.app.inject('/page')).body).toContain('<button>0</button>');
    expect(server.app.islet.size.actors).toBe(1);
    await clock.advance(300_000);
    expect(server.app.islet.size.actors).toBe(0);
  });

  test('is not released before it is saved', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare({ idleMs: 1_000 }), { clock, store });
    const page = await server.visit('/ws/rate');
    store.broken = { commit: () => Promise.reject(new Error('disk full')) };
    page.click();
    await page.handled();
    page.send({ kind: 'leave', channel: 1 });
    await page.handled();
    await clock.advance(4_000);
    expect(server.app.islet.size.actors).toBe(1);
    expect(server.errors[0]).toMatchObject({ actor: '/ws/rate', err: { message: 'disk full' } });
    store.broken = {};
    await clock.advance(10_000);
    expect(server.app.islet.size.actors).toBe(0);
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 1] });
  });
});

describe('what is saved', () => {
  test('is each state before anybody is shown it, by one write at a time', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    for (let count = 1; count <= 10; count++) {
      await clickTo(page, count);
      expect(await keptModel(store, '/ws/rate')).toBe(count);
    }
    expect(store.saves).toBe(10);
    let writing = 0;
    store.broken.commit = async (writes) => {
      expect(++writing).toBe(1);
      await settled();
      writing--;
      const { commit } = store.broken;
      store.broken = {};
      const kept = await store.commit(writes);
      if (commit) store.broken.commit = commit;
      return kept;
    };
    for (let count = 11; count <= 20; count++) page.click();
    await page.until(() => page.slots()[1] === 20);
    expect(await keptModel(store, '/ws/rate')).toBe(20);
  });

  test('is nothing of a message that was refused', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    const picky = component<number, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view(count) {
        if (count > 1) throw new Error('too many');
        return html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`;
      },
    });
    await using server = await startServer(declare({}, picky), { clock, store });
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    page.click();
    await outcomeOf(page, 2);
    expect(store.saves).toBe(1);
    expect(await keptModel(store, '/ws/rate')).toBe(1);
  });

  test('when the server stops is everything, what is not yet shown included', async () => {
    const clock = new ManualClock();
    const store = memoryStore();
    await using server = await startServer(declare(), { clock, store });
    const [page, other] = [await server.visit('/ws/rate'), await server.visit('/ws/rate')];
    page.click(); // with two who look, the clock decides when it is shown
    other.click();
    await Promise.all([page.handled(), other.handled()]);
    expect(page.slots()[1]).toBe(0);
    await server.app.close();
    expect(await keptModel(store, '/ws/rate')).toBe(2);
    expect(clock.waits).toEqual([]);
    await expect.poll(() => server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
  });

  test('is one state for each value of the path’s parameters', async () => {
    const store = memoryStore();
    {
      await using server = await startServer(declare(), { store });
      await clickTo(await server.visit('/ws/rate/a%2Fb'), 1);
      await server.visit('/ws/rate/c');
    }
    await using server = await startServer(declare(), { store });
    expect((await server.visit('/ws/rate/a%2fb')).slots()[1]).toBe(1);
    expect((await server.visit('/ws/rate/c')).slots()[1]).toBe(0);
  });

  test('may be a state machine with a running delay', async () => {
    const store = memoryStore();
    const clock = new ManualClock();
    const machine = setup({
      types: { context: {} as { count: number }, events: {} as { type: 'UserClicked' } },
    }).createMachine({
      context: { count: 0 },
      initial: 'idle',
      states: {
        idle: { on: { UserClicked: 'busy' } },
        busy: { after: { 1000: { target: 'idle', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
      },
    });
    const slow = component({
      machine,
      view: ({ value, context }) =>
        html`<button @click=${{ type: 'UserClicked' }}>${`${String(value)} ${context.count}`}</button>`,
    });
    {
      await using server = await startServer(declare({}, slow), { store, clock });
      const page = await server.visit('/ws/rate');
      page.click();
      await page.until(() => page.slots()[1] === 'busy 0');
    }
    await using server = await startServer(declare({}, slow), { store, clock });
    const page = await server.visit('/ws/rate');
    expect(page.slots()[1]).toBe('busy 0');
    await clock.advance(1_000);
    await page.until(() => page.slots()[1] === 'idle 1');
  });

  test('starts the runs of init again, and takes no attribute as news', async () => {
    const store = memoryStore();
    await keep(store, '/ws/rate', 7);
    const listening = component<number, { readonly type: 'NewsCame' | 'AttributeChanged' }>({
      init: () => [0, effect.from((dispatch) => dispatch({ type: 'NewsCame' }))],
      update: (count, { type }) => [type === 'NewsCame' ? count + 1 : 0, effect.none],
      view: (count) => html`<p>${count}</p>`,
      attributes: { start: () => ({ type: 'AttributeChanged' }) },
    });
    await using server = await startServer(declare({}, listening), { store });
    const page = await server.connect();
    await page.join('/ws/rate', { attributes: { start: '1' } });
    await page.until(() => page.slots()[0] === 8);
  });
});

describe('what nobody wants any more', () => {
  const keepMs = 3_600_000;
  const started = async (store: Store) => {
    const clock = new ManualClock();
    const server = await startServer(declare({ keepMs, idleMs: 10_000 }), { clock, store });
    return { clock, server };
  };
  const swept = (store: Store): Store & { sweeps: number } => {
    const self = { ...store, sweeps: 0 };
    return Object.assign(self, {
      sweep(limit: number) {
        self.sweeps++;
        return store.sweep(limit);
      },
    });
  };

  test('is removed from the store once its time is over, soon after a start and then every hour', async () => {
    const store = swept(memoryStore());
    await keep(store, '/ws/rate/1', 5, { endsInMs: 0 });
    const { clock, server } = await started(store);
    await using _ = server;
    await clock.advance(59_999);
    expect(store.sweeps).toBe(0);
    await clock.advance(1);
    expect(store.sweeps).toBe(1);
    await keep(store, '/ws/rate/2', 5, { endsInMs: 0 });
    await clock.advance(3_600_000);
    expect(store.sweeps).toBe(2);
    expect(await store.sweep(10)).toBe(0);
  });

  test('is wanted as long again with each write, and for as long as somebody looks', async () => {
    const ends: unknown[] = [];
    const store = fragileStore();
    store.broken.commit = async (writes) => {
      ends.push(...writes.map(({ endsInMs }) => endsInMs));
      return writes.map(() => true);
    };
    const { clock, server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    expect(ends).toEqual([keepMs]);
    await clock.advance(2 * keepMs);
    await expect.poll(() => ends).toEqual(Array(5).fill(keepMs));
    expect(server.errors).toEqual([]);
  });

  test('is wanted as long again when somebody comes back to it', async () => {
    const store = fragileStore();
    await keep(store, '/ws/rate', 7, { endsInMs: 60_000 });
    const { seq = 0 } = (await store.load('/ws/rate')) ?? {};
    const { server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    expect(page.slots()[1]).toBe(7);
    await expect.poll(async () => (await store.load('/ws/rate'))?.seq).toBeGreaterThan(seq);
  });

  test('is everything for ever, where a route says nothing else: a sweep takes the numbers of clients alone', async () => {
    const clock = new ManualClock();
    const store = swept(memoryStore());
    await using server = await startServer(declare(), { clock, store });
    await clickTo(await server.visit('/ws/rate'), 1);
    await clock.advance(4_000_000);
    expect(store.sweeps).toBeGreaterThan(0);
    expect(await store.load('/ws/rate')).toMatchObject({ seq: 1 });
    expect(server.errors).toEqual([]);
  });

  test('waits for the next hour where the store is down, and the actors go on', async () => {
    const store = fragileStore();
    const { clock, server } = await started(store);
    await using _ = server;
    const page = await server.visit('/ws/rate');
    store.broken = { sweep: () => Promise.reject(new Error('no connection')) };
    await clock.advance(60_000);
    expect(server.errors.map(({ msg }) => msg)).toEqual(['the store could not be swept; trying again later']);
    store.broken = {};
    await clickTo(page, 1);
  });

  test.each([
    ['of what is not persisted', { persist: false, keepMs: 5_000 }],
    ['that is too short', { keepMs: 10 }],
    ['that is no number', { keepMs: Number.NaN }],
  ])('has no time %s', async (_, options) => {
    await expect(startServer(declare(options))).rejects.toThrow(/ISLET_ERR_ROUTE.*keepMs/);
  });
});

describe('a state', () => {
  const put = (store: Store, model: string, schema = 0) =>
    store.commit([{ key: '/ws/rate', by: 'test', after: undefined, schema, model: { base: model } }]);

  test.each([
    ['that is no JSON', '{"status":"active","context":'],
    ['that is no actor’s', '{"score":5}'],
    ['that is null', 'null'],
  ])('%s is kept as it is, and the error names it and the command that helps', async (_, model) => {
    const store = memoryStore();
    await put(store, model);
    await using server = await startServer(declare(), { store });
    const page = await server.connect();
    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_STATE' });
    const said = 'What is kept of this part of the page cannot be read.';
    expect((await server.app.inject('/page')).body).toContain(`<p role="alert">${said}</p>`);
    const { msg, err } = server.errors[0] ?? {};
    expect(msg).toBe('a join failed');
    expect(err?.message).toMatch(/under \/ws\/rate: .*npx islet state show '\/ws\/rate'/);
    expect((await store.load('/ws/rate'))?.model?.base).toBe(model);
  });

  test('that newer code has written is kept as it is: the island says that it will be back', async () => {
    const store = memoryStore();
    await put(store, '{"status":"active","context":7}', 2);
    await using server = await startServer(declare(), { store });
    const page = await server.connect();
    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_STATE_NEWER' });
    const said = 'This part of the page will be back when the server has been renewed.';
    expect((await server.app.inject('/page')).body).toContain(`<p role="alert">${said}</p>`);
    expect(await store.load('/ws/rate')).toMatchObject({ by: 'test', schema: 2 });
  });

  test('of an older schema is migrated, and kept with the new one when it changes', async () => {
    const store = memoryStore();
    await put(store, '{"status":"active","context":7}', 1);
    const counted = component<{ readonly count: number }, { readonly type: 'UserClicked' }>({
      init: () => [{ count: 0 }, effect.none],
      update: ({ count }) => [{ count: count + 1 }, effect.none],
      view: ({ count }) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
      schema: 3,
      migrate: (old, from) => ({ count: from === 1 ? Number(old) * 10 : 0 }),
    });
    await using server = await startServer(declare({}, counted), { store });
    const page = await server.visit('/ws/rate');
    expect(page.slots()[1]).toBe(70);
    await clickTo(page, 71);
    expect(await store.load('/ws/rate')).toMatchObject({ schema: 3 });
    expect(await keptModel(store, '/ws/rate')).toEqual({ count: 71 });
  });

  test.each([
    ['there is no way to migrate', undefined],
    [
      'migrating fails',
      () => {
        throw new Error('no such field');
      },
    ],
  ])('of an older schema is kept as it is where %s', async (_, migrate) => {
    const store = memoryStore();
    await put(store, '{"status":"active","context":7}', 1);
    const next = component<unknown, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count, effect.none],
      view: () => html`<p></p>`,
      schema: 2,
      ...(migrate && { migrate }),
    });
    await using server = await startServer(declare({}, next), { store });
    const page = await server.connect();
    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_STATE' });
    expect(await store.load('/ws/rate')).toMatchObject({ by: 'test', schema: 1 });
  });

  test('that the view cannot show is not lost: the actor is given up, and a server that can show it goes on', async () => {
    const store = memoryStore();
    await keep(store, '/ws/rate', 7);
    const picky = component<number, { readonly type: 'UserClicked' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view(count) {
        if (count === 7) throw new Error('not a 7');
        return html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`;
      },
    });
    {
      await using server = await startServer(declare({}, picky), { store, restart: { maxFailures: 2, backoffMs: 1 } });
      const page = await server.connect();
      expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_ACTOR_FAILED' });
      const { statusCode, body } = await server.app.inject('/page');
      expect(statusCode).toBe(200);
      expect(body).toContain('This part of the page failed');
    }
    await using server = await startServer(declare(), { store });
    expect((await server.visit('/ws/rate')).slots()[1]).toBe(7);
  });

  test('that would be too big refuses the message that would make it so, and no other', async () => {
    const store = fragileStore();
    const growing = component<string, { readonly type: 'UserWrote'; readonly characters: number }>({
      init: () => ['', effect.none],
      update: (text, { characters }) => [text + 'x'.repeat(characters), effect.none],
      view: ({ length }) =>
        html`<button @click=${({ detail }) => ({ type: 'UserWrote', characters: Number(detail) })}>${length}</button>`,
    });
    await using server = await startServer(declare({}, growing), { store });
    const page = await server.visit('/ws/rate');
    page.click(0, { data: { detail: 1_000_000 } });
    await page.until(() => page.slots()[1] === 1_000_000);
    page.click(0, { data: { detail: 4_000_000 } });
    expect(await refusalOf(page, 2)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    page.click(0, { data: { detail: 5 } });
    await page.until(() => page.slots()[1] === 1_000_005);
    expect(server.errors[0]?.err?.message).toMatch(/ISLET_ERR_STATE_SIZE.*\/ws\/rate/);
  });

  test.each([
    ['a Date', { at: new Date(0) }],
    ['a Map', { seen: new Map() }],
    ['a Counter', { list: [new (class Counter {})()] }],
    ['NaN', { share: Number.NaN }],
    ['a function', { run: () => 1 }],
  ])('with %s in it is an error in development, when it is set', async (what, model) => {
    const odd = component<object, { readonly type: 'UserClicked' }>({
      init: () => [{}, effect.none],
      update: () => [model, effect.none],
      view: (shown) => html`<button @click=${{ type: 'UserClicked' }}>${Object.keys(shown).length}</button>`,
    });
    await using server = await startServer(declare({}, odd), { store: memoryStore() });
    const page = await server.visit('/ws/rate');
    page.click();
    expect(await refusalOf(page, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
    expect(page.slots()[1]).toBe(0);
    expect(server.errors[0]?.err?.message).toContain(`ISLET_ERR_STATE_PLAIN: the model.${Object.keys(model)[0]}`);
    expect(server.errors[0]?.err?.message).toContain(what);
  });

  test('is not looked at where `development` is off', async () => {
    const dated = component<{ readonly at: unknown }, { readonly type: 'UserClicked' }>({
      init: () => [{ at: null }, effect.none],
      update: () => [{ at: new Date(0) }, effect.none],
      view: ({ at }) => html`<button @click=${{ type: 'UserClicked' }}>${at === null ? 0 : 1}</button>`,
    });
    await using server = await startServer(declare({}, dated), { store: memoryStore(), development: false });
    const page = await server.visit('/ws/rate');
    page.click();
    await page.until(() => page.slots()[1] === 1);
    expect(server.errors).toEqual([]);
  });

  test('is changed in place by nobody in development, where that would not be noticed', async () => {
    const inPlace = component<{ readonly rows: number[] }, { readonly type: 'UserClicked' }>({
      init: () => [{ rows: [] }, effect.none],
      update({ rows }) {
        rows.push(1);
        return [{ rows }, effect.none];
      },
      view: ({ rows }) => html`<button @click=${{ type: 'UserClicked' }}>${rows.length}</button>`,
    });
    await using server = await startServer(declare({}, inPlace), { store: memoryStore() });
    const page = await server.visit('/ws/rate');
    page.click();
    expect(await refusalOf(page, 1)).toBe('ISLET_ERR_MESSAGE_REFUSED');
  });

  test('that is big is kept by what changes, and folded when that is twice what it was', async () => {
    const store = memoryStore();
    const rows = component<readonly { readonly id: number; readonly text: string }[], { readonly type: 'UserClicked' }>(
      {
        init: () => [Array.from({ length: 420 }, (_, id) => ({ id, text: 'x'.repeat(20) })), effect.none],
        update: (all) => [all.map((row, at) => (at === 250 ? { ...row, text: `${row.text}y` } : row)), effect.none],
        view: (all) => html`<button @click=${{ type: 'UserClicked' }}>${all[250]?.text.length}</button>`,
      },
    );
    {
      await using server = await startServer(declare({}, rows), { store, limits: { maxEventsPerSecond: 10_000 } });
      const page = await server.visit('/ws/rate');
      for (let count = 21; count <= 30; count++) await clickTo(page, count);
      const { model } = (await store.load('/ws/rate')) ?? {};
      expect(model?.patches).toHaveLength(9);
      expect(Math.max(...(model?.patches ?? []).map(({ length }) => length))).toBeLessThan(100);
    }
    {
      await using server = await startServer(declare({}, rows), { store, limits: { maxEventsPerSecond: 10_000 } });
      const page = await server.visit('/ws/rate');
      expect(page.slots()[1]).toBe(30);
      let most = 0;
      for (let count = 31; count <= 1_000; count++) {
        await clickTo(page, count);
        most = Math.max(most, (await store.load('/ws/rate'))?.model?.patches.length ?? 0);
      }
      const { model } = (await store.load('/ws/rate')) ?? {};
      expect(most).toBeGreaterThan(100);
      expect(model?.patches.length).toBeLessThan(most);
    }
    await using server = await startServer(declare({}, rows), { store });
    expect((await server.visit('/ws/rate')).slots()[1]).toBe(1_000);
  });

  test('as big as one may be is kept by what changes, too, and written whole once for many changes', async () => {
    const store = memoryStore();
    const writes: Write['model'][] = [];
    const noting: ManagedStore = {
      ...store,
      commit(all) {
        writes.push(...all.map(({ model }) => model));
        return store.commit(all);
      },
    };
    const rows = component<readonly string[], { readonly type: 'UserWrote'; readonly text: string }>({
      // two bytes each, 3,600,000 in all: characters are not bytes
      init: () => [Array.from({ length: 1_800 }, () => 'é'.repeat(999)), effect.none],
      update: (all, { text }) => [all.with(900, text), effect.none],
      view: (all) =>
        html`<button @click=${({ detail }) => ({ type: 'UserWrote', text: String(detail) })}>${all[900]?.length}</button>`,
    });
    await using server = await startServer(declare({}, rows), { store: noting });
    const page = await server.visit('/ws/rate');
    const write = async (text: string): Promise<void> => {
      page.click(0, { data: { detail: text } });
      await page.until(() => page.slots()[1] === text.length);
    };
    await write('a');
    for (let length = 2; length <= 20; length++) await write('x'.repeat(length));
    const [first, ...changes] = writes;
    expect(first && 'base' in first && Buffer.byteLength(first.base)).toBeGreaterThan(3_500_000);
    expect(changes).toHaveLength(19);
    for (const change of changes) expect(change).toHaveProperty('patch');
    expect(JSON.stringify(changes).length).toBeLessThan(19 * 100);
    // changes that fill the room for them are folded, again and again, and none is refused
    for (let length = 30_000; length < 30_030; length++) await write((length % 2 ? 'y' : 'z').repeat(length));
    const whole = writes.filter((model) => model && 'base' in model).length;
    expect(whole).toBeGreaterThan(2);
    expect(whole).toBeLessThan(8);
    expect(server.errors).toEqual([]);
  });
});

describe('an actor that another writer has overtaken', () => {
  const log = (errors: readonly { readonly msg: string }[]): string[] => errors.map(({ msg }) => msg);

  test('makes way: who looks is shown what is stored, and who had clicked in vain comes back and clicks there', async () => {
    const store = memoryStore();
    await using server = await startServer(declare(), { store, maxFramesPerSecond: Number.POSITIVE_INFINITY });
    const other = await server.visit('/ws/rate');
    const page = await server.open().opened();
    const session = await page.hello();
    await page.join('/ws/rate');
    await keep(store, '/ws/rate', 50);
    page.click();
    expect(await page.closed).toMatchObject({ code: 1012 });
    await other.until(() => other.slots()[1] === 50);
    expect(log(server.errors)).toEqual(['the state of /ws/rate was not kept: another writer has a newer one']);
    const back = await server.open().opened();
    expect(await back.hello(session)).toBe(session);
    const answer = await back.join('/ws/rate', { have: page.have() });
    expect(answer).toMatchObject({ kind: 'mount', event: 0, content: [0, 0, 50] });
    await clickTo(back, 51);
    await other.until(() => other.slots()[1] === 51);
    expect(await keptModel(store, '/ws/rate')).toBe(51);
    expect(server.app.islet.size.actors).toBe(1);
  });

  test('while nobody looks is let go of: who comes next is shown what is stored', async () => {
    const store = memoryStore();
    await using server = await startServer(declare(), { store });
    const page = await server.visit('/ws/rate');
    await keep(store, '/ws/rate', 50);
    page.click();
    page.send({ kind: 'leave', channel: 1 });
    await expect.poll(() => server.app.islet.size.actors).toBe(0);
    expect(await page.join('/ws/rate')).toMatchObject({ content: [0, 0, 50] });
  });

  test('while the store cannot be read shows what it did, and makes way later', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store });
    const other = await server.visit('/ws/rate');
    const page = await server.visit('/ws/rate');
    await keep(store, '/ws/rate', 50);
    store.broken = { load: () => Promise.reject(new Error('no connection')) };
    page.click();
    await page.handled();
    await clock.advance(100);
    await expect.poll(() => log(server.errors).at(-1)).toContain('could not be loaded; trying again');
    expect(other.slots()[1]).toBe(0);
    store.broken = {};
    await clock.advance(5_000);
    await other.until(() => other.slots()[1] === 50);
    expect(await page.closed).toMatchObject({ code: 1012 });
  });

  test('while the store is silent lets a server stop, and leaves no timer', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    const server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    await keep(store, '/ws/rate', 50);
    const asked = Promise.withResolvers<void>();
    store.broken = {
      load: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    };
    page.click();
    await asked.promise;
    const closed = server.app.close();
    await clock.advance(10_000);
    await clock.advance(10_000);
    await closed;
    expect(server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
    expect(clock.waits).toEqual([]);
  });

  test('by a store that refuses what was done tells who did it, and goes on from what is stored', async () => {
    const store = fragileStore();
    await using server = await startServer(declare(), { store });
    const page = await server.visit('/ws/rate');
    await clickTo(page, 1);
    store.broken = { commit: () => Promise.reject(new StoreError('refused', 'no such value')) };
    page.click();
    expect(await refusalOf(page, 2)).toBe('ISLET_ERR_STORE');
    expect(page.slots()[1]).toBe(1);
    store.broken = {};
    await clickTo(page, 2);
  });
});

describe('a store that is down', () => {
  const down = () => Promise.reject(new StoreError('unavailable', 'no connection'));

  test('when somebody joins: the join is refused and logged, others go on, and the next may succeed', async () => {
    const store = fragileStore();
    await using server = await startServer(declare(), { store });
    const other = await server.visit('/ws/rate/1');
    store.broken = { load: down };
    const page = await server.connect();
    expect(await page.join('/ws/rate')).toMatchObject({ kind: 'error', code: 'ISLET_ERR_STORE' });
    expect(server.errors).toMatchObject([{ msg: 'a join failed' }]);
    await clickTo(other, 1);
    store.broken = {};
    expect((await page.join('/ws/rate')).kind).toBe('mount');
  });

  test('when a page is rendered: its place says so, and the rest of the page is there', async () => {
    const store = fragileStore();
    store.broken = { load: down };
    await using server = await startServer(declare(), { store });
    const { statusCode, body } = await server.app.inject('/page');
    expect(statusCode).toBe(200);
    expect(body).toMatch(/<server-component route="\/ws\/rate"><p role="alert">This .*<\/server-component>the rest/);
    expect(server.errors).toHaveLength(1);
  });

  test('and throws at once, is no different', async () => {
    const store = fragileStore();
    store.broken = {
      load() {
        throw new Error('no connection');
      },
    };
    await using server = await startServer(declare(), { store });
    expect(await (await server.connect()).join('/ws/rate')).toMatchObject({ code: 'ISLET_ERR_STORE' });
    expect((await server.app.inject('/page')).statusCode).toBe(200);
  });

  test('is a state that pages see and that ends; nothing is acknowledged or shown meanwhile, and nothing is lost', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store, maxFramesPerSecond: Number.POSITIVE_INFINITY });
    const [page, other] = [await server.visit('/ws/rate'), await server.visit('/ws/rate')];
    store.broken = { commit: down };
    page.click();
    for (const each of [page, other]) {
      expect(await each.next('saving')).toEqual({ kind: 'saving', channel: 1, isSaving: true });
    }
    other.click();
    await Promise.all([page.handled(), other.handled()]);
    expect([...page.rest(), ...other.rest()]).toEqual([]);

    // who comes now waits, for five seconds at most, and gets what is there when the store is back
    const late = await server.connect();
    late.send({ kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, settled: 0, have: undefined });
    const asked = server.app.inject('/page');
    await late.handled();
    expect(late.rest()).toEqual([]);
    await clock.advance(5_000);
    expect(await late.next('error')).toMatchObject({ code: 'ISLET_ERR_STORE' });
    expect((await asked).body).toContain('<button>0</button>');

    store.broken = {};
    await clock.advance(10_000);
    expect(await page.next('patch')).toMatchObject({ operations: [[1, 1, 1]], event: 1 });
    await other.until(() => other.slots()[1] === 2);
    expect(other.frames.find(({ kind }) => kind === 'saving' && true)).toBeDefined();
    expect(other.rest()).toContainEqual({ kind: 'saving', channel: 1, isSaving: false });
    expect(await late.next('mount')).toMatchObject({ content: [0, 0, expect.any(Number)] });
    await late.until(() => late.slots()[1] === 2);
    expect(await keptModel(store, '/ws/rate')).toBe(2);
    expect(server.errors).toHaveLength(1);
  });

  test('keeps no more than a mebibyte of events waiting: what comes then is refused at once', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    const writing = component<number, { readonly type: 'UserWrote' }>({
      init: () => [0, effect.none],
      update: (count) => [count + 1, effect.none],
      view: (count) => html`<input @input=${({ value }) => ({ type: 'UserWrote', value })}><p>${count}</p>`,
    });
    await using server = await startServer(declare({}, writing), { clock, store });
    const page = await server.visit('/ws/rate');
    store.broken = { commit: down };
    page.click();
    await page.next('saving');
    const value = 'x'.repeat(60_000);
    for (let event = 0; event < 20; event++) page.click(0, { data: { value } });
    expect(await refusalOf(page, 19)).toBe('ISLET_ERR_STORE');
    store.broken = {};
    await clock.advance(10_000);
    await page.until(() => page.slots()[1] === 18);
    expect(await keptModel(store, '/ws/rate')).toBe(18);
  });

  test('does not keep the server from stopping', async () => {
    const clock = new ManualClock();
    const store = fragileStore();
    await using server = await startServer(declare(), { clock, store });
    const page = await server.visit('/ws/rate');
    store.broken = { commit: down };
    page.click();
    await page.next('saving');
    let isClosed = false;
    const closed = server.app.close().then(() => {
      isClosed = true;
    });
    await expect.poll(() => clock.advance(5_000).then(() => isClosed), { timeout: 30_000 }).toBe(true);
    await closed;
    expect(clock.waits).toEqual([]);
  });

  test('or slow, while the server stops: what it loads then is not started any more', async () => {
    const store = fragileStore();
    let finish = (): void => {};
    store.broken = { load: () => new Promise((resolve) => (finish = () => resolve(undefined))) };
    await using server = await startServer(declare(), { store });
    const page = await server.connect();
    page.send({ kind: 'join', channel: 1, route: '/ws/rate', attributes: {}, settled: 0, have: undefined });
    await page.handled();
    await server.app.close();
    finish();
    await settled();
    expect(server.app.islet.size.actors).toBe(0);
    expect(server.errors).toEqual([]);
  });
});
