/*
 * The actor of a component that is made of functions, on a server: from its first message on an XState actor, and until
 * then no more than its first snapshot. Most islands wait for somebody to do something, and an XState actor that does
 * nothing takes 1,200 bytes. Input: messages. Output: snapshots.
 */

import { type AnyActorLogic, type AnyActorRef, type AnyActorScope, createActor } from 'xstate';
import type { AnyMessage } from '../language/html.ts';
import type { ActorOptions, ComponentActor } from './actor.ts';
import type { ModelReset } from './logic.ts';

export class RestingActor implements ComponentActor {
  private readonly logic: AnyActorLogic;
  private readonly id: string;
  private readonly parent: AnyActorRef | undefined;
  /** Undefined once it is awake. */
  private first: unknown;
  private failure: { readonly error: unknown } | undefined;
  /** Undefined until something is sent. */
  awake: AnyActorRef | undefined;
  private isStopped = false;

  constructor(logic: AnyActorLogic, options: ActorOptions) {
    this.logic = logic;
    this.id = options.id;
    this.parent = options.parent;
    // as much of it as a component's logic looks at
    const scope = { self: { options } } as unknown as AnyActorScope;
    const { input, snapshot } = options;
    try {
      this.first = snapshot
        ? logic.restoreSnapshot?.(snapshot, scope)
        : logic.getInitialSnapshot(scope, input as never);
    } catch (error) {
      this.failure = { error };
    }
  }

  getSnapshot(): unknown {
    return this.awake ? this.awake.getSnapshot() : this.first;
  }

  send(message: AnyMessage | ModelReset): void {
    if (this.isStopped) return;
    this.awake ??= this.wake();
    this.awake.send(message);
  }

  start(): void {
    if (this.failure) throw this.failure.error;
  }

  /** What is awake is its supervisor's to stop. */
  stop(): void {
    this.isStopped = true;
  }

  private wake(): AnyActorRef {
    const { logic, id, parent } = this;
    // XState keeps the input for as long as the actor is there: not the first snapshot itself
    const actor = createActor(awakeLogicOf(logic), { id, input: this, ...(parent && { parent }) });
    this.first = undefined;
    return actor.start();
  }
}

const awakeLogics = new WeakMap<AnyActorLogic, AnyActorLogic>();

/** The same logic, which begins with what a resting actor has. */
function awakeLogicOf(logic: AnyActorLogic): AnyActorLogic {
  let awake = awakeLogics.get(logic);
  if (!awake) {
    awake = { ...logic, getInitialSnapshot: (_, resting: RestingActor) => resting.getSnapshot() as never };
    awakeLogics.set(logic, awake);
  }
  return awake;
}
