/*
 * What is special about controls: which properties are what a person can change, how that is compared, and which
 * listeners tell it. Texts, boxes and lists of choices are here, the others in `special-controls.ts`. Input: nodes, and
 * the listeners that a tree has put on them. Output: answers; nothing is changed here.
 */

import { contains, matches, parentOf } from './native.ts';
import { special } from './parts.ts';

/** Any control; what it has not is undefined. */
export type Field = HTMLInputElement &
  Omit<HTMLTextAreaElement, 'type'> &
  Omit<HTMLSelectElement, 'type'> &
  HTMLDetailsElement &
  Pick<HTMLDialogElement, 'close'>;

/** Where the caret is in a text, with lines where texts alone do not say it. */
export type Caret = readonly [
  start: number,
  end: number,
  direction?: Field['selectionDirection'] | undefined,
  lines?: number | undefined,
];

export interface Kind {
  /** Names of the properties that are its state. */
  readonly states: RegExp;
  stateOf(field: Field): unknown;
  /** Whether an event that is heard somewhere tells what it holds. */
  tells(type: string, wantsData: boolean, field: Field, heardAt: EventTarget | null): boolean;
  /** It may hold something else without its person: with its options, its bounds, or as its author likes. */
  readonly changesAlone?: boolean;
  /** Nobody but its author knows what its state is. */
  readonly isOpaque?: boolean;
  /** What its person did stays until the model says something else. */
  readonly stays?: boolean;
  /** Those that are one control together: this one, and others among these. */
  groupOf?(field: Field, among: Iterable<Field>): Field[];
  /** Whether what it shows is a person's choice. */
  isChosen?(field: Field): boolean;
  /** Whether it holds something else than a server said. */
  wasEdited?(field: Field, text: unknown): boolean;
  /** Puts a state into it, if anybody may do that. */
  put?(node: Field, name: string, value: unknown): void;
  isSame?(node: Field, value: unknown): boolean;
  /** The control of which it is a part, such as an option of its list; null if it is in none. */
  ownerOf?(node: Field): Field | null;
  /** What is state of it besides, such as its options. */
  partsOf?(field: Field): Field[];
  caretOf?(field: Field): Caret | undefined;
  placeCaret?(field: Field, caret: Caret): void;
}

const values: Kind = {
  states: /^(value|checked)$/,
  stateOf: ({ value }) => value,
  tells: (type, wantsData) => wantsData && /^(input|change)$/.test(type),
};
const lists: Kind = { ...values, changesAlone: true };
const texts: Kind = {
  ...values,
  // of some texts a browser makes others: in one line, in lower case, within bounds
  isSame(field, value) {
    const probe = field.cloneNode() as Field;
    probe.value = `${value}`;
    return probe.value === field.value;
  },
};
const boxes: Kind = {
  states: /^(checked|indeterminate)$/,
  stateOf: ({ checked, indeterminate }) => `${checked} ${indeterminate}`,
  // a click that is heard around the whole form is not about its boxes
  tells: (type, _, field, heardAt) =>
    type === 'click'
      ? heardAt instanceof Node && !contains.call(heardAt, formOf(field))
      : /^(input|change)$/.test(type),
};

export function kindOf(node: Node): Kind | undefined {
  const { localName } = node as Field;
  const usual =
    localName === 'select'
      ? lists
      : /^(input|textarea)$/.test(localName)
        ? isBox(node as Field)
          ? boxes
          : texts
        : undefined;
  return special.part ? special.part.kindOf(node as Field, usual) : usual;
}

/** Whether a property is state of a control, or of a part of it. */
export function isState(node: Node, name: string): boolean {
  return kindOf(node)?.states.test(name) === true;
}

/** By node: types of events with a listener, and whether it reads data. */
const heard = new WeakMap<Node, Map<string, boolean>>();

/** A tree has a listener on a node, or (null) has none any more. */
export function noteListener(node: Node, type: string, wantsData: boolean | null): void {
  const types = heard.get(node) ?? new Map<string, boolean>();
  if (wantsData === null) types.delete(type);
  else heard.set(node, types.set(type, wantsData));
}

export function hears(node: Node, types: RegExp): boolean {
  return [...(heard.get(node)?.keys() ?? [])].some((type) => types.test(type));
}

/**
 * A node, and all that holds it up to the island's root. Not by the node's own properties: a form's are its controls.
 */
export function pathOf(node: Node, root: Node): Node[] {
  const path: Node[] = [];
  for (let next: Node | null = node; next; next = next === root ? null : parentOf(next)) path.push(next);
  return path;
}

export function formOf(field: Field): HTMLFormElement | null {
  return field.form ?? field.closest('form');
}

/** Whether an attribute says what a control can hold. */
export function isBound(name: string): boolean {
  return /^(type|min|max|step)$/.test(name);
}

export function isBox({ type }: Field): boolean {
  return /^(checkbox|radio)$/.test(type);
}

/** Whether a field holds something else than its HTML says. */
export function isChanged(field: Field): boolean {
  const { options } = field;
  if (!options) return isBox(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  const all = [...options];
  // where the page selects none, the browser has selected the first
  const first =
    all.some(({ defaultSelected }) => defaultSelected) || field.multiple
      ? undefined
      : all.find(({ disabled }) => !disabled);
  return all.some((option) => option.selected !== (option.defaultSelected || option === first));
}

/** Whether a property says what the model says: `1.0` is the number 1. */
export function isSame(node: Field, name: string, value: unknown): boolean {
  const now = (node as unknown as Record<string, unknown>)[name];
  if (typeof now === 'boolean') return now === !!value;
  if (typeof now !== 'string' || typeof value === 'object') return Object.is(now ?? null, value ?? null);
  return now === `${value}` || (node.type === 'number' && !!now && value !== '' && +now === Number(value));
}

export function isFocused(node: Node): boolean {
  return (node.getRootNode() as Document | ShadowRoot).activeElement === node;
}

/** Whether the form of a control is sent: to a listener, or by the browser. */
export function hasSentForm(field: Field, root: Node): boolean {
  const form = formOf(field);
  return (
    !!form &&
    (!contains.call(root, form) ||
      pathOf(form, root).some((node) => hears(node, /^submit$/)) ||
      matches.call(form, '[action]:not([method=dialog]),:not([method=dialog]):has(:is(button,[type=submit]):default)'))
  );
}

/** Whether somebody can be told what a field holds: else it belongs to the model. */
export function isReportable(field: Field, root: Node): boolean {
  return (
    hasSentForm(field, root) ||
    pathOf(field, root).some((node) =>
      [...(heard.get(node) ?? [])].some(([type, wantsData]) => kindOf(field)?.tells(type, wantsData, field, node)),
    )
  );
}
