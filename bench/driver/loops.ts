/*
 * The workloads on live connections. Each takes a running server and a subject's plan, and gives plain numbers: CPU
 * time of the server per unit of work in microseconds, work per second, latencies, bytes. Loops are closed: a
 * connection sends its next event when the reply to the last has come. A loop runs in short segments, so that those of
 * several subjects can take turns: what slows the machine for a while slows all of them.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { closeIslands, Island, openIslands } from './island.ts';
import type { Action, Plan } from './protocol.ts';
import type { ServerProcess } from './server-process.ts';
import { Latencies } from './statistics.ts';

/** What a workload found: the name of a figure and its value. */
export type Figures = { readonly [name: string]: number };

/** A workload on one subject that can be run for a while, again and again. */
export interface Loop {
  warm(ms: number): Promise<void>;
  /** Runs a segment and adds it to the figures. */
  measure(ms: number): Promise<void>;
  figures(): Figures;
  close(): void;
}

/** Works for so many milliseconds and gives the units of work done. */
export type Work = (ms: number, latencies: Latencies | undefined) => Promise<number>;

/** Makes a loop of work; `more` are figures besides time. */
export function createLoop(server: ServerProcess, work: Work, more: () => Figures, close: () => void): Loop {
  const tally = new Tally(server);
  return {
    warm: async (ms) => {
      await work(ms, undefined);
    },
    measure: (ms) => tally.add(() => work(ms, tally.latencies)),
    figures: () => ({ ...tally.figures(), ...more() }),
    close,
  };
}

/** A closed loop of events on all connections. */
export async function openEvents(
  server: ServerProcess,
  plan: Plan,
  options: { readonly connections: number; readonly action: Action },
): Promise<Loop> {
  const { connections, action } = options;
  const [weight] = await weigh(server, plan, [action], 99);
  const islands = await openIslands(server.port, plan, connections);
  const work: Work = (ms, latencies) => loop(islands, action, ms, latencies);
  return createLoop(server, work, () => ({ ...weight }), destroyAll(islands));
}

/**
 * A closed loop in short turns of the actions, each turn measured by itself: a table gets a row appended as often as
 * one removed, and so keeps its size. Figures are named `action.figure`.
 */
export async function openTurns(
  server: ServerProcess,
  plan: Plan,
  options: { readonly connections: number; readonly actions: readonly Action[]; readonly turn: number },
): Promise<Loop> {
  const { connections, actions, turn } = options;
  const weights = await weigh(server, plan, actions, 20);
  const islands = await openIslands(server.port, plan, connections);
  const tallies = actions.map(() => new Tally(server));
  const eachAction = async (ms: number, act: (action: Action, tally: Tally) => Promise<unknown>): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const [index, action] of actions.entries()) await act(action, tallies[index] as Tally);
    }
  };
  return {
    warm: (ms) => eachAction(ms, (action) => rounds(islands, action, turn, undefined)),
    measure: (ms) => eachAction(ms, (action, tally) => tally.add(() => rounds(islands, action, turn, tally.latencies))),
    figures: () => {
      const figures: Record<string, number> = {};
      for (const [index, action] of actions.entries()) {
        const ofAction = { ...tallies[index]?.figures(), ...weights[index] };
        for (const [name, value] of Object.entries(ofAction)) figures[`${action}.${name}`] = value;
      }
      return figures;
    },
    close: destroyAll(islands),
  };
}

/** One connection sends, all get the change; the next event follows when all have it. A unit of work is a delivery. */
export async function openBroadcast(
  server: ServerProcess,
  plan: Plan,
  options: { readonly subscribers: number; readonly action: Action },
): Promise<Loop> {
  const { subscribers, action } = options;
  const islands = await openIslands(server.port, plan, subscribers);
  const [sender, ...others] = islands as [Island, ...Island[]];
  let bytes = 0;
  const work: Work = async (ms, latencies) => {
    const end = performance.now() + ms;
    let events = 0;
    for (const island of others) island.bytes = 0;
    while (performance.now() < end) {
      const sent = performance.now();
      await new Promise<void>((resolve) => {
        let missing = subscribers;
        const arrived = (): void => {
          missing--;
          if (missing === 0) resolve();
        };
        for (const island of others) island.onDelivery = arrived;
        sender.onReply = arrived;
        sender.send(action);
      });
      latencies?.add(performance.now() - sent);
      events++;
    }
    bytes = others.reduce((sum, island) => sum + island.bytes, 0) / (events * others.length);
    return events * subscribers;
  };
  return createLoop(server, work, () => ({ bytes }), destroyAll(islands));
}

/** Connections that open, join, and close again; a unit of work is all three. */
export function openJoins(server: ServerProcess, plan: Plan, options: { readonly concurrency: number }): Loop {
  const { concurrency } = options;
  let bytes = 0;
  const visit = (latencies: Latencies | undefined): Promise<void> =>
    new Promise((resolve) => {
      const started = performance.now();
      const island: Island = new Island(server.port, plan, () => {
        latencies?.add(performance.now() - started);
        bytes = island.bytes;
        // being connected may be all there is to a join, and then this is still the socket's own callback
        setImmediate(() => island.close(resolve));
      });
    });
  const work: Work = async (ms, latencies) => {
    const end = performance.now() + ms;
    let count = 0;
    const visitor = async (): Promise<void> => {
      while (performance.now() < end) {
        await visit(latencies);
        count++;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, visitor));
    return count;
  };
  const loop = createLoop(
    server,
    work,
    () => ({ bytes }),
    () => {},
  );
  return {
    ...loop,
    // a second is enough for code that runs ten thousand times in it, but not for this
    warm: async (ms) => {
      for (let count = 0; count < warmVisits; ) count += await work(ms, undefined);
    },
  };
}

