/*
 * The store in memory: it lives as long as the value itself. What is in it survives a server, but not the process.
 */

import { baseless, baseOf, checkWrite, patchOf, tooBig, totalOf, type WriteSizes } from './check-write.ts';
import { ClientAccounts } from './client-accounts.ts';
import { type Listed, type ManagedStore, maxStateBytes, type SavedTasks, type Write } from './store.ts';

interface Kept {
  readonly place: number;
  readonly clients: Map<string, KeptClient>;
  by: string;
  seq: number;
  schema: number;
  user: string | undefined;
  model: { readonly base: string; readonly patches: string[] } | undefined;
  rendering: string | undefined;
  instances: string | undefined;
  timers: string | undefined;
  tasks: SavedTasks | undefined;
  sizes: WriteSizes;
  writtenAt: number;
  dueAt: number | undefined;
  endsAt: number | undefined;
}

interface KeptClient {
  event: number;
  endsAt: number;
}

/** What is to become of a write; null: nothing, since it is kept already. */
type Plan = { readonly write: Write; readonly kept: Kept; readonly sizes: WriteSizes } | null | 'fenced';

/** Keeps states in memory, for tests and for trying things: they end with the process. */
export function memoryStore(): ManagedStore {
  const all = new Map<string, Kept>();
  const accounts = new ClientAccounts();
  let places = 0;

  const find = (key: string): Kept | undefined => {
    const kept = all.get(key);
    return kept !== undefined && isOver(kept.endsAt) ? undefined : kept;
  };

  const plan = (write: Write): Plan => {
    const { key, by, after } = write;
    const given = checkWrite(write);
    const present = all.get(key);
    if (present?.by === by) return null;
    const isNext = after === undefined ? find(key) === undefined : present?.by === after;
    if (!isNext) return 'fenced';
    const kept = after === undefined || present === undefined ? createKept(++places) : present;
    if (given.patch !== undefined && kept.model === undefined) throw baseless(key);
    const sizes = sizesAfter(kept.sizes, given);
    if (totalOf(sizes) > maxStateBytes) throw tooBig(key);
    return { write, kept, sizes };
  };

  const drop = (key: string): boolean => {
    // what its clients' accounts know of them is nobody's any more
    all.get(key)?.clients.clear();
    return all.delete(key);
  };

  return {
    async load(key) {
      const kept = find(key);
      if (kept === undefined) return undefined;
      const { by, seq, schema, user, model, rendering, instances, timers, tasks } = kept;
      const clients = [...kept.clients].filter(([, { endsAt }]) => !isOver(endsAt));
      return {
        ...{ by, seq, schema, user, rendering, instances, timers, tasks },
        model: model && { base: model.base, patches: [...model.patches] },
        clients: clients.map(([client, { event }]) => ({ client, event })),
        ageMs: Date.now() - kept.writtenAt,
      };
    },
    async commit(writes) {
      // all are planned before any is kept: what throws changes nothing
      const plans = writes.map(plan);
      for (const each of plans) {
        if (each === null || each === 'fenced') continue;
        apply(each.kept, each.write, each.sizes, accounts);
        // one whose time is over makes way
        if (all.get(each.write.key) !== each.kept) drop(each.write.key);
        all.set(each.write.key, each.kept);
      }
      return plans.map((each) => each !== 'fenced');
    },
    async remove(key, by) {
      if (all.get(key)?.by === by) drop(key);
      return !all.has(key);
    },
    async due(withinMs, limit) {
      const until = Date.now() + withinMs;
      const due = [...all].filter(([, { dueAt, endsAt }]) => dueAt !== undefined && dueAt <= until && !isOver(endsAt));
      due.sort(([, one], [, other]) => (one.dueAt ?? 0) - (other.dueAt ?? 0));
      return due.slice(0, limit).map(([key]) => key);
    },
    async sweep(limit) {
      let removed = 0;
      accounts.forgetGone();
      for (const [key, { endsAt, clients }] of all) {
        if (removed < limit && isOver(endsAt) && drop(key)) removed++;
        else removed += removeClients(clients, ({ endsAt }) => isOver(endsAt), limit - removed);
      }
      return removed;
    },
    async list(after, limit) {
      const rest = [...all].filter(([, { place }]) => place > after);
      rest.sort(([, one], [, other]) => one.place - other.place);
      return rest.slice(0, limit).map(([key, kept]) => toListed(key, kept));
    },
    async removeUser(user, account) {
      let states = 0;
      for (const [key, kept] of all) if (kept.user === user && drop(key)) states++;
      return { states, clients: accounts.remove(account) };
    },
    async close() {},
  };
}

