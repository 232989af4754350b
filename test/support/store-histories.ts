// A law of every store: whatever sequence of writes, repetitions, stale writes, removals and reopenings there is, it
// holds what the store in memory holds after the same. Input: how to open the store. Output: an async property for
// fast-check.

import fc from 'fast-check';
import { expect } from 'vitest';
import { type ManagedStore, memoryStore, type Write } from '../../server/index.ts';
import type { OpenStore } from './store-laws.ts';

const hour = 3_600_000;
const keys = ['/a', '/b', 'c\u0000', '🦊'.repeat(90)];
/** Some are small, some are big. */
const text = fc.oneof(fc.json({ maxDepth: 1 }), fc.constantFrom('"big"', `"${'big'.repeat(1_000)}"`));
const user = fc.constantFrom('ann', 'bob', '\ud800');

/** Which write of its key a write follows: none, the newest, or an older one. */
type Follows = 'nothing' | 'newest' | 'older' | 'itself';

interface Planned {
  readonly key: string;
  readonly follows: Follows;
  readonly content: Partial<Write>;
}

type Step =
  | { readonly kind: 'commit'; readonly writes: readonly Planned[] }
  | { readonly kind: 'remove'; readonly key: string; readonly follows: Follows }
  | { readonly kind: 'removeUser'; readonly user: string; readonly account: string }
  | { readonly kind: 'reopen' };

const optional = { requiredKeys: [] };
const content = fc.record(
  {
    schema: fc.nat(5),
    user,
    model: fc.oneof(fc.record({ base: text }), fc.record({ patch: text })),
    rendering: text,
    instances: text,
    timers: text,
    tasks: fc.record({ json: text, dead: fc.nat(3) }),
    clients: fc.uniqueArray(
      fc.record(
        { client: fc.constantFrom('c1', 'c2', 'c\u0000'), event: fc.nat(), account: user, endsInMs: fc.constant(hour) },
        { requiredKeys: ['client', 'event', 'endsInMs'] },
      ),
      { selector: ({ client }) => client },
    ),
    // far enough apart that no store's clock matters
    dueInMs: fc.constantFrom(hour, 2 * hour, 4 * hour),
    endsInMs: fc.constantFrom(10 * hour, 100 * hour),
  },
  optional,
);
const key = fc.constantFrom(...keys);
const follows = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Follows>('newest') },
  { weight: 2, arbitrary: fc.constantFrom<Follows>('nothing', 'older', 'itself') },
);
const planned: fc.Arbitrary<Planned> = fc.record({ key, follows, content });
const writes = fc.uniqueArray(planned, { selector: (write) => write.key, minLength: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('commit' as const), writes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key, follows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeUser' as const), user, account: user }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'reopen' }) },
);

export const histories = fc.array(step, { minLength: 1, maxLength: 30 });

/** Does the same with a store and with one in memory, and compares what they answer and hold after each step. */
export async function compareHistory(open: OpenStore, steps: readonly Step[]): Promise<void> {
  const memory = memoryStore();
  let store = await open();
  /** The writes of each key, the newest last, whether they were kept or not. */
  const made = new Map<string, Write[]>();
  let count = 0;

  const find = (key: string, which: Follows): Write | undefined => {
    const all = made.get(key) ?? [];
    if (which === 'nothing') return undefined;
    return which === 'older' ? all.at(-2) : all.at(-1);
  };
  const toWrite = ({ key, follows, content }: Planned): Write => {
    const last = find(key, follows);
    if (follows === 'itself' && last !== undefined) return last;
    const { model, ...rest } = content;
    const after = last?.by;
    // where there is no base, a patch is none
    const hasBase = made.get(key)?.some((write) => write.model !== undefined) ?? false;
    const base = !(hasBase && after) && model !== undefined && 'patch' in model ? { base: model.patch } : model;
    return { schema: 1, ...rest, ...(base && { model: base }), key, by: `w${++count}`, after };
  };
  const both = async <Result>(ask: (store: ManagedStore) => Promise<Result>): Promise<Result> => {
    const [expected, answer] = [await ask(memory), await ask(store)];
    expect(answer).toEqual(expected);
    return expected;
  };

  for (const step of steps) {
    if (step.kind === 'commit') {
      const batch = step.writes.map(toWrite);
      const kept = await both((each) => each.commit(batch));
      for (const [index, write] of batch.entries()) {
        if (kept[index]) made.set(write.key, [...(made.get(write.key) ?? []), write]);
      }
    } else if (step.kind === 'remove') {
      const by = find(step.key, step.follows)?.by ?? 'nobody';
      if (await both((each) => each.remove(step.key, by))) made.delete(step.key);
    } else if (step.kind === 'removeUser') {
      await both((each) => each.removeUser(step.user, step.account));
      for (const each of keys) if ((await memory.load(each)) === undefined) made.delete(each);
    } else {
      await store.close();
      store = await open();
    }
    await both(contentOf);
  }
  await store.close();
}

/** All that a store holds, but for its times. */
async function contentOf(store: ManagedStore): Promise<unknown> {
  const states = [];
  for (const each of keys) {
    const saved = await store.load(each);
    if (saved === undefined) continue;
    const clients = saved.clients.toSorted((one, other) => (one.client < other.client ? -1 : 1));
    states.push([each, { ...saved, clients, ageMs: 0 }]);
  }
  const listed = (await store.list(0, 100)).map(({ place: _, ageMs: __, dueInMs, endsInMs, ...rest }) => ({
    ...rest,
    dueIn: dueInMs && Math.round(dueInMs / hour),
    endsIn: endsInMs && Math.floor(endsInMs / hour / 9.9),
  }));
  listed.sort((one, other) => keys.indexOf(one.key) - keys.indexOf(other.key));
  const due = await Promise.all([1.5, 3, 5].map((hours) => store.due(hours * hour, 10)));
  return { states, listed, due: due.map((found) => found.toSorted()) };
}
