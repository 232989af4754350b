/*
 * Durable tasks: work that is to be done once for each time that it was asked for, whatever ends in between. A task has
 * a name, by which an app registers its function (`app.islet.task`), and which survives a restart, as a function would
 * not. Input: a name, with the types of what goes in and comes out. Output: a value to ask for it by (`effect.task`),
 * and messages that say what came of it.
 */

import type { AnyMessage } from './html.ts';
import { IsletError } from './islet-error.ts';

/** What JSON can say; functions, dates, maps and the like are `never`. */
export type Plain<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
    ? Value
    : Value extends bigint | symbol | ((...args: never) => unknown)
      ? never
      : { [Key in keyof Value]: Plain<Value[Key]> };

/** A name, where what a task takes and gives is plain JSON. */
export type PlainName<Args, Result> = [Args] extends [Plain<Args>]
  ? [Result] extends [Plain<Result>]
    ? string
    : 'the result of a task is plain JSON'
  : 'the arguments of a task are plain JSON';

/** Names work that is done on the server. Make it by `task`. */
export class Task<out Args = unknown, out Result = unknown> {
  declare readonly '~args': Args;
  declare readonly '~result': Result;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** The message of a task that is done. */
export interface TaskDone<Type extends string, Which extends Task> {
  readonly type: Type;
  /** What it was asked with. */
  readonly args: Which['~args'];
  /** What its function gave; null for nothing. */
  readonly result: Which['~result'];
}

/** The message of a task that is not tried any more. */
export interface TaskDead<Type extends string, Which extends Task> {
  readonly type: Type;
  readonly args: Which['~args'];
  /** Why the last try failed: for people, not to be shown to strangers. */
  readonly error: string;
}

/** Types of the messages that say what came of a task. Without one it is done silently. */
export interface TaskMessages<Done extends string, Dead extends string> {
  /** Its message is a `TaskDone`: it is handled once, in the transaction that ends the task. */
  readonly onDone?: Done;
  /** Its message is a `TaskDead`. The task stays listed for whoever looks after the server. */
  readonly onDead?: Dead;
}

/** A task as an effect asks for it. */
export interface TaskOutput {
  readonly kind: 'task';
  readonly name: string;
  readonly args: unknown;
  /** Messages with `outcomePlace` where the result or the error will stand. */
  readonly done?: AnyMessage;
  readonly dead?: AnyMessage;
}

/** Stands in a message for what is not known yet. */
export const outcomePlace: object = /* @__PURE__ */ Object.freeze({});

/**
 * Names a task, and says what it takes and gives: both plain JSON.
 *
 * @throws IsletError ISLET_ERR_TASK for a name that is none.
 * @example
 * export const sendMail = task<{ to: string; text: string }, { id: string }>('send-mail');
 */
export function task<Args = null, Result = null>(name: PlainName<Args, Result>): Task<Args, Result> {
  if (typeof name !== 'string' || !/^[\w.:/-]{1,100}$/.test(name)) {
    const rule = 'is of 1 to 100 letters, digits and -_.:/';
    throw new IsletError('ISLET_ERR_TASK', `the name of a task ${rule}; got ${JSON.stringify(name)}`);
  }
  return new Task(name);
}

/** What `effect.task` asks for. */
export function toTaskOutput(
  { name }: Task,
  args: unknown,
  { onDone, onDead }: TaskMessages<string, string>,
): TaskOutput {
  return {
    kind: 'task',
    name,
    args,
    ...(onDone !== undefined && { done: Object.assign({ type: onDone }, { args, result: outcomePlace }) }),
    ...(onDead !== undefined && { dead: Object.assign({ type: onDead }, { args, error: outcomePlace }) }),
  };
}

export function mapTask(output: TaskOutput, map: (message: AnyMessage) => AnyMessage): TaskOutput {
  const { done, dead } = output;
  return { ...output, ...(done && { done: map(done) }), ...(dead && { dead: map(dead) }) };
}