function createKept(place: number): Kept {
  const none = { user: undefined, model: undefined, rendering: undefined, instances: undefined };
  return {
    ...{ place, clients: new Map(), by: '', seq: 0, schema: 0, writtenAt: 0, ...none },
    ...{ timers: undefined, tasks: undefined, dueAt: undefined, endsAt: undefined },
    sizes: {
      base: undefined,
      patch: undefined,
      rendering: undefined,
      instances: undefined,
      timers: undefined,
      tasks: undefined,
    },
  };
}

function sizesAfter(present: WriteSizes, given: WriteSizes): WriteSizes {
  return {
    base: given.base ?? present.base,
    // a base takes the place of the patches, too
    patch: given.base === undefined ? (present.patch ?? 0) + (given.patch ?? 0) : 0,
    rendering: given.rendering ?? present.rendering,
    instances: given.instances ?? present.instances,
    timers: given.timers ?? present.timers,
    tasks: given.tasks ?? present.tasks,
  };
}

function apply(kept: Kept, write: Write, sizes: WriteSizes, accounts: ClientAccounts): void {
  const now = Date.now();
  const [base, patch] = [baseOf(write), patchOf(write)];
  kept.by = write.by;
  kept.seq++;
  kept.schema = write.schema;
  kept.user = write.user ?? kept.user;
  if (base !== undefined) kept.model = { base, patches: [] };
  else if (patch !== undefined) kept.model?.patches.push(patch);
  kept.rendering = write.rendering ?? kept.rendering;
  kept.instances = write.instances ?? kept.instances;
  kept.timers = write.timers ?? kept.timers;
  kept.tasks = write.tasks ?? kept.tasks;
  kept.sizes = sizes;
  kept.writtenAt = now;
  kept.dueAt = write.dueInMs === undefined ? undefined : now + write.dueInMs;
  kept.endsAt = write.endsInMs === undefined ? undefined : now + write.endsInMs;
  for (const { client, event, endsInMs, account } of write.clients ?? []) {
    const endsAt = now + endsInMs;
    const known = kept.clients.get(client);
    if (known) {
      known.event = event;
      known.endsAt = endsAt;
      continue;
    }
    const row: KeptClient = { event, endsAt };
    if (account !== undefined) accounts.add(account, kept.clients, client, row, now);
    kept.clients.set(client, row);
  }
}

/** @returns how many. */
function removeClients(
  clients: Map<string, KeptClient>,
  isMeant: (client: KeptClient) => boolean,
  limit = Number.POSITIVE_INFINITY,
): number {
  let removed = 0;
  for (const [name, client] of clients) {
    if (removed < limit && isMeant(client) && clients.delete(name)) removed++;
  }
  return removed;
}

function toListed(key: string, kept: Kept): Listed {
  const { place, schema, seq, user, sizes, clients, tasks, writtenAt, dueAt, endsAt } = kept;
  const now = Date.now();
  return {
    ...{ place, key, schema, seq, user },
    bytes: totalOf(sizes),
    clients: clients.size,
    deadTasks: tasks?.dead ?? 0,
    ageMs: now - writtenAt,
    dueInMs: dueAt === undefined ? undefined : dueAt - now,
    endsInMs: endsAt === undefined ? undefined : endsAt - now,
  };
}

function isOver(endsAt: number | undefined): boolean {
  return endsAt !== undefined && endsAt <= Date.now();
}
