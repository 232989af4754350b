/*
 * Attributes that an object says: `...=${}`. Part of `special.ts`. Input: what changed of them. Output: attributes, and
 * what they say of the state of controls.
 */

import type { AttributeChanges } from '../../shared/wire/patch.ts';
import type { DomTree } from './dom-tree.ts';
import { getAttribute, hasAttribute } from './native.ts';

/** What objects of attributes said of an element. */
const spreads = new WeakMap<Element, AttributeChanges>();

export function spread(element: Element, changes: AttributeChanges, tree: DomTree): void {
  const old = spreads.get(element) ?? {};
  for (const [name, text] of Object.entries(changes)) {
    tree.say(element, name, text);
    // what is not known counts as said by us
    tree.writeAttribute(element, name, text, name in old ? old[name] : getAttribute.call(element, name));
  }
  spreads.set(element, { ...old, ...changes });
}

/** What objects of attributes said of an element, if any did. */
export function spreadOf(element: Element): AttributeChanges | undefined {
  return spreads.get(element);
}

/** Says what an object of attributes said of a control's state: what the template itself does not. */
export function sayStates(tree: DomTree, node: Element, pattern: Element): void {
  for (const name of ['value', 'checked', 'selected']) {
    const text = getAttribute.call(node, name);
    if (text !== null && !hasAttribute.call(pattern, name)) tree.say(node, name, text);
  }
}
