// The committer: what actors write in one tick is one transaction, for each key one write after the other, and what the
// store fails at is told to whom it concerns, and to nobody else.

import { describe, expect, test } from 'vitest';
import { type ManagedStore, memoryStore, type Store, StoreError, type Write } from '../server/index.ts';
import { Committer, type Outcome } from '../server/store/committer.ts';
import { ManualClock, settled } from './support/clock.ts';
import { first, next } from './support/store-laws.ts';

type Commit = Store['commit'];

/** A store in memory whose transactions a test watches, and whose answers it may replace. */
function watch() {
  const memory = memoryStore();
  const batches: string[][] = [];
  const self = {
    memory,
    /** Keys of each transaction. */
    batches,
    answer: undefined as ((writes: readonly Write[], keep: Commit) => ReturnType<Commit>) | undefined,
  };
  const store: ManagedStore = {
    ...memory,
    commit(writes) {
      batches.push(writes.map(({ key }) => key));
      return self.answer ? self.answer(writes, memory.commit) : memory.commit(writes);
    },
  };
  const lines: string[] = [];
  const log = {
    error: (_: object, message: string) => void lines.push(`error: ${message}`),
    warn: () => {},
    info: (_: object, message: string) => void lines.push(message),
  };
  const clock = new ManualClock();
  const committer = new Committer({ store, clock, log });
  return Object.assign(self, { store, clock, committer, lines });
}

/** What became of each write so far. */
function follow(...commits: Promise<Outcome>[]): (Outcome | undefined)[] {
  const outcomes: (Outcome | undefined)[] = commits.map(() => undefined);
  commits.forEach((commit, index) => {
    commit.then((outcome) => {
      outcomes[index] = outcome;
    });
  });
  return outcomes;
}

const down = (): Promise<never> => Promise.reject(new StoreError('unavailable', 'no connection'));

describe('writes of one tick', () => {
  test('are one transaction, whatever called them', async () => {
    const { committer, batches } = watch();
    const outcomes = follow(committer.commit(first('/a')), committer.commit(first('/b')));
    await Promise.resolve().then(() => follow(committer.commit(first('/c'))));
    expect(batches).toEqual([]);
    await settled();
    expect(batches).toEqual([['/a', '/b', '/c']]);
    expect(outcomes).toEqual(['done', 'done']);
  });

  test('wait for the transaction under way, and are the next one together', async () => {
    const watched = watch();
    const { committer, batches } = watched;
    const finish: (() => void)[] = [];
    watched.answer = async (writes, keep) => {
      await new Promise<void>((resolve) => finish.push(resolve));
      return keep(writes);
    };
    committer.commit(first('/a'));
    await settled();
    for (const key of ['/b', '/c']) committer.commit(first(key));
    await settled();
    committer.commit(first('/d'));
    await settled();
    expect(batches).toEqual([['/a']]);
    finish[0]?.();
    await settled();
    await settled();
    expect(batches).toEqual([['/a'], ['/b', '/c', '/d']]);
  });

  test('of one key come one after the other, in their order', async () => {
    const { committer, batches, memory } = watch();
    const one = first('/a', { model: { base: '1' } });
    const two = next(one, { model: { patch: '2' } });
    const three = next(two, { model: { patch: '3' } });
    const outcomes = follow(committer.commit(one), committer.commit(two), committer.commit(three));
    committer.commit(first('/b'));
    for (let tick = 0; tick < 4; tick++) await settled();
    expect(batches).toEqual([['/a', '/b'], ['/a'], ['/a']]);
    expect(outcomes).toEqual(['done', 'done', 'done']);
    expect((await memory.load('/a'))?.model).toEqual({ base: '1', patches: ['2', '3'] });
  });

  test('are as many transactions as keep each of a bounded size', async () => {
    const { committer, batches } = watch();
    const big = { model: { base: JSON.stringify('x'.repeat(3 * 1024 * 1024)) } };
    for (const key of ['/a', '/b', '/c']) committer.commit(first(key, big));
    for (let index = 0; index < 700; index++) committer.commit(first(`/${index}`));
    for (let tick = 0; tick < 5; tick++) await settled();
    expect(batches.map((batch) => batch.length)).toEqual([2, 500, 201]);
  });

  test('leave the loop a turn between two transactions, whoever writes on at once', async () => {
    const { committer, batches } = watch();
    let last = first('/a');
    let isOver = false;
    const writeOn = async (): Promise<void> => {
      while (!isOver) {
        await committer.commit(last);
        last = next(last);
      }
    };
    const written = writeOn();
    for (let tick = 0; tick < 5; tick++) await settled();
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.length).toBeLessThan(10);
    isOver = true;
    await written;
  });
});

