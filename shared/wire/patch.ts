/*
 * The patch format: what turns one rendered tree into the next, as plain JSON. `diff` makes it, `apply` in the
 * browser carries it out, on the server it crosses the wire in between. New instances carry no ids: both sides count
 * them in the order in which they appear in the patch.
 */

import type { EmitOptions } from '../language/effect.ts';
import type { WireDefinition } from '../template/definition.ts';

/**
 * Content of a child hole on the wire: text (null: none), an instance as its template's number and its slots, a list
 * as an array of instances, or raw markup. An instance starts with a number, a list with an array or not at all.
 */
export type WireContent = string | number | null | WireInstance | WireInstance[] | readonly ['raw', string];
export type WireInstance = readonly [template: number, ...slots: unknown[]];

/** Sets one hole of one instance. */
export type SetHole = readonly [instance: number, hole: number, value: unknown];

/**
 * Edits a list: takes `removed` instances out, then carries out each run in turn: it puts its entries, in order, before
 * the instance `before` (0: at the end). An entry is the id of an instance that moves, or a new instance.
 */
export type EditList = readonly ['list', instance: number, hole: number, removed: readonly number[], ...runs: Run[]];
export type Run = readonly [before: number, ...entries: (number | WireInstance)[]];

/** Defines templates, numbered from `first` on. */
export type Define = readonly ['define', first: number, ...definitions: WireDefinition[]];

/** Fires a custom event on the island's element. */
export type Emit = readonly ['emit', name: string, detail: unknown, options?: EmitOptions];

/** Gives a value to the island's descendants that ask for `key` by the context protocol. */
export type Provide = readonly ['provide', key: string, value: unknown];

export type Operation = SetHole | EditList | Define | Emit | Provide;

/** An empty patch is never sent. */
export type Patch = readonly Operation[];

/**
 * How an event is heard in the browser: 0 its handler needs no data, 1 it gets the usual data, or with options
 * `[0 or 1, debounceMs, throttleMs, flags, ...include]`, flags being `p` (preventDefault) and `s` (stopPropagation).
 */
export type WireListener =
  | 0
  | 1
  | readonly [data: 0 | 1, debounceMs: number, throttleMs: number, flags: string, ...include: string[]];
