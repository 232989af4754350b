/*
 * What the runs of one actor may do, from its start to its stop; those under a name, until something else is started
 * under it. A runtime that restarts its actor has another host each time: what is left over of an earlier actor's runs
 * can do nothing to the present one.
 */

import type { EffectHost, Output } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';
import type { Names } from './names.ts';

/** Whom a run's late errors are brought to. */
export interface Responsible {
  report(error: unknown): void;
}

/** What a host needs of its runtime. */
export interface Hosting {
  readonly clock: Clock;
  readonly root: unknown;
  readonly names: Names;
  dispatch(message: AnyMessage): void;
  /** Does what a run asks for outside of any message. */
  deliver(output: Output): void;
  fail(error: unknown): void;
  /** A run threw. @param isStray Its actor had stopped before. */
  onRunFailed(error: unknown, isStray: boolean): void;
  /** Calls a run within whatever the place offers to bring its late errors to who is responsible. */
  contain(run: () => unknown, responsible: Responsible): unknown;
}

export class ActorHost implements EffectHost, Responsible {
  /** Names under which its runs were started, the outermost first. */
  readonly names: readonly string[];
  private readonly runtime: Hosting;
  private isStopped = false;
  /** Something else was started under one of the names: whatever its runs do now is ignored. */
  private isReplaced = false;
  private controller: AbortController | undefined;
  private timers: Set<unknown> | undefined;

  constructor(runtime: Hosting, names: readonly string[] = noNames) {
    this.runtime = runtime;
    this.names = names;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isStopped) this.controller.abort();
    return this.controller.signal;
  }

  get root(): unknown {
    return this.runtime.root;
  }

  dispatch(message: AnyMessage): void {
    this.act(() => this.runtime.dispatch(message));
  }

  tell(output: Output): void {
    const isTimer = output.kind === 'after' || output.kind === 'every';
    // asked now and not when this is done, which may be later
    if (isTimer && this.runtime.names.keepsTimers) return;
    this.act(() => {
      if (isTimer && this.names.length > 0) this.runtime.names.timers.start(output, this.names);
      else this.runtime.deliver(output);
    });
  }

  latest(name: string): EffectHost {
    // under a name that it stands under already, it is a part of what that name has
    return this.isStopped || this.names.includes(name) ? this : this.runtime.names.begin(name, this.names);
  }

  delay(ms: number, callback: () => void): void {
    if (this.isStopped) return;
    const { clock } = this.runtime;
    this.timers ??= new Set();
    const { timers } = this;
    const timer: unknown = clock.setTimeout(() => {
      timers.delete(timer);
      callback();
    }, ms);
    timers.add(timer);
  }

  contain(run: () => unknown): unknown {
    return this.runtime.contain(run, this);
  }

  // runs take it out of their context: `(dispatch, { fail }) => ...`
  readonly fail = (error: unknown): void => {
    this.act(() => this.runtime.fail(error));
  };

  report(error: unknown): void {
    // who is told to stop may well say that it was
    if (this.isStopped && isAbort(error)) return;
    this.pass(() => {
      if (!this.isReplaced) this.runtime.onRunFailed(error, this.isStopped);
    });
  }

  /** Tells runs to stop, and ends their timers. @param isReplaced Something else was started under one of the names. */
  stop(isReplaced = false): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.isReplaced = isReplaced;
    const { controller } = this;
    // what a listener of the signal throws is traced to this actor, too
    if (controller) this.contain(() => controller.abort());
    for (const timer of this.timers ?? []) this.runtime.clock.clearTimeout(timer);
    this.timers = undefined;
  }

  private act(action: () => void): void {
    this.pass(() => {
      if (!this.isStopped) action();
    });
  }

  private pass(action: () => void): void {
    if (this.names.length > 0) this.runtime.names.pass(this.names, action);
    else action();
  }
}

const noNames: readonly string[] = [];

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
