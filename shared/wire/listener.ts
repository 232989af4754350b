/*
 * How an event is heard, on the wire: 0 its handler needs no data, 1 it gets data, 2 there is none; or with options
 * `[0, 1 or 2, options]`, each under its letter (`listener-option.ts`). What is not used is not there.
 */

import { fieldNames } from '../language/fields.ts';
import type { OnOptions } from '../language/on-options.ts';
import { nameKey } from './key-name.ts';
import * as Option from './listener-option.ts';

type DataKind = 0 | 1 | 2;

interface WireOptions {
  readonly [Option.prevent]?: 1;
  readonly [Option.leave]?: 1;
  readonly [Option.stop]?: 1;
  readonly [Option.self]?: 1;
  readonly [Option.outside]?: 1;
  readonly [Option.window]?: 1;
  readonly [Option.document]?: 1;
  readonly [Option.once]?: 1;
  readonly [Option.capture]?: 1;
  readonly [Option.passive]?: 1;
  readonly [Option.debounce]?: number;
  readonly [Option.throttle]?: number;
  readonly [Option.keys]?: readonly string[];
  readonly [Option.target]?: string;
  readonly [Option.include]?: readonly string[];
  readonly [Option.fields]?: readonly string[];
}

export type WireListener = DataKind | readonly [data: DataKind, options: WireOptions];

/** How an event is heard, as the browser looks at it. */
export interface Listener extends WireOptions {
  /** 1: its handler makes something of the event's data; 2: nobody is to be told. */
  readonly data: DataKind;
}

/** Encodes how a handler without options wants its event. @param handler Null: nobody is told. */
export function encodeListener(handler: unknown): DataKind {
  return handler === null ? 2 : typeof handler === 'function' ? 1 : 0;
}

/** Encodes how a handler with options wants its event. */
export function encodeOptions(handler: unknown, options: OnOptions): WireListener {
  const data = encodeListener(handler);
  const { preventDefault, window, document, outside, key, include } = options;
  const isFar = window || document || outside;
  const flags: { readonly [letter: string]: unknown } = {
    [Option.prevent]: preventDefault,
    [Option.leave]: preventDefault === false,
    [Option.stop]: options.stopPropagation,
    [Option.self]: options.self,
    [Option.outside]: outside,
    [Option.window]: window,
    [Option.document]: document,
    [Option.once]: options.once,
    [Option.capture]: options.capture,
    // as browsers have it at the window, unless somebody wants to prevent
    [Option.passive]: options.passive ?? (isFar && !preventDefault),
  };
  const values: { readonly [letter: string]: unknown } = {
    [Option.debounce]: options.debounceMs,
    [Option.throttle]: options.throttleMs,
    [Option.keys]: key && [key].flat().flatMap(encodeKey),
    [Option.target]: options.target,
    [Option.include]: include?.length && include,
    [Option.fields]: options.fields && fieldNames(options.fields),
  };
  const wire: Record<string, unknown> = {};
  for (const letter in flags) if (flags[letter]) wire[letter] = 1;
  for (const letter in values) if (values[letter]) wire[letter] = values[letter];
  return Object.keys(wire).length > 0 ? [data, wire] : data;
}

export function decodeListener(wire: WireListener): Listener {
  const [data, options] = [wire].flat() as [DataKind, WireOptions?];
  return { data, ...options };
}

/** All names of a key as an author wrote it: some keyboards need Shift or Alt to make a sign. */
function encodeKey(text: string): readonly string[] {
  const held = text.split(/\+(?=.)/);
  const written = held.pop() as string;
  const key = written === 'Space' ? ' ' : written;
  const isSign = written.length === 1 && key.toLowerCase() === key.toUpperCase();
  const isFree = isSign && !held.includes('Shift') && !held.includes('Alt');
  return (isFree ? [[], ['Shift'], ['Alt'], ['Alt', 'Shift']] : [[]]).map((more) =>
    nameKey(key, (modifier) => {
      const name = `${modifier[0]?.toUpperCase()}${modifier.slice(1, -3)}`;
      return held.includes(name) || more.includes(name);
    }),
  );
}
