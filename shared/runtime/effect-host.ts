/*
 * What the runs of one actor may do, from its start to its stop. A runtime that restarts its actor has another host each
 * time: what is left over of an earlier actor's runs can do nothing to the present one.
 */

import type { EffectHost, Output } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Clock } from './clock.ts';

/** Whom a run's late errors are brought to. */
export interface Responsible {
  onLateError(error: unknown): void;
}

/** What a host needs of its runtime. */
export interface Hosting {
  readonly clock: Clock;
  readonly root: unknown;
  dispatch(message: AnyMessage): void;
  /** Does what a run asks for outside of any message. */
  deliver(output: Output): void;
  /** A host for what is to run under a name. @param outer Names under which that stands. */
  begin(name: string, outer: readonly string[], keepsTimers: boolean): EffectHost;
  fail(error: unknown): void;
  /** A run threw. @param isStray Its actor had stopped before. */
  onRunFailed(error: unknown, isStray: boolean): void;
  /** Calls a run within whatever the place offers to bring its late errors to who is responsible. */
  contain(run: () => unknown, responsible: Responsible): unknown;
}

export class ActorHost implements EffectHost, Responsible {
  protected readonly runtime: Hosting;
  protected isStopped = false;
  private controller: AbortController | undefined;
  private timers: Set<unknown> | undefined;

  constructor(runtime: Hosting) {
    this.runtime = runtime;
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
    this.act(() => this.runtime.deliver(output));
  }

  latest(name: string, keepsTimers = false): EffectHost {
    return this.isStopped ? this : this.runtime.begin(name, noNames, keepsTimers);
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
    this.runtime.onRunFailed(error, this.isStopped);
  }

  onLateError(error: unknown): void {
    this.report(error);
  }

  /** Does what a run asks for. */
  protected act(action: () => void): void {
    if (!this.isStopped) action();
  }

  /** Tells runs to stop, and ends their timers. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    const { controller } = this;
    // what a listener of the signal throws is traced to this actor, too
    if (controller) this.contain(() => controller.abort());
    for (const timer of this.timers ?? []) this.runtime.clock.clearTimeout(timer);
    this.timers = undefined;
  }
}

const noNames: readonly string[] = [];

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
