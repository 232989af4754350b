/*
 * Components as XState actor logic. Input: a definition. Output: logic whose snapshots hold the model, whose events
 * are the component's messages, and which hands effects to its host after each transition.
 * A function component's logic is a plain object: 0.1 microseconds a message, where a state machine takes 2.5.
 */

import type { ActorLogic, AnyActorLogic, AnyStateMachine, Snapshot } from 'xstate';
import type { ComponentDefinition } from '../language/component.ts';
import { Effect, type EffectHost, effect, runEffect } from '../language/effect.ts';
import type { AnyMessage, Template } from '../language/html.ts';
import { IsletError } from '../language/islet-error.ts';

/** What a component's actor is started with. */
export interface ActorInput {
  readonly props: unknown;
  readonly host: EffectHost;
}

export interface ComponentLogic {
  readonly actorLogic: AnyActorLogic;
  /** A state machine changes by itself too (delays, invoked actors), so it has to be observed. */
  readonly isMachine: boolean;
  /** What `view` gets of a snapshot: the model, or of a machine the snapshot itself. */
  modelOf(snapshot: unknown): unknown;
  /** Evaluates the view of a snapshot. */
  render(snapshot: unknown): Template<unknown>;
}

/** The snapshot of a function component. */
export type ModelSnapshot<Model> = Snapshot<undefined> & { readonly context: Model; readonly host: EffectHost };

/** Makes the logic of a component of functions. */
export function toLogic<Model, Message extends AnyMessage, Props>(
  definition: ComponentDefinition<Model, Message, Props>,
): ComponentLogic {
  const { init, update, view } = definition;

  const actorLogic: ActorLogic<ModelSnapshot<Model>, Message, ActorInput> = {
    transition(snapshot, message, scope) {
      if (message.type === 'xstate.stop') return { ...snapshot, status: 'stopped' } as ModelSnapshot<Model>;
      const [model, wanted] = check<Model, Message>(update(snapshot.context, message), 'update');
      if (wanted !== effect.none) scope.defer(() => runEffect(wanted, snapshot.host));
      return Object.is(model, snapshot.context) ? snapshot : toSnapshot(model, snapshot.host);
    },
    getInitialSnapshot(scope, { props, host }) {
      const [model, wanted] = check<Model, Message>(init(props as Props), 'init');
      if (wanted !== effect.none) scope.defer(() => runEffect(wanted, host));
      return toSnapshot(model, host);
    },
    restoreSnapshot(persisted, scope) {
      const { props, host } = (scope.self as unknown as { options: { input: ActorInput } }).options.input;
      // timers and subscriptions that init started belong to the running actor, so a restart starts them again
      const [, wanted] = check<Model, Message>(init(props as Props), 'init');
      if (wanted !== effect.none) scope.defer(() => runEffect(wanted, host));
      return toSnapshot((persisted as unknown as { context: Model }).context, host);
    },
    getPersistedSnapshot: ({ context }) =>
      ({ status: 'active', output: undefined, error: undefined, context }) as Snapshot<unknown>,
  };
  const modelOf = (snapshot: unknown): Model => (snapshot as ModelSnapshot<Model>).context;
  const render = (snapshot: unknown): Template<unknown> => view(modelOf(snapshot));
  return { actorLogic, isMachine: false, modelOf, render };
}

/** Makes the logic of a component that is a state machine: its input is the props, its events are the messages. */
export function toMachineLogic(machine: AnyStateMachine, view: (snapshot: never) => Template<unknown>): ComponentLogic {
  return {
    actorLogic: machine,
    isMachine: true,
    modelOf: (snapshot) => snapshot,
    render: (snapshot) => view(snapshot as never),
  };
}

function toSnapshot<Model>(context: Model, host: EffectHost): ModelSnapshot<Model> {
  return { status: 'active', output: undefined, error: undefined, context, host };
}

function check<Model, Message>(next: unknown, name: string): readonly [Model, Effect<Message>] {
  if (Array.isArray(next) && next.length === 2 && next[1] instanceof Effect)
    return next as unknown as readonly [Model, Effect<Message>];
  throw new IsletError('ISLET_ERR_COMPONENT', `${name} must return [model, effect]; use effect.none for no effect`);
}
