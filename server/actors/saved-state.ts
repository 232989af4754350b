/*
 * What is kept of an actor, as texts of a row and as values. Input: a row of the store, which code of another day may
 * have written. Output: what a new actor goes on from, or an error that names the row and what can be done about it.
 */

import type { Snapshot } from 'xstate';
import type { Attributes } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { applyIdEdits, type IdEdit } from '../../shared/tree/id-edits.ts';
import type { IdRuns } from '../../shared/wire/content.ts';
import { applyModel, type ModelOperation } from '../../shared/wire/model-patch.ts';
import { nameKey } from '../store/check-write.ts';
import type { Saved } from '../store/store.ts';
import type { KeptTimer } from './durable-timers.ts';
import { type KeptTask, readTasks } from './kept-tasks.ts';
import type { LastNumber } from './last-client.ts';

/** What of a rendering changes with each turn. */
export interface KeptRendering {
  readonly epoch: string;
  readonly version: number;
  readonly nextId: number;
  /** Of the content, as `ContentDigest` has it. */
  readonly digest: string;
  /** The patch that led to this version, where it is short: a page may have missed it. */
  readonly last?: string | undefined;
  /** Values offered to descendants. */
  readonly provided?: readonly (readonly [key: string, value: unknown])[] | undefined;
  /** Events of late that were refused: their pages may not have heard of it. */
  readonly refused?: readonly KeptRefusal[] | undefined;
  /** How far the client has come that acted last, where it is ahead of its row. */
  readonly lastClient?: LastNumber | undefined;
  /** Of a claim: each one of the key has a higher one. */
  readonly term?: number | undefined;
}

export interface KeptRefusal {
  readonly client: string;
  readonly event: number;
  readonly code: ErrorCode;
  readonly reason?: string | undefined;
}

/** What of a rendering changes with the structure alone. */
export interface KeptInstances {
  /** In document order. */
  readonly ids: IdRuns;
  /** How often they were written whole, which edits of them say, too. Undefined: 0. */
  readonly number?: number | undefined;
  /** Names of the templates, by number. */
  readonly names: readonly string[];
  /** Of an island of one's own: the attributes that its element had. */
  readonly attributes?: Attributes | undefined;
}

/** Timers, and the time of day when they were written down. */
interface KeptTimers {
  readonly at: number;
  readonly timers: readonly KeptTimer[];
}

export interface KeptState {
  readonly snapshot: Snapshot<unknown>;
  /** Whether it is as its writer left it: nothing was migrated. */
  readonly isAsWritten: boolean;
  readonly rendering: KeptRendering | undefined;
  readonly instances: KeptInstances | undefined;
  readonly timers: readonly KeptTimer[];
  readonly tasks: readonly KeptTask[];
}

/**
 * Reads a row.
 *
 * @param now The time of day, by the clock that what is kept was written by.
 * @throws IsletError ISLET_ERR_STATE if it cannot be read or brought to the component's schema, ISLET_ERR_STATE_NEWER
 *   if newer code has written it. The row stays as it is.
 */
export function readSaved(key: string, saved: Saved, component: AnyComponent, now: number): KeptState {
  const { schema = 0, migrate } = component;
  if (saved.schema > schema) {
    const problem = `what is kept under ${nameKey(key)} has the schema ${saved.schema}, and this code knows those up to ${schema}`;
    throw new IsletError('ISLET_ERR_STATE_NEWER', `${problem}; it stays as it is for the code that wrote it`);
  }
  const { value: snapshot, edits } = attempt(key, 'read', () => readModel(saved));
  const isAsWritten = saved.schema === schema;
  if (!isAsWritten && !migrate) {
    throw stateError(key, `it has the schema ${saved.schema}, the component has ${schema} and no migrate(old, from)`);
  }
  return {
    snapshot:
      isAsWritten || !migrate ? snapshot : attempt(key, 'migrated', () => migrated(snapshot, saved.schema, migrate)),
    isAsWritten,
    rendering: attempt(key, 'read', () => read<KeptRendering>(saved.rendering)),
    instances: attempt(key, 'read', () => edited(read<KeptInstances>(saved.instances), edits)),
    timers: attempt(key, 'read', () => readTimers(saved.timers, now)),
    tasks: attempt(key, 'read', () => readTasks(saved.tasks, now)),
  };
}

/** What a row says of the claim on it; 0: it was never claimed. */
export function termOf({ rendering }: Saved): number {
  try {
    return read<Pick<KeptRendering, 'term'>>(rendering)?.term ?? 0;
  } catch {
    return 0;
  }
}

/** As JSON.stringify writes it, in a third of the time: it is written with each turn. */
export function writeRendering(rendering: Required<KeptRendering>): string {
  const { epoch, version, nextId, digest, last, provided, refused, lastClient, term } = rendering;
  let more = last === undefined ? '' : `,"last":${JSON.stringify(last)}`;
  if (provided !== undefined) more += `,"provided":${JSON.stringify(provided)}`;
  if (refused !== undefined) more += `,"refused":${JSON.stringify(refused)}`;
  if (lastClient !== undefined) more += `,"lastClient":[${JSON.stringify(lastClient[0])},${lastClient[1]}]`;
  if (term !== undefined) more += `,"term":${term}`;
  return `{"epoch":${JSON.stringify(epoch)},"version":${version},"nextId":${nextId},"digest":"${digest}"${more}}`;
}

/**
 * Edits of ids stand in the patch of a model, which goes when both are written whole: as an operation that sets a
 * property of the snapshot which none has. Code that knows no edits sets it, finds that the ids are others, writes its own,
 * and takes the property away: all edits until then are of no use.
 */
type KeptEdits = readonly [number: number, ...edits: IdEdit[]];
const editsPath = 'ids';

