/*
 * Tasks as they are kept in a row: texts and values. Input: tasks that were asked for, or a row's text. Output: what is
 * written, and what an actor goes on with; messages with the outcome put into them.
 */

import type { AnyMessage } from '../../shared/language/html.ts';
import { outcomePlace, type TaskOutput } from '../../shared/language/task.ts';
import { isPlainRecord } from '../../shared/wire/model-patch.ts';
import type { SavedTasks } from '../store/store.ts';

type Path = readonly (string | number)[];

/** A message to be, as plain data. */
export interface KeptMessage {
  readonly message: AnyMessage;
  /** Where the outcome stands in it; undefined: nowhere. */
  readonly at?: Path;
}

/** A task as it is kept. */
export interface KeptTask {
  readonly key: string;
  readonly name: string;
  readonly args: unknown;
  readonly done?: KeptMessage;
  readonly dead?: KeptMessage;
  /** How often it was tried, with the try that is under way. */
  readonly tries: number;
  /**
   * `started`: a try is under way, and after `inMs` it counts as lost with its process. `waiting`: it is tried in
   * `inMs`. `dead`: it is not tried any more.
   */
  readonly state: 'started' | 'waiting' | 'dead';
  readonly inMs: number;
  /** Why it was not done yet. */
  readonly error?: string;
  /** The code of today has no function for it. */
  readonly isUnknown?: true;
}

/** Tasks, and the time of day when they were written down. */
export interface KeptTasks {
  readonly at: number;
  readonly tasks: readonly KeptTask[];
}

/** @param now The time of day. */
export function writeTasks(tasks: readonly KeptTask[], now: number): SavedTasks {
  const dead = tasks.filter(({ state }) => state === 'dead').length;
  return { json: JSON.stringify({ at: now, tasks } satisfies KeptTasks), dead };
}

/** @param now The time of day. @throws SyntaxError for what is no JSON. */
export function readTasks(saved: SavedTasks | undefined, now: number): KeptTask[] {
  if (saved === undefined) return [];
  const { at, tasks } = JSON.parse(saved.json) as KeptTasks;
  const passed = Math.max(0, now - at);
  return tasks.map((task) => ({ ...task, inMs: Math.max(0, task.inMs - passed) }));
}

/** What of a task is the same from its beginning to its end. */
export function toKept({ name, args, done, dead }: TaskOutput, key: string): Pick<KeptTask, keyof Fixed> {
  return { key, name, args, ...(done && { done: toMessage(done) }), ...(dead && { dead: toMessage(dead) }) };
}
type Fixed = Pick<KeptTask, 'key' | 'name' | 'args' | 'done' | 'dead'>;

/** A message with its outcome. */
export function fill({ message, at }: KeptMessage, outcome: unknown): AnyMessage {
  return at === undefined ? message : (put(message, at, outcome) as AnyMessage);
}

function toMessage(message: AnyMessage): KeptMessage {
  const at = findPlace(message, 0);
  return at === undefined ? { message } : { message: put(message, at, null) as AnyMessage, at };
}

/** A parent's `map` may have put the message anywhere into its own. */
function findPlace(value: unknown, depth: number): Path | undefined {
  if (value === outcomePlace) return [];
  if (typeof value !== 'object' || value === null || depth > maxDepth) return undefined;
  if (!Array.isArray(value) && !isPlainRecord(value)) return undefined;
  for (const [name, each] of Object.entries(value)) {
    const path = findPlace(each, depth + 1);
    if (path !== undefined) return [Array.isArray(value) ? Number(name) : name, ...path];
  }
  return undefined;
}

const maxDepth = 20;

function put(value: unknown, [name, ...rest]: Path, outcome: unknown): unknown {
  if (name === undefined) return outcome;
  if (Array.isArray(value)) return value.map((each, index) => (index === name ? put(each, rest, outcome) : each));
  const record = value as { readonly [name: string]: unknown };
  return { ...record, [name]: put(record[name], rest, outcome) };
}
