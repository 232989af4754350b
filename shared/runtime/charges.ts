/*
 * Supervision: what a supervisor knows of its children, and what it does when one is wanted, let go or fails. Input:
 * what happened. Output: calls of a child's owner, restarts as the policy decides. It stands for itself, since a
 * supervisor is an XState actor on a server (`supervisor.ts`) and a plain object in a browser.
 */

import type { AnyActorRef } from 'xstate';
import type { ComponentActor } from './actor.ts';
import type { Clock } from './clock.ts';
import { afterFailure, type Decision, type RestartOptions } from './restart-policy.ts';

/** What a supervisor needs of a child. */
export interface Child {
  /** Names it among the children of its supervisor. */
  readonly id: string;
  /** Makes and starts the actor. @param parent The supervisor, if that is an XState actor. */
  spawn(parent: AnyActorRef | undefined): ComponentActor;
  /** It has failed and was stopped. */
  onFailed(error: unknown, decision: Decision): void;
  /** It was spawned again after a failure. */
  onRestarted(): void;
  /** It was stopped, because its supervisor was. */
  onStopped(): void;
}

/** A supervisor as its children's owners see it. */
export interface Supervision {
  /** Supervises a child from now on, and spawns it. */
  add(child: Child): void;
  /** Stops a child and forgets it. */
  release(child: Child): void;
  /** Tells that a child cannot go on. */
  fail(child: Child, error: unknown): void;
}

export interface SupervisorInput {
  readonly clock: Clock;
  readonly restart: RestartOptions;
  /** Hears what an owner's function threw: a fault of the runtime, since components' errors never come this way. */
  readonly onFault: (error: unknown) => void;
}

/** What a supervisor can do in the step in which something has happened. */
export interface Step {
  /** Does something when the step has ended: an actor that fails at once reports to the next one. */
  defer(action: () => void): void;
  spawn(child: Child): ComponentActor;
  stop(actor: ComponentActor): void;
  /** Has `retry` be called, in a step of its own. */
  retryNow(child: Child): void;
}

/** What is known of one child. */
interface Charge {
  readonly child: Child;
  /** Undefined while it waits for a restart. */
  actor: ComponentActor | undefined;
  /** Times of its failures in the window. */
  failures: readonly number[];
  /** Runs until its next restart. */
  timer: unknown;
}

const none: readonly number[] = [];

/** The children. They change in place: a copy for each of 10,000 actors would cost more than they do. */
export class Charges {
  private readonly input: SupervisorInput;
  private readonly byId = new Map<string, Charge>();

  constructor(input: SupervisorInput) {
    this.input = input;
  }

  want(child: Child, step: Step): void {
    const charge: Charge = { child, actor: undefined, failures: none, timer: undefined };
    // a name is one child's: who had it before is stopped
    this.let(this.byId.get(child.id), step);
    this.byId.set(child.id, charge);
    this.spawn(charge, step);
  }

  release(child: Child, step: Step): void {
    this.let(this.chargeOf(child), step);
  }

  fail(child: Child, error: unknown, step: Step): void {
    this.recover(this.chargeOf(child), error, step);
  }

  /** The actor of this name has failed by itself. */
  failById(id: string, error: unknown, step: Step): void {
    this.recover(this.byId.get(id), error, step);
  }

  /** The time of a restart has come. */
  retry(child: Child, step: Step): void {
    const charge = this.chargeOf(child);
    if (charge) this.spawn(charge, step);
  }

  stopAll(step: Step): void {
    for (const charge of [...this.byId.values()]) {
      this.let(charge, step);
      step.defer(() => this.attempt(() => charge.child.onStopped()));
    }
  }

  private chargeOf(child: Child): Charge | undefined {
    const charge = this.byId.get(child.id);
    return charge?.child === child ? charge : undefined;
  }

  private spawn(charge: Charge, step: Step): void {
    const { child } = charge;
    charge.timer = undefined;
    step.defer(() => {
      this.attempt(() => {
        if (this.byId.get(child.id) === charge) charge.actor = step.spawn(child);
      });
    });
  }

  /** What is thrown from a deferred function would end the supervisor. */
  private attempt(action: () => void): void {
    const { onFault } = this.input;
    try {
      action();
    } catch (error) {
      onFault(error);
    }
  }

  private let(charge: Charge | undefined, step: Step): void {
    if (!charge) return;
    this.stop(charge, step);
    this.byId.delete(charge.child.id);
  }

  private recover(charge: Charge | undefined, error: unknown, step: Step): void {
    // what was let go, or waits for its restart already, has nothing more to say
    if (!charge || charge.timer !== undefined) return;
    this.stop(charge, step);
    const { clock, restart } = this.input;
    const { child } = charge;
    const decision = afterFailure(charge.failures, clock.now(), restart);
    charge.failures = decision.failures;
    charge.timer = clock.setTimeout(() => {
      step.retryNow(child);
      if (charge.actor) this.attempt(() => child.onRestarted());
    }, decision.waitMs);
    step.defer(() => this.attempt(() => child.onFailed(error, decision)));
  }

  private stop(charge: Charge, step: Step): void {
    this.input.clock.clearTimeout(charge.timer);
    charge.timer = undefined;
    const { actor } = charge;
    charge.actor = undefined;
    if (actor) step.stop(actor);
  }
}