/** After so many the time of a join falls no more: what takes part in one has been compiled. */
const warmVisits = 3_000;

/** What an island costs that is joined and does nothing. @param options.first What each does once before. */
export async function measureIdle(
  server: ServerProcess,
  plan: Plan,
  options: { readonly islands: number; readonly warmup: number; readonly first?: Action | undefined },
): Promise<Figures> {
  const open = async (count: number): Promise<Island[]> => {
    const islands = await openIslands(server.port, plan, count);
    // not all at once: none of them is to wait for its store
    for (let at = 0; options.first && at < count; at += 100)
      await rounds(islands.slice(at, at + 100), options.first, 1, undefined);
    return islands;
  };
  // code, caches and free lists are there before the baseline is taken; what is left over belongs to nobody
  await closeIslands(await open(options.warmup));
  await sleep(300);
  const before = await server.settledMemory();
  const islands = await open(options.islands);
  await sleep(300);
  const after = await server.settledMemory();
  for (const island of islands) island.destroy();
  return {
    residentBytes: (after.residentBytes - before.residentBytes) / options.islands,
    heapBytes: (after.heapBytes - before.heapBytes) / options.islands,
  };
}

/** Sums up what segments of work took. */
export class Tally {
  readonly latencies = new Latencies();
  private readonly server: ServerProcess;
  private cpuUs = 0;
  private count = 0;
  private ms = 0;

  constructor(server: ServerProcess) {
    this.server = server;
  }

  async add(work: () => Promise<number>): Promise<void> {
    const before = await this.server.cpuUs();
    const started = performance.now();
    this.count += await work();
    this.ms += performance.now() - started;
    // the scheduler books a thread's time when it goes to sleep: give the server the moment it needs for that
    await sleep(2);
    this.cpuUs += (await this.server.cpuUs()) - before;
  }

  figures(): Figures {
    return {
      cpuUs: this.cpuUs / this.count,
      perSecond: (this.count / this.ms) * 1_000,
      p50Us: this.latencies.percentile(0.5),
      p99Us: this.latencies.percentile(0.99),
    };
  }
}

function destroyAll(islands: readonly Island[]): () => void {
  return () => {
    for (const island of islands) island.destroy();
  };
}

/** Every island sends again at each reply until the time is over; gives the number of replies. */
function loop(
  islands: readonly Island[],
  action: Action,
  ms: number,
  latencies: Latencies | undefined,
): Promise<number> {
  const end = performance.now() + ms;
  let count = 0;
  let running = islands.length;
  return new Promise((resolve) => {
    for (const island of islands) {
      let sent = performance.now();
      island.onReply = () => {
        count++;
        const now = performance.now();
        latencies?.add(now - sent);
        sent = now;
        if (now < end) island.send(action);
        else {
          running--;
          if (running === 0) resolve(count);
        }
      };
      island.send(action);
    }
  });
}

/** Every island sends `turn` events, each after the reply to the last; gives the number of replies. */
export function rounds(
  islands: readonly Island[],
  action: Action,
  turn: number,
  latencies: Latencies | undefined,
): Promise<number> {
  let running = islands.length;
  return new Promise((resolve) => {
    for (const island of islands) {
      let left = turn;
      let sent = performance.now();
      island.onReply = () => {
        left--;
        const now = performance.now();
        latencies?.add(now - sent);
        sent = now;
        if (left > 0) island.send(action);
        else {
          running--;
          if (running === 0) resolve(islands.length * turn);
        }
      };
      island.send(action);
    }
  });
}

/**
 * Weighs the replies on a fresh connection, apart from the timed loop: there each number is as long as in real life,
 * not as after a million clicks. Checks on the way that each reply says what the event was about.
 */
async function weigh(server: ServerProcess, plan: Plan, actions: readonly Action[], times: number): Promise<Figures[]> {
  const [island] = (await openIslands(server.port, plan, 1)) as [Island];
  const sums = actions.map(() => ({ bytes: 0, maxBytes: 0 }));
  for (let time = 0; time < times; time++) {
    for (const [index, action] of actions.entries()) {
      const sum = sums[index] as (typeof sums)[number];
      const before = island.bytes;
      let text = '';
      island.onText = (frame) => {
        text += frame;
      };
      await new Promise<void>((resolve) => {
        island.onReply = resolve;
        island.send(action);
      });
      const expected = plan.isEcho ? '' : expectedText(action, time + 1);
      if (!text.includes(expected))
        throw new Error(`no '${expected}' in the reply to ${action}: ${text.slice(0, 500)}`);
      const bytes = island.bytes - before;
      sum.bytes += bytes / times;
      sum.maxBytes = Math.max(sum.maxBytes, bytes);
    }
  }
  island.destroy();
  return sums;
}

/** What the reply to an action must have in it, whatever the wire. */
function expectedText(action: Action, time: number): string {
  switch (action) {
    case 'up':
      return String(time);
    case 'one':
    case 'update10':
    case 'pick':
      return ' v';
    case 'append':
    case 'prepend':
      return 'row 1';
    default:
      return '';
  }
}
