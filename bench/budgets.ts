/*
 * The budgets of this project, held against one run's results. A budget is a bound on a figure, or on a ratio to a
 * peer's figure of the same run; one that was not measured in a run is left out.
 */

import type { Operation } from './app/rows.ts';
import { figureOf, type Results, ratioOf } from './results.ts';

export interface Verdict {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  /** What value and limit count: bytes, or times a peer's figure. */
  readonly unit: string;
  readonly isMet: boolean;
}

interface Budget {
  readonly what: string;
  readonly limit: number;
  readonly unit: string;
  readonly value: (get: Get, ratio: Ratio) => number | undefined;
}

type Get = (workload: string, subject: string, figure: string) => number | undefined;
type Ratio = (workload: string, peer: string, figure: string, subject?: string) => number | undefined;

const absolute = (what: string, limit: number, unit: string, workload: string, figure: string, scale = 1): Budget => ({
  what,
  limit,
  unit,
  value: (get) => divide(get(workload, 'islet', figure), scale),
});

const relative = (
  what: string,
  limit: number,
  peer: string,
  label: string,
  workload: string,
  figure: string,
): Budget => ({
  what,
  limit,
  unit: `times ${label}`,
  value: (_get, ratio) => ratio(workload, peer, figure),
});

/** What something costs in a room of the cluster, in proportion to another room of the same run. */
function ofRooms(what: string, limit: number, unit: string, figure: string, other: string): Budget {
  const value = (get: Get): number | undefined =>
    divide(get('cluster', 'islet', figure), get('cluster', 'islet', other));
  return { what, limit, unit, value };
}

/** A long list of more rows, in proportion to one of a thousand. */
function ofLength(what: string, workload: string, limit: number, beside = 'list/1k', figure = 'one.cpuUs'): Budget {
  const value = (get: Get): number | undefined => divide(get(workload, 'islet', figure), get(beside, 'islet', figure));
  return { what, limit, unit: 'times one of 1,000', value };
}

/** What changes a table of 1,000 rows in Chromium, in proportion to lit. */
function besideLit(operation: Operation, subject: string, what: string): Budget {
  const value = (_get: Get, ratio: Ratio): number | undefined => ratio(`dom/${operation}`, 'lit', 'us', subject);
  return { what: `${operation} of 1,000 rows in Chromium, ${what}`, limit: 1, unit: 'times lit', value };
}

const changes = ['one', 'update10', 'swap', 'select', 'append', 'remove'] as const;

