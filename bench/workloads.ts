/*
 * What is measured, and on whom. Loops of several subjects take turns within a job (`driver/main.ts`); what cannot be
 * cut into segments (memory, start) is measured once for each subject.
 */

import { plainTable } from './app/plain.ts';
import { createTable, type Operation } from './app/rows.ts';
import { measureCluster } from './driver/cluster.ts';
import {
  type Figures,
  type Loop,
  measureIdle,
  openBroadcast,
  openEvents,
  openJoins,
  openTurns,
} from './driver/loops.ts';
import { openPages } from './driver/pages.ts';
import type { Action, Plan, Route } from './driver/protocol.ts';
import type { ServerProcess } from './driver/server-process.ts';
import { type SubjectName, subjects } from './subjects.ts';

export type Workload = {
  readonly title: string;
  readonly subjects: readonly SubjectName[];
} & (
  | { readonly kind: 'loop'; open(server: ServerProcess, name: SubjectName): Promise<Loop> }
  | { readonly kind: 'once'; run(server: ServerProcess, name: SubjectName): Promise<Figures> }
  /** It starts servers of its own. */
  | { readonly kind: 'several'; run(isQuick: boolean): Promise<Figures> }
);

const liveAndFastify: readonly SubjectName[] = ['islet', 'ws', 'fastify', 'liveviewjs', 'phoenix'];
const tables: readonly SubjectName[] = ['islet', 'liveviewjs', 'phoenix'];
/** A stream has a short way for what concerns single rows. */
const tablesAndStream: readonly SubjectName[] = [...tables, 'phoenixStream'];
/** Whose tables take a millisecond and more. */
const slow: readonly SubjectName[] = ['liveviewjs', 'phoenix'];

/** How to talk to a subject about one of its routes. */
export async function planFor(server: ServerProcess, name: SubjectName, route: Route): Promise<Plan> {
  const { protocol, label } = subjects[name];
  if (!protocol) throw new Error(`${label} has no live routes`);
  return protocol.prepare(server.port, route);
}

/** Four connections on tables of their own, each operation by itself; what grows the table shrinks it in turns. */
const table = (
  route: Route,
  title: string,
  actions: readonly Operation[],
  names: readonly SubjectName[] = tables,
): Workload => ({
  kind: 'loop',
  title,
  subjects: names,
  open: async (server, name) =>
    openTurns(server, await planFor(server, name, route), {
      connections: 4,
      actions,
      // a turn of the slow must not take seconds, that of the fast must be long against its start and its end
      turn: slow.includes(name) ? 5 : 50,
    }),
});

const idle = (
  route: Route,
  title: string,
  islands: number,
  names: readonly SubjectName[],
  first?: Action,
): Workload => ({
  kind: 'once',
  title,
  subjects: names,
  run: async (server, name) =>
    measureIdle(server, await planFor(server, name, route), { islands, warmup: islands / 10, first }),
});

const pages = (
  title: string,
  names: readonly SubjectName[],
  pathOf: (name: SubjectName) => string,
  weigh?: (html: string) => Figures,
): Workload => ({
  kind: 'loop',
  title,
  subjects: names,
  open: (server, name) =>
    openPages(server, { path: pathOf(name), connections: 4, ...(name === 'islet' && weigh && { more: weigh }) }),
});

/** A long list of rows with a button each, in a template of its own: the event names an instance deep in the tree. */
const nested = (route: Route, title: string): Workload => ({
  kind: 'loop',
  title,
  subjects: ['islet'],
  open: async (server, name) =>
    openTurns(server, await planFor(server, name, route), { connections: 4, actions: ['pick'], turn: 50 }),
});

/** Each connection has an actor of its own. What commits nothing is measured beside it, and what commits a row. */
const kept = (title: string, connections: number): Workload => ({
  kind: 'loop',
  title,
  subjects: ['islet', 'wsKept', 'ws'],
  open: async (server, name) =>
    openEvents(server, await planFor(server, name, name === 'ws' || name === 'wsKept' ? 'counter' : 'kept'), {
      connections,
      action: 'up',
    }),
});

