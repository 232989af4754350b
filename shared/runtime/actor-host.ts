/*
 * The host of one actor's effects, from its start to its stop. An island that restarts has another host each time:
 * what is left over of an earlier actor's effects can do nothing to the present one.
 */

import type { AnyActor } from 'xstate';
import type { EffectHost, EmitOptions } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { IslandOwner } from './runtime.ts';

/** Whom an effect's late errors are brought to. */
export interface Responsible {
  onLateError(error: unknown): void;
}

/** What a host needs of its island. */
export interface Hosting {
  readonly owner: IslandOwner;
  readonly root: unknown;
  dispatch(message: AnyMessage): void;
  fail(error: unknown): void;
}

export class ActorHost implements EffectHost, Responsible {
  /** Set as soon as there is one. */
  actor: AnyActor | undefined;
  private readonly island: Hosting;
  private isStopped = false;
  private controller: AbortController | undefined;
  private timers: Set<unknown> | undefined;

  constructor(island: Hosting) {
    this.island = island;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isStopped) this.controller.abort();
    return this.controller.signal;
  }

  get root(): unknown {
    return this.island.root;
  }

  dispatch(message: AnyMessage): void {
    if (!this.isStopped) this.island.dispatch(message);
  }

  emit(name: string, detail: unknown, options?: EmitOptions): void {
    if (!this.isStopped) this.island.owner.onEmit(name, detail, options);
  }

  provide(key: string, value: unknown): void {
    if (!this.isStopped) this.island.owner.onProvide(key, value);
  }

  delay(ms: number, callback: () => void): void {
    if (this.isStopped) return;
    this.timers ??= new Set();
    const { timers } = this;
    const timer: unknown = this.actor?.clock.setTimeout(() => {
      timers.delete(timer);
      callback();
    }, ms);
    timers.add(timer);
  }

  contain(run: () => unknown): unknown {
    return this.island.owner.contain(run, this);
  }

  fail(error: unknown): void {
    if (!this.isStopped) this.island.fail(error);
    // who is told to stop may well say that it was
    else if (!isAbort(error)) this.island.owner.onStrayError?.(error);
  }

  onLateError(error: unknown): void {
    this.fail(error);
  }

  /** Tells effects to stop, and ends timers. */
  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    const { controller } = this;
    // what a listener of the signal throws is traced to this actor, too
    if (controller) this.contain(() => controller.abort());
    for (const timer of this.timers ?? []) this.actor?.clock.clearTimeout(timer);
    this.timers = undefined;
  }
}

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
