/*
 * How a component behaves as a custom element: what it takes from outside, its shadow root, its part in forms.
 * Input: a definition. Output: its types, and the check that a wrong one meets when its module loads.
 * Attributes and connections mean the same on the server; the rest is read by the browser's `register`.
 */

import { isAttributeName } from './attributes.ts';
import type { Client } from './events.ts';
import { IsletError } from './islet-error.ts';

/** How a component behaves as an element. Attributes and connections mean the same on a server. */
export interface ElementOptions<Model, Message> {
  /** The custom element's name when it runs in the browser: lower case, with a hyphen. */
  readonly name?: string;
  /** An attribute was set, changed or removed (null) from outside. */
  readonly attributes?: { readonly [attribute: string]: (text: string | null) => Message };
  /** A property of the element was set, to any value: check it before use. */
  readonly properties?: { readonly [property: string]: (value: unknown) => Message };
  /**
   * An ancestor provides a value for the key (`effect.provide`, or any element by the context protocol), or a new one.
   */
  readonly contexts?: { readonly [key: string]: (value: unknown) => Message };
  /** Somebody looks, or looks no longer. In the browser: the element is in a page, or no longer. */
  readonly onConnect?: (client: Client) => Message;
  readonly onDisconnect?: (client: Client) => Message;
  /** The element has another place in its page. */
  readonly onMove?: () => Message;
  /** The element has come into another document, such as a frame's. */
  readonly onAdopt?: () => Message;
  /** Default: none. Without one the page's styles, labels, ids and forms reach the content, as on the server. */
  readonly shadow?: ShadowMode | ShadowOptions;
  /** The names that `:state(name)` matches, besides `failed`. */
  readonly states?: (model: Model) => readonly string[];
  /** Makes the element a control of the form around it. */
  readonly form?: FormOptions<Model, Message>;
}

export type ShadowMode = 'open' | 'closed';

/** An element's shadow root. */
export interface ShadowOptions {
  readonly mode: ShadowMode;
  /** CSS of its own, or (the default) a copy of the page's: `'page'`. Both: `['page', ':host { ... }']`. */
  readonly styles?: string | readonly string[];
  /** Focusing the element focuses the first thing in it that can be focused. */
  readonly delegatesFocus?: boolean;
}

/** What a form gets: a text under the element's name, nothing, or fields with names of their own. */
export type FormValue = string | null | { readonly [name: string]: string | readonly string[] };

/** What makes an element a control of the form around it. */
export interface FormOptions<Model, Message> {
  readonly value: (model: Model) => FormValue;
  /** Says why the form cannot be sent, in words for the person who filled it in; null: it can. */
  readonly validity?: (model: Model) => string | Invalidity | null;
  readonly onReset?: () => Message;
  /** The browser brings back a value of before (`restore`), or fills one in (`autocomplete`). */
  readonly onRestore?: (value: FormValue, reason: 'restore' | 'autocomplete') => Message;
  /** The element or a `<fieldset>` around it was disabled or enabled. */
  readonly onDisabled?: (isDisabled: boolean) => Message;
}

/** Why a form cannot be sent. */
export interface Invalidity {
  readonly message: string;
  /** The flag of the element's `validity`; `customError` unless told. */
  readonly flag?:
    | 'badInput'
    | 'customError'
    | 'patternMismatch'
    | 'rangeOverflow'
    | 'rangeUnderflow'
    | 'stepMismatch'
    | 'tooLong'
    | 'tooShort'
    | 'typeMismatch'
    | 'valueMissing';
  /** Selector of the part that the browser points to; the first control unless told. */
  readonly anchor?: string;
}

/** Checks the options of a definition. @throws IsletError ISLET_ERR_COMPONENT naming what is wrong. */
export function checkElementOptions(label: string, options: ElementOptions<never, unknown>): void {
  const refuse = (problem: string): never => {
    throw new IsletError('ISLET_ERR_COMPONENT', `${label}: ${problem}`);
  };
  const { name, shadow, form } = options;
  if (name !== undefined && !/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name)) {
    refuse(`'${name}' cannot name a custom element: write it like 'anime-rating'`);
  }
  for (const attribute of Object.keys(options.attributes ?? {})) {
    if (!isAttributeName(attribute)) refuse(`'${attribute}' is no attribute of HTML: write it in lower case`);
  }
  const { attributes, properties, contexts, onConnect, onDisconnect, onMove, onAdopt, states } = options;
  const own = { onConnect, onDisconnect, onMove, onAdopt, states };
  for (const [key, value] of [own, attributes, properties, contexts, form].flatMap((group) =>
    Object.entries(group ?? {}),
  )) {
    if (value !== undefined && typeof value !== 'function') refuse(`${key} must be a function`);
  }
  if (form && !form.value) refuse('form needs a value function');
  const mode = typeof shadow === 'object' ? shadow.mode : (shadow ?? 'open');
  if (mode !== 'open' && mode !== 'closed') refuse(`shadow must be 'open' or 'closed', or have such a mode`);
}
