/*
 * Components as values, without server, browser or actor. Input: a component and messages. Output: the model, the HTML
 * of its view, and the effects that it asked for, none of which was carried out. Views are held to what a server holds
 * them to.
 */

import { type AnyStateMachine, type EventFromLogic, getNextSnapshot, type InputFrom, type SnapshotFrom } from 'xstate';
import type { AnyComponent, Component, MachineComponent } from '../../shared/language/component.ts';
import { type Effect, effect, type Output, type Part, perform } from '../../shared/language/effect.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { ActorHost } from '../../shared/runtime/effect-host.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import { Names, type Naming } from '../../shared/runtime/names.ts';
import { preview } from '../../shared/runtime/preview.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderDocument } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { compile } from '../html-parser.ts';

/** A component that runs as a value. */
export interface Simulation<Model, Message> {
  /** The model now; of a state machine its snapshot. */
  readonly model: Model;
  /** The effects that `init` and `update` returned so far, in order; `observe` tells what one does. */
  readonly effects: readonly Effect<Message>[];
  /** Hands messages to `update`, one after the other. */
  send(...messages: readonly Message[]): void;
  /**
   * The HTML of the view.
   *
   * @throws IsletError ISLET_ERR_TEMPLATE, ISLET_ERR_RENDER for what a server would refuse: markup that a browser reads
   *   otherwise, two items of a list with the same key, a value that cannot stand in its hole.
   */
  html(): string;
}

/** What an effect does. Times are in milliseconds. */
export interface Observed<Message> {
  readonly messages: readonly Message[];
  readonly events: readonly { readonly name: string; readonly detail: unknown }[];
  readonly values: readonly { readonly key: string; readonly value: unknown }[];
  /** Names under which something was started, or ended, in order. */
  readonly names: readonly string[];
  /**
   * What is to be done later, in any order; `run` does it now. Then it is not among them any more, except for what
   * comes again and again. What was ended under its name is not among them either, and its `run` does nothing.
   */
  readonly delays: readonly { readonly ms: number; readonly run: () => void }[];
  /** Tasks that were asked for. */
  readonly tasks: readonly { readonly name: string; readonly args: unknown }[];
  readonly errors: readonly unknown[];
}

/**
 * Runs a component as a value.
 *
 * @param props What `init` gets; of a state machine its input.
 * @example
 * const game = simulate(rating, {});
 * game.send({ type: 'UserClickedUp' });
 * expect(game.model.score).toBe(6);
 */
export function simulate<Made extends AnyComponent>(
  component: Made,
  props: PropsOf<Made>,
): Simulation<ModelOf<Made>, MessageOf<Made>> {
  return run(component as unknown as Runnable, props) as Simulation<ModelOf<Made>, MessageOf<Made>>;
}

type Runnable = Component<unknown, AnyMessage, unknown> | MachineComponent<AnyStateMachine>;

/** What `init` takes, or a machine's input. */
type PropsOf<Made> = Made extends { readonly machine: infer Machine extends AnyStateMachine }
  ? InputFrom<Machine>
  : Made extends { init(props: infer Props): unknown }
    ? Props
    : unknown;

type ModelOf<Made> = Made extends { readonly machine: infer Machine extends AnyStateMachine }
  ? SnapshotFrom<Machine>
  : Made extends { update(model: infer Model, message: never): unknown }
    ? Model
    : unknown;

type MessageOf<Made> = Made extends { readonly machine: infer Machine extends AnyStateMachine }
  ? EventFromLogic<Machine>
  : Made extends { update(model: never, message: infer Message): unknown }
    ? Message
    : AnyMessage;

function run(component: Runnable, props: unknown): Simulation<unknown, AnyMessage> {
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
    html() {
      const view = viewOf(component, model);
      // the same rendering as on a server: it looks at keys and places, which text alone does not
      new Rendering(compile, new TemplateTable()).render(view);
      return renderDocument(view, compile, undefined) as string;
    },
  };
}

/**
 * Carries out an effect, and tells what it did at once. What stands in `effect.from` is really run: give it what it
 * needs of the world in a way that a test can replace. To see that only the latest counts, observe the effects of
 * several messages together: `observe(effect.batch(simulation.effects))`.
 */
export function observe<Message extends AnyMessage>(effect: Effect<Message>): Observed<Message> {
  const observer = new Observer<Message>();
  perform(effect, new ActorHost(observer));
  const { messages, events, values, delays, tasks, errors } = observer;
  return { messages, events, values, names: namesOf(effect.parts), delays, tasks, errors };
}

/** An actor's place for effects where nothing but what they do is kept, and time does not pass. */
class Observer<Message> implements Naming {
  readonly messages: Message[] = [];
  readonly events: { readonly name: string; readonly detail: unknown }[] = [];
  readonly values: { readonly key: string; readonly value: unknown }[] = [];
  readonly delays: { readonly ms: number; readonly run: () => void }[] = [];
  readonly tasks: { readonly name: string; readonly args: unknown }[] = [];
  readonly errors: unknown[] = [];
  readonly root = undefined;
  readonly keepsTimers = false;

  readonly clock: Clock = {
    now: () => 0,
    setTimeout: (callback, ms) => {
      const run = (): void => {
        if (this.end(delay)) callback();
      };
      const delay = { ms, run };
      this.delays.push(delay);
      return delay;
    },
    clearTimeout: (timer) => void this.end(timer),
  };

  readonly names = new Names(this);

  dispatch(message: AnyMessage): void {
    this.messages.push(message as Message);
  }

  dispatchDue(take: () => AnyMessage | undefined): void {
    const message = take();
    if (message) this.dispatch(message);
  }

  deliver(output: Output): void {
    if (output.kind === 'emit') this.events.push({ name: output.name, detail: output.detail });
    else if (output.kind === 'provide') this.values.push({ key: output.key, value: output.value });
    else if (output.kind === 'task') this.tasks.push({ name: output.name, args: output.args });
    else this.names.timers.start(output, []);
  }

  isAsked(): boolean {
    return false;
  }

  contain(run: () => unknown): unknown {
    return run();
  }

  onRunFailed(error: unknown): void {
    this.errors.push(error);
  }

  fail(error: unknown): void {
    this.errors.push(error);
  }

  /** Returns false for a delay that is over. */
  private end(delay: unknown): boolean {
    const index = this.delays.indexOf(delay as (typeof this.delays)[number]);
    if (index >= 0) this.delays.splice(index, 1);
    return index >= 0;
  }
}

/** The names of what an effect starts or ends under one, in order. */
function namesOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (typeof part === 'function' || part.kind !== 'latest') return [];
    return [part.name, ...namesOf(part.parts)];
  });
}

function viewOf(component: AnyComponent, model: unknown): unknown {
  const logic = logicOf(component);
  return logic.render(logic.isMachine ? model : { context: model });
}
