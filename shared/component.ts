/*
 * A component's definition: a value that says how it starts, changes and looks. It runs nowhere by itself;
 * the server's registry or the browser's `register` runs its XState actor logic (`logic.ts`).
 */

import type { AnyStateMachine, EventFromLogic, SnapshotFrom } from 'xstate';
import type { Effect } from './effect.ts';
import { IsletError } from './errors.ts';
import type { Client } from './events.ts';
import type { AnyMessage, Template } from './html.ts';
import { type ComponentLogic, toLogic, toMachineLogic } from './logic.ts';

/** The next model and what shall happen besides. */
export type Next<Model, Message> = readonly [model: Model, effect: Effect<Message>];

export interface ComponentOptions<Message> {
  /** The custom element's name when it runs in the browser: lower case, with a hyphen. */
  readonly name?: string;
  /** An attribute was set, changed or removed (null) from outside. */
  readonly attributes?: { readonly [attribute: string]: (text: string | null) => Message };
  /** A server component: somebody looks, or looks no longer. */
  readonly onConnect?: (client: Client) => Message;
  readonly onDisconnect?: (client: Client) => Message;
}

export interface ComponentDefinition<Model, Message extends AnyMessage, Props> extends ComponentOptions<Message> {
  /** Gives the first model. Its effect starts what goes on while the actor runs; it is run again at each restart. */
  readonly init: (props: Props) => Next<Model, Message>;
  readonly update: (model: Model, message: Message) => Next<Model, Message>;
  readonly view: (model: Model) => Template<Message>;
}

export interface MachineDefinition<Machine extends AnyStateMachine> extends ComponentOptions<EventFromLogic<Machine>> {
  readonly machine: Machine;
  readonly view: (snapshot: SnapshotFrom<Machine>) => Template<EventFromLogic<Machine>>;
}

// TypeScript tries this overload first, and remembers what type it gave `[model, effect]` there: it must be a pair.
interface NoFunctions {
  readonly init?: (props: never) => readonly [never, never];
  readonly update?: (model: never, message: never) => readonly [never, never];
}

/** What the runtime needs of a component. Its types were checked where it was defined. */
export interface AnyComponent {
  readonly name?: string;
  readonly logic: ComponentLogic;
  readonly attributes?: { readonly [attribute: string]: (text: string | null) => AnyMessage };
  readonly onConnect?: (client: Client) => AnyMessage;
  readonly onDisconnect?: (client: Client) => AnyMessage;
}

/** A component made of functions; they stay callable for tests. */
export interface Component<Model, Message extends AnyMessage, Props>
  extends ComponentDefinition<Model, Message, Props> {
  readonly logic: ComponentLogic;
}

/** A component made of a state machine. */
export interface MachineComponent<Machine extends AnyStateMachine> extends MachineDefinition<Machine> {
  readonly logic: ComponentLogic;
}

/**
 * Defines a component, either by `init`, `update` and `view` or by an XState `machine` and a `view` of its snapshot.
 *
 * @throws IsletError ISLET_ERR_COMPONENT when a function is missing or the name cannot be an element's.
 * @example
 * const counter = component<number, { type: 'UserClicked' }, undefined>({
 *   init: () => [0, effect.none],
 *   update: (count) => [count + 1, effect.none],
 *   view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
 * });
 */
export function component<Machine extends AnyStateMachine>(
  definition: MachineDefinition<Machine> & NoFunctions,
): MachineComponent<Machine>;
export function component<Model, Message extends AnyMessage, Props = unknown>(
  definition: ComponentDefinition<Model, Message, Props>,
): Component<Model, Message, Props>;
export function component(
  definition: ComponentDefinition<unknown, AnyMessage, unknown> | MachineDefinition<AnyStateMachine>,
): unknown {
  const { name } = definition;
  if (name !== undefined && !/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name)) {
    throw new IsletError('ISLET_ERR_COMPONENT', `'${name}' cannot name a custom element: write it like 'anime-rating'`);
  }
  const label = name ?? 'component';
  requireFunction(label, 'view', definition.view);
  if ('machine' in definition) {
    return { ...definition, logic: toMachineLogic(definition.machine, definition.view) };
  }
  requireFunction(label, 'init', definition.init);
  requireFunction(label, 'update', definition.update);
  return { ...definition, logic: toLogic(definition) };
}

function requireFunction(component: string, name: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw new IsletError('ISLET_ERR_COMPONENT', `${component} has no ${name} function`);
}