export const workloads = {
  counter: {
    kind: 'loop',
    title: 'Counter event, closed loop of 100 connections',
    subjects: liveAndFastify,
    open: async (server, name) =>
      openEvents(server, await planFor(server, name, 'counter'), { connections: 100, action: 'up' }),
  },
  'kept/100': kept('Counter event, committed to SQLite, closed loop of 100 actors', 100),
  'kept/1': kept('Counter event, committed to SQLite, closed loop of one actor', 1),
  'table/one': table(
    'table',
    '1,000 rows: change one',
    ['one'],
    ['islet', 'ws', 'liveviewjs', 'phoenix', 'phoenixStream'],
  ),
  'table/update10': table('table', '1,000 rows: change every tenth', ['update10'], tablesAndStream),
  'table/swap': table('table', '1,000 rows: swap two', ['swap']),
  'table/select': table('table', '1,000 rows: select one', ['select']),
  'table/append': table('table', '1,000 rows: append, remove', ['append', 'remove'], tablesAndStream),
  'table/prepend': table('table', '1,000 rows: prepend, remove', ['prepend', 'remove'], tablesAndStream),
  'table/reverse': table('table', '1,000 rows: reverse', ['reverse']),
  'table10k/one': table('table10k', '10,000 rows: change one', ['one']),
  'list/1k': table('list1k', '1,000 rows, a long list: change one', ['one'], ['islet']),
  'list/10k': table('list10k', '10,000 rows, a long list: change one', ['one'], ['islet']),
  'list/100k': table('list100k', '100,000 rows, a long list: change one', ['one'], ['islet']),
  'nested/1k': nested('nested1k', '1,000 rows: click a button in a template in a row'),
  'nested/10k': nested('nested10k', '10,000 rows: click a button in a template in a row'),
  'nested/100k': nested('nested100k', '100,000 rows: click a button in a template in a row'),
  broadcast: {
    kind: 'loop',
    title: 'One event to 1,000 subscribers, for each delivery',
    subjects: ['islet', 'ws', 'wsPaced', 'liveviewjs', 'phoenix'],
    open: async (server, name) =>
      openBroadcast(server, await planFor(server, name, 'shared'), { subscribers: 1_000, action: 'up' }),
  },
  joins: {
    kind: 'loop',
    title: 'Join over an open page: connect, join, close',
    subjects: [...liveAndFastify, 'wsAsked'],
    open: async (server, name) => openJoins(server, await planFor(server, name, 'counter'), { concurrency: 20 }),
  },
  'idle/counter': idle('counter', 'Idle joined counter islands', 5_000, liveAndFastify),
  // what was never changed is not stored: each is clicked once
  'idle/kept': idle('kept', 'Idle joined counter islands, each stored in SQLite', 5_000, ['islet'], 'up'),
  'idle/table': idle('table', 'Idle joined islands of 1,000 rows', 200, tablesAndStream),
  pages: pages(
    'A page of 1,000 rows',
    ['islet', 'strings', 'solid', 'preact', 'react', 'liveviewjs', 'phoenix'],
    // all its pages are live
    (name) => (name === 'liveviewjs' ? '/bench/table' : '/bench/ssr'),
  ),
  'pages/island': pages(
    'A page with a live island of 1,000 rows',
    tables,
    (name) => (name === 'islet' ? '/bench/page/table' : '/bench/table'),
    weighMarks,
  ),
  cluster: {
    kind: 'several',
    title: 'One event of a shared counter over several processes',
    subjects: ['islet'],
    run: measureCluster,
  },
  start: {
    kind: 'once',
    title: 'Server start',
    subjects: liveAndFastify,
    run: async (server) => ({ startMs: server.startMs, startCpuMs: server.startCpuUs / 1_000 }),
  },
} satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof workloads;

/** How many times as long the island's HTML is as the same HTML without any marks, its element's tags included. */
function weighMarks(page: string): Figures {
  const island = /<server-component.*<\/server-component>/s.exec(page)?.[0];
  if (island === undefined) throw new Error(`no island in ${page.slice(0, 500)}`);
  return { markedTimes: Buffer.byteLength(island) / Buffer.byteLength(plainTable(createTable(1_000))) };
}
