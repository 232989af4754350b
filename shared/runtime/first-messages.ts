/*
 * What a component is told of the attributes that its element has at first. Input: a component and the attributes that
 * count. Output: what makes the messages, which come right after `init`.
 */

import type { AnyComponent } from '../language/component.ts';
import type { AnyMessage } from '../language/html.ts';

export function firstMessages(
  component: AnyComponent,
  attributes: { readonly [name: string]: string },
): (() => AnyMessage)[] {
  return Object.entries(component.attributes ?? {})
    .filter(([name]) => Object.hasOwn(attributes, name))
    .map(
      ([name, toMessage]) =>
        () =>
          toMessage(attributes[name] as string),
    );
}
