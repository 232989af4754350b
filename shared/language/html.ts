/*
 * The template language: the tags `html`, `svg` and `mathml`, and the values that may stand in a hole.
 * Input: what a component's `view` writes. Output: plain descriptions (`Template`, `Keyed`, `Memo`, ...)
 * that `tree/` turns into instances. Nothing is parsed or compared here, so a view costs next to nothing.
 * The dialect is uhtml's; `keyed` and `memo` take their names from lit and Elm.
 */

import { development } from './development.ts';
import type { EventHandler, Produces } from './events.ts';
import type { List } from './list.ts';

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

/** What `keyed` shows: an array, or a long list. */
export type Items<Item> = readonly Item[] | List<Item>;

/** A list whose items are told apart by a key; made by `keyed`, which knows how it is shown (`tree/keyed.ts`). */
export class Keyed<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly items: Items<unknown>;
  /** A property's name, or a function. */
  readonly by: string | ((item: never) => unknown);
  readonly view: (item: never, deps: never) => unknown;
  readonly deps: Deps;

  constructor(
    items: Items<unknown>,
    by: string | ((item: never) => unknown),
    view: (item: never, deps: never) => unknown,
    deps: Deps,
  ) {
    this.items = items;
    this.by = by;
    this.view = view;
    this.deps = deps;
  }

  /** All items in order, in chunks: an array is one. */
  get chunks(): readonly (readonly unknown[])[] {
    return 'chunks' in this.items ? this.items.chunks : [this.items];
  }

  /** What an item is told apart by: a string or a number, as far as the author keeps to it. */
  keyOf(item: unknown): unknown {
    const { by } = this;
    return typeof by === 'function' ? by(item as never) : (item as { readonly [name: string]: unknown } | null)?.[by];
  }
}

/** What a part of a view reads besides, by name. */
export type Deps = { readonly [name: string]: unknown };

/** A part of a view that is evaluated again only when one of its dependencies changes. */
export class Memo<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly deps: Deps;
  readonly view: (deps: never) => unknown;

  constructor(deps: Deps, view: (deps: never) => unknown) {
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

/**
 * The messages that a hole's value can produce. An object with a literal `type` in a hole counts as a message,
 * so a message that `update` does not know is a compile error in the view.
 */
export type MessageOf<Value> = Produced<Value> | Produced<ItemOf<Value>> | Produced<ItemOf<ItemOf<Value>>>;

type Produced<Value> =
  Value extends Produces<infer Message>
    ? Message
    : Value extends (...args: never[]) => infer Result
      ? ResultOf<Result>
      : Value extends readonly unknown[]
        ? never
        : Extract<Value, AnyMessage>;

// A promise or nothing would be a button that does nothing.
type ResultOf<Result> = [Exclude<Result, AnyMessage | null>] extends [never] ? Extract<Result, AnyMessage> : NoHandler;

/** No `update` knows this message: a handler gives one at once, or null for none. */
interface NoHandler {
  readonly 'a handler gives a message, or null': never;
}

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

type Tag = <const Values extends readonly HoleValue[], Expected = MessageOf<Values[number]>>(
  strings: TemplateStringsArray,
  ...values: { readonly [Index in keyof Values]: Fitting<Values[Index], Expected> }
) => Template<Expected>;

type Fitting<Value, Expected> = HoleValue extends Value
  ? Value
  : MessageOf<Value> extends Expected
    ? Value
    : Wanted<Value, Expected>;

type Wanted<Value, Expected> =
  Value extends Produces<unknown>
    ? Template<Expected>
    : Value extends (...args: never[]) => unknown
      ? EventHandler<Expected>
      : Value extends AnyMessage
        ? Expected
        : Template<Expected>;

/**
 * Declares a piece of HTML.
 *
 * @example
 * html`<button @click=${{ type: 'UserClickedUp' }}>${model.score}</button>`
 */
export const html: Tag = /* @__PURE__ */ tagOf('html');

/** Declares a piece of SVG: what stands inside an `<svg>` element. */
export const svg: Tag = /* @__PURE__ */ tagOf('svg');

/** Declares a piece of MathML: what stands inside a `<math>` element. */
export const mathml: Tag = /* @__PURE__ */ tagOf('mathml');

function tagOf(namespace: Namespace): Tag {
  return (strings, ...values) => {
    development.literal?.(strings);
    return new Template(strings, values, namespace);
  };
}

/** What tells items apart: the name of a property that holds a string or a number, or a function that gives one. */
export type Key<Item> =
  | { [Name in keyof Item & string]: Item[Name] extends string | number ? Name : never }[keyof Item & string]
  | ((item: Item) => string | number);

/**
 * A part of a view that is evaluated again only when one of `deps` is another value than before (`Object.is`). It may
 * read nothing else.
 *
 * @param deps A plain object, which `view` gets.
 * @example memo({ rows: model.rows }, ({ rows }) => html`<p>${average(rows)}</p>`)
 */
export function memo<Named extends object, const View>(
  deps: Named & NoList,
  view: (deps: Named) => View,
): Memo<MessageOf<View>> {
  return new Memo(deps as Deps, view);
}

/** Values are compared by name, and given by name: those of a list would have none. */
interface NoList {
  readonly [Symbol.iterator]?: never;
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
