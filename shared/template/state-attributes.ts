/*
 * Attributes that say what a control shows: `value`, `checked`, `selected`, `open`. A browser ignores them once its
 * person has touched the control, so in a template a hole in one of them is the property: what the model says is shown.
 * Input: an element and a name. Output: the kind of such a hole.
 */

import * as HoleKind from './hole-kind.ts';

const states: { readonly [attribute: string]: readonly [elements: RegExp, kind: HoleKind.Kind] } = {
  value: [/^(input|select|textarea)$/, HoleKind.property],
  checked: [/^input$/, HoleKind.property],
  selected: [/^option$/, HoleKind.property],
  open: [/^(details|dialog)$/, HoleKind.boolean],
};

/** Types of `<input>` of which `value` is a name for what they are, and nothing that a person changes. */
const fixed = /^(button|checkbox|hidden|image|radio|reset|submit)$/i;

/**
 * The kind of hole that says a control's state; undefined: the attribute is no state of that element.
 *
 * @param type What the template says of the element's type.
 */
export function stateKindOf(element: string, type: string, attribute: string): HoleKind.Kind | undefined {
  const [elements, kind] = (Object.hasOwn(states, attribute) && states[attribute]) || [];
  return elements?.test(element) && !(attribute === 'value' && fixed.test(type)) ? kind : undefined;
}
