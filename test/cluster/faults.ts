// Leads clients of a cluster of three servers through faults at seeded moments, and compares at the end what they did
// with what is stored and what everybody was shown. `await runFaults({ clients: 30, seconds: 30, seed: 1 })`

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { readSaved } from '../../server/actors/saved-state.ts';
import { postgresStore } from '../../server/index.ts';
import { until } from '../chaos/acting.ts';
import { type Random, randomOf } from '../chaos/random.ts';
import type { Book, Sender } from '../kill/book.ts';
import { ClusterClient } from './client.ts';
import { compare, type FaultsReport, inBook, inOrder, type Note } from './report.ts';
import { Servers } from './servers.ts';
import { causeOf, type Step, steps } from './steps.ts';
import { routes, tallyOf } from './tally.ts';
import { Witness } from './witness.ts';

export interface FaultsOptions {
  readonly clients: number;
  /** How long there are faults, at least. */
  readonly seconds: number;
  /** How many there are, at least: a busy machine takes longer for each. Default: one. */
  readonly atLeast?: number;
  readonly seed: number;
  /** Shared actors. Default: one for each five clients. */
  readonly keys?: number;
  /** How many seconds of the servers a second has. Default 1. */
  readonly speed?: number;
  /** How many events all clients want to do in a second. Default: no more than a machine can that runs all of it. */
  readonly rate?: number;
  /** Default: all. */
  readonly faults?: readonly Fault[];
  onProgress?(line: string): void;
}

/** What befalls the servers, in the words of the report. */
const faultsBy = {
  'kill -9 of the owner': async ({ servers, random }) =>
    servers.kill(await servers.find('owner'), random.between(100, 1_500)),
  'kill -9 of an edge': async ({ servers, random }) =>
    servers.kill(await servers.find('edge'), random.between(100, 1_500)),
  'SIGSTOP of the owner': async ({ servers, random }) =>
    servers.stop(await servers.find('owner'), random.between(300, 5_000)),
  'SIGSTOP of an edge': async ({ servers, random }) =>
    servers.stop(await servers.find('edge'), random.between(300, 5_000)),
  'owner cut from the bus': async ({ servers, random }) =>
    servers.cut(await servers.find('owner'), 'bus', random.between(300, 5_000)),
  'edge cut from the bus': async ({ servers, random }) =>
    servers.cut(await servers.find('edge'), 'bus', random.between(300, 5_000)),
  'owner cut from the database': async ({ servers, random }) =>
    servers.cut(await servers.find('owner'), 'database', random.between(300, 5_000)),
  'edge cut from the database': async ({ servers, random }) =>
    servers.cut(await servers.find('edge'), 'database', random.between(300, 5_000)),
  'rolling deploy': ({ servers, random }) => servers.deploy(random.between(0, 800)),
  'crash of the database': ({ servers, random }) => servers.crashDatabase(random.between(100, 1_500)),
  'restart of the bus': ({ servers, random }) => servers.restartBus(random.between(100, 3_000)),
  'update of 2 s': async ({ clients, random, nowMs }) => {
    random.oneOf(clients).act('slow', nowMs);
    await pause(2_000);
  },
  'kill -9 at a step': (scene) => endAtStep(scene, 'SIGKILL'),
  'SIGSTOP at a step': (scene) => endAtStep(scene, 'SIGSTOP'),
} satisfies Record<string, (scene: Scene) => Promise<unknown>>;
export type Fault = keyof typeof faultsBy;
export const allFaults = Object.keys(faultsBy) as readonly Fault[];

interface Scene {
  readonly servers: Servers;
  readonly clients: readonly [ClusterClient, ...ClusterClient[]];
  readonly random: Random;
  readonly nowMs: () => number;
  /** Steps that are to come. */
  readonly deck: Step[];
}

