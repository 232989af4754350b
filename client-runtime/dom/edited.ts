/*
 * What a person may edit (`contenteditable`). Its nodes are theirs while it holds a text: that is state of a control,
 * like the text of a field. Part of `special.ts`. Input: what is said of a hole. Output: whether that was such a text.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import type { WireContent } from '../../shared/wire/content.ts';
import type { DomInstance, TreeInside } from './dom-tree.ts';
import { closest, contains, hasAttribute } from './native.ts';
import { partsOf } from './places.ts';

/** Elements of which what stands in them is their person's. */
const theirs = new WeakSet<Node>();

/** Whether a person may edit what stands in an element. */
export function isEditable(node: Node): boolean {
  return node instanceof Element && hasAttribute.call(node, 'contenteditable');
}

/** Whether a person may edit what a hole holds. */
export function isEditedAt({ nodes, template }: DomInstance, hole: number): boolean {
  return template.holes[hole]?.kind === HoleKind.only && isEditable(nodes[hole] as Node);
}

/** Takes what the model says of a text; false if it is none. */
export function setEdited(
  { tree, owner, removePart }: TreeInside,
  instance: DomInstance,
  hole: number,
  wire: WireContent,
): boolean {
  const parent = instance.nodes[hole] as Element;
  const old = instance.slots[hole];
  const isText = typeof wire !== 'object' || wire === null;
  tree.foreign.pause();
  if (isText || old === null) for (const part of isText ? partsOf(old) : [...parent.childNodes]) removePart(part);
  theirs[isText ? 'add' : 'delete'](parent);
  owner.onProperty(parent, 'textContent', isText ? `${wire ?? ''}` : undefined);
  if (isText) instance.slots[hole] = null;
  return isText;
}

/** Whether what changes there is not the island's: it is a person's text, or what other code draws into its own. */
export function isNotOurs(node: Node, root: Node): boolean {
  if (!(node instanceof Element)) return false;
  const own = closest.call(node, '[data-islet-own],server-component');
  const edited = closest.call(node, '[contenteditable]');
  return !!(own && own !== root && contains.call(root, own)) || !!(edited && theirs.has(edited));
}
