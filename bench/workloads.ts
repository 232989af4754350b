/*
 * What is measured, on whom, and how long. A job is one workload on one subject once; it runs in a process of its own
 * (`driver/main.ts`), which starts a fresh server for it.
 */

import { plainTable } from './app/plain.ts';
import { createTable, type Operation } from './app/rows.ts';
import type { Figures } from './driver/loops.ts';
import {
  measureBroadcast,
  measureEvents,
  measureIdle,
  measureJoins,
  measureTurns,
  type Times,
} from './driver/loops.ts';
import { measurePages } from './driver/pages.ts';
import type { Route } from './driver/protocol.ts';
import type { ServerProcess } from './driver/server-process.ts';
import { type Subject, type SubjectName, subjects } from './subjects.ts';

export interface Workload {
  readonly title: string;
  readonly subjects: readonly SubjectName[];
  run(server: ServerProcess, subject: Subject, name: SubjectName, pace: Pace): Promise<Figures>;
}

/** How long loops run: `full` for results, `quick` to see that everything works. */
export type Pace = 'full' | 'quick';

const live: readonly SubjectName[] = ['islet', 'ws', 'liveviewjs'];
const liveAndFastify: readonly SubjectName[] = ['islet', 'ws', 'fastify', 'liveviewjs'];

const times = (pace: Pace, warmupMs: number, measureMs: number): Times =>
  pace === 'full' ? { warmupMs, measureMs } : { warmupMs: warmupMs / 4, measureMs: measureMs / 4 };

const planFor = (server: ServerProcess, { protocol, label }: Subject, route: Route) => {
  if (!protocol) throw new Error(`${label} has no live routes`);
  return protocol.prepare(server.port, route);
};

/** Four connections on tables of their own, each operation by itself; what grows the table shrinks it in turns. */
const table = (
  route: Route,
  title: string,
  actions: readonly Operation[],
  names: readonly SubjectName[],
): Workload => ({
  title,
  subjects: names,
  run: async (server, subject, name, pace) =>
    measureTurns(server, await planFor(server, subject, route), {
      ...times(pace, 800, 1_200),
      connections: 4,
      actions,
      // a turn of the slow must not take seconds, that of the fast must be long against its start and its end
      turn: name === 'liveviewjs' ? 5 : 50,
    }),
});

const idle = (route: Route, title: string, count: number, names: readonly SubjectName[]): Workload => ({
  title,
  subjects: names,
  run: async (server, subject) => {
    // no fewer at quick pace: what a process allocates in bulk would drown what a connection takes
    return measureIdle(server, await planFor(server, subject, route), { islands: count, warmup: count / 10 });
  },
});

export const workloads = {
  counter: {
    title: 'Counter event, closed loop of 100 connections',
    subjects: liveAndFastify,
    run: async (server, subject, _name, pace) =>
      measureEvents(server, await planFor(server, subject, 'counter'), {
        ...times(pace, 1_000, 2_000),
        connections: 100,
        action: 'up',
      }),
  },
  'table/one': table('table', '1,000 rows: change one', ['one'], live),
  'table/update10': table('table', '1,000 rows: change every tenth', ['update10'], ['islet', 'liveviewjs']),
  'table/swap': table('table', '1,000 rows: swap two', ['swap'], ['islet', 'liveviewjs']),
  'table/select': table('table', '1,000 rows: select one', ['select'], ['islet', 'liveviewjs']),
  'table/append': table('table', '1,000 rows: append, remove', ['append', 'remove'], ['islet', 'liveviewjs']),
  'table/prepend': table('table', '1,000 rows: prepend, remove', ['prepend', 'remove'], ['islet', 'liveviewjs']),
  'table/reverse': table('table', '1,000 rows: reverse', ['reverse'], ['islet', 'liveviewjs']),
  'table10k/one': table('table10k', '10,000 rows: change one', ['one'], ['islet', 'liveviewjs']),
  broadcast: {
    title: 'One event to 1,000 subscribers, for each delivery',
    subjects: live,
    run: async (server, subject, _name, pace) =>
      measureBroadcast(server, await planFor(server, subject, 'shared'), {
        ...times(pace, 1_000, 2_000),
        subscribers: 1_000,
        action: 'up',
      }),
  },
  joins: {
    title: 'Join over an open page: connect, join, close',
    subjects: liveAndFastify,
    run: async (server, subject, _name, pace) =>
      measureJoins(server, await planFor(server, subject, 'counter'), {
        ...times(pace, 1_000, 2_000),
        concurrency: 20,
      }),
  },
  'idle/counter': idle('counter', 'Idle joined counter islands', 5_000, liveAndFastify),
  'idle/table': idle('table', 'Idle joined islands of 1,000 rows', 200, ['islet', 'liveviewjs']),
  pages: {
    title: 'A page of 1,000 rows',
    subjects: ['islet', 'strings', 'solid', 'preact', 'react', 'liveviewjs'],
    run: (server, _subject, name, pace) =>
      measurePages(server, {
        ...times(pace, 1_000, 1_500),
        path: name === 'liveviewjs' ? '/bench/table' : '/bench/ssr',
        connections: 4,
      }),
  },
  'pages/island': {
    title: 'A page with a live island of 1,000 rows',
    subjects: ['islet', 'liveviewjs'],
    run: async (server, _subject, name, pace) => {
      const path = name === 'liveviewjs' ? '/bench/table' : '/bench/page/table';
      const figures = await measurePages(server, { ...times(pace, 1_000, 1_500), path, connections: 4 });
      return name === 'islet' ? { ...figures, markedTimes: await weighMarks(server, path) } : figures;
    },
  },
  start: {
    title: 'Server start',
    subjects: liveAndFastify,
    run: async (server) => ({ startMs: server.startMs, startCpuMs: server.startCpuUs / 1_000 }),
  },
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof workloads;

/** How many times as long the island's HTML is as the same HTML without any marks, its element's tags included. */
async function weighMarks(server: ServerProcess, path: string): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${server.port}${path}`)).text();
  const island = /<server-component.*<\/server-component>/s.exec(page)?.[0];
  if (island === undefined) throw new Error(`no island in ${page.slice(0, 500)}`);
  return Buffer.byteLength(island) / Buffer.byteLength(plainTable(createTable(1_000)));
}

/** Looks up what a job needs. */
export function jobOf(
  workload: WorkloadName,
  subject: SubjectName,
): { readonly workload: Workload; readonly subject: Subject } {
  return { workload: workloads[workload], subject: subjects[subject] };
}
