/*
 * Where the caret is in a field, so that it stays there when the text around it is put right. Input: a field that has
 * the focus. Output: two offsets in its text.
 */

import type { Caret, Field } from './controls.ts';

/** The selection in a field; undefined if it has none. */
export function caretOf({ selectionStart, selectionEnd, selectionDirection }: Field): Caret | undefined {
  return typeof selectionStart === 'number' ? [selectionStart, selectionEnd as number, selectionDirection] : undefined;
}

export function placeCaret(field: Field, [start, end, direction]: Caret): void {
  field.setSelectionRange(start, end, direction ?? undefined);
}
