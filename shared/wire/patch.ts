/*
 * The patch format: what turns one rendered tree into the next, as plain JSON. `diff` makes it by the functions here,
 * `apply` in the browser carries it out by `carryOut`, on the server it crosses the wire in between. New instances
 * carry no ids: both sides count them in the order in which they appear in the patch.
 */

import type { EmitOptions } from '../language/effect.ts';
import type { WireInstance } from './content.ts';
import type { WireDefinition } from './definition.ts';
import type { ModelOperation } from './model-patch.ts';

/** Sets one hole of one instance. */
export type SetHole = readonly [instance: number, hole: number, value: unknown];

/**
 * Edits a list: takes `removed` instances out, then carries out each run in turn: it puts its entries, in order, before
 * the instance `before` (0: at the end). An entry is the id of an instance that moves, or a new instance.
 */
export type EditList = readonly ['list', instance: number, hole: number, removed: readonly number[], ...runs: Run[]];
export type Run = readonly [before: number, ...entries: Entry[]];
export type Entry = number | WireInstance;

/**
 * What an object says of attributes, by name: their text, or null for no attribute any more. In a hole that gives
 * several the value of a `SetHole` is what changed, and in a new instance all that there is.
 */
export type AttributeChanges = { readonly [name: string]: string | null };

/** Defines templates, numbered from `first` on. */
export type Define = readonly ['define', first: number, ...definitions: WireDefinition[]];

/** Fires a custom event on the island's element. */
export type Emit = readonly ['emit', name: string, detail: unknown, options?: EmitOptions];

/** Gives a value to the island's descendants that ask for `key` by the context protocol. */
export type Provide = readonly ['provide', key: string, value: unknown];

/** Tells one client that its event was refused. It is no part of what is shown, and of no version. */
export type Refused = readonly ['refused', event: number, code: string, message: string];

/** Changes the model of those who predict. */
export type ChangeModel = readonly ['model', ...changes: ModelOperation[]];

/**
 * Tells a page that predicts as whom its handlers are called, and the server's time; where the page may keep what is done
 * offline, also a mark of its person, which is another for another person. It is of no version.
 */
export type You = readonly ['you', id: string, user: unknown, now: number, person?: string];

/**
 * Tells a page that predicts what the server has drawn of this version, as a digest: where its own code draws something
 * else, it is other code.
 */
export type Drawn = readonly ['drawn', digest: number];

export type Operation = SetHole | EditList | Define | Emit | Provide | Refused | ChangeModel | Drawn | You;

/** An empty patch is never sent. */
export type Patch = readonly Operation[];

export function setHole(instance: number, hole: number, value: unknown): SetHole {
  return [instance, hole, value];
}

export function editList(instance: number, hole: number, removed: readonly number[], runs: readonly Run[]): EditList {
  return ['list', instance, hole, removed, ...runs];
}

/** Makes a run of a list's edit. */
export function putBefore(before: number, entries: readonly Entry[]): Run {
  return [before, ...entries];
}

export function define(first: number, definitions: readonly WireDefinition[]): Define {
  return ['define', first, ...definitions];
}

export function emit(name: string, detail: unknown, options: EmitOptions | undefined): Emit {
  return options ? ['emit', name, detail, options] : ['emit', name, detail];
}

export function provide(key: string, value: unknown): Provide {
  return ['provide', key, value];
}

export function refused(event: number, code: string, message: string): Refused {
  return ['refused', event, code, message];
}

export function changeModel(changes: readonly ModelOperation[]): ChangeModel {
  return ['model', ...changes];
}

export function drawn(digest: number): Drawn {
  return ['drawn', digest];
}

export function you(id: string, user: unknown, now: number, person?: string): You {
  return person === undefined ? ['you', id, user, now] : ['you', id, user, now, person];
}

/** The templates that an operation defines. */
export function definitionsOf([, , ...definitions]: Define): readonly WireDefinition[] {
  return definitions;
}

export function isDefine(operation: Operation): operation is Define {
  return operation[0] === 'define';
}

export function isRefused(operation: Operation): operation is Refused {
  return operation[0] === 'refused';
}

/** The instance that an operation changes; 0 where it changes none. */
export function instanceOf([kind, second]: Operation): number {
  return typeof kind === 'number' ? kind : kind === 'list' ? (second as number) : 0;
}

/** What to do for each kind of operation; nothing where it does not say. Kinds are the words of the wire. */
export interface OperationHandler<Result> {
  /** Sets a hole: the one kind without a word. */
  set?(instance: number, hole: number, value: unknown): Result;
  list?(instance: number, hole: number, removed: readonly number[], ...runs: Run[]): Result;
  define?(first: number, ...definitions: WireDefinition[]): Result;
  emit?(name: string, detail: unknown, options?: EmitOptions): Result;
  provide?(key: string, value: unknown): Result;
  refused?(event: number, code: string, message: string): Result;
  model?(...changes: ModelOperation[]): Result;
  drawn?(digest: number): Result;
  you?(id: string, user: unknown, now: number, person?: string): Result;
}

/** Gives an operation to the function for its kind. */
export function carryOut<Result>(operation: Operation, handler: OperationHandler<Result>): Result | undefined {
  // most operations are these: nothing is copied for them
  if (isSetHole(operation)) return handler.set?.(operation[0], operation[1], operation[2]);
  const [kind, ...fields] = operation;
  const acts = handler as { readonly [kind: string]: ((...fields: unknown[]) => Result) | undefined };
  return acts[kind]?.(...fields);
}

/** Whether it sets a hole. */
export function isSetHole(operation: Operation): operation is SetHole {
  return typeof operation[0] === 'number';
}

/** Reads a run of a list's edit. */
export function readRun([before, ...entries]: Run): { readonly before: number; readonly entries: readonly Entry[] } {
  return { before, entries };
}
