/*
 * Where the caret is in what can be edited. Input: an element that has the focus. Output: two offsets in its text, and
 * how many ends of lines are before them. Part of `special.ts`.
 */

import type { Caret } from './controls.ts';

/** The selection in an element; undefined if it has none. */
export function editedCaretOf(element: Element): Caret | undefined {
  const selection = selectionIn(element);
  if (!selection?.rangeCount || !element.contains(selection.focusNode)) return undefined;
  const range = selection.getRangeAt(0).cloneRange();
  const end = `${range}`.length;
  range.setStart(element, 0);
  // texts alone do not say which line it is in
  const lines = range.cloneContents().querySelectorAll('br,div,p').length;
  return [`${range}`.length - end, `${range}`.length, undefined, lines];
}

export function placeEditedCaret(element: Element, [start, end, , lines = 0]: Caret): void {
  selectionIn(element)?.setBaseAndExtent(...placeAt(element, start, lines), ...placeAt(element, end, lines));
}

function placeAt(field: Node, at: number, lines: number): [node: Node, offset: number] {
  const nodes = document.createTreeWalker(field);
  let place: [Node, number] = [field, 0];
  let count = at;
  let breaks = lines;
  for (let node = nodes.nextNode(); node && (count > 0 || breaks > 0); node = nodes.nextNode()) {
    if (node instanceof Text) {
      place = [node, Math.min(count, node.length)];
      count -= node.length;
    } else if (node.nodeName === 'BR') {
      breaks--;
      const parent = node.parentNode as Node;
      if (count <= 0) place = [parent, [...parent.childNodes].indexOf(node as ChildNode) + 1];
    }
  }
  return place;
}

/** Chromium keeps a selection for each shadow root. */
function selectionIn(node: Node): Selection | null {
  const root = node.getRootNode() as Node & Partial<Pick<Document, 'getSelection'>>;
  return (root.getSelection ? root : document).getSelection?.() ?? null;
}
