/*
 * The functions that an app has registered for its durable tasks, by name, and how many of them may run at once.
 * Input: names and functions. Output: what an actor's tasks (`actor-tasks.ts`) are done by.
 */

import { IsletError } from '../../shared/language/islet-error.ts';
import { Task } from '../../shared/language/task.ts';

/** What a task's function is given besides its arguments. */
export interface TaskContext {
  /**
   * Names this task among all that there ever are: the same at each try, also in another process. Give it to whoever
   * does the work, so that a second try does nothing twice.
   */
  readonly key: string;
  /** Counts the tries, from 1. */
  readonly attempt: number;
  /** Fires when the time of this try is over, or the server stops: what the function gives after that is ignored. */
  readonly signal: AbortSignal;
}

/** How a task is done. */
export interface TaskOptions {
  /** How long one try may take, in milliseconds. Default 30,000. After a crash the next try comes no sooner. */
  readonly timeoutMs?: number;
  /** How often it is tried before it counts as dead. Default 12, which takes about an hour. */
  readonly maxTries?: number;
}

export type TaskFunction = (args: unknown, context: TaskContext) => unknown;

export interface RegisteredTask extends Required<TaskOptions> {
  readonly run: TaskFunction;
}

/** How many functions run at once, of all actors. */
export const maxRunning = 64;

export class Tasks {
  private readonly byName = new Map<string, RegisteredTask>();
  private running = 0;
  private readonly queue = new Set<() => void>();

  /** @throws IsletError ISLET_ERR_TASK for a name that is taken, or options that cannot be meant. */
  add(task: unknown, run: unknown, { timeoutMs = 30_000, maxTries = 12 }: TaskOptions = {}): void {
    if (!(task instanceof Task))
      throw new IsletError('ISLET_ERR_TASK', 'name the task by a value that task(...) makes');
    const { name } = task;
    const fail = (problem: string): never => {
      throw new IsletError('ISLET_ERR_TASK', `the task '${name}' ${problem}`);
    };
    if (typeof run !== 'function') fail('has no function');
    if (this.byName.has(name)) fail('is registered already');
    if (!(timeoutMs > 0 && timeoutMs <= maxTimeoutMs)) {
      fail(`takes a timeoutMs above 0, up to ${maxTimeoutMs}; got ${String(timeoutMs)}`);
    }
    if (!(Number.isSafeInteger(maxTries) && maxTries > 0)) {
      fail(`takes a maxTries of 1 or more; got ${String(maxTries)}`);
    }
    this.byName.set(name, { run: run as TaskFunction, timeoutMs, maxTries });
  }

  find(name: string): RegisteredTask | undefined {
    return this.byName.get(name);
  }

  /** Takes a place among those that run. @param onFree Called once when there may be one, if there is none now. */
  enter(onFree: () => void): boolean {
    if (this.running < maxRunning) {
      this.running++;
      return true;
    }
    this.queue.add(onFree);
    return false;
  }

  leave(): void {
    this.running--;
    const [next] = this.queue;
    if (next === undefined) return;
    this.queue.delete(next);
    next();
  }

  /** Somebody waits for a place no longer. */
  giveUp(onFree: () => void): void {
    this.queue.delete(onFree);
  }
}

/** What takes a day is no call that is made again from its beginning. */
const maxTimeoutMs = 86_400_000;
const firstRetryMs = 1_000;
const maxRetryMs = 3_600_000;

/**
 * How long to wait after so many tries: twice as long each time, from one second to one hour, and up to half of it less,
 * so that tasks that failed together are not tried together. The share is the task's own, by its key.
 */
export function retryDelayMs(tries: number, key: string): number {
  const longest = Math.min(maxRetryMs, firstRetryMs * 2 ** (tries - 1));
  let share = tries;
  for (let index = 0; index < key.length; index++) share = (share * 31 + key.charCodeAt(index)) % 1_000;
  return Math.ceil(longest * (1 - share / 2_000));
}
