// What every store promises, as tests to run against each kind. Input: a function that makes a place for a store, and
// gives one that opens the store there again and again. Laws of any sequence of writes are in store-histories.ts.

import { describe, expect, test } from 'vitest';
import { type ManagedStore, maxStateBytes, type Saved, StoreError, type Write } from '../../server/index.ts';
import { droppedClients, maxClientsPerAccount } from '../../server/store/store.ts';
import { counter } from './counter.ts';
import { startServer } from './server.ts';

export type OpenStore = () => ManagedStore | Promise<ManagedStore>;

const hour = 3_600_000;
let names = 0;

/** A first write of a key, with what differs. */
export function first(key: string, more: Partial<Write> = {}): Write {
  return { key, by: `first.${++names}`, after: undefined, schema: 1, model: { base: '0' }, ...more };
}

/** The write that follows another one. */
export function next({ key, by }: Write, more: Partial<Write> = {}): Write {
  return { key, by: `next.${++names}`, after: by, schema: 1, ...more };
}

export async function commitOne(store: ManagedStore, write: Write): Promise<Write> {
  expect(await store.commit([write])).toEqual([true]);
  return write;
}

/** Waits for something that a store's clock brings about. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo).toBe(true);
}

export function describeStoreLaws(place: () => OpenStore | Promise<OpenStore>): void {
  const open = async (): Promise<ManagedStore> => (await place())();

  describe('what is written', () => {
    test('is loaded whole, under its key alone', async () => {
      await using store = closing(await open());
      expect(await store.load('/a')).toBeUndefined();
      const write = first('/a', {
        schema: 3,
        user: 'ann',
        model: { base: '{"count":1}' },
        rendering: '{"epoch":"e"}',
        instances: '[1,2]',
        timers: '[]',
        tasks: { json: '["t"]', dead: 1 },
        clients: [{ client: 'c1', event: 7, account: 'of ann', endsInMs: hour }],
      });
      await commitOne(store, write);
      await commitOne(store, first('/b', { model: { base: '5' } }));
      const saved = await store.load('/a');
      expect(saved).toEqual({
        by: write.by,
        seq: 1,
        schema: 3,
        user: 'ann',
        model: { base: '{"count":1}', patches: [] },
        rendering: '{"epoch":"e"}',
        instances: '[1,2]',
        timers: '[]',
        tasks: { json: '["t"]', dead: 1 },
        clients: [{ client: 'c1', event: 7 }],
        ageMs: expect.any(Number),
      } satisfies Saved);
      expect(saved?.ageMs).toBeGreaterThanOrEqual(0);
      expect(await store.load('/b')).toMatchObject({ model: { base: '5' }, user: undefined, clients: [] });
    });

    test('leaves what it does not name as it was', async () => {
      await using store = closing(await open());
      const one = await commitOne(
        store,
        first('/a', { user: 'ann', rendering: 'r', instances: 'i', timers: 't', tasks: { json: 'j', dead: 2 } }),
      );
      const two = await commitOne(store, next(one, { schema: 2 }));
      const kept = { user: 'ann', model: { base: '0', patches: [] }, rendering: 'r', instances: 'i', timers: 't' };
      expect(await store.load('/a')).toMatchObject({ ...kept, seq: 2, schema: 2, tasks: { json: 'j', dead: 2 } });
      await commitOne(store, next(two, { timers: 't2', tasks: { json: 'k', dead: 0 } }));
      expect(await store.load('/a')).toMatchObject({ ...kept, timers: 't2', tasks: { json: 'k', dead: 0 } });
    });

    test('may be nothing but that the key is somebody’s', async () => {
      await using store = closing(await open());
      const claim: Write = { key: '/a', by: 'claim', after: undefined, schema: 0 };
      await commitOne(store, claim);
      expect(await store.load('/a')).toMatchObject({ by: 'claim', model: undefined, rendering: undefined });
      await commitOne(store, next(claim, { model: { base: '1' } }));
      expect(await store.load('/a')).toMatchObject({ model: { base: '1', patches: [] } });
    });

    test('is a base and the patches since, in their order, until the next base', async () => {
      await using store = closing(await open());
      let last = await commitOne(store, first('/a', { model: { base: 'zero' } }));
      const other = await commitOne(store, first('/b', { model: { base: 'b' } }));
      await commitOne(store, next(other, { model: { patch: 'of b' } }));
      const patches = Array.from({ length: 12 }, (_, index) => `patch ${index}`);
      for (const patch of patches) last = await commitOne(store, next(last, { model: { patch } }));
      expect((await store.load('/a'))?.model).toEqual({ base: 'zero', patches });
      last = await commitOne(store, next(last, { model: { base: 'folded' } }));
      expect((await store.load('/a'))?.model).toEqual({ base: 'folded', patches: [] });
      await commitOne(store, next(last, { model: { patch: 'after' } }));
      expect((await store.load('/a'))?.model).toEqual({ base: 'folded', patches: ['after'] });
      expect((await store.load('/b'))?.model).toEqual({ base: 'b', patches: ['of b'] });
    });

    test('is whole whether its bases are small or big, in any order', async () => {
      await using store = closing(await open());
      const [small, big] = ['"small"', JSON.stringify('big'.repeat(10_000))];
      let last = await commitOne(store, first('/a', { model: { base: small } }));
      for (const base of [big, big, small, small, big, small]) {
        last = await commitOne(store, next(last, { model: { base } }));
        expect((await store.load('/a'))?.model).toEqual({ base, patches: [] });
        for (const patches of [['1'], ['1', '2']]) {
          last = await commitOne(store, next(last, { model: { patch: patches.at(-1) ?? '' } }));
          expect((await store.load('/a'))?.model).toEqual({ base, patches });
        }
        last = await commitOne(store, next(last));
        expect((await store.load('/a'))?.model).toEqual({ base, patches: ['1', '2'] });
      }
      await commitOne(store, first('/b', { model: { base: big } }));
      expect((await store.load('/b'))?.model).toEqual({ base: big, patches: [] });
    });

    test('is there after the store was closed and opened again', async () => {
      const reopen = await place();
      const store = await reopen();
      const one = await commitOne(store, first('/a', { clients: [{ client: 'c', event: 1, endsInMs: hour }] }));
      await store.close();
      await using again = closing(await reopen());
      expect(await again.load('/a')).toMatchObject({ by: one.by, clients: [{ client: 'c', event: 1 }] });
      await commitOne(again, next(one));
    });

    test('may be any text that JSON.stringify makes, under any key, of any user and client', async () => {
      await using store = closing(await open());
      const odd = [
        ...[
          '',
          '\u0000',
          'a\u0000b',
          '🦊',
          '\ud800',
          '\ud801',
          '\udfff\ud800',
          '\ufffd',
          '\u2028',
          '\\u0000',
          '\\',
          '"',
        ],
        ...[
          "'); DROP TABLE islet_states; --",
          '__proto__',
          'constructor',
          '%',
          '{}',
          '$1',
          'é',
          'e\u0301',
          'A',
          'a',
          'a ',
        ],
        ...['x'.repeat(5_000), `${'x'.repeat(5_000)}y`, '\u0000'.repeat(3_000), '🦊'.repeat(2_000)],
      ];
      const writes = odd.map((text) => {
        const json = JSON.stringify(text);
        const clients = [{ client: text.slice(0, 256), event: 1, account: text.slice(0, 256), endsInMs: hour }];
        const texts = { rendering: json, instances: json, timers: json, tasks: { json, dead: 0 } };
        return first(text, { user: text, model: { base: json }, clients, ...texts });
      });
      expect(await store.commit(writes)).toEqual(odd.map(() => true));
      const patches = writes.map((write) => next(write, { model: { patch: JSON.stringify(write.key) } }));
      expect(await store.commit(patches)).toEqual(odd.map(() => true));
      for (const text of odd) {
        const json = JSON.stringify(text);
        expect(await store.load(text)).toMatchObject({
          user: text,
          model: { base: json, patches: [json] },
          clients: [{ client: text.slice(0, 256), event: 1 }],
          ...{ rendering: json, instances: json, timers: json, tasks: { json, dead: 0 } },
        });
      }
      const listed = await store.list(0, 1_000);
      expect(listed.map(({ key }) => key).sort()).toEqual(odd.toSorted());
      expect(listed.every(({ key, user }) => key === user)).toBe(true);
      expect(await store.removeUser('\ud800', 'nobody')).toEqual({ states: 1, clients: 0 });
      for (const { key, by } of patches) expect(await store.remove(key, by)).toBe(true);
      expect(await store.list(0, 10)).toEqual([]);
    });
  });

  describe('the fence', () => {
    test('lets nobody write who does not follow the newest write, and changes nothing for them', async () => {
      await using store = closing(await open());
      const one = await commitOne(store, first('/a', { model: { base: 'one' } }));
      const two = await commitOne(
        store,
        next(one, { model: { patch: 'two' }, clients: [{ client: 'c', event: 5, endsInMs: hour }] }),
      );
      const stale = { clients: [{ client: 'c', event: 9, endsInMs: hour }], timers: 'stale', schema: 9 };
      const before = await store.load('/a');
      for (const write of [
        first('/a', { ...stale, model: { base: 'stale' } }),
        next(one, { ...stale, model: { patch: 'stale' } }),
        next(one, { ...stale, model: { base: 'stale' } }),
        next({ ...two, by: 'never' }, { ...stale, model: { base: 'stale' } }),
        next({ ...one, key: '/nothing' }, { ...stale, model: { base: 'stale' } }),
      ]) {
        expect(await store.commit([write])).toEqual([false]);
      }
      expect(await store.load('/a')).toEqual({ ...before, ageMs: expect.any(Number) });
      expect(await store.load('/nothing')).toBeUndefined();
      await commitOne(store, next(two));
    });

    test('holds also when a key was removed and begun again: a number would begin again, a name does not', async () => {
      await using store = closing(await open());
      const one = await commitOne(store, first('/a', { model: { base: 'one' } }));
      expect(await store.remove('/a', one.by)).toBe(true);
      await commitOne(store, first('/a', { model: { base: 'another' } }));
      expect(await store.commit([next(one, { model: { patch: 'late' } })])).toEqual([false]);
      expect((await store.load('/a'))?.model).toEqual({ base: 'another', patches: [] });
    });

    test('concerns each write of a transaction by itself', async () => {
      await using store = closing(await open());
      const [a, b] = [await commitOne(store, first('/a')), await commitOne(store, first('/b'))];
      await commitOne(store, next(a));
      expect(await store.commit([next(a, { model: { base: 'stale' } }), next(b), first('/c')])).toEqual([
        false,
        true,
        true,
      ]);
      expect(await store.load('/a')).toMatchObject({ model: { base: '0' } });
    });

    test('gives a key that several begin at once to one of them', async () => {
      const reopen = await place();
      const stores = [await reopen(), await reopen(), await reopen()];
      for (let round = 0; round < 10; round++) {
        // in another order each, as processes would
        const keys = ['/x', '/y', '/z'].map((key) => key + round);
        const orders = [keys, keys.toReversed(), [keys[1], keys[0], keys[2]]] as string[][];
        const answers = await Promise.all(
          stores.map(async (store, index) => {
            const order = orders[index] ?? [];
            const answer = await store.commit(order.map((key) => first(key, { model: { base: String(index) } })));
            return Object.fromEntries(order.map((key, at) => [key, answer[at]]));
          }),
        );
        for (const key of keys) {
          const winners = answers.map((answer) => answer[key]);
          expect(winners.filter((hasWon) => hasWon)).toHaveLength(1);
          expect((await stores[0]?.load(key))?.model?.base).toBe(String(winners.indexOf(true)));
        }
      }
      await Promise.all(stores.map((store) => store.close()));
    });

    test('lets one of several go on from the same write, whoever asks at once', async () => {
      const reopen = await place();
      const stores = [await reopen(), await reopen(), await reopen()];
      let last = await commitOne(stores[0] as ManagedStore, first('/a', { model: { base: '0' } }));
      for (let round = 0; round < 10; round++) {
        const writes = stores.map((_, index) => next(last, { model: { patch: `${round}.${index}` } }));
        const answers = await Promise.all(stores.map((store, index) => store.commit([writes[index] as Write])));
        const winner = answers.findIndex(([isKept]) => isKept);
        expect(answers.filter(([isKept]) => isKept)).toHaveLength(1);
        last = writes[winner] as Write;
        expect(await stores[0]?.load('/a')).toMatchObject({ by: last.by, seq: round + 2 });
      }
      await Promise.all(stores.map((store) => store.close()));
    });
  });

  describe('a lost answer', () => {
    test('is settled by writing again: what is kept is kept once', async () => {
      await using store = closing(await open());
      const one = first('/a', { model: { base: 'one' }, clients: [{ client: 'c', event: 1, endsInMs: hour }] });
      await commitOne(store, one);
      await commitOne(store, one);
      const two = next(one, { model: { patch: 'two' } });
      await commitOne(store, two);
      await commitOne(store, two);
      expect(await store.load('/a')).toMatchObject({ seq: 2, model: { base: 'one', patches: ['two'] } });
      // somebody has gone on since
      await commitOne(store, next(two));
      expect(await store.commit([two])).toEqual([false]);
    });

    test('of a removal is settled by removing again', async () => {
      await using store = closing(await open());
      const one = await commitOne(store, first('/a'));
      expect(await store.remove('/a', one.by)).toBe(true);
      expect(await store.remove('/a', one.by)).toBe(true);
    });
  });

  describe('a write that cannot be kept', () => {
    const tooBig = { model: { base: JSON.stringify('x'.repeat(maxStateBytes)) } };

    test('takes none of its transaction with it half done', async () => {
      await using store = closing(await open());
      const good = first('/good');
      await expect(store.commit([good, first('/bad', tooBig)])).rejects.toMatchObject({ kind: 'too-big' });
      expect(await store.load('/good')).toBeUndefined();
      expect(await store.load('/bad')).toBeUndefined();
      await commitOne(store, good);
    });

    test('is one that would make a state too big: base, patches and all texts together', async () => {
      await using store = closing(await open());
      const half = JSON.stringify('é'.repeat(maxStateBytes / 4 - 1)); // two bytes each, and quotes
      const one = await commitOne(store, first('/a', { model: { base: half } }));
      const two = await commitOne(store, next(one, { model: { patch: half } }));
      for (const more of [{ model: { patch: '1' } }, { rendering: '1' }, { instances: '1' }, { timers: '1' }]) {
        const write = next(two, more);
        await expect(store.commit([write])).rejects.toMatchObject({ name: 'StoreError', kind: 'too-big' });
      }
      expect(await store.load('/a')).toMatchObject({ seq: 2, by: two.by });
      // what takes the place of all that fits
      const three = await commitOne(store, next(two, { model: { base: half }, instances: half }));
      await expect(store.commit([next(three, { tasks: { json: '1', dead: 0 } })])).rejects.toThrow(StoreError);
      await commitOne(store, next(three, { instances: '1', tasks: { json: half.slice(2), dead: 0 } }));
    });

    test.each<[string, Partial<Write>]>([
      ['a patch of nothing', { model: { patch: '1' } }],
      ['a model that is no text of JSON.stringify', { model: { base: 'a\u0000' } }],
      ['a rendering that is none', { rendering: '\ud800' }],
      ['a base of no characters', { model: { base: '' } }],
      ['a task that is none', { tasks: { json: '\u0000', dead: 0 } }],
      ['a client with a name without end', { clients: [{ client: 'x'.repeat(257), event: 1, endsInMs: hour }] }],
    ])('is %s', async (_, more) => {
      await using store = closing(await open());
      await expect(store.commit([first('/a', more)])).rejects.toMatchObject({ kind: 'refused' });
      expect(await store.load('/a')).toBeUndefined();
    });

    test('is a patch where there is no base, whatever was kept before', async () => {
      await using store = closing(await open());
      const claim = await commitOne(store, { key: '/a', by: 'claim', after: undefined, schema: 0, rendering: '1' });
      await expect(store.commit([next(claim, { model: { patch: '1' } })])).rejects.toMatchObject({ kind: 'refused' });
      await commitOne(store, next(claim, { model: { base: '1' } }));
    });
  });

  describe('clients', () => {
    test('are added to those that are there, each with its newest event', async () => {
      await using store = closing(await open());
      const at = (client: string, event: number) => ({ client, event, endsInMs: hour });
      const one = await commitOne(store, first('/a', { clients: [at('a', 1), at('b', 4)] }));
      const two = await commitOne(store, next(one, { clients: [at('a', 2), at('c', 1)] }));
      await commitOne(store, next(two, { model: { base: 'folded' } }));
      await commitOne(store, first('/b', { clients: [at('a', 9)] }));
      const numbers = (await store.load('/a'))?.clients.map(({ client, event }) => [client, event]);
      expect(numbers?.sort()).toEqual([
        ['a', 2],
        ['b', 4],
        ['c', 1],
      ]);
    });

    test('are forgotten when their time is over, and swept', async () => {
      await using store = closing(await open());
      const one = await commitOne(
        store,
        first('/a', {
          clients: [
            { client: 'short', event: 1, endsInMs: 20 },
            { client: 'put off', event: 1, endsInMs: 20 },
            { client: 'long', event: 1, endsInMs: hour },
          ],
        }),
      );
      await commitOne(store, next(one, { clients: [{ client: 'put off', event: 2, endsInMs: hour }] }));
      await until(async () => (await store.load('/a'))?.clients.length === 2);
      expect(await sweepAll(store)).toBe(1);
      expect((await store.load('/a'))?.clients.map(({ client }) => client).sort()).toEqual(['long', 'put off']);
      expect((await store.list(0, 1))[0]?.clients).toBe(2);
    });
  });

  describe('clients of one account', () => {
    const many = (prefix: string, count: number, endsInMs: number, account?: string) =>
      Array.from({ length: count }, (_, index) => ({ client: `${prefix}${index}`, event: 1, endsInMs, account }));

    test('are so many at most, in all states together: its own oldest go first, and their states remember that', async () => {
      await using store = closing(await open());
      const countOf = async (key: string, prefix: string): Promise<number> =>
        ((await store.load(key))?.clients ?? []).filter(({ client }) => client.startsWith(prefix)).length;
      const clients = [
        ...[...many('old', 10, hour, 'enemy'), ...many('stranger', 10, hour, 'stranger'), ...many('nobody', 10, hour)],
      ];
      const old = await commitOne(store, first('/a', { clients }));
      const full = await commitOne(
        store,
        first('/b', { clients: many('new', maxClientsPerAccount - 10, 2 * hour, 'enemy') }),
      );
      expect(await countOf('/a', 'old')).toBe(10);
      // who has a row takes no other's
      const same = await commitOne(store, next(full, { clients: many('new', 20, 2 * hour, 'enemy') }));
      expect([await countOf('/a', 'old'), await countOf('/a', droppedClients)]).toEqual([10, 0]);
      const more = await commitOne(store, next(same, { clients: many('more', 4, 3 * hour, 'enemy') }));
      expect([await countOf('/a', 'old'), await countOf('/a', droppedClients)]).toEqual([6, 1]);
      expect(await countOf('/b', droppedClients)).toBe(0);
      await commitOne(store, next(more, { clients: many('yet more', 20, 4 * hour, 'enemy') }));
      expect([await countOf('/a', 'old'), await countOf('/a', droppedClients)]).toEqual([0, 1]);
      expect([await countOf('/b', 'new'), await countOf('/b', droppedClients)]).toEqual([maxClientsPerAccount - 24, 1]);
      expect([await countOf('/a', 'stranger'), await countOf('/a', 'nobody')]).toEqual([10, 10]);
      // what has gone counts no more
      await commitOne(store, next(old, { clients: many('back', 1, 5 * hour, 'stranger') }));
      const { by = '' } = (await store.load('/b')) ?? {};
      expect(await store.remove('/b', by)).toBe(true);
      await commitOne(store, first('/c', { clients: many('again', maxClientsPerAccount, hour, 'enemy') }));
      expect(await countOf('/c', 'again')).toBe(maxClientsPerAccount);
    });

    test('that went when their time was over leave nothing to remember', async () => {
      await using store = closing(await open());
      await commitOne(store, first('/a', { clients: many('left', 10, 0, 'enemy') }));
      await commitOne(store, first('/b', { clients: many('new', maxClientsPerAccount - 10, hour, 'enemy') }));
      await commitOne(store, first('/c', { clients: many('more', 10, hour, 'enemy') }));
      expect((await store.load('/a'))?.clients).toEqual([]);
      expect((await store.load('/b'))?.clients).toHaveLength(maxClientsPerAccount - 10);
    });
  });

  describe('the time', () => {
    test('of what is wanted no more comes to an end: it is not loaded, swept, and begun anew by whoever comes', async () => {
      await using store = closing(await open());
      const clients = [{ client: 'old', event: 3, endsInMs: hour }];
      const over = await commitOne(store, first('/over', { endsInMs: 20, clients, timers: 'old', dueInMs: 0 }));
      await commitOne(store, first('/anew', { endsInMs: 20, clients, timers: 'old' }));
      await commitOne(store, first('/for-ever'));
      const putOff = await commitOne(store, first('/put-off', { endsInMs: 20 }));
      await commitOne(store, next(putOff, { endsInMs: hour }));
      const unwanted = await commitOne(store, first('/unwanted', { endsInMs: hour }));
      await commitOne(store, next(unwanted, { endsInMs: 20 }));
      await until(async () => (await store.load('/unwanted')) === undefined && !(await store.load('/anew')));
      expect(await store.load('/over')).toBeUndefined();
      expect(await store.due(hour, 10)).toEqual([]);
      await commitOne(store, first('/anew', { model: { base: 'anew' } }));
      expect(await store.load('/anew')).toMatchObject({
        ...{ seq: 1, model: { base: 'anew', patches: [] }, timers: undefined, clients: [] },
      });
      expect(await sweepAll(store)).toBe(2);
      expect(await sweepAll(store)).toBe(0);
      expect(await store.commit([next(over)])).toEqual([false]);
      expect((await store.list(0, 10)).map(({ key }) => key).sort()).toEqual(['/anew', '/for-ever', '/put-off']);
    });

    test('is put off by its writer also when it is over, as long as nobody has swept it', async () => {
      await using store = closing(await open());
      const one = await commitOne(store, first('/a', { endsInMs: 20 }));
      await until(async () => (await store.load('/a')) === undefined);
      await commitOne(store, next(one, { endsInMs: hour }));
      expect(await store.load('/a')).toMatchObject({ seq: 2 });
    });

    test('takes a limited part of what is over at once', async () => {
      await using store = closing(await open());
      const clients = [1, 2, 3].map((event) => ({ client: `c${event}`, event, endsInMs: 20 }));
      await store.commit([1, 2, 3].map((index) => first(`/over${index}`, { endsInMs: 20 })));
      await commitOne(store, first('/a', { clients }));
      await until(async () => !(await store.load('/over3')) && (await store.load('/a'))?.clients.length === 0);
      const swept: number[] = [];
      do swept.push(await store.sweep(2));
      while (swept.at(-1) !== 0);
      expect(swept.slice(0, -1).reduce((sum, count) => sum + count, 0)).toBe(6);
      expect(Math.max(...swept)).toBe(2);
    });

    test('of what is due is told by keys, the earliest first', async () => {
      await using store = closing(await open());
      const soon = await commitOne(store, first('/soon', { dueInMs: 1_000 }));
      await commitOne(store, first('/now', { dueInMs: -5 }));
      await commitOne(store, first('/later', { dueInMs: hour }));
      await commitOne(store, first('/never'));
      expect(await store.due(0, 10)).toEqual(['/now']);
      expect(await store.due(60_000, 10)).toEqual(['/now', '/soon']);
      expect(await store.due(60_000, 1)).toEqual(['/now']);
      const put = await commitOne(store, next(soon, { dueInMs: 2 * hour }));
      expect(await store.due(3 * hour, 10)).toEqual(['/now', '/later', '/soon']);
      await commitOne(store, next(put));
      expect(await store.due(3 * hour, 10)).toEqual(['/now', '/later']);
      // half a millisecond is as good as a whole one
      await commitOne(store, first('/half', { dueInMs: 0.5, endsInMs: hour + 0.5 }));
      await until(async () => (await store.due(0.25, 10)).includes('/half'));
    });
  });

  describe('what is removed', () => {
    test('is gone with all that was its own, and nothing else', async () => {
      await using store = closing(await open());
      const clients = [{ client: 'c', event: 3, endsInMs: hour }];
      const one = await commitOne(store, first('/a', { clients, timers: 't', dueInMs: 0 }));
      const two = await commitOne(store, next(one, { model: { patch: 'p' } }));
      await commitOne(store, first('/b', { clients }));
      expect(await store.remove('/a', one.by)).toBe(false);
      expect(await store.load('/a')).toMatchObject({ by: two.by });
      expect(await store.remove('/a', two.by)).toBe(true);
      expect(await store.load('/a')).toBeUndefined();
      expect(await store.due(hour, 10)).toEqual([]);
      expect(await store.load('/b')).toMatchObject({ clients: [{ client: 'c', event: 3 }] });
      await commitOne(store, first('/a'));
      expect(await store.load('/a')).toMatchObject({ seq: 1, clients: [], timers: undefined, model: { patches: [] } });
    });

    test('of a user are the user’s own islands and numbers, and nothing of others', async () => {
      await using store = closing(await open());
      const of = (account: string | undefined, client: string) => ({ client, event: 1, endsInMs: hour, account });
      await commitOne(store, first('own of ann', { user: 'ann', clients: [of('of ann', 'a')] }));
      await commitOne(store, first('own of bob', { user: 'bob', clients: [of('of bob', 'b')] }));
      const shared = await commitOne(
        store,
        first('/shared', { clients: [of('of ann', 'a'), of('of bob', 'b'), of(undefined, 'c')] }),
      );
      // whose account a client is on stays known
      await commitOne(store, next(shared, { clients: [of(undefined, 'a')] }));
      expect(await store.removeUser('ann', 'of ann')).toEqual({ states: 1, clients: 1 });
      expect(await store.removeUser('ann', 'of ann')).toEqual({ states: 0, clients: 0 });
      expect(await store.removeUser('', '')).toEqual({ states: 0, clients: 0 });
      expect((await store.list(0, 10)).map(({ key }) => key)).toEqual(['own of bob', '/shared']);
      expect((await store.load('/shared'))?.clients.map(({ client }) => client).sort()).toEqual(['b', 'c']);
      expect((await store.load('own of bob'))?.clients).toHaveLength(1);
    });
  });

  test('a server that was started again goes on where it was', async () => {
    const reopen = await place();
    for (const count of [1, 2, 3]) {
      await using server = await startServer(
        (app) => app.islet.route('/ws/rate', counter, { shared: true, persist: true }),
        { store: await reopen() },
      );
      const page = await server.visit('/ws/rate');
      expect(page.slots()[1]).toBe(count - 1);
      page.click();
      await page.until(() => page.slots()[1] === count);
    }
  });

  test('a list tells of each state what it is and takes, part after part', async () => {
    await using store = closing(await open());
    const one = await commitOne(
      store,
      first('/a', {
        ...{ schema: 2, user: 'ann', model: { base: '"é"' }, rendering: '1', instances: '22', timers: '333' },
        ...{ tasks: { json: '4444', dead: 2 }, dueInMs: hour, endsInMs: 2 * hour },
        clients: [{ client: 'c', event: 1, endsInMs: hour }],
      }),
    );
    await commitOne(store, next(one, { schema: 3, model: { patch: '55555' }, endsInMs: hour }));
    for (const key of ['/b', '/c', '/d', '/e']) await commitOne(store, first(key));
    const parts: string[][] = [];
    for (let place = 0; ; ) {
      const part = await store.list(place, 2);
      if (part.length === 0) break;
      parts.push(part.map(({ key }) => key));
      place = part.at(-1)?.place ?? 0;
    }
    expect(parts).toEqual([['/a', '/b'], ['/c', '/d'], ['/e']]);
    const [listed] = await store.list(0, 1);
    expect(listed).toMatchObject({
      ...{ key: '/a', schema: 3, seq: 2, user: 'ann', clients: 1, deadTasks: 2, dueInMs: undefined },
      bytes: 4 + 1 + 2 + 3 + 4 + 5,
    });
    // an end is remembered to a sixteenth, later rather than sooner
    expect(listed?.endsInMs).toBeGreaterThan(hour - 60_000);
    expect(listed?.endsInMs).toBeLessThanOrEqual(hour + hour / 16);
    expect(listed?.ageMs).toBeLessThan(60_000);
    expect((await store.list(0, 10))[1]).toMatchObject({ user: undefined, endsInMs: undefined, deadTasks: 0 });
  });
}

async function sweepAll(store: ManagedStore): Promise<number> {
  let total = 0;
  for (let count = -1; count !== 0; total += count) count = await store.sweep(100);
  return total;
}

/** A store that is closed when its test ends. */
export function closing<Kind extends ManagedStore>(store: Kind): Kind & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}
