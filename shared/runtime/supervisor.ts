/*
 * A supervisor as an XState actor, which spawns its children as actors below it and stops them when it is stopped: the
 * root supervises the routes' supervisors, and these the actors of their routes. What it does is `charges.ts`. Input:
 * events of the children's owners and of XState. Output: calls of a child's owner.
 */

import {
  type ActorLogic,
  type ActorOptions,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyActorScope,
  createActor,
  type Snapshot,
} from 'xstate';
import type { ComponentActor, CreateActor } from './actor.ts';
import { Charges, type Child, type Step, type Supervision, type SupervisorInput } from './charges.ts';
import './machine-logic.ts';
import { RestingActor } from './resting-actor.ts';

type SupervisorEvent =
  | { readonly type: 'ChildWanted'; readonly child: Child }
  | { readonly type: 'ChildReleased'; readonly child: Child }
  | { readonly type: 'ChildFailed'; readonly child: Child; readonly error: unknown }
  | { readonly type: 'RestartDue'; readonly child: Child }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown }
  | { readonly type: 'xstate.stop' };

type SupervisorSnapshot = Snapshot<undefined> & { readonly charges: Charges };

const failurePrefix = 'xstate.error.actor.';

const supervisorLogic: ActorLogic<SupervisorSnapshot, SupervisorEvent, SupervisorInput> = {
  getInitialSnapshot: (_, input) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    charges: new Charges(input),
  }),
  getPersistedSnapshot: (snapshot) => snapshot,
  transition(snapshot, event, scope) {
    const { charges } = snapshot;
    const step = toStep(scope);
    switch (event.type) {
      case 'ChildWanted':
        charges.want(event.child, step);
        break;
      case 'ChildReleased':
        charges.release(event.child, step);
        break;
      case 'ChildFailed':
        charges.fail(event.child, event.error, step);
        break;
      case 'RestartDue':
        charges.retry(event.child, step);
        break;
      case 'xstate.stop':
        charges.stopAll(step);
        return { ...snapshot, status: 'stopped', output: undefined, error: undefined };
      default:
        // an actor that has come to its end, as a machine may, tells that too: it goes on showing its last state
        if (event.type.startsWith(failurePrefix)) charges.failById(event.actorId, event.error, step);
    }
    return snapshot;
  },
};

function toStep(scope: AnyActorScope): Step {
  return {
    defer: scope.defer,
    spawn: (child) => child.spawn(scope.self),
    stop: (actor) => stop(actor, scope),
    retryNow: (child) => scope.self.send({ type: 'RestartDue', child }),
  };
}

function stop(actor: ComponentActor, scope: AnyActorScope): void {
  // who is spawned under an XState actor is one, or will be
  if (!(actor instanceof RestingActor)) scope.stopChild(actor as AnyActorRef);
  else {
    actor.stop();
    if (actor.awake) scope.stopChild(actor.awake);
  }
}

/** Makes the actor of a component as an XState actor: a machine acts by itself, other components when they are sent something. */
export const createXStateActor: CreateActor = ({ actorLogic, isMachine }, options) =>
  isMachine
    ? // to XState what is undefined is not there, whatever its types say
      createActor(actorLogic, options as ActorOptions<AnyActorLogic>)
    : new RestingActor(actorLogic, options);

export class Supervisor implements Child, Supervision {
  readonly id: string;
  private readonly input: SupervisorInput;
  private ref: AnyActorRef | undefined;

  constructor(id: string, input: SupervisorInput) {
    this.id = id;
    this.input = input;
  }

  /** Starts the root of a system. */
  static createRoot(id: string, input: SupervisorInput): Supervisor & { stop(): void } {
    const root = new Supervisor(id, input);
    const actor = createActor(supervisorLogic, { id, input, clock: input.clock as never });
    root.ref = actor;
    // without an observer XState throws what a root fails with from a timer
    actor.subscribe({ error: () => {} });
    actor.start();
    return Object.assign(root, { stop: () => void actor.stop() });
  }

  add(child: Child): void {
    this.ref?.send({ type: 'ChildWanted', child });
  }

  release(child: Child): void {
    this.ref?.send({ type: 'ChildReleased', child });
  }

  fail(child: Child, error: unknown): void {
    this.ref?.send({ type: 'ChildFailed', child, error });
  }

  // How its own supervisor sees it.

  spawn(parent: AnyActorRef | undefined): AnyActorRef {
    this.ref = createActor(supervisorLogic, { id: this.id, input: this.input, ...(parent && { parent }) }).start();
    return this.ref;
  }

  /** It runs no code of components, and catches what owners throw: if it fails, that is a fault of this file. */
  onFailed(error: unknown): void {
    this.input.onFault(error);
  }

  onRestarted(): void {}

  onStopped(): void {}
}
