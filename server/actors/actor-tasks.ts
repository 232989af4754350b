/*
 * The durable tasks of one actor, from the turn that asks for one to the turn that has its result. Input: outputs of
 * turns, the word that a turn is kept, and what the functions give. Output: calls of functions, messages with results,
 * and a list of the tasks to keep.
 *
 * A try begins only after a commit that says so, and a task leaves the list in the turn that handles its result: a
 * process may end anywhere in between, and the next one finds the task or its result. So a function may be called more
 * than once, and a result is handled once.
 */

import { randomBytes } from 'node:crypto';
import type { Output } from '../../shared/language/effect.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { TaskOutput } from '../../shared/language/task.ts';
import type { Inspector, TaskStep } from '../../shared/runtime/inspect.ts';
import type { Origin } from '../../shared/runtime/turn.ts';
import type { SavedTasks } from '../store/store.ts';
import type { ServerClock } from '../system-clock.ts';
import { fill, type KeptMessage, type KeptTask, toKept, writeTasks } from './kept-tasks.ts';
import { contain } from './late-errors.ts';
import { isPlainJson } from './plain-json.ts';
import { type RegisteredTask, retryDelayMs, type Tasks } from './tasks.ts';

/** Whose tasks they are: the actor's runtime. */
export interface TaskRuntime {
  readonly isRunning: boolean;
  dispatchFrom(make: () => AnyMessage | undefined, origin: Origin): void;
  /** Has a turn end, and thereby kept what has changed. */
  schedule(): void;
}

export interface ActorTasksOptions {
  readonly id: string;
  readonly tasks: Tasks;
  readonly clock: ServerClock;
  readonly inspector: Inspector;
}

type Outcome = { readonly result: unknown } | { readonly error: string };

/**
 * - `waiting`: for its time, or for a place among those that run.
 * - `asked`: it begins once the next turn is kept; `starting`: that turn is being kept.
 * - `running`: its function has been called, and has not answered.
 * - `over`: no message has told its outcome yet.
 */
type State =
  | { readonly kind: 'waiting'; readonly dueAt: number; readonly timer: unknown; readonly isUnknown?: true }
  | { readonly kind: 'asked' | 'starting' }
  | { readonly kind: 'running'; readonly endsAt: number; end(): void }
  | { readonly kind: 'over'; readonly outcome: Outcome }
  | { readonly kind: 'dead' };

interface LiveTask {
  readonly kept: Pick<KeptTask, 'key' | 'name' | 'args' | 'done' | 'dead'>;
  readonly bytes: number;
  state: State;
  tries: number;
  error: string | undefined;
  /** How often its outcome could not be handled for no fault of its own. */
  deliveries: number;
  readonly onFree: () => void;
}

/** How many tasks an actor may have, and how much they may take. Dead ones give way to those that are alive. */
export const maxTasks = 100;
export const maxTasksBytes = 64 * 1024;
/** What a task may give. */
const maxResultBytes = 64 * 1024;
/** What is kept of a task besides its arguments and messages. */
const fixedBytes = 100;
/** Until a try whose process says nothing more counts as lost, beyond its own time. */
const graceMs = 5_000;
/** When it is looked again for a function that there is none of, or for a place among those that run. */
const lookAgainMs = 60_000;
const maxErrorLength = 300;
const maxDeliveries = 5;

export class ActorTasks {
  /** Counts what would make the list another one. */
  changes = 0;
  private readonly options: ActorTasksOptions;
  private runtime: TaskRuntime | undefined;
  private readonly all = new Map<string, LiveTask>();
  /** Those whose outcome is part of the turn that is being gathered. */
  private taken: { readonly task: LiveTask; readonly step: TaskStep }[] = [];
  /** Nothing begins any more. */
  private isOver = false;

  constructor(options: ActorTasksOptions) {
    this.options = options;
  }

  /** Takes up what was kept. */
  begin(runtime: TaskRuntime, kept: readonly KeptTask[]): void {
    this.runtime = runtime;
    for (const each of kept) this.takeUp(each);
  }

  /** Whether a function is under way, or about to be. */
  get isBusy(): boolean {
    return [...this.all.values()].some(({ state }) => state.kind !== 'waiting' && state.kind !== 'dead');
  }

