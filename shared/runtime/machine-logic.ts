/*
 * State machines as components: importing this lets them run. A page that has none does not load XState. Input: a
 * component with a `machine`. Output: its logic, by XState's own actors.
 */

import { type AnyActor, type AnyActorScope, type AnyStateMachine, createActor } from 'xstate';
import type { MachineComponent } from '../language/component.ts';
import type { AnyMessage } from '../language/html.ts';
import { type ComponentLogic, machines } from './logic.ts';
import { restartDelays } from './machine-delays.ts';

/** A state machine's input is the props, its events are the messages. */
machines.toLogic = ({ machine, view }: MachineComponent<AnyStateMachine>): ComponentLogic => {
  let scope: AnyActorScope | undefined;
  return {
    actorLogic: machine,
    isMachine: true,
    modelOf: (snapshot) => snapshot,
    render: (snapshot) => view(snapshot as never),
    tryTransition(snapshot, message) {
      scope ??= createInertScope(machine);
      machine.transition(snapshot as never, message, scope);
    },
    createRoot: ({ parent: _, ...options }) => createActor(machine, options as object),
    observe(observed, { onChange, onEmit, onError }) {
      const actor = observed as AnyActor;
      actor.subscribe({ next: onChange, error: onError });
      actor.on('*', ({ type, ...detail }: AnyMessage) => onEmit(type, detail));
    },
    restartDelays: (actor) => restartDelays(actor as AnyActor),
  };
};

/**
 * The scope of an actor that never runs: actions are found out and not executed. XState's own `transition` does the
 * same, and makes such an actor for each event, which costs more than the transition.
 */
function createInertScope(machine: AnyStateMachine): AnyActorScope {
  const self = createActor(machine);
  const nothing = (): void => {};
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: nothing,
  };
}
