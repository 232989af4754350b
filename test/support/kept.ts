// What a store keeps of an actor, as tests put it there and look at it.

import { memoryStore, type Store } from '../../server/index.ts';

let writes = 0;

/** Writes a model as another process would, over whatever is kept. */
export async function keep(store: Store, key: string, context: unknown, parts: object = {}): Promise<void> {
  const before = await store.load(key);
  const base = JSON.stringify({ status: 'active', context });
  const by = `test.${++writes}`;
  const [isKept] = await store.commit([{ key, by, after: before?.by, schema: 0, model: { base }, ...parts }]);
  if (!isKept) throw new Error(`${key} was not kept`);
}

/** The model that is kept, where that is written whole; undefined: none is. */
export async function keptModel(store: Store, key: string): Promise<unknown> {
  const { model } = (await store.load(key)) ?? {};
  return model && JSON.parse(model.base).context;
}

export interface FragileStore extends Store {
  /** Parts that a test replaces. */
  broken: Partial<Store>;
  /** How many writes had a model. */
  saves: number;
}

/** A store in memory that fails where a test wants it to. */
export function fragileStore(): FragileStore {
  const store = memoryStore();
  const self: FragileStore = {
    broken: {},
    saves: 0,
    // not async: a store may throw at once
    load: (key) => (self.broken.load ?? store.load)(key),
    commit(writes) {
      for (const { model } of writes) if (model) self.saves++;
      return (self.broken.commit ?? store.commit)(writes);
    },
    remove: store.remove,
    due: store.due,
    sweep: (limit) => (self.broken.sweep ?? store.sweep)(limit),
    close: store.close,
  };
  return self;
}

export interface Mortal {
  readonly store: Store;
  /** From now on the process that has this store is dead to it: nothing that it writes arrives. */
  die(): void;
}

/** What one process has of a store that outlives it. */
export function mortal(store: Store): Mortal {
  let isDead = false;
  const never = new Promise<never>(() => {});
  return {
    store: {
      load: (key) => store.load(key),
      commit: (writes) => (isDead ? never : store.commit(writes)),
      remove: (key, by) => (isDead ? never : store.remove(key, by)),
      due: (withinMs, limit) => (isDead ? never : store.due(withinMs, limit)),
      sweep: (limit) => store.sweep(limit),
      close: async () => {},
    },
    die: () => {
      isDead = true;
    },
  };
}