/** @returns What it came to. */
async function endAtStep({ servers, clients, random, deck }: Scene, signal: 'SIGKILL' | 'SIGSTOP'): Promise<string> {
  if (deck.length === 0) deck.push(...shuffled(steps, random));
  const step = deck.pop() as Step;
  const cause = causeOf(step);
  const owner = await servers.find('owner');
  const others = [0, 1, 2].filter((index) => index !== owner) as [number, number];
  const isOfOwner = cause === 'it is stopped' || /^(commit|turn|events: they (were|are about to be ack))/.test(step);
  const index = isOfOwner ? owner : random.oneOf(cause === 'pages move' ? [0, 1, 2] : others);
  const isAt = await servers.endAt(index, step, signal, {
    passes: cause === 'somebody clicks' ? random.between(1, 20) : 1,
    stoppedMs: random.between(300, 4_000),
    causeIt: async () => {
      if (cause === 'the owner dies') await servers.kill(owner, random.between(100, 1_500));
      else if (cause === 'it is stopped') await servers.restart(owner);
      else if (cause === 'pages move') for (const client of clients) client.move();
    },
  });
  return `${signal === 'SIGKILL' ? 'kill -9' : signal} at ${step}${isAt ? '' : ' (did not come there)'}`;
}

interface Window {
  fault: string;
  readonly fromMs: number;
  toMs: number;
}

const settleMs = 40_000;
/** How many events one client does in a second, at the pace of 1. */
const clientRate = 5;

export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const {
    clients: count,
    seconds,
    atLeast = 1,
    seed,
    keys = Math.max(1, Math.ceil(count / 5)),
    faults = allFaults,
    speed = 1,
    rate = Math.min(clientRate * count, 250),
  } = options;
  const startedAt = performance.now();
  const nowMs = (): number => performance.now() - startedAt;
  const random = randomOf(seed);
  const details: string[] = [];
  await using stack = new AsyncDisposableStack();
  const servers = stack.use(await Servers.start(3, { speed }));
  const witness = new Witness(count <= 40 ? 1 : 16, details);
  const clients = Array.from({ length: count }, (_, index) => {
    const parts = {
      name: `c${index}`,
      key: `k${index % keys}`,
      ports: servers.ports,
      random: randomOf(seed + 1, index),
      patienceMs: 1_500 / speed,
    };
    return new ClusterClient({ ...parts, onShown: (client) => witness.look(client) });
  });
  for (const client of clients) {
    stack.defer(() => client.light.end());
    client.light.start();
  }
  if (!(await until(() => clients.every(({ isQuiet }) => isQuiet), settleMs)))
    throw new Error('not everybody could join');

  const acting = stack.adopt(new AbortController(), (controller) => controller.abort());
  const pace = (clientRate * count) / rate;
  const actors = clients.map((client, index) =>
    keepActing(client, randomOf(seed + 2, index), nowMs, pace, acting.signal),
  );
  const windows: Window[] = [];
  const scene: Scene = { servers, clients: clients as [ClusterClient, ...ClusterClient[]], random, nowMs, deck: [] };
  const endMs = nowMs() + 1_000 * seconds;
  let coming: Fault[] = [];
  while (nowMs() < endMs || windows.length < atLeast) {
    await pause(random.between(300, 1_500));
    if (coming.length === 0) coming = shuffled(faults, random);
    const fault = coming.pop() as Fault;
    const window: Window = { fault, fromMs: nowMs(), toMs: Number.POSITIVE_INFINITY };
    windows.push(window);
    const what: unknown = await faultsBy[fault](scene);
    if (typeof what === 'string') window.fault = what;
    await pause(random.between(700, 2_000));
    window.toMs = nowMs();
    options.onProgress?.(
      `${(window.fromMs / 1_000).toFixed(1)} s to ${(window.toMs / 1_000).toFixed(1)} s: ${window.fault}`,
    );
  }
  acting.abort();
  await Promise.all(actors);

  await until(() => clients.every(({ isQuiet }) => isQuiet), settleMs);
  await pause(300);
  let differ = 0;
  for (const client of clients) {
    if (await client.isTrue()) continue;
    differ++;
    details.push(`differs: ${client.shared.sender} from what the server has`);
  }
  const { shared: stored, own: kept } = await booksIn(servers.databaseUrl);
  const applied = appliedIn(servers.applied);
  const sum = { lost: 0, doubled: 0, disordered: 0, toldWrongly: 0, dropped: 0, sent: 0, applied: 0, refused: 0 };
  const [own, loose] = [
    { sent: 0, dropped: new Map<string, number>() },
    { sent: 0, dropped: new Map<string, number>() },
  ];
  for (const client of clients) {
    const { shared } = client;
    const book = stored.get(shared.light.route);
    add(sum, compare(shared, inBook(book?.senders[shared.sender]), details));
    // what is not promised to be applied is told as dropped
    for (const [island, counts, notes] of [
      [client.own, own, inBook(kept.get(client.own.sender))],
      [client.loose, loose, inOrder(applied.get(client.loose.sender) ?? [])],
    ] as const) {
      const lines: string[] = [];
      const { dropped: _, ...wrong } = compare(island, notes, lines);
      add(sum, wrong);
      counts.sent += wrong.sent;
      for (const line of lines) {
        const reason = /^told as dropped: .*?: (.*)$/.exec(line)?.[1];
        if (reason === undefined) details.push(line);
        else counts.dropped.set(reason, (counts.dropped.get(reason) ?? 0) + 1);
      }
    }
    const words = ` ${shared.light.tree.toWords()} `;
    if (!words.includes(` ${book?.total} `)) {
      differ++;
      details.push(`differs: ${shared.sender} from what is stored`);
    }
  }
  const errors = [...servers.errors, ...clients.flatMap(({ light }) => light.faults)];
  const { sent, applied: done, refused, ...wrong } = sum;
  return {
    wrong: { ...wrong, ...witness.counts, differ, errors: errors.length },
    sent,
    applied: done,
    refused,
    own,
    loose,
    moves: clients.reduce((total, { moves }) => total + moves, 0),
    faults: longest(windows, clients),
    details: [...errors.map((error) => `error: ${error}`), ...details],
    seconds: nowMs() / 1_000,
  };
}

