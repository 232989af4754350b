/*
 * `islet/testing`: components as values, without server, browser or actor. Input: a component and messages.
 * Output: the model, the HTML of its view, and the effects that it asked for, none of which was carried out.
 */

import { type AnyStateMachine, type EventFromLogic, getNextSnapshot, type InputFrom, type SnapshotFrom } from 'xstate';
import type { AnyComponent, Component, MachineComponent } from './language/component.ts';
import { type Effect, effect, perform } from './language/effect.ts';
import type { AnyMessage } from './language/html.ts';
import { logicOf } from './runtime/logic.ts';
import { preview } from './runtime/preview.ts';
import { createCompiler } from './template/compile.ts';
import { renderDocument } from './tree/html.ts';

export interface Simulation<Model, Message> {
  /** The model now; of a state machine its snapshot. */
  readonly model: Model;
  /** The effects that `init` and `update` returned so far, in order; `observe` tells what one does. */
  readonly effects: readonly Effect<Message>[];
  /** Hands messages to `update`, one after the other. */
  send(...messages: readonly Message[]): void;
  /** The HTML of the view. Its markup is taken as it is written: only a server or a browser confirms it. */
  html(): string;
}

/** What an effect does. Times are in milliseconds. */
export interface Observed<Message> {
  readonly messages: readonly Message[];
  readonly events: readonly { readonly name: string; readonly detail: unknown }[];
  readonly values: readonly { readonly key: string; readonly value: unknown }[];
  /** What is to be done later; `run` does it now. */
  readonly delays: readonly { readonly ms: number; readonly run: () => void }[];
  readonly errors: readonly unknown[];
}

const compile = createCompiler(undefined);

/**
 * Runs a component as a value.
 *
 * @param props What `init` gets; of a state machine its input.
 * @example
 * const game = simulate(rating, {});
 * game.send({ type: 'UserClickedUp' });
 * expect(game.model.score).toBe(6);
 */
export function simulate<Model, Message extends AnyMessage, Props>(
  component: Component<Model, Message, Props>,
  props: Props,
): Simulation<Model, Message>;
export function simulate<Machine extends AnyStateMachine>(
  component: MachineComponent<Machine>,
  props: InputFrom<Machine>,
): Simulation<SnapshotFrom<Machine>, EventFromLogic<Machine>>;
export function simulate(
  component: Component<unknown, AnyMessage, unknown> | MachineComponent<AnyStateMachine>,
  props: unknown,
): Simulation<unknown, AnyMessage> {
  const effects: Effect<AnyMessage>[] = [];
  const keep = ([model, wanted]: readonly [unknown, Effect<AnyMessage>]): unknown => {
    if (wanted !== effect.none) effects.push(wanted);
    return model;
  };
  let model = 'machine' in component ? preview(component, props, []) : keep(component.init(props));
  return {
    get model() {
      return model;
    },
    effects,
    send(...messages) {
      for (const message of messages) {
        model =
          'machine' in component
            ? getNextSnapshot(component.machine, model as never, message)
            : keep(component.update(model, message));
      }
    },
    html: () => renderDocument(viewOf(component, model), compile, undefined) as string,
  };
}

/**
 * Carries out an effect, and tells what it did at once. What stands in `effect.from` is really run: give it what it
 * needs of the world in a way that a test can replace.
 */
export function observe<Message extends AnyMessage>(effect: Effect<Message>): Observed<Message> {
  const messages: Message[] = [];
  const events: { name: string; detail: unknown }[] = [];
  const values: { key: string; value: unknown }[] = [];
  const delays: { ms: number; run: () => void }[] = [];
  const errors: unknown[] = [];
  const dispatch = (message: AnyMessage): void => void messages.push(message as Message);
  perform(effect, {
    signal: new AbortController().signal,
    dispatch,
    tell(output) {
      if (output.kind === 'emit') events.push({ name: output.name, detail: output.detail });
      else if (output.kind === 'provide') values.push({ key: output.key, value: output.value });
      else delays.push({ ms: output.ms, run: () => dispatch(output.message) });
    },
    delay: (ms, run) => delays.push({ ms, run }),
    contain: (run) => run(),
    report: (error) => errors.push(error),
    fail: (error) => errors.push(error),
  });
  return { messages, events, values, delays, errors };
}

function viewOf(component: AnyComponent, model: unknown): unknown {
  const logic = logicOf(component);
  return logic.render(logic.isMachine ? model : { context: model });
}
