/*
 * Supervision, as XState actor logic: a supervisor spawns its children, hears of their failures, restarts them as the
 * policy decides, and stops them when it is stopped itself. On a server the root supervises the routes' supervisors,
 * and these the actors of their routes; in a browser there is one supervisor for the page. Input: events of the
 * children's owners and of XState. Output: calls of a child's owner.
 */

import { type ActorLogic, type AnyActorRef, type AnyActorScope, createActor, type Snapshot } from 'xstate';
import type { Clock } from './clock.ts';
import { afterFailure, type Decision, type RestartOptions } from './restart-policy.ts';

/** What a supervisor needs of a child. */
export interface Child {
  /** Names it among the children of its supervisor. */
  readonly id: string;
  /** Makes and starts the actor, as a child of `parent`. */
  spawn(parent: AnyActorRef): AnyActorRef;
  /** It has failed and was stopped. */
  onFailed(error: unknown, decision: Decision): void;
  /** It was spawned again after a failure. */
  onRestarted(): void;
  /** It was stopped, because its supervisor was. */
  onStopped(): void;
}

export interface SupervisorInput {
  readonly clock: Clock;
  readonly restart: RestartOptions;
  /** Hears what an owner's function threw: a fault of the runtime, since components' errors never come this way. */
  readonly onFault: (error: unknown) => void;
}

type SupervisorEvent =
  | { readonly type: 'ChildWanted'; readonly child: Child }
  | { readonly type: 'ChildReleased'; readonly child: Child }
  | { readonly type: 'ChildFailed'; readonly child: Child; readonly error: unknown }
  | { readonly type: 'RestartDue'; readonly child: Child }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown }
  | { readonly type: 'xstate.stop' };

/** What is known of one child. */
interface Charge {
  readonly child: Child;
  /** Undefined while it waits for a restart. */
  actor: AnyActorRef | undefined;
  /** Times of its failures in the window. */
  failures: readonly number[];
  /** Runs until its next restart. */
  timer: unknown;
}

/** The children. They change in place: a copy for each of 10,000 actors would cost more than they do. */
interface Charges {
  readonly input: SupervisorInput;
  readonly byId: Map<string, Charge>;
}

type SupervisorSnapshot = Snapshot<undefined> & { readonly charges: Charges };

const none: readonly number[] = [];
const failurePrefix = 'xstate.error.actor.';

const supervisorLogic: ActorLogic<SupervisorSnapshot, SupervisorEvent, SupervisorInput> = {
  getInitialSnapshot: (_, input) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    charges: { input, byId: new Map() },
  }),
  getPersistedSnapshot: (snapshot) => snapshot,
  transition(snapshot, event, scope) {
    const { charges } = snapshot;
    const { byId } = charges;
    switch (event.type) {
      case 'ChildWanted': {
        const charge: Charge = { child: event.child, actor: undefined, failures: none, timer: undefined };
        // a name is one child's: who had it before is stopped
        release(charges, byId.get(event.child.id), scope);
        byId.set(event.child.id, charge);
        spawn(charges, charge, scope);
        break;
      }
      case 'ChildReleased':
        release(charges, chargeOf(charges, event.child), scope);
        break;
      case 'ChildFailed':
        recover(charges, chargeOf(charges, event.child), event.error, scope);
        break;
      case 'RestartDue': {
        const charge = chargeOf(charges, event.child);
        if (charge) spawn(charges, charge, scope);
        break;
      }
      case 'xstate.stop':
        for (const charge of [...byId.values()]) {
          release(charges, charge, scope);
          scope.defer(() => attempt(charges.input, () => charge.child.onStopped()));
        }
        return { ...snapshot, status: 'stopped', output: undefined, error: undefined };
      default:
        // an actor that has come to its end, as a machine may, tells that too: it goes on showing its last state
        if (event.type.startsWith(failurePrefix)) recover(charges, byId.get(event.actorId), event.error, scope);
    }
    return snapshot;
  },
};

function chargeOf({ byId }: Charges, child: Child): Charge | undefined {
  const charge = byId.get(child.id);
  return charge?.child === child ? charge : undefined;
}

function spawn({ input, byId }: Charges, charge: Charge, scope: AnyActorScope): void {
  const { child } = charge;
  charge.timer = undefined;
  // XState runs this when the supervisor's own step has ended: an actor that fails at once reports to its next one
  scope.defer(() => {
    attempt(input, () => {
      if (byId.get(child.id) === charge) charge.actor = child.spawn(scope.self);
    });
  });
}

/** What is thrown from a deferred function would end the supervisor. */
function attempt({ onFault }: SupervisorInput, action: () => void): void {
  try {
    action();
  } catch (error) {
    onFault(error);
  }
}

function release(charges: Charges, charge: Charge | undefined, scope: AnyActorScope): void {
  if (!charge) return;
  stop(charges, charge, scope);
  charges.byId.delete(charge.child.id);
}

function recover(charges: Charges, charge: Charge | undefined, error: unknown, scope: AnyActorScope): void {
  // what was let go, or waits for its restart already, has nothing more to say
  if (!charge || charge.timer !== undefined) return;
  stop(charges, charge, scope);
  const { input } = charges;
  const { child } = charge;
  const decision = afterFailure(charge.failures, input.clock.now(), input.restart);
  charge.failures = decision.failures;
  const retry = (): void => {
    scope.self.send({ type: 'RestartDue', child });
    if (charge.actor) attempt(input, () => child.onRestarted());
  };
  charge.timer = input.clock.setTimeout(retry, decision.waitMs);
  scope.defer(() => attempt(input, () => child.onFailed(error, decision)));
}

function stop({ input }: Charges, charge: Charge, scope: AnyActorScope): void {
  input.clock.clearTimeout(charge.timer);
  charge.timer = undefined;
  const { actor } = charge;
  charge.actor = undefined;
  if (actor) scope.stopChild(actor);
}

/** A supervisor as its children's owners see it. */
export class Supervisor implements Child {
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

  /** Supervises a child from now on, and spawns it. */
  add(child: Child): void {
    this.ref?.send({ type: 'ChildWanted', child });
  }

  /** Stops a child and forgets it. */
  release(child: Child): void {
    this.ref?.send({ type: 'ChildReleased', child });
  }

  /** Tells that a child cannot go on. */
  fail(child: Child, error: unknown): void {
    this.ref?.send({ type: 'ChildFailed', child, error });
  }

  // How its own supervisor sees it.

  spawn(parent: AnyActorRef): AnyActorRef {
    this.ref = createActor(supervisorLogic, { parent, id: this.id, input: this.input }).start();
    return this.ref;
  }

  /** It runs no code of components, and catches what owners throw: if it fails, that is a fault of this file. */
  onFailed(error: unknown): void {
    this.input.onFault(error);
  }

  onRestarted(): void {}

  onStopped(): void {}
}
