/*
 * Which attributes of an element count, wherever they come from: a page that is rendered, a join, a change, an element
 * in the browser. Input: what the element has. Output: what reaches props, `init` and messages; all else is as if it
 * were not there.
 */

import type { ElementOptions } from './element-options.ts';
import type { AnyMessage } from './html.ts';

/** An element's attributes by name. */
export type Attributes = { readonly [name: string]: string };

/**
 * Names the attributes that count: those that the component declares, and those that its route names.
 *
 * @param named What `props` of the route reads besides: none in the browser.
 */
export function attributesThatCount(
  { attributes = {} }: ElementOptions<never, unknown>,
  named: readonly string[] = [],
): readonly string[] {
  return [...Object.keys(attributes), ...named];
}

/** Picks the attributes that count, in the order of their names. */
export function pickAttributes(given: Attributes, names: readonly string[]): Attributes {
  const picked: { [name: string]: string } = {};
  for (const name of names) if (Object.hasOwn(given, name)) picked[name] = given[name] as string;
  return picked;
}

/** What makes the message of one attribute, if the component declares it. @param text Null: it was removed. */
export function toAttributeMessage(
  { attributes = {} }: ElementOptions<never, AnyMessage>,
  name: string,
  text: string | null,
): (() => AnyMessage) | undefined {
  const toMessage = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return toMessage && (() => toMessage(text));
}

/** What makes the messages of those attributes that a component declares, in the order of their declaration. */
export function toAttributeMessages(
  component: ElementOptions<never, AnyMessage>,
  given: Attributes,
): (() => AnyMessage)[] {
  const declared = pickAttributes(given, attributesThatCount(component));
  return Object.entries(declared).flatMap(([name, text]) => toAttributeMessage(component, name, text) ?? []);
}

/** Whether an attribute can have this name: that of HTML, in lower case. */
export function isAttributeName(name: string): boolean {
  return /^[a-z][a-z0-9._-]*$/.test(name);
}

/**
 * What `<server-component>` tells its server nothing of: what it reads itself, and what is for styles and scripts.
 * `client-runtime/element/remote-island.ts` leaves out the same.
 */
export const unreported = /^(route|socket|class|style|id)$/;
