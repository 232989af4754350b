/*
 * Where the caret is in a control, so that it stays there when the text around it is put right. Input: a control that
 * has the focus. Output: two offsets in its text; in what can be edited, characters and ends of lines before the caret.
 */

import type { Field } from './controls.ts';

export type Caret = readonly [
  start: number,
  end: number,
  direction?: Field['selectionDirection'] | undefined,
  lines?: number | undefined,
];

/** The selection in a control; undefined if it has none. */
export function caretOf(field: Field): Caret | undefined {
  const { selectionStart, selectionEnd, selectionDirection } = field;
  if (typeof selectionStart === 'number') return [selectionStart, selectionEnd as number, selectionDirection];
  const selection = selectionIn(field);
  if (!selection?.rangeCount || !field.contains(selection.focusNode)) return undefined;
  const range = selection.getRangeAt(0).cloneRange();
  const end = `${range}`.length;
  range.setStart(field, 0);
  // texts alone do not say which line it is in
  const lines = range.cloneContents().querySelectorAll('br,div,p').length;
  return [`${range}`.length - end, `${range}`.length, undefined, lines];
}

export function placeCaret(field: Field, [start, end, direction, lines = 0]: Caret): void {
  if (typeof field.value === 'string') field.setSelectionRange(start, end, direction ?? undefined);
  else selectionIn(field)?.setBaseAndExtent(...placeAt(field, start, lines), ...placeAt(field, end, lines));
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
