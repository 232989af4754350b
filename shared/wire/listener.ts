/*
 * How an event is heard, on the wire: 0 its handler needs no data, 1 it gets the usual data, or with options
 * `[0 or 1, debounceMs, throttleMs, flags, ...include]`, flags being `p` (preventDefault) and `s` (stopPropagation).
 */

import type { OnOptions } from '../language/events.ts';

export type WireListener =
  | 0
  | 1
  | readonly [data: 0 | 1, debounceMs: number, throttleMs: number, flags: string, ...include: string[]];

/** How an event is heard, in full. */
export interface Listener extends Required<OnOptions> {
  /** Whether the handler makes something of the event's data. */
  readonly wantsData: boolean;
}

/** Encodes how a handler wants its event. */
export function encodeListener(wantsData: boolean, options?: OnOptions): WireListener {
  const data = wantsData ? 1 : 0;
  if (!options) return data;
  const { debounceMs = 0, throttleMs = 0, preventDefault, stopPropagation, include = [] } = options;
  const flags = (preventDefault ? 'p' : '') + (stopPropagation ? 's' : '');
  if (!debounceMs && !throttleMs && !flags && include.length === 0) return data;
  return [data, debounceMs, throttleMs, flags, ...include];
}

export function decodeListener(wire: WireListener): Listener {
  const [data, debounceMs = 0, throttleMs = 0, flags = '', ...include] = [wire].flat() as unknown as Exclude<
    WireListener,
    number
  >;
  return {
    wantsData: data > 0,
    debounceMs,
    throttleMs,
    preventDefault: flags.includes('p'),
    stopPropagation: flags.includes('s'),
    include,
  };
}