/** @param patch Of a model, as it is written; undefined: it is the same. */
export function writeEdits(patch: string | undefined, number: number, edits: readonly IdEdit[]): string {
  const operation = JSON.stringify([[editsPath], [number, ...edits] satisfies KeptEdits]);
  return patch === undefined ? `[${operation}]` : `${patch.slice(0, -1)},${operation}]`;
}

/** Undefined: they were taken away. */
type PatchEdits = readonly (KeptEdits | undefined)[];

/** @param patch As it was written, parsed. */
export function readPatch(patch: unknown): { readonly operations: ModelOperation[]; readonly edits: PatchEdits } {
  const all = patch as ModelOperation[];
  const isOfIds = ([path]: ModelOperation): boolean => path.length === 1 && path[0] === editsPath;
  return {
    operations: all.filter((operation) => !isOfIds(operation)),
    edits: all.filter(isOfIds).map(([, edits]) => edits as KeptEdits | undefined),
  };
}

/** What is kept of the structure, with the edits since; undefined: nothing, or they are edits of something else. */
export function edited(kept: KeptInstances | undefined, all: PatchEdits): KeptInstances | undefined {
  if (!kept) return undefined;
  const { number: last = 0 } = kept;
  // others are older than these ids
  const since = all.slice(all.lastIndexOf(undefined) + 1) as readonly KeptEdits[];
  const edits = since.flatMap(([number, ...edits]) => (number === last ? edits : []));
  if (edits.length === 0) return kept;
  const ids = applyIdEdits(kept.ids, edits);
  return ids && { ...kept, ids };
}

/** @param now The time of day. */
export function writeTimers(timers: readonly KeptTimer[], now: number): string {
  return JSON.stringify({ at: now, timers } satisfies KeptTimers);
}

/** In how many milliseconds something of what is kept is due. @param now The time of day. @throws SyntaxError for what is no JSON. */
export function dueInMsOf({ timers, tasks }: Pick<Saved, 'timers' | 'tasks'>, now: number): number | undefined {
  const times = [
    ...readTimers(timers, now).flatMap(({ output, inMs }) => (output.kind === 'after' ? [inMs] : [])),
    ...readTasks(tasks, now).flatMap(({ state, inMs }) => (state === 'dead' ? [] : [inMs])),
  ];
  return times.length > 0 ? Math.min(...times) : undefined;
}

function readTimers(text: string | undefined, now: number): KeptTimer[] {
  const kept = read<KeptTimers>(text);
  if (kept === undefined) return [];
  const passed = Math.max(0, now - kept.at);
  return kept.timers.map(({ output, names, inMs }) => {
    const left = inMs - passed;
    // what comes again and again keeps its beat, and leaves out what it has missed
    const isMissed = output.kind === 'every' && left < 0 && output.ms > 0;
    return { output, names, inMs: isMissed ? output.ms - (-left % output.ms) : Math.max(0, left) };
  });
}

function readModel({ model }: Saved): { readonly value: Snapshot<unknown>; readonly edits: PatchEdits } {
  if (model === undefined) throw new TypeError('there is no model in it');
  const patches = model.patches.map((patch) => readPatch(JSON.parse(patch)));
  let value: unknown = JSON.parse(model.base);
  for (const { operations } of patches) value = applyModel(value, operations);
  if (typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string') {
    return { value: value as Snapshot<unknown>, edits: patches.flatMap(({ edits }) => edits) };
  }
  throw new TypeError('it is JSON, but not the snapshot of an actor');
}

function migrated(
  snapshot: Snapshot<unknown>,
  from: number,
  migrate: (old: unknown, from: number) => unknown,
): Snapshot<unknown> {
  const { context } = snapshot as Snapshot<unknown> & { readonly context?: unknown };
  return Object.assign({ ...snapshot }, { context: migrate(context, from) });
}

function read<Value>(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}

function attempt<Value>(key: string, what: string, action: () => Value): Value {
  try {
    return action();
  } catch (cause) {
    throw stateError(key, `it cannot be ${what}`, { cause });
  }
}

/** Says of what the code of now throws for a kept model that the model may have another shape, and what to do then. */
export function cannotShow(key: string, kept: KeptState, component: AnyComponent, cause: unknown): IsletError {
  const problem = `the code of now cannot show it, and it stays as it is; ${cureOf(kept, component)}`;
  return stateError(key, problem, { cause });
}

/**
 * Says the same of what a message met, where it looks like a part of the model that is not there; else gives what was
 * thrown.
 */
export function explainRefusal(key: string, kept: KeptState, component: AnyComponent, cause: unknown): unknown {
  if (!(cause instanceof TypeError)) return cause;
  const problem = `${cause.message}. The actor goes on from what is kept under ${nameKey(key)}`;
  return new TypeError(`${problem}: ${cureOf(kept, component)}`, { cause });
}

function cureOf({ isAsWritten }: KeptState, { schema = 0 }: AnyComponent): string {
  return isAsWritten
    ? `if a model has another shape now, raise \`schema\`, which is ${schema}, and write \`migrate(old, from)\``
    : `it was migrated to the schema ${schema}: look at \`migrate\``;
}

function stateError(key: string, problem: string, options?: { readonly cause: unknown }): IsletError {
  const name = nameKey(key);
  const { cause } = options ?? {};
  const reason = cause === undefined ? '' : ` (${cause instanceof Error ? cause.message : String(cause)})`;
  const help = `\`npx islet state show '${name}'\` shows it, and \`npx islet state remove '${name}'\` has it begin anew`;
  return new IsletError('ISLET_ERR_STATE', `what is kept under ${name}: ${problem}${reason}; ${help}`, options);
}
