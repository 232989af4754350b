/*
 * The template language: the tags `html`, `svg` and `mathml`, and the values that may stand in a hole.
 * Input: what a component's `view` writes. Output: plain descriptions (`Template`, `Keyed`, `Memo`, ...)
 * that `tree/` turns into instances. Nothing is parsed or compared here, so a view costs next to nothing.
 * The dialect is uhtml's; `keyed` and `memo` take their names from lit and Elm.
 */

import { development } from './development.ts';
import type { EventHandler, Produces } from './events.ts';

/** Which parser context a literal's text belongs to. */
export type Namespace = 'html' | 'svg' | 'mathml';

/** Anything with a string `type`: what happened, as a value. */
export interface AnyMessage {
  // any string; the literal in it has TypeScript keep the one in `() => ({ type: 'UserTyped' })`, which it would widen
  readonly type: '' | (string & {});
}

/**
 * One evaluated template literal: its statics and the values of its holes.
 * Only the tags make one, so data that merely looks like one stays text.
 */
export class Template<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
  readonly namespace: Namespace;
  /** Translates the messages of this template's handlers for the view around it. */
  readonly map: MessageMap | undefined;

  constructor(
    strings: readonly string[],
    values: readonly unknown[],
    namespace: Namespace,
    map: MessageMap | undefined = undefined,
  ) {
    this.strings = strings;
    this.values = values;
    this.namespace = namespace;
    this.map = map;
  }
}

export type MessageMap = (message: never) => unknown;

/** A list whose items are told apart by a key. */
export class Keyed<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly items: readonly unknown[];
  readonly key: (item: never) => string | number;
  readonly view: (item: never) => unknown;
  readonly deps: readonly unknown[] | undefined;

  constructor(
    items: readonly unknown[],
    key: (item: never) => string | number,
    view: (item: never) => unknown,
    deps: readonly unknown[] | undefined,
  ) {
    this.items = items;
    this.key = key;
    this.view = view;
    this.deps = deps;
  }
}

/** A part of a view that is evaluated again only when one of its dependencies changes. */
export class Memo<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly deps: readonly unknown[];
  readonly view: () => unknown;

  constructor(deps: readonly unknown[], view: () => unknown) {
    this.deps = deps;
    this.view = view;
  }
}

/** Markup that is inserted as it is. */
export class UnsafeHtml {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

/** A part of a document that is not a template: it is asked for its HTML, now or later. */
export abstract class Embedded {
  /** @param context What `renderDocument` was given. */
  abstract renderHtml(context: unknown): string | PromiseLike<string>;
}

/** Nothing: an empty child hole, or an attribute that is not there. */
export const nothing = null;

/**
 * The messages that a hole's value can produce. An object with a literal `type` in a hole counts as a message,
 * so a message that `update` does not know is a compile error in the view.
 */
export type MessageOf<Value> = Produced<Value> | Produced<ItemOf<Value>> | Produced<ItemOf<ItemOf<Value>>>;

type Produced<Value> =
  Value extends Produces<infer Message>
    ? Message
    : Value extends (...args: never[]) => infer Result
      ? Extract<Result, AnyMessage>
      : Value extends readonly unknown[]
        ? never
        : Extract<Value, AnyMessage>;

// Two levels and not a recursion: TypeScript would follow that without end when it infers from an expected type.
type ItemOf<Value> = Value extends readonly (infer Item)[] ? Item : never;

/** What may stand in a hole. `object` lets a property hole take any value; the union types handlers' parameters. */
export type HoleValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | EventHandler<AnyMessage>
  | readonly HoleValue[]
  | object;

type Tag = <const Values extends readonly HoleValue[]>(
  strings: TemplateStringsArray,
  ...values: Values
) => Template<MessageOf<Values[number]>>;

/**
 * Declares a piece of HTML.
 *
 * @example
 * html`<button @click=${{ type: 'UserClickedUp' }}>${model.score}</button>`
 */
export const html: Tag = tagOf('html');

/** Declares a piece of SVG: what stands inside an `<svg>` element. */
export const svg: Tag = tagOf('svg');

/** Declares a piece of MathML: what stands inside a `<math>` element. */
export const mathml: Tag = tagOf('mathml');

function tagOf(namespace: Namespace): Tag {
  return (strings, ...values) => {
    development.literal?.(strings);
    return new Template(strings, values, namespace);
  };
}

/**
 * Renders a list. An item that is the same value as before (`Object.is`) is not viewed again, so `view` may depend
 * on nothing but the item and `deps`: name in `deps` whatever else it reads (the selected id, a filter).
 *
 * @param key Gives each item a string or number that no other item of the list has; a duplicate is an error.
 * @example keyed(model.rows, (row) => row.id, (row) => html`<li>${row.label}</li>`)
 */
export function keyed<Item, const View>(
  items: readonly Item[],
  key: (item: Item) => string | number,
  view: (item: Item) => View,
  deps?: readonly unknown[],
): Keyed<MessageOf<View>> {
  return new Keyed(items, key as (item: never) => string | number, view as (item: never) => unknown, deps);
}

/** Evaluates `view` only when an entry of `deps` is another value than before (`Object.is`). */
export function memo<const View>(deps: readonly unknown[], view: () => View): Memo<MessageOf<View>> {
  return new Memo(deps, view);
}

/** Inserts a string as markup. It is not escaped: never give it what a person typed. */
export function unsafeHtml(markup: string): UnsafeHtml {
  return new UnsafeHtml(String(markup));
}

/**
 * Embeds a child view that has its own message type.
 *
 * @example mapMessages(ratingView(model.rating), (message) => ({ type: 'RatingChanged', message }))
 */
export function mapMessages<Inner, const Outer extends AnyMessage>(
  template: Template<Inner>,
  map: (message: Inner) => Outer,
): Template<Outer> {
  const inner = template.map;
  const composed = inner === undefined ? map : (message: never) => map(inner(message) as Inner);
  return new Template<Outer>(template.strings, template.values, template.namespace, composed as MessageMap);
}