  /** @throws IsletError ISLET_ERR_TASK for what cannot be done here, ISLET_ERR_LIMIT_TASKS where no more can be kept. */
  check(output: TaskOutput): void {
    const { name, args } = output;
    if (!this.options.tasks.find(name)) {
      throw new IsletError('ISLET_ERR_TASK', `no function is registered for the task '${name}': app.islet.task(...)`);
    }
    if (!isPlainJson(args)) {
      throw new IsletError('ISLET_ERR_TASK', `the arguments of the task '${name}' are no plain JSON`);
    }
    this.checkRoom([output]);
  }

  /** Whether there is room for what a turn asks for. @throws IsletError ISLET_ERR_LIMIT_TASKS */
  checkRoom(outputs: readonly Output[]): void {
    let [count, bytes] = [0, 0];
    for (const output of outputs) {
      if (output.kind !== 'task') continue;
      count++;
      bytes += bytesOf(output);
    }
    if (count === 0) return;
    for (const { state, bytes: taken } of this.all.values()) {
      if (state.kind === 'dead') continue;
      count++;
      bytes += taken;
    }
    if (count <= maxTasks && bytes <= maxTasksBytes) return;
    const problem = `${this.options.id} would have ${count} tasks of ${bytes} bytes`;
    throw new IsletError('ISLET_ERR_LIMIT_TASKS', `${problem}, and may have ${maxTasks} of ${maxTasksBytes}`);
  }

  /** Takes what the turn asks for that is about to be kept, and says what is to be kept of all tasks. */
  seal(outputs: readonly Output[]): void {
    for (const output of outputs) if (output.kind === 'task') this.accept(output);
    for (const task of this.all.values()) if (task.state.kind === 'asked') task.state = { kind: 'starting' };
    for (const { task, step } of this.taken.splice(0)) this.tell(task, step, step === 'dead' ? task.error : undefined);
  }

  list(): SavedTasks {
    return writeTasks(
      [...this.all.values()].map((task) => this.toKept(task)),
      this.options.clock.timeOfDay(),
    );
  }

  /** In how many milliseconds the first of them wants a process, should this one be gone. */
  get dueInMs(): number | undefined {
    let first: number | undefined;
    for (const task of this.all.values()) {
      if (task.state.kind !== 'dead') first = Math.min(first ?? Number.POSITIVE_INFINITY, this.inMs(task));
    }
    return first;
  }

  /** The turn that was sealed is kept: what was to begin with it begins. */
  onKept(): void {
    for (const task of this.all.values()) if (task.state.kind === 'starting') this.start(task);
  }

  /** The actor runs again: goes on with what has come meanwhile. */
  onRestarted(): void {
    for (const task of this.all.values()) {
      if (task.state.kind === 'over') this.deliver(task);
      else if (task.state.kind === 'waiting' && task.state.dueAt <= this.now) this.onDue(task);
    }
  }

