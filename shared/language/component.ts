/*
 * A component's definition: a value that says how it starts, changes and looks. It runs nowhere by itself; the server's
 * registry runs it as an XState actor, the browser's `register` as a plain one (`runtime/`).
 */

import type { AnyStateMachine, EventFromLogic, SnapshotFrom } from 'xstate';
import type { Effect } from './effect.ts';
import { checkElementOptions, type ElementOptions } from './element-options.ts';
import type { AnyMessage, Template } from './html.ts';
import { IsletError } from './islet-error.ts';

/** The next model and what shall happen besides. */
export type Next<Model, Message> = readonly [model: Model, effect: Effect<Message>];

/** What of a component says how a server keeps its model, where a route is persisted. */
export interface KeptOptions<Model> {
  /**
   * Which shape the model has: a number that goes up when a model of before is no model of today. Default 0. What newer
   * code has written is left alone.
   */
  readonly schema?: number;
  /** Makes a model of today of one that code with an older schema has kept. What it throws leaves that as it is. */
  readonly migrate?: (old: unknown, from: number) => Model;
}

/** What a component made of functions says of itself. */
export interface ComponentDefinition<Model, Message extends AnyMessage, Props>
  extends ElementOptions<Model, Message>,
    KeptOptions<Model> {
  /** Gives the first model. Its effect starts what goes on while the actor runs; it is run again at each restart. */
  readonly init: (props: Props) => Next<Model, Message>;
  readonly update: (model: Model, message: Message) => Next<Model, Message>;
  readonly view: (model: Model) => Template<Message>;
}

/** What a component made of a state machine says of itself. */
export interface MachineDefinition<Machine extends AnyStateMachine, Hint = never>
  extends ElementOptions<SnapshotFrom<Machine>, EventFromLogic<Machine> | Hint>,
    KeptOptions<unknown> {
  readonly machine: Machine;
  readonly view: (snapshot: SnapshotFrom<Machine>) => Template<EventFromLogic<Machine>>;
}

// No message is this. Its literal type has TypeScript keep the literal in `(text) => ({ type: 'set', text })` while it
// does not know the machine yet, where it would infer `string`.
interface LiteralMessage {
  readonly type: '';
  readonly '~literal': never;
}

// TypeScript tries this overload first, and remembers what type it gave `[model, effect]` there: it must be a pair.
interface NoFunctions {
  readonly init?: (props: never) => readonly [unknown, unknown];
  readonly update?: (model: never, message: never) => readonly [unknown, unknown];
}

/** Marks what `component` has checked: a plain object with the same functions is no component. */
const checked = Symbol('component');

/** Any component. Its types were checked where it was defined. */
export interface AnyComponent extends ElementOptions<never, AnyMessage>, KeptOptions<unknown> {
  readonly [checked]: true;
}

/**
 * A component made of functions; they stay callable for tests.
 *
 * @typeParam Attribute Names of the attributes that it declares; `string` where TypeScript was told the other types.
 */
export interface Component<Model, Message extends AnyMessage, Props, Attribute extends string = string>
  extends ComponentDefinition<Model, Message, Props> {
  readonly [checked]: true;
  readonly '~attribute'?: Attribute;
}

/** A component made of a state machine. */
export interface MachineComponent<Machine extends AnyStateMachine, Attribute extends string = string>
  extends MachineDefinition<Machine> {
  readonly [checked]: true;
  readonly '~attribute'?: Attribute;
}

// It is inferred which attributes a definition names.
interface Naming<Attribute extends string> {
  readonly attributes?: { readonly [name in Attribute]: unknown };
}

/** Tells whether a value was made by `component`. */
export function isComponent(value: unknown): value is AnyComponent {
  return typeof value === 'object' && value !== null && checked in value;
}

/**
 * Defines a component, either by `init`, `update` and `view` or by an XState `machine` and a `view` of its snapshot.
 *
 * @throws IsletError ISLET_ERR_COMPONENT when a function is missing or an option makes no sense.
 * @example
 * const counter = component<number, { type: 'UserClicked' }, undefined>({
 *   init: () => [0, effect.none],
 *   update: (count) => [count + 1, effect.none],
 *   view: (count) => html`<button @click=${{ type: 'UserClicked' }}>${count}</button>`,
 * });
 */
export function component<Machine extends AnyStateMachine, Attribute extends string = string>(
  definition: MachineDefinition<Machine, LiteralMessage> & NoFunctions & Naming<Attribute>,
): MachineComponent<Machine, Attribute>;
export function component<Model, Message extends AnyMessage, Props = unknown, Attribute extends string = string>(
  definition: ComponentDefinition<Model, Message, Props> & Naming<Attribute>,
): Component<Model, Message, Props, Attribute>;
export function component(
  definition: ComponentDefinition<unknown, AnyMessage, unknown> | MachineDefinition<AnyStateMachine>,
): unknown {
  const label = definition.name ?? 'component';
  checkElementOptions(label, definition);
  const { schema = 0, migrate } = definition;
  if (!Number.isSafeInteger(schema) || schema < 0) {
    throw new IsletError('ISLET_ERR_COMPONENT', `${label}: schema must be a whole number of 0 or more; got ${schema}`);
  }
  if (migrate !== undefined) requireFunction(label, 'migrate', migrate);
  requireFunction(label, 'view', definition.view);
  if (!('machine' in definition)) {
    requireFunction(label, 'init', definition.init);
    requireFunction(label, 'update', definition.update);
  }
  return { ...definition, [checked]: true };
}

function requireFunction(component: string, name: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw new IsletError('ISLET_ERR_COMPONENT', `${component} has no ${name} function`);
}
