/*
 * The workloads on a live connection. Each takes a running server and a subject's plan, and gives plain numbers: CPU
 * time of the server per unit of work in microseconds, work per second, latencies, bytes. Loops are closed: a
 * connection sends its next event when the reply to the last has come.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { closeIslands, Island, openIslands } from './island.ts';
import type { Action, Plan } from './protocol.ts';
import type { ServerProcess } from './server-process.ts';
import { Latencies } from './statistics.ts';

/** What a workload found: the name of a figure and its value. */
export type Figures = { readonly [name: string]: number };

export interface Times {
  readonly warmupMs: number;
  readonly measureMs: number;
}

/** A closed loop of events on all connections. */
export async function measureEvents(
  server: ServerProcess,
  plan: Plan,
  options: Times & { readonly connections: number; readonly action: Action },
): Promise<Figures> {
  const { connections, action, warmupMs, measureMs } = options;
  const { bytes, maxBytes } = await weigh(server, plan, [action], 99);
  const islands = await openIslands(server.port, plan, connections);
  await loop(islands, [action], warmupMs, undefined);
  const latencies = new Latencies();
  const [work] = await measure(server, () => loop(islands, [action], measureMs, latencies));
  for (const island of islands) island.destroy();
  return {
    cpuUs: work.cpuUs / work.count,
    perSecond: (work.count / work.ms) * 1_000,
    p50Us: latencies.percentile(0.5),
    p99Us: latencies.percentile(0.99),
    bytes,
    maxBytes,
  };
}

/**
 * A closed loop in short turns of the actions, each turn measured by itself: a table gets a row appended as often as
 * one removed, and so keeps its size. Figures are named `action.figure`.
 */
export async function measureTurns(
  server: ServerProcess,
  plan: Plan,
  options: Times & { readonly connections: number; readonly actions: readonly Action[]; readonly turn: number },
): Promise<Figures> {
  const { connections, actions, turn, warmupMs, measureMs } = options;
  const weights = await weigh(server, plan, actions, 20);
  const islands = await openIslands(server.port, plan, connections);
  const totals = actions.map(() => ({ cpuUs: 0, count: 0, ms: 0, latencies: new Latencies() }));
  const takeTurns = async (ms: number, isMeasured: boolean): Promise<void> => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const [index, action] of actions.entries()) {
        const total = totals[index] as (typeof totals)[number];
        const latencies = isMeasured ? total.latencies : undefined;
        const [work] = await measure(server, () => rounds(islands, action, turn, latencies));
        if (!isMeasured) continue;
        total.cpuUs += work.cpuUs;
        total.count += work.count;
        total.ms += work.ms;
      }
    }
  };
  await takeTurns(warmupMs, false);
  await takeTurns(measureMs, true);
  for (const island of islands) island.destroy();
  const figures: Record<string, number> = {};
  for (const [index, action] of actions.entries()) {
    const { cpuUs, count, ms, latencies } = totals[index] as (typeof totals)[number];
    figures[`${action}.cpuUs`] = cpuUs / count;
    figures[`${action}.perSecond`] = (count / ms) * 1_000;
    figures[`${action}.p50Us`] = latencies.percentile(0.5);
    figures[`${action}.p99Us`] = latencies.percentile(0.99);
    figures[`${action}.bytes`] = weights.each[index]?.bytes as number;
    figures[`${action}.maxBytes`] = weights.each[index]?.maxBytes as number;
  }
  return figures;
}

/** One connection sends, all get the change; the next event follows when all have it. */
export async function measureBroadcast(
  server: ServerProcess,
  plan: Plan,
  options: Times & { readonly subscribers: number; readonly action: Action },
): Promise<Figures> {
  const { subscribers, action, warmupMs, measureMs } = options;
  const islands = await openIslands(server.port, plan, subscribers);
  const [sender, ...others] = islands as [Island, ...Island[]];
  let bytes = 0;
  const run = async (ms: number, latencies: Latencies | undefined): Promise<number> => {
    const end = performance.now() + ms;
    let count = 0;
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
      count += subscribers;
    }
    bytes = others.reduce((sum, island) => sum + island.bytes, 0) / ((count / subscribers) * others.length);
    return count;
  };
  await run(warmupMs, undefined);
  const latencies = new Latencies();
  const [work] = await measure(server, () => run(measureMs, latencies));
  for (const island of islands) island.destroy();
  return {
    cpuUs: work.cpuUs / work.count,
    perSecond: (work.count / work.ms) * 1_000,
    p50Us: latencies.percentile(0.5),
    p99Us: latencies.percentile(0.99),
    bytes,
  };
}