  /** Nothing begins any more, and what is under way is told to end: the next process tries it at once. */
  pause(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const task of this.all.values()) {
      const { kind } = task.state;
      if (kind !== 'asked' && kind !== 'starting' && kind !== 'running') continue;
      this.interrupt(task);
      // this try does not count
      task.tries--;
      this.changes++;
    }
    this.runtime?.schedule();
  }

  /** The actor has ended: what comes now is ignored. */
  stop(): void {
    this.isOver = true;
    for (const task of this.all.values()) this.interrupt(task);
    this.all.clear();
  }

  private get now(): number {
    return this.options.clock.now();
  }

  private takeUp({ key, name, args, done, dead, tries, state, inMs, error, isUnknown }: KeptTask): void {
    const kept = { key, name, args, ...(done && { done }), ...(dead && { dead }) };
    const task = this.add(kept, state === 'started' ? (error ?? 'its process has ended') : error, tries);
    if (state === 'dead') task.state = { kind: 'dead' };
    // a function that is back is called at once
    else this.wait(task, isUnknown && this.options.tasks.find(name) ? 0 : inMs, isUnknown);
  }

  private accept(output: TaskOutput): void {
    const task = this.add(toKept(output, randomBytes(16).toString('base64url')), undefined, 0);
    this.makeRoom();
    this.changes++;
    this.tell(task, 'asked');
    this.prepare(task);
  }

  private add(kept: LiveTask['kept'], error: string | undefined, tries: number): LiveTask {
    const task: LiveTask = {
      ...{ kept, error, tries, deliveries: 0, state: { kind: 'asked' } },
      bytes: JSON.stringify(kept).length + fixedBytes,
      onFree: () => this.onDue(task),
    };
    this.all.set(kept.key, task);
    return task;
  }

  /** The oldest of the dead go where there is no room for them beside the living. */
  private makeRoom(): void {
    let bytes = 0;
    for (const task of this.all.values()) bytes += task.bytes;
    for (const task of this.all.values()) {
      if (this.all.size <= maxTasks && bytes <= maxTasksBytes) return;
      if (task.state.kind !== 'dead') continue;
      bytes -= task.bytes;
      this.all.delete(task.kept.key);
      this.tell(task, 'removed', 'dead, and others need its place');
    }
  }

  private wait(task: LiveTask, ms: number, isUnknown?: true): void {
    const timer = this.options.clock.setTimeout(() => this.onDue(task), ms);
    task.state = { kind: 'waiting', dueAt: this.now + ms, timer, ...(isUnknown && { isUnknown }) };
  }

  private onDue(task: LiveTask): void {
    // what could not be kept now must not take a place among those that run
    if (this.isOver || task.state.kind !== 'waiting' || !this.runtime?.isRunning) return;
    this.options.clock.clearTimeout(task.state.timer);
    this.changes++;
    this.prepare(task);
    this.runtime.schedule();
  }

  /** Has a task begin with the next turn that is kept, if it can. */
  private prepare(task: LiveTask): void {
    const { tasks } = this.options;
    const registered = tasks.find(task.kept.name);
    if (!registered) {
      this.fail(task, `no function is registered for the task '${task.kept.name}'`);
      this.wait(task, lookAgainMs, true);
    } else if (task.tries >= registered.maxTries) this.end(task, { error: task.error ?? 'it was tried too often' });
    else if (tasks.enter(task.onFree)) {
      task.tries++;
      task.state = { kind: 'asked' };
    } else this.wait(task, lookAgainMs);
  }

  private start(task: LiveTask): void {
    const { tasks, clock } = this.options;
    const registered = tasks.find(task.kept.name);
    if (!registered || this.isOver) return;
    const controller = new AbortController();
    const { timeoutMs } = registered;
    const report = (error: unknown): void => finish({ error: textOf(error) });
    const timer = clock.setTimeout(() => {
      finish({ error: `it took longer than ${timeoutMs} ms` });
      contain({ report: () => {} }, () => controller.abort(new Error('the time of this task is over')));
    }, timeoutMs);
    const finish = (outcome: Outcome): void => {
      if (task.state !== running) return;
      clock.clearTimeout(timer);
      tasks.leave();
      this.onAnswer(task, registered, outcome);
    };
    const running: State = {
      kind: 'running',
      endsAt: this.now + timeoutMs,
      end() {
        clock.clearTimeout(timer);
        contain({ report: () => {} }, () => controller.abort(new Error('the server stops')));
      },
    };
    task.state = running;
    this.tell(task, 'started');
    const { key, args } = task.kept;
    // arguments of its own: what a function does to them does nothing to the model
    const own: unknown = args === undefined ? undefined : JSON.parse(JSON.stringify(args));
    const context = { key, attempt: task.tries, signal: controller.signal };
    // behind the turn, whose patches go first
    queueMicrotask(() => {
      if (task.state !== running) return;
      contain({ report }, () => call(registered, own, context).then((result) => finish({ result }), report));
    });
  }

  private onAnswer(task: LiveTask, { maxTries }: RegisteredTask, outcome: Outcome): void {
    if ('result' in outcome) {
      const problem = problemOf(outcome.result);
      // what was done is not done again for an answer that nobody can keep
      this.end(task, problem === undefined ? outcome : { error: problem });
      return;
    }
    this.fail(task, outcome.error);
    if (task.tries >= maxTries) this.end(task, outcome);
    else this.wait(task, retryDelayMs(task.tries, task.kept.key));
    this.changes++;
    this.runtime?.schedule();
  }

  private fail(task: LiveTask, error: string): void {
    task.error = error;
    this.tell(task, 'failed', error);
  }

  private end(task: LiveTask, outcome: Outcome): void {
    task.state = { kind: 'over', outcome };
    this.deliver(task);
  }

  /** Has the outcome told, once the actor can be told. */
  private deliver(task: LiveTask): void {
    const { runtime } = this;
    if (!runtime?.isRunning || this.isOver) return;
    const { state } = task;
    const refuse = (code: ErrorCode, error?: unknown): void => {
      if (state.kind === 'over') this.onRefused(task, state.outcome, code, error);
    };
    runtime.dispatchFrom(() => this.take(task), { onHandled() {}, refuse });
    runtime.schedule();
  }

  /** The message of an outcome. From now on the task is done, or dead, with the turn that handles it. */
  private take(task: LiveTask): AnyMessage | undefined {
    const { state, kept } = task;
    if (state.kind !== 'over') return undefined;
    const { outcome } = state;
    this.changes++;
    if ('result' in outcome) {
      this.all.delete(kept.key);
      this.taken.push({ task, step: 'done' });
      return messageOf(kept.done, outcome.result);
    }
    task.error = outcome.error.slice(0, maxErrorLength);
    task.state = { kind: 'dead' };
    this.makeRoom();
    this.taken.push({ task, step: 'dead' });
    return messageOf(kept.dead, task.error);
  }

  /** The turn that had the outcome was undone. What the component itself refuses it would refuse again. */
  private onRefused(task: LiveTask, outcome: Outcome, code: ErrorCode, error: unknown): void {
    this.changes++;
    this.taken = this.taken.filter((each) => each.task !== task);
    const isDead = 'error' in outcome;
    const isOfComponent = code === 'ISLET_ERR_MESSAGE_REFUSED' && error !== undefined;
    if (isOfComponent || ++task.deliveries > maxDeliveries) {
      if (isDead) return;
      task.state = { kind: 'over', outcome: { error: `its result was refused: ${textOf(error ?? code)}` } };
    } else task.state = { kind: 'over', outcome };
    this.all.set(task.kept.key, task);
    queueMicrotask(() => this.deliver(task));
  }

  /** Ends what a task waits for or does; what comes of it now is ignored. */
  private interrupt(task: LiveTask): void {
    const { tasks, clock } = this.options;
    const { state } = task;
    tasks.giveUp(task.onFree);
    if (state.kind === 'waiting') clock.clearTimeout(state.timer);
    if (state.kind === 'dead' || state.kind === 'over') return;
    task.state = { kind: 'waiting', dueAt: this.now, timer: undefined };
    if (state.kind === 'running') state.end();
    if (state.kind !== 'waiting') tasks.leave();
  }

  private inMs({ state, kept }: LiveTask): number {
    if (state.kind === 'waiting') return Math.max(0, state.dueAt - this.now);
    if (state.kind === 'running') return Math.max(0, state.endsAt - this.now) + graceMs;
    return (this.options.tasks.find(kept.name)?.timeoutMs ?? 0) + graceMs;
  }

  private toKept(task: LiveTask): KeptTask {
    const { state, kept, tries, error } = task;
    const kind = state.kind === 'waiting' || state.kind === 'dead' ? state.kind : 'started';
    const rest = { tries, state: kind, inMs: kind === 'dead' ? 0 : Math.ceil(this.inMs(task)) } as const;
    const isUnknown = state.kind === 'waiting' && state.isUnknown;
    return { ...kept, ...rest, ...(error !== undefined && { error }), ...(isUnknown && { isUnknown }) };
  }

  private tell({ kept, tries }: LiveTask, step: TaskStep, error?: string): void {
    const { inspector, id } = this.options;
    if (!inspector.hears('task')) return;
    const { key, name } = kept;
    inspector.tell({ kind: 'task', actor: id, step, name, key, attempt: tries, error });
  }
}

/** What the function throws at once counts like what it rejects with. */
async function call({ run }: RegisteredTask, args: unknown, context: Parameters<RegisteredTask['run']>[1]) {
  return run(args, context);
}

function messageOf(message: KeptMessage | undefined, outcome: unknown): AnyMessage | undefined {
  return message && fill(message, outcome ?? null);
}

function bytesOf(output: TaskOutput): number {
  return JSON.stringify(toKept(output, '')).length + fixedBytes;
}

/** Why a result cannot be kept. */
function problemOf(result: unknown): string | undefined {
  if (!isPlainJson(result)) return 'its function gave what is no plain JSON';
  const { length } = JSON.stringify(result ?? null);
  return length > maxResultBytes ? `its function gave ${length} bytes, and may give ${maxResultBytes}` : undefined;
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, maxErrorLength);
}
