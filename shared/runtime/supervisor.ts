/*
 * Supervision, as XState actor logic: a supervisor spawns its children, hears of their failures, restarts them as the
 * policy decides, and stops them when it is stopped itself. On a server the root supervises the routes' supervisors, and
 * these the actors of their routes; in a browser there is one supervisor for the page.
 * Input: events of the children's owners and of XState. Output: calls of a child's owner.
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

/** What is known of the children. It changes in place: a copy for each of 10,000 actors would cost more than they do. */
interface Children {
  readonly input: SupervisorInput;
  readonly all: Map<string, Child>;
  readonly running: Map<Child, AnyActorRef>;
  readonly failures: Map<Child, readonly number[]>;
  readonly timers: Map<Child, unknown>;
}

type SupervisorSnapshot = Snapshot<undefined> & { readonly children: Children };

const supervisorLogic: ActorLogic<SupervisorSnapshot, SupervisorEvent, SupervisorInput> = {
  getInitialSnapshot: (_, input) => ({
    status: 'active',
    output: undefined,
    error: undefined,
    children: { input, all: new Map(), running: new Map(), failures: new Map(), timers: new Map() },
  }),
  getPersistedSnapshot: (snapshot) => snapshot,
  transition(snapshot, event, scope) {
    const { children } = snapshot;
    switch (event.type) {
      case 'ChildWanted':
        children.all.set(event.child.id, event.child);
        spawn(children, event.child, scope);
        break;
      case 'ChildReleased':
        release(children, event.child, scope);
        break;
      case 'ChildFailed':
        recover(children, event.child, event.error, scope);
        break;
      case 'RestartDue':
        children.timers.delete(event.child);
        spawn(children, event.child, scope);
        break;
      case 'xstate.stop':
        for (const child of [...children.all.values()]) {
          release(children, child, scope);
          scope.defer(() => attempt(children.input, () => child.onStopped()));
        }
        return { ...snapshot, status: 'stopped', output: undefined, error: undefined };
      default: {
        const child = children.all.get(event.actorId);
        if (child) recover(children, child, event.error, scope);
      }
    }
    return snapshot;
  },
};

function spawn({ input, all, running }: Children, child: Child, scope: AnyActorScope): void {
  // XState runs this when the supervisor's own step has ended: an actor that fails at once reports to its next one
  scope.defer(() => {
    attempt(input, () => {
      if (all.get(child.id) === child) running.set(child, child.spawn(scope.self));
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

function release(children: Children, child: Child, scope: AnyActorScope): void {
  stop(children, child, scope);
  children.failures.delete(child);
  if (children.all.get(child.id) === child) children.all.delete(child.id);
}

function recover(children: Children, child: Child, error: unknown, scope: AnyActorScope): void {
  const { input, all, failures, timers } = children;
  // what was let go, or waits for its restart already, has nothing more to say
  if (all.get(child.id) !== child || timers.has(child)) return;
  stop(children, child, scope);
  const { clock, restart } = input;
  const decision = afterFailure(failures.get(child) ?? [], clock.now(), restart);
  failures.set(child, decision.failures);
  const retry = (): void => {
    scope.self.send({ type: 'RestartDue', child });
    if (children.running.has(child)) attempt(input, () => child.onRestarted());
  };
  timers.set(child, clock.setTimeout(retry, decision.waitMs));
  scope.defer(() => attempt(input, () => child.onFailed(error, decision)));
}

function stop({ input, running, timers }: Children, child: Child, scope: AnyActorScope): void {
  input.clock.clearTimeout(timers.get(child));
  timers.delete(child);
  const actor = running.get(child);
  running.delete(child);
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
