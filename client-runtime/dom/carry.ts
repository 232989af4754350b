/*
 * What a person did to fields that are made anew, since somebody else has broken the page or the server begins again.
 * Part of `repair.ts`, which is loaded when that happens. Input: the fields before and after. Output: the same text,
 * ticks, choices, files and focus in those that took their places.
 */

import { caretOf, placeCaret } from './caret.ts';
import { type Field, formOf, isBox, isChanged, isFocused, isState, kindOf } from './controls.ts';
import type { Control } from './fields.ts';
import { contains, findAll, getAttribute } from './native.ts';
import { isPending } from './replay.ts';

/** What is needed of `fields.ts` besides. */
export interface FieldsInside {
  readonly controls: WeakMap<Node, Control>;
  isTyped(field: Field): boolean;
  isShown(field: Field): boolean;
  /** Nobody knows what it holds now. */
  lose(field: Field): void;
  /** What was told of one was told of the one that stands in its place. */
  replace(old: Field, field: Field): void;
}

/**
 * Puts what a person did into the fields that were made anew since.
 *
 * @param isTakenOver What is the same is still there (`take-over.ts`): only what a person edits (`contenteditable`) was
 *   made anew, and whatever else has the same name is another one.
 * @returns Those of which that is lost.
 */
export type Restore = (isTakenOver?: boolean) => Field[];

/** Takes note of what a person did. */
export function carryFields(root: Node, { controls, isTyped, isShown, lose, replace }: FieldsInside): Restore {
  const before = new Map<string, Noted>();
  const all = new Set<Field>();
  for (const [key, field] of fieldsByPlace(root)) {
    all.add(field);
    const control = controls.get(field);
    const isUntold = control
      ? isTyped(field) || control.reports.size > 0
      : field.value !== undefined && isChanged(field);
    const isDone = isUntold || !!control?.isOwn;
    if (isDone || isFocused(field)) before.set(key, { field, isUntold, put: carry(field, isDone) });
  }
  return (isTakenOver) => {
    if (!before.size) return [];
    for (const [key, field] of fieldsByPlace(root)) {
      const noted = before.get(key);
      // what was there before holds what its person did to it
      if (!noted || all.has(field) || contains.call(root, noted.field)) continue;
      if (isTakenOver && field.value !== undefined) continue;
      const old = noted.field;
      noted.put(field);
      noted.isUntold = false;
      if (!controls.has(field) || isShown(field)) continue;
      // what was told of it waits for its outcome as before
      if (controls.get(old)?.reports.size) replace(old, field);
      else lose(field);
    }
    return [...before.values()].flatMap(({ field, isUntold }) =>
      isUntold && !contains.call(root, field) ? [field] : [],
    );
  };
}

interface Noted {
  readonly field: Field;
  /** The model knows nothing of it, as far as is known. */
  isUntold: boolean;
  readonly put: (other: Field) => void;
}

/** The fields in an island, each under a name that the one in its place has as well. */
function fieldsByPlace(root: Node): Map<string, Field> {
  const groups = Map.groupBy(findAll<Field>(root, 'input,select,textarea,details,[contenteditable]'), (field) => {
    const { localName, type, id, name, value } = field;
    const form = formOf(field);
    return `${[localName, type, id, name, isBox(field) && value, form && getAttribute.call(form, 'id')]}`;
  });
  return new Map(
    // where there are more or fewer of the same name now, nobody knows which is which
    [...groups].flatMap(([key, fields]) =>
      fields.map((field, index) => [`${key} ${index}/${fields.length}`, field] as const),
    ),
  );
}

/**
 * Takes note of a field; returns what does the same to another one.
 *
 * @param isTyped Whether that is more than the focus.
 */
function carry(field: Field, isTyped: boolean): (other: Field) => void {
  const { value, checked, indeterminate, files, open, innerText } = field;
  // options may have come, gone or moved
  const chosen = Array.from(field.selectedOptions ?? [], (option) => option.value);
  const carets = { caretOf, placeCaret, ...kindOf(field) };
  const caret = isFocused(field) && (carets.caretOf(field) ?? true);
  return (other) => {
    if (isTyped) {
      if (other.options) for (const option of other.options) option.selected = chosen.includes(option.value);
      else if (isBox(other)) Object.assign(other, { checked, indeterminate });
      else if (isState(other, 'textContent')) other.innerText = innerText;
      else Object.assign(other, files ? { files } : value === undefined ? { open } : { value });
    }
    if (caret) other.focus({ preventScroll: true });
    if (caret && isTyped && isPending(other)) tellWhenLeft(other);
    if (typeof caret === 'object') carets.placeCaret(other, caret);
  };
}

/** Tells a change when a field is left that a script has filled in: of these a browser tells none. */
function tellWhenLeft(field: Field): void {
  const { value } = field;
  let isTold = false;
  field.addEventListener(
    'change',
    () => {
      isTold = true;
    },
    { once: true },
  );
  field.addEventListener(
    'blur',
    () => isTold || field.value !== value || field.dispatchEvent(new Event('change', { bubbles: true })),
    { once: true },
  );
}
