/*
 * How an event is heard, on the wire: 0 its handler needs no data, 1 it gets data, 2 there is none; or with options
 * `[0, 1 or 2, letters, value, ...]`. Each letter says an option; those of `valued` have a value each, in that order.
 */

import type { OnOptions } from '../language/on-options.ts';
import * as Flag from './listener-flag.ts';

type DataKind = 0 | 1 | 2;

export type WireListener = DataKind | readonly [data: DataKind, letters: string, ...values: unknown[]];

/** How an event is heard, as the browser looks at it. */
export interface Listener {
  /** 1: its handler makes something of the event's data; 2: nobody is to be told. */
  readonly data: DataKind;
  /** Letters of `Flag`. */
  readonly flags: string;
  readonly debounceMs: number;
  readonly throttleMs: number;
  /** As `keyOf` in `client-runtime/dom/conditions.ts` names them. */
  readonly keys: readonly string[] | undefined;
  readonly target: string | undefined;
  readonly include: readonly string[];
  readonly fields: readonly string[] | undefined;
}

/** Encodes how a handler wants its event. @param handler Null: nobody is told. */
export function encodeListener(handler: unknown, options?: OnOptions): WireListener {
  const data = handler === null ? 2 : typeof handler === 'function' ? 1 : 0;
  if (!options) return data;
  let letters = '';
  const values: unknown[] = [];
  const flag = (letter: string, isSet: unknown): void => {
    if (isSet) letters += letter;
  };
  const value = (letter: string, each: unknown): void => {
    flag(letter, each);
    if (each) values.push(each);
  };
  flag(Flag.prevent, options.preventDefault);
  flag(Flag.leave, options.preventDefault === false);
  flag(Flag.stop, options.stopPropagation);
  flag(Flag.self, options.self);
  flag(Flag.outside, options.outside);
  flag(Flag.window, options.window);
  flag(Flag.document, options.document);
  flag(Flag.once, options.once);
  flag(Flag.capture, options.capture);
  flag(Flag.passive, options.passive);
  value(Flag.debounce, options.debounceMs);
  value(Flag.throttle, options.throttleMs);
  value(Flag.keys, options.key && [options.key].flat().map(normalizeKey));
  value(Flag.target, options.target);
  value(Flag.include, options.include?.length && options.include);
  value(Flag.fields, options.fields);
  return letters ? [data, letters, ...values] : data;
}

export function decodeListener(wire: WireListener): Listener {
  const [data, flags = '', ...values] = [wire].flat() as [DataKind, string?, ...unknown[]];
  const take = (letter: string): unknown => (flags.includes(letter) ? values.shift() : undefined);
  return {
    data,
    flags,
    debounceMs: take(Flag.debounce) as number,
    throttleMs: take(Flag.throttle) as number,
    keys: take(Flag.keys) as Listener['keys'],
    target: take(Flag.target) as Listener['target'],
    include: (take(Flag.include) ?? []) as Listener['include'],
    fields: take(Flag.fields) as Listener['fields'],
  };
}

/** `Shift+Ctrl+S` and `Ctrl+Shift+s` are the same key: `ctrl+shift+s`. */
function normalizeKey(key: string): string {
  const parts = key.toLowerCase().split(/\+(?=.)/);
  const name = parts.pop() as string;
  return [...['ctrl', 'alt', 'shift', 'meta'].filter((each) => parts.includes(each)), name].join('+');
}
