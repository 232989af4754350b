/*
 * Moves nodes in browsers that have no `moveBefore`, as WebKit. Part of `special.ts`. Input: nodes that are in the page,
 * and their new place. Output: the focus, and the scroll of a text field, are as before.
 */

import { contains, insertBefore, read } from './native.ts';

export function move(nodes: readonly Node[], parent: Node, before: Node | null): void {
  // asked for only where it is needed: it makes the browser lay out the page
  const active = read<HTMLElement | null>(read<() => Node>(parent, 'getRootNode').call(parent), 'activeElement');
  const isInside = active && nodes.some((node) => contains.call(node, active));
  const scrollTop = isInside && active.scrollTop;
  for (const node of nodes) insertBefore.call(parent, node, before);
  if (!isInside) return;
  // browsers remember the selection of a text field, not its scroll
  read<HTMLElement['focus']>(active, 'focus').call(active, { preventScroll: true });
  active.scrollTop = scrollTop as number;
}