async function keepActing(
  client: ClusterClient,
  random: Random,
  nowMs: () => number,
  pace: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const lot = random.next();
    if (lot < 0.01) client.move();
    else client.act(lot < 0.05 ? 'refused' : lot < 0.35 ? 'type' : 'click', nowMs);
    await pause(pace * random.between(50, 350));
  }
}

/** The longest click for each fault: of those made while it lasted, or before and told of only then. */
function longest(windows: readonly Window[], clients: readonly ClusterClient[]): FaultsReport['faults'] {
  const found = new Map<string, { times: number; longestMs: number }>();
  for (const { fault } of windows) {
    const { times } = found.get(fault) ?? { times: 0 };
    found.set(fault, { times: times + 1, longestMs: 0 });
  }
  for (const { atMs, toldMs, deed } of clients.flatMap(({ shared }) => shared.acts)) {
    if (toldMs === undefined || deed === 'slow') continue;
    const window = windows.find(({ fromMs, toMs }) => toldMs >= fromMs && atMs <= toMs);
    const entry = window && found.get(window.fault);
    if (entry) entry.longestMs = Math.max(entry.longestMs, toldMs - atMs);
  }
  return found;
}

interface Books {
  /** By the routes of shared actors. */
  readonly shared: ReadonlyMap<string, Book>;
  /** Of islands of one's own, by who sends to them. */
  readonly own: ReadonlyMap<string, Sender>;
}

/** What is stored. */
async function booksIn(databaseUrl: string): Promise<Books> {
  const store = await postgresStore(databaseUrl);
  const [shared, own] = [new Map<string, Book>(), new Map<string, Sender>()];
  for (const { key } of await store.list(0, 10_000)) {
    const isShared = key.startsWith(routes.shared);
    const saved = isShared || key.startsWith('own ') ? await store.load(key) : undefined;
    if (saved?.model === undefined) continue;
    const { snapshot } = readSaved(key, saved, tallyOf(false), Date.now());
    const book = (snapshot as unknown as { readonly context: Book }).context;
    if (isShared) shared.set(`${routes.shared}/${new URLSearchParams(key.slice(key.indexOf('?'))).get('key')}`, book);
    else for (const [sender, notes] of Object.entries(book.senders)) own.set(sender, notes);
  }
  await store.close();
  return { shared, own };
}

/** What was applied of which nothing is kept, by who sent it. */
function appliedIn(file: string): Map<string, Note[]> {
  const all = new Map<string, Note[]>();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const [sender, id, process] = line.split(' ') as [string, string, string];
    const notes = all.get(sender) ?? [];
    notes.push({ id: Number(id), process });
    all.set(sender, notes);
  }
  return all;
}

function add<Counts extends { [name: string]: number }>(sum: Counts, more: Partial<Counts>): void {
  for (const name of Object.keys(sum) as (keyof Counts)[]) (sum[name] as number) += more[name] ?? 0;
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
