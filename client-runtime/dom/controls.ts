/*
 * What is special about controls: which properties are what a person can change, how that is compared, and which
 * listeners tell it. Input: nodes, and the listeners that a tree has put on them. Output: answers; nothing is changed
 * here.
 */

import { contains, hasAttribute, matches, parentOf } from './native.ts';

/** Any control; what it has not is undefined. */
export type Field = HTMLInputElement &
  Omit<HTMLTextAreaElement, 'type'> &
  Omit<HTMLSelectElement, 'type'> &
  HTMLDetailsElement;

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

/** The control of which a property is state: an option's is its select. */
export function fieldOf(node: Element, name: string): Field | null {
  const { localName } = node;
  const isState =
    localName === 'option'
      ? name === 'selected'
      : isDisclosure(node)
        ? name === 'open'
        : /^(input|textarea|select)$|-/.test(localName)
          ? (isBox(node as Field) ? /^(checked|indeterminate)$/ : /^(value|checked)$/).test(name)
          : name === 'textContent' && isEditable(node);
  return isState ? ((localName === 'option' ? node.closest('select') : node) as Field | null) : null;
}

export function formOf(field: Field): HTMLFormElement | null {
  return field.form ?? field.closest('form');
}

/** Whether an attribute says what a control can hold. */
export function isBound(name: string): boolean {
  return /^(type|min|max|step)$/.test(name);
}

/** Whether a person may edit what stands in an element. */
export function isEditable(node: Node): boolean {
  return node instanceof Element && hasAttribute.call(node, 'contenteditable');
}

export function isBox({ type }: Field): boolean {
  return /^(checkbox|radio)$/.test(type);
}

export function isCustom({ localName }: Element): boolean {
  return localName.includes('-');
}

export function isDisclosure({ localName }: Element): boolean {
  return /^(details|dialog)$/.test(localName);
}

/** Whether it may hold something else without its person: with its options, its bounds, or as its author likes. */
export function changesAlone(field: Field): boolean {
  return /^(range|select-.*)$/.test(field.type) || isCustom(field);
}

export function stateOf(field: Field): unknown {
  if (isDisclosure(field)) return field.open;
  return isBox(field) ? `${field.checked} ${field.indeterminate}` : textOf(field);
}

/** The text of a field, or of what can be edited. */
export function textOf(field: Field): string {
  return field.value ?? field.textContent;
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
  if (Array.isArray(value) && node.options) {
    return [...node.options].every((option) => option.selected === value.includes(option.value));
  }
  if (typeof now === 'boolean') return now === !!value;
  if (typeof now !== 'string' || typeof value === 'object') return Object.is(now ?? null, value ?? null);
  // of lines, text content says nothing
  if (name === 'textContent' && value && now !== value && node.innerText === value) return true;
  return now === `${value}` || (node.type === 'number' && !!now && value !== '' && +now === Number(value));
}

export function isFocused(node: Node): boolean {
  return (node.getRootNode() as Document | ShadowRoot).activeElement === node;
}

/** Whether an event of a field that is heard somewhere tells what the field holds. */
export function tells(field: Field, heardAt: EventTarget | null, type: string, wantsData: boolean): boolean {
  if (isCustom(field)) return /input|change/i.test(type);
  if (isDisclosure(field)) return /^(toggle|close)$/.test(type);
  if (!isBox(field)) return wantsData && /^(input|change|key(down|up|press)|blur|focusout)$/.test(type);
  // a click that is heard around the whole form is not about its boxes
  return type === 'click'
    ? heardAt instanceof Node && !contains.call(heardAt, formOf(field))
    : /^(input|change)$/.test(type);
}

/** Whether a form is sent: to a listener, or by the browser. */
function isSent(form: HTMLFormElement, root: Node): boolean {
  return (
    !root.contains(form) ||
    pathOf(form, root).some((node) => hears(node, /^submit$/)) ||
    matches.call(form, '[action]:not([method=dialog]),:not([method=dialog]):has(:is(button,[type=submit]):default)')
  );
}

function hasSentForm(field: Field, root: Node): boolean {
  const form = formOf(field);
  return !!form && isSent(form, root);
}

/** Whether somebody can be told what a field holds: else it belongs to the model. */
export function isReportable(field: Field, root: Node): boolean {
  return (
    hasSentForm(field, root) ||
    pathOf(field, root).some((node) =>
      [...(heard.get(node) ?? [])].some(([type, wantsData]) => tells(field, node, type, wantsData)),
    )
  );
}

/** Whether an event says all: others, such as most keys, may be heard for something else than what the field holds. */
export function isFinal(field: Field, root: Node, { type, key }: Event & { readonly key?: string }): boolean {
  return /^key/.test(type)
    ? /^(Enter|Escape)$/.test(`${key}`)
    : !/^(blur|focusout)$/.test(type) || !hasSentForm(field, root);
}
