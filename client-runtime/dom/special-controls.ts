/*
 * What is special about the controls that few templates have: radio buttons, ranges, files, what opens and closes, what
 * can be edited, custom elements; and about listeners of keys and of the focus. Part of `special.ts`. Input and output
 * are those of `controls.ts`.
 */

import type { Field, Kind } from './controls.ts';
import { isEditable } from './edited.ts';
import { editedCaretOf, placeEditedCaret } from './edited-caret.ts';
import { closest } from './native.ts';

const disclosures: Kind = {
  states: /^open$/,
  stateOf: ({ open }) => open,
  tells: (type) => /^(toggle|close)$/.test(type),
  // what somebody opened stays open
  stays: true,
  put(field, _, open) {
    // one that is modal is more than its attribute: the page around it would stay inert
    if (!open && field.localName === 'dialog' && field.matches(':modal')) field.close();
    else Object.assign(field, { open });
  },
};

const customs: Kind = {
  states: /^(value|checked)$/,
  stateOf: (field) => field.value ?? field.textContent,
  tells: (type) => /input|change/i.test(type),
  changesAlone: true,
  isOpaque: true,
};

/** Most keys may be heard for something else than the text, but they may tell it. */
const tellsText: Kind['tells'] = (type, wantsData) =>
  wantsData && /^(input|change|key(down|up|press)|blur|focusout)$/.test(type);

const edited: Kind = {
  states: /^textContent$/,
  stateOf: ({ textContent }) => textContent,
  tells: tellsText,
  // of lines, text content says nothing
  isSame: (field, value) => !!value && field.innerText === value,
  wasEdited: (field, text) => !!field.textContent && field.textContent !== text && field.innerText !== text,
  put(field, _, value) {
    field.innerText = value as string;
  },
  caretOf: editedCaretOf,
  placeCaret: placeEditedCaret,
};

/** With choices that are said one by one, or as a list. */
const choices: Partial<Kind> = {
  tells: tellsText,
  stateOf: ({ selectedOptions }) => Array.from(selectedOptions, ({ value }) => value).join('\n'),
  partsOf: ({ options }) => [...options] as never,
  isSame: ({ options }, value) =>
    Array.isArray(value) && [...options].every((option) => option.selected === value.includes(option.value)),
  put(node, name, value) {
    if (Array.isArray(value)) for (const option of node.options) option.selected = value.includes(option.value);
    else Object.assign(node, { [name]: value });
  },
};

const option: Kind = {
  states: /^selected$/,
  stateOf: () => undefined,
  tells: () => false,
  ownerOf: (node) => closest.call(node, 'select') as Field | null,
};

const isRadio = ({ type }: Field): boolean => type === 'radio';

const radio: Partial<Kind> = {
  groupOf: (field, among) => [
    field,
    ...[...among].filter(
      (other) =>
        other !== field && isRadio(other) && !!field.name && other.name === field.name && other.form === field.form,
    ),
  ],
  // it is let go of as well when another one is chosen
  isChosen: ({ checked }) => checked,
};

const file: Partial<Kind> = {
  tells: tellsText,
  isSame: () => false,
  put(field, name, value) {
    // a browser lets nobody choose a file but its person
    if (!value) Object.assign(field, { [name]: value });
  },
};

/** By type of field, what differs from the usual ones. */
const special: { readonly [type: string]: Partial<Kind> } = {
  radio,
  checkbox: {},
  'select-one': choices,
  'select-multiple': choices,
  file,
  range: { tells: tellsText, changesAlone: true },
};

const made = new Map<unknown, Kind>();

/** @param usual What it is by `controls.ts`. */
export function kindOf(field: Field, usual: Kind | undefined): Kind | undefined {
  if (usual) {
    const own = special[field.type] ?? { tells: tellsText };
    const key = special[field.type] ? own : usual;
    const kind = made.get(key) ?? { ...usual, ...own };
    made.set(key, kind);
    return kind;
  }
  const { localName } = field;
  // a form may have a control of that name
  if (typeof localName !== 'string') return undefined;
  return localName.includes('-')
    ? customs
    : localName === 'option'
      ? option
      : /^(details|dialog)$/.test(localName)
        ? disclosures
        : isEditable(field)
          ? edited
          : undefined;
}

/** Whether an event says all: others may be heard for something else than what the field holds. */
export function isFinal({ type, key }: Event & { readonly key?: string }, hasSentForm: () => boolean): boolean {
  return /^key/.test(type) ? /^(Enter|Escape)$/.test(`${key}`) : !/^(blur|focusout)$/.test(type) || !hasSentForm();
}
