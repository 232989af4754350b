/*
 * The actor of a running component, which has its snapshot: on a server an XState actor (`resting-actor.ts`), in a
 * browser a plain one, as below, since XState weighs as much there as all that renders. Both run the same logic. Input:
 * messages. Output: snapshots.
 */

import type { AnyActorLogic, AnyActorRef, AnyActorScope, Snapshot } from 'xstate';
import type { AnyMessage } from '../language/html.ts';
import type { ComponentLogic, ModelReset } from './logic.ts';

export interface ActorOptions {
  readonly id: string;
  /** Under which it is spawned; undefined where none of its supervisors is an XState actor. */
  readonly parent: AnyActorRef | undefined;
  readonly input: unknown;
  /** What was kept earlier, to go on from. */
  readonly snapshot?: Snapshot<unknown> | undefined;
}

/** As much of an actor as its runtime needs. */
export interface ComponentActor {
  getSnapshot(): unknown;
  send(message: AnyMessage | ModelReset): void;
  /** @throws What `init` threw, or its supervisor is told. */
  start(): unknown;
  stop(): unknown;
}

/** Makes the actor of a component. It has its first snapshot then, and has yet to be started. */
export type CreateActor = (logic: ComponentLogic, options: ActorOptions) => ComponentActor;

/** Makes an actor without XState; of a machine what the machine says. */
export const createPlainActor: CreateActor = (logic, options) =>
  logic.createRoot?.(options) ?? new PlainActor(logic.actorLogic, options);

class PlainActor implements ComponentActor {
  private readonly logic: AnyActorLogic;
  private snapshot: unknown;
  private failure: { readonly error: unknown } | undefined;
  /** What was sent while something is being handled. */
  private readonly waiting: (AnyMessage | ModelReset)[] = [];

  constructor(logic: AnyActorLogic, { input, snapshot }: ActorOptions) {
    this.logic = logic;
    // as much of it as a component's logic looks at
    const scope = { self: { options: { input } } } as unknown as AnyActorScope;
    try {
      this.snapshot = snapshot
        ? logic.restoreSnapshot?.(snapshot, scope)
        : logic.getInitialSnapshot(scope, input as never);
    } catch (error) {
      this.failure = { error };
    }
  }

  getSnapshot(): unknown {
    return this.snapshot;
  }

  send(message: AnyMessage | ModelReset): void {
    // one that an update sends, as it should not, comes behind the one that it handles
    if (this.waiting.push(message) > 1) return;
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      this.snapshot = this.logic.transition(this.snapshot as never, next, undefined as never);
      this.waiting.shift();
    }
  }

  start(): void {
    if (this.failure) throw this.failure.error;
  }

  stop(): void {}
}