describe('a fence', () => {
  test('is told to the one that it stops', async () => {
    const { committer, memory } = watch();
    const one = first('/a');
    await memory.commit([one, first('/b')]);
    await memory.commit([next(one)]);
    const outcomes = follow(committer.commit(next(one)), committer.commit(first('/c')));
    await settled();
    expect(outcomes).toEqual(['fenced', 'done']);
  });
});

describe('a write that cannot be kept', () => {
  const poison = (kind: 'refused' | 'contended' | 'plain'): Commit => {
    const error = kind === 'plain' ? new Error('no') : new StoreError(kind, 'no');
    return (writes) => (writes.some(({ key }) => key === '/bad') ? Promise.reject(error) : Promise.resolve([]));
  };

  test('costs itself alone: the others of its transaction are kept', async () => {
    const watched = watch();
    const { committer, lines, batches } = watched;
    watched.answer = async (writes, keep) => {
      await poison('refused')(writes);
      return keep(writes);
    };
    const keys = ['/a', '/bad', '/c'];
    const outcomes = follow(...keys.map((key) => committer.commit(first(key))));
    await settled();
    expect(outcomes).toEqual(['done', expect.objectContaining({ kind: 'refused' }), 'done']);
    expect(batches).toEqual([keys, ['/a'], ['/bad'], ['/c']]);
    expect(lines).toEqual(['error: /bad cannot be kept']);
  });

  test('is told by the store where it is no write at all: nobody else looks at it', async () => {
    const { committer, store, batches } = watch();
    const outcomes = follow(
      committer.commit(first('/a', { model: { base: JSON.stringify('x'.repeat(4 * 1024 * 1024)) } })),
      committer.commit(first('/b', { model: { patch: '1' } })),
      committer.commit(first('/c')),
    );
    await settled();
    await settled();
    expect(batches).toEqual([['/a'], ['/b', '/c'], ['/b'], ['/c']]);
    expect(outcomes).toMatchObject([{ kind: 'too-big' }, { kind: 'refused' }, 'done']);
    expect(await store.load('/c')).toBeDefined();
  });

  test.each(['contended', 'plain'] as const)(
    'for now (%s) is tried again by itself, less and less often, while others are kept',
    async (kind) => {
      const watched = watch();
      const { committer, clock, batches, lines } = watched;
      let isBad = true;
      const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
      watched.answer = async (writes, keep) => {
        if (isBad) await poison(kind)(writes);
        if (writes[0]?.key === '/slow') await finished;
        return keep(writes);
      };
      const troubles: unknown[] = [];
      const outcomes = follow(
        committer.commit(first('/a')),
        committer.commit(first('/bad'), (error) => troubles.push(error)),
      );
      await settled();
      expect(outcomes).toEqual(['done', undefined]);
      expect(clock.waits).toEqual([100]);
      await clock.advance(100);
      await settled();
      expect(clock.waits).toEqual([200]);
      // another one comes in the very tick of the next try, while a third is under way
      const slow = committer.commit(first('/slow'));
      await settled();
      await clock.advance(200);
      const late = committer.commit(first('/b'));
      finish();
      expect(await slow).toBe('done');
      expect(await late).toBe('done');
      await clock.advance(10_000);
      expect(Math.max(...clock.waits)).toBeLessThanOrEqual(5_000);
      // never again beside others
      expect(batches.slice(1).every((batch) => batch.length === 1)).toBe(true);
      isBad = false;
      await clock.advance(5_000);
      await settled();
      expect(outcomes).toEqual(['done', 'done']);
      expect(troubles.length).toBeGreaterThan(3);
      expect(lines).toEqual(['error: /bad could not be kept; trying again']);
    },
  );
});

