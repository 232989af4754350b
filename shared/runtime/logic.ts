/*
 * Components as XState actor logic, which needs nothing of XState itself. Input: a component. Output: logic whose
 * snapshots hold the model and whose events are the component's messages. What `update` asks for, and what it throws,
 * goes to the host of the actor: neither leaves the transition, so that a message that cannot be handled does no harm to
 * the actor. A function component's logic is a plain object: 0.1 microseconds a message, where a state machine takes 2.5.
 */

import type { ActorLogic, AnyActorLogic, AnyStateMachine, Snapshot } from 'xstate';
import type { AnyComponent, Component, MachineComponent } from '../language/component.ts';
import { Effect } from '../language/effect.ts';
import type { AnyMessage, Template } from '../language/html.ts';
import { IsletError } from '../language/islet-error.ts';
import type { ActorOptions, ComponentActor } from './actor.ts';

/** Who takes what a transition asks for, and what it throws. */
export interface TransitionHost {
  collect(effect: Effect<unknown>): void;
  onThrown(error: unknown): void;
}

/** What a component's actor is started with. */
export interface ActorInput {
  readonly props: unknown;
  readonly host: TransitionHost;
}

export interface ComponentLogic {
  readonly actorLogic: AnyActorLogic;
  /** A state machine changes by itself too (delays, invoked actors), so it has to be observed. */
  readonly isMachine: boolean;
  /** What `view` gets of a snapshot: the model, or of a machine the snapshot itself. */
  modelOf(snapshot: unknown): unknown;
  /** Evaluates the view of a snapshot. */
  render(snapshot: unknown): Template<unknown>;
  // for machines alone:
  /** Makes the transition without an actor; throws what it throws: actors of machines end at an exception. */
  tryTransition?(snapshot: unknown, message: AnyMessage): void;
  /** Makes an actor that has no parent. */
  createRoot?(options: ActorOptions): ComponentActor;
  observe?(actor: ComponentActor, observer: ActorObserver): void;
  /** Starts the delays of the states that an actor is in which goes on from a snapshot. */
  restartDelays?(actor: ComponentActor): void;
}

/** Hears what an actor does by itself. */
export interface ActorObserver {
  onChange(): void;
  onEmit(name: string, detail: object): void;
  onError(error: unknown): void;
}

/** The snapshot of a function component. */
export type ModelSnapshot = Snapshot<undefined> & { readonly context: unknown; readonly host: TransitionHost };

/** Takes an actor of a function component back to an earlier model: what came since is undone. */
export class ModelReset {
  readonly type = 'islet.reset';
  readonly snapshot: ModelSnapshot;

  constructor(snapshot: ModelSnapshot) {
    this.snapshot = snapshot;
  }
}

/** How machines become logic. `machine-logic.ts` fills it in: what they need comes along with that alone. */
export const machines: { toLogic?: (component: MachineComponent<AnyStateMachine>) => ComponentLogic } = {};

const logics = new WeakMap<AnyComponent, ComponentLogic>();

/** The logic of a component; the same each time. */
export function logicOf(component: AnyComponent): ComponentLogic {
  let logic = logics.get(component);
  if (!logic) {
    const known = component as Component<unknown, AnyMessage, unknown> | MachineComponent<AnyStateMachine>;
    logic = 'machine' in known ? toMachineLogic(known) : toLogic(known);
    logics.set(component, logic);
  }
  return logic;
}

function toLogic({ init, update, view }: Component<unknown, AnyMessage, unknown>): ComponentLogic {
  const actorLogic: ActorLogic<ModelSnapshot, AnyMessage | ModelReset, ActorInput> = {
    transition(snapshot, message) {
      if (message instanceof ModelReset) return message.snapshot;
      if (message.type === 'xstate.stop') return { ...snapshot, status: 'stopped' } as unknown as ModelSnapshot;
      const { context, host } = snapshot;
      try {
        const [model, wanted] = check(update(context, message), 'update');
        if (wanted.parts.length > 0) host.collect(wanted);
        return Object.is(model, context) ? snapshot : toSnapshot(model, host);
      } catch (error) {
        host.onThrown(error);
        return snapshot;
      }
    },
    getInitialSnapshot(_, { props, host }) {
      const [model, wanted] = check(init(props), 'init');
      host.collect(wanted);
      return toSnapshot(model, host);
    },
    restoreSnapshot(persisted, scope) {
      const { props, host } = (scope.self as unknown as { options: { input: ActorInput } }).options.input;
      // subscriptions that init began belong to the actor that runs, so each actor begins them for itself
      const [model, wanted] = check(init(props), 'init');
      host.collect(wanted);
      const { context, leftOut } = persisted as unknown as { context: object; leftOut?: readonly string[] };
      if (!leftOut) return toSnapshot(context, host);
      const first = Object.entries(model as object).filter(([name]) => leftOut.includes(name));
      return toSnapshot({ ...context, ...Object.fromEntries(first) }, host);
    },
    getPersistedSnapshot: ({ context }) =>
      ({ status: 'active', output: undefined, error: undefined, context }) as Snapshot<unknown>,
  };
  const modelOf = (snapshot: unknown): unknown => (snapshot as ModelSnapshot).context;
  return { actorLogic, isMachine: false, modelOf, render: (snapshot) => view(modelOf(snapshot)) as Template<unknown> };
}

function toMachineLogic(component: MachineComponent<AnyStateMachine>): ComponentLogic {
  if (machines.toLogic) return machines.toLogic(component);
  const { name = 'a component' } = component;
  throw new IsletError('ISLET_ERR_COMPONENT', `${name} is a state machine: import 'islet/client/machines' once`);
}

function toSnapshot(context: unknown, host: TransitionHost): ModelSnapshot {
  return { status: 'active', output: undefined, error: undefined, context, host };
}

function check(next: unknown, name: string): readonly [unknown, Effect<unknown>] {
  if (Array.isArray(next) && next.length === 2 && next[1] instanceof Effect)
    return next as unknown as readonly [unknown, Effect<unknown>];
  throw new IsletError('ISLET_ERR_COMPONENT', `${name} must return [model, effect]; use effect.none for no effect`);
}