/** Connections that open, join, and close again; a unit of work is all three. */
export async function measureJoins(
  server: ServerProcess,
  plan: Plan,
  options: Times & { readonly concurrency: number },
): Promise<Figures> {
  const { concurrency, warmupMs, measureMs } = options;
  let bytes = 0;
  const run = async (ms: number, latencies: Latencies | undefined): Promise<number> => {
    const end = performance.now() + ms;
    let count = 0;
    const visit = (): Promise<void> =>
      new Promise((resolve) => {
        const started = performance.now();
        const island: Island = new Island(server.port, plan, () => {
          latencies?.add(performance.now() - started);
          bytes = island.bytes;
          // a join without an answer is done inside the constructor's callback of the socket: leave it first
          setImmediate(() => island.close(resolve));
        });
      });
    const visitor = async (): Promise<void> => {
      while (performance.now() < end) {
        await visit();
        count++;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, visitor));
    return count;
  };
  await run(warmupMs, undefined);
  const latencies = new Latencies();
  const [work] = await measure(server, () => run(measureMs, latencies));
  return {
    cpuUs: work.cpuUs / work.count,
    perSecond: (work.count / work.ms) * 1_000,
    p50Us: latencies.percentile(0.5),
    p99Us: latencies.percentile(0.99),
    bytes,
  };
}

/** What an island costs that is joined and does nothing. */
export async function measureIdle(
  server: ServerProcess,
  plan: Plan,
  options: { readonly islands: number; readonly warmup: number },
): Promise<Figures> {
  // code, caches and free lists are there before the baseline is taken; what is left over belongs to nobody
  await closeIslands(await openIslands(server.port, plan, options.warmup));
  await sleep(300);
  const before = await server.settledMemory();
  const islands = await openIslands(server.port, plan, options.islands);
  await sleep(300);
  const after = await server.settledMemory();
  for (const island of islands) island.destroy();
  return {
    residentBytes: (after.residentBytes - before.residentBytes) / options.islands,
    heapBytes: (after.heapBytes - before.heapBytes) / options.islands,
  };
}

interface Work {
  readonly count: number;
  readonly ms: number;
  readonly cpuUs: number;
}

async function measure(server: ServerProcess, run: () => Promise<number>): Promise<[Work]> {
  const cpuBefore = await server.cpuUs();
  const started = performance.now();
  const count = await run();
  const ms = performance.now() - started;
  // the scheduler books a thread's time when it goes to sleep: give the server the moment it needs for that
  await sleep(2);
  return [{ count, ms, cpuUs: (await server.cpuUs()) - cpuBefore }];
}

/** Every island sends again at each reply until the time is over; gives the number of replies. */
function loop(
  islands: readonly Island[],
  actions: readonly Action[],
  ms: number,
  latencies: Latencies | undefined,
): Promise<number> {
  const end = performance.now() + ms;
  const [action] = actions as [Action];
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
function rounds(
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

interface Weight {
  readonly bytes: number;
  readonly maxBytes: number;
}

/**
 * Weighs the replies on a fresh connection, apart from the timed loop: there each number is as long as in real life,
 * not as after a million clicks. Checks on the way that each reply says what the event was about.
 */
async function weigh(
  server: ServerProcess,
  plan: Plan,
  actions: readonly Action[],
  times: number,
): Promise<Weight & { readonly each: readonly Weight[] }> {
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
  const [{ bytes, maxBytes }] = sums as [Weight];
  return { bytes, maxBytes, each: sums };
}

/** What the reply to an action must have in it, whatever the wire. */
function expectedText(action: Action, time: number): string {
  switch (action) {
    case 'up':
      return String(time);
    case 'one':
    case 'update10':
      return ' v';
    case 'append':
    case 'prepend':
      return 'row 1';
    default:
      return '';
  }
}