describe('a store that cannot be reached', () => {
  test('is tried again less and less often, by one transaction, until all is kept', async () => {
    const watched = watch();
    const { committer, clock, batches, lines } = watched;
    watched.answer = down;
    const troubles: string[] = [];
    const commit = (key: string) => committer.commit(first(key), () => troubles.push(key));
    const outcomes = follow(commit('/a'), commit('/b'));
    await settled();
    expect(clock.waits).toEqual([100]);
    // whoever comes meanwhile hears of it at once, and asks nobody
    const late = follow(commit('/c'));
    expect(troubles).toEqual(['/a', '/b', '/c']);
    await settled();
    expect(batches).toEqual([['/a', '/b']]);
    for (const wait of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
      expect(clock.waits).toEqual([wait]);
      await clock.advance(wait);
      await settled();
      expect(batches.at(-1)).toEqual(['/a', '/b', '/c']);
    }
    expect(batches).toHaveLength(9);
    expect([...outcomes, ...late]).toEqual([undefined, undefined, undefined]);
    watched.answer = undefined;
    await clock.advance(5_000);
    await settled();
    expect([...outcomes, ...late]).toEqual(['done', 'done', 'done']);
    expect(clock.waits).toEqual([]);
    expect(lines).toEqual(['error: the store cannot be written to; trying again', 'the store can be written to again']);
  });

  test('whose answer alone was lost has kept each write once', async () => {
    const watched = watch();
    const { committer, clock, memory } = watched;
    watched.answer = async (writes, keep) => {
      await keep(writes);
      return down();
    };
    const one = first('/a', { model: { base: '1' } });
    const two = next(one, { model: { patch: '2' } });
    const outcomes = follow(committer.commit(one), committer.commit(two));
    await settled();
    watched.answer = undefined;
    await clock.advance(100);
    for (let tick = 0; tick < 3; tick++) await settled();
    expect(outcomes).toEqual(['done', 'done']);
    expect(await memory.load('/a')).toMatchObject({ seq: 2, model: { base: '1', patches: ['2'] } });
  });

  test('in the middle of trying one by one is left alone until it is back', async () => {
    const watched = watch();
    const { committer, clock, batches } = watched;
    let answers = 0;
    watched.answer = (writes, keep) => {
      answers++;
      if (answers === 1) return Promise.reject(new StoreError('refused', 'one of them'));
      return answers === 2 ? keep(writes) : down();
    };
    const outcomes = follow(...['/a', '/b', '/c'].map((key) => committer.commit(first(key))));
    await settled();
    expect(outcomes).toEqual(['done', undefined, undefined]);
    expect(batches).toEqual([['/a', '/b', '/c'], ['/a'], ['/b']]);
    watched.answer = undefined;
    await clock.advance(100);
    await settled();
    expect(batches.at(-1)).toEqual(['/b', '/c']);
    expect(outcomes).toEqual(['done', 'done', 'done']);
  });
});

describe('closing', () => {
  test('waits for what is under way and what waits, and takes no more', async () => {
    const { committer, memory, clock } = watch();
    const one = first('/a');
    const outcomes = follow(committer.commit(one), committer.commit(next(one)));
    const closed = committer.close(1_000);
    const late = follow(committer.commit(first('/b')));
    await closed;
    await settled();
    expect(outcomes).toEqual(['done', 'done']);
    expect(late).toMatchObject([{ kind: 'unsettled' }]);
    expect(await memory.load('/a')).toMatchObject({ seq: 2 });
    expect(clock.waits).toEqual([]);
  });

  test('tries once more at once what waited to be tried again', async () => {
    const watched = watch();
    const { committer, clock } = watched;
    watched.answer = (writes) => {
      const isBad = writes.some(({ key }) => key === '/bad');
      return isBad ? Promise.reject(new Error('no')) : down();
    };
    const outcomes = follow(committer.commit(first('/bad')), committer.commit(first('/a')));
    await settled();
    const late = follow(committer.commit(first('/b')));
    watched.answer = undefined;
    await committer.close(1_000);
    expect([...outcomes, ...late]).toEqual(['done', 'done', 'done']);
    expect(clock.waits).toEqual([]);
  });

  test('gives up what the store does not answer to, and says that nobody knows', async () => {
    const watched = watch();
    const { committer, clock } = watched;
    let answer: (kept: boolean[]) => void = () => {};
    watched.answer = () => new Promise((resolve) => (answer = resolve));
    const one = first('/a');
    const outcomes = follow(committer.commit(one), committer.commit(next(one)), committer.commit(first('/b')));
    await settled();
    const closed = committer.close(1_000);
    await clock.advance(1_000);
    await closed;
    expect(outcomes).toMatchObject([{ kind: 'unsettled' }, { kind: 'unsettled' }, { kind: 'unsettled' }]);
    answer([true, true]);
    await settled();
    expect(clock.waits).toEqual([]);
  });
});
