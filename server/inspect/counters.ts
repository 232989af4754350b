/*
 * Counts of what a server has done since its start, for tests and for whoever watches it. The parts that do it count;
 * `app.islet.counters` shows them. What a client can make up is no name of a count: there is a bounded number of them.
 */

import { closeCode, type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';

export interface Counters {
  views: number;
  encodings: number;
  /** Frames that were sent. */
  frames: number;
  failures: number;
  droppedEvents: number;
  /** Islands that were joined, those that came back included. */
  joins: number;
  readonly connections: {
    opened: number;
    /** By the WebSocket close code; `other`: one that neither the protocol nor a browser has. */
    readonly closed: { [code: string]: number };
  };
  /** What was refused to clients, by its code: connections, joins, events and frames. */
  readonly refusals: { [code in ErrorCode]?: number };
}

export function createCounters(): Counters {
  return {
    views: 0,
    encodings: 0,
    frames: 0,
    failures: 0,
    droppedEvents: 0,
    joins: 0,
    connections: { opened: 0, closed: {} },
    refusals: {},
  };
}

export function countRefusal({ refusals }: Counters, code: ErrorCode): void {
  refusals[code] = (refusals[code] ?? 0) + 1;
}

/** @param code What the peer said, or answered: it may be any. */
export function countClosed({ connections: { closed } }: Counters, code: number): void {
  const name = knownCloseCodes.has(code) ? String(code) : 'other';
  closed[name] = (closed[name] ?? 0) + 1;
}

/** Those of browsers and of ws, and our own. */
const knownCloseCodes = new Set<number | undefined>([
  ...[1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013],
  ...Object.keys(errorCatalogue).map((code) => closeCode(code as ErrorCode)),
]);
