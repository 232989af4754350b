/*
 * What a predicted board costs its server, beside a plain one: CPU for each event, and memory of one that idles. Where
 * several look at one board, one of them acts. Servers of all arrangements run at once and take turns.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keptTreeMs } from '../../server/actors/idle-trees.ts';
import { type Island, openIslands } from '../driver/island.ts';
import { type Figures, rounds, Tally } from '../driver/loops.ts';
import { type ServerProcess, startServer } from '../driver/server-process.ts';
import { boardActions } from './board.ts';
import { planBoard } from './protocol-board.ts';

/** Who looks at a board: whoever stands first acts. */
export interface Arrangement {
  readonly title: string;
  readonly isShared: boolean;
  /** Whether each of them predicts. */
  readonly viewers: readonly boolean[];
}

const several = (count: number, predicts: boolean): boolean[] => Array<boolean>(count).fill(predicts);

export const arrangements = {
  plain: { title: 'one plain page', isShared: false, viewers: [false] },
  predicted: { title: 'one that predicts', isShared: false, viewers: [true] },
  plain4: { title: 'four plain pages', isShared: true, viewers: several(4, false) },
  predicted4: { title: 'four that predict', isShared: true, viewers: several(4, true) },
  mixed4: { title: 'three that predict and a plain one', isShared: true, viewers: [...several(3, true), false] },
} satisfies Record<string, Arrangement>;

export type ArrangementName = keyof typeof arrangements;

export const arrangementNames = Object.keys(arrangements) as ArrangementName[];

export interface ServerCostOptions {
  /** The file of the pages' script. */
  readonly script: string;
  readonly isQuick: boolean;
}

const boards = 4;
const turn = 20;

export function startBoards(script: string): Promise<ServerProcess> {
  return startServer({ script: fileURLToPath(new URL('./server.ts', import.meta.url)), env: { BENCH_SCRIPT: script } });
}

/** Figures are named `action.cpuUs` and `residentBytes`, `heapBytes` of a board with all who look at it. */
export async function measureServerCost(options: ServerCostOptions): Promise<Record<ArrangementName, Figures>> {
  const cpu = await measureCpu(options);
  const found: [ArrangementName, Figures][] = [];
  for (const name of arrangementNames) {
    found.push([name, { ...cpu[name], ...(await measureMemory(arrangements[name], options)) }]);
  }
  return Object.fromEntries(found) as Record<ArrangementName, Figures>;
}

async function measureCpu({ script, isQuick }: ServerCostOptions): Promise<Record<ArrangementName, Figures>> {
  const all: { name: ArrangementName; server: ServerProcess; actors: Island[]; tallies: Tally[]; islands: Island[] }[] =
    [];
  for (const name of arrangementNames) {
    const server = await startBoards(script);
    const islands: Island[] = [];
    const actors: Island[] = [];
    for (let board = 0; board < boards; board++) {
      const opened = await openBoard(server, arrangements[name], `b${board}`);
      islands.push(...opened);
      actors.push(opened[0] as Island);
    }
    for (const action of boardActions) await rounds(actors, action, isQuick ? 2 : 2 * turn, undefined);
    all.push({ name, server, islands, actors, tallies: boardActions.map(() => new Tally(server)) });
  }
  const segments = isQuick ? 1 : 12;
  for (let segment = 0; segment < segments; segment++) {
    for (const [index, action] of boardActions.entries()) {
      for (const { actors, tallies } of all) {
        const tally = tallies[index] as Tally;
        await tally.add(() => rounds(actors, action, turn, tally.latencies));
      }
    }
  }
  const figures: [ArrangementName, Figures][] = [];
  for (const { name, server, islands, tallies } of all) {
    const ofActions = boardActions.map((action, index) => [`${action}.cpuUs`, tallies[index]?.figures().cpuUs]);
    figures.push([name, Object.fromEntries(ofActions)]);
    for (const island of islands) island.destroy();
    await server.stop();
  }
  return Object.fromEntries(figures) as Record<ArrangementName, Figures>;
}

/** Each board was clicked once. */
async function measureMemory(arrangement: Arrangement, { script, isQuick }: ServerCostOptions): Promise<Figures> {
  const server = await startBoards(script);
  const open = async (count: number, name: string): Promise<Island[]> => {
    const islands: Island[] = [];
    for (let board = 0; board < count; board++) {
      const opened = await openBoard(server, arrangement, `${name}${board}`);
      await rounds(opened.slice(0, 1), 'up', 1, undefined);
      islands.push(...opened);
    }
    return islands;
  };
  const count = isQuick ? 20 : 100;
  // code, caches and free lists are there before the baseline is taken
  const warm = await open(count / 10, 'warm');
  await sleep(300);
  const before = await server.settledMemory();
  const islands = await open(count, 'idle');
  // a tree that nobody shows is let go of after a while
  await sleep(isQuick || arrangement.viewers.includes(false) ? 300 : 2 * keptTreeMs + 3_000);
  const after = await server.settledMemory();
  for (const island of [...warm, ...islands]) island.destroy();
  await server.stop();
  return {
    residentBytes: (after.residentBytes - before.residentBytes) / count,
    heapBytes: (after.heapBytes - before.heapBytes) / count,
  };
}

async function openBoard(server: ServerProcess, { isShared, viewers }: Arrangement, name: string): Promise<Island[]> {
  const islands: Island[] = [];
  const route = viewers.includes(true) ? '/bench/predicted' : '/bench/plain';
  for (const predicts of viewers) {
    const plan = await planBoard(server.port, isShared ? `${route}/${name}` : route, predicts);
    islands.push(...(await openIslands(server.port, plan, 1)));
  }
  return islands;
}