const budgets: readonly Budget[] = [
  {
    what: 'client element, minified, gzip -9',
    limit: 6_000,
    unit: 'bytes',
    value: (get) => get('size', 'islet-element', 'gzipBytes'),
  },
  absolute("a counter's patch", 20, 'bytes', 'counter', 'maxBytes'),
  absolute('patch: one cell in 1,000 rows', 30, 'bytes', 'table/one', 'one.maxBytes'),
  absolute('patch: swap two', 45, 'bytes', 'table/swap', 'swap.maxBytes'),
  absolute('patch: append', 100, 'bytes', 'table/append', 'append.maxBytes'),
  absolute('patch: remove', 30, 'bytes', 'table/append', 'remove.maxBytes'),
  absolute('patch: prepend', 110, 'bytes', 'table/prepend', 'prepend.maxBytes'),
  absolute('joining an unchanged island, all frames', 100, 'bytes', 'joins', 'bytes'),
  relative('server CPU per counter event', 1.4, 'ws', 'a bare ws echo', 'counter', 'cpuUs'),
  relative('server CPU per committed event, 100 busy actors', 2, 'ws', 'a bare ws echo', 'kept/100', 'cpuUs'),
  relative('server CPU per committed event, one actor', 3, 'ws', 'a bare ws echo', 'kept/1', 'cpuUs'),
  relative('server CPU per committed event, 100 busy actors', 2.2, 'wsKept', 'ws and one UPDATE', 'kept/100', 'cpuUs'),
  relative('server CPU per committed event, one actor', 2.7, 'wsKept', 'ws and one UPDATE', 'kept/1', 'cpuUs'),
  relative('server CPU per one-row event, 1,000 rows', 2, 'ws', 'a bare ws echo', 'table/one', 'one.cpuUs'),
  relative('server CPU per delivery to 1,000 subscribers', 1.1, 'ws', 'a bare ws broadcast', 'broadcast', 'cpuUs'),
  relative('the same at equal pace', 1.1, 'wsPaced', '60 bare ws broadcasts a second', 'broadcast', 'cpuUs'),
  relative(
    'resident memory per idle counter island',
    1.7,
    'fastify',
    'Fastify + websocket',
    'idle/counter',
    'residentBytes',
  ),
  absolute('resident memory per idle island of 1,000 rows', 250, 'KiB', 'idle/table', 'residentBytes', 1_024),
  relative('server CPU per join over an open page', 2, 'ws', 'a bare ws connection', 'joins', 'cpuUs'),
  absolute("the 1,000-row island's HTML", 1.15, 'times the same without marks', 'pages/island', 'markedTimes'),
  relative('server-rendering 1,000 rows', 1.5, 'strings', 'escaped strings', 'pages', 'cpuUs'),
  ofRooms('owner: server CPU per event, 1,000 at another process', 1.3, 'times 100 there', 'many.cpuUs', 'few.cpuUs'),
  ofRooms('owner: server CPU per event, 1,000 at three processes', 0.7, 'times all at one', 'three.cpuUs', 'one.cpuUs'),
  ofRooms('one process: server CPU per event, bus in memory', 1.2, 'times without', 'memory.cpuUs', 'alone.cpuUs'),
  ofRooms('an event at another process than the owner, latency', 15, 'times at the owner', 'far.p50Us', 'near.p50Us'),
  absolute('an event at the owner, on the bus', 200, 'bytes', 'cluster', 'many.busBytes'),
  absolute('an event at another process, on the bus', 500, 'bytes', 'cluster', 'far.busBytes'),
  {
    what: 'one row of 10,000, beyond copying and comparing the list',
    limit: 1.5,
    unit: 'times one row of 1,000',
    value: (get) => divide(beyondList(get, 'table10k/one', 10_000), beyondList(get, 'table/one', 1_000)),
  },
  ofLength('one row of a long list of 10,000', 'list/10k', 1.2),
  ofLength('one row of a long list of 100,000', 'list/100k', 2),
  ofLength('a nested button in a long list of 10,000', 'nested/10k', 1.2, 'nested/1k', 'pick.cpuUs'),
  ofLength('a nested button in a long list of 100,000', 'nested/100k', 2, 'nested/1k', 'pick.cpuUs'),
  ...changes.map((operation) => besideLit(operation, 'islet-app', 'a component that runs there')),
  ...changes.map((operation) => besideLit(operation, 'islet-page', "the server's patch")),
];

/** Holds the results against every budget that was measured. */
export function checkBudgets(results: Results): Verdict[] {
  const get: Get = (workload, subject, figure) => figureOf(results, workload, subject, figure);
  const ratio: Ratio = (workload, peer, figure, subject = 'islet') => ratioOf(results, workload, subject, peer, figure);
  return budgets.flatMap(({ what, limit, unit, value: read }) => {
    const value = read(get, ratio);
    return value === undefined ? [] : [{ what, value, limit, unit, isMet: value <= limit }];
  });
}

/** What an event costs without what any immutable list of this length costs: one copy and one look at each item. */
function beyondList(get: Get, workload: string, length: number): number | undefined {
  const whole = get(workload, 'islet', 'one.cpuUs');
  const list = get('list', 'floor', `us${length}`);
  return whole === undefined || list === undefined ? undefined : whole - list;
}

function divide(value: number | undefined, by: number | undefined): number | undefined {
  return value === undefined || by === undefined ? undefined : value / by;
}
