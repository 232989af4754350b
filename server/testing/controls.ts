/*
 * Controls of forms, as far as a page without a browser needs them: what they hold, what a form sends, and what a
 * browser would not let a person do. Input: elements with their state (`drawing.ts`).
 */

import { stateOf } from './drawing.ts';
import {
  attributeOf,
  describe,
  type Element,
  elementsAround,
  elementsIn,
  hasAttribute,
  ownTextOf,
  textOf,
} from './nodes.ts';

/** What a form sends: names with their values, in document order. */
export type FormEntries = [name: string, value: string][];

export type Fields = { readonly [name: string]: string | readonly string[] };

const textTypes = new Set(
  'text search email url tel password number date time month week datetime-local color range'.split(' '),
);

export function typeOf(element: Element): string {
  if (element.tagName === 'input') return (attributeOf(element, 'type') ?? 'text').toLowerCase();
  if (element.tagName === 'button') return (attributeOf(element, 'type') ?? 'submit').toLowerCase();
  return element.tagName;
}

export function isCheckable(element: Element): boolean {
  return element.tagName === 'input' && ['checkbox', 'radio'].includes(typeOf(element));
}

/** Whether a person types into it. */
export function isTextField(element: Element): boolean {
  return element.tagName === 'textarea' || (element.tagName === 'input' && textTypes.has(typeOf(element)));
}

/** Whether it has a value that events tell. */
export function hasValue(element: Element): boolean {
  return ['input', 'textarea', 'select', 'button', 'option', 'output'].includes(element.tagName);
}

export function isDisabled(element: Element): boolean {
  if (!hasValue(element) && element.tagName !== 'fieldset') return false;
  if (stateOf(element).properties.get('disabled') === true || hasAttribute(element, 'disabled')) return true;
  return [...elementsAround(element)].some((each) => each.tagName === 'fieldset' && isDisabled(each));
}

export function isChecked(element: Element): boolean {
  const { properties } = stateOf(element);
  return properties.has('checked') ? properties.get('checked') === true : hasAttribute(element, 'checked');
}

export function fieldValue(element: Element): string {
  const { properties } = stateOf(element);
  if (element.tagName === 'select') return selectedIn(element).map(optionValue)[0] ?? '';
  if (properties.has('value')) return String(properties.get('value') ?? '');
  if (element.tagName === 'textarea') return ownTextOf(element);
  if (element.tagName === 'option') return optionValue(element);
  return attributeOf(element, 'value') ?? (isCheckable(element) ? 'on' : '');
}

export function optionsIn(select: Element): readonly Element[] {
  return [...elementsIn(select)].filter(({ tagName }) => tagName === 'option');
}

export function optionValue(option: Element): string {
  return attributeOf(option, 'value') ?? textOf(option);
}

/** The options that are chosen; of one that shows a single choice the first, where nobody chose. */
export function selectedIn(select: Element): readonly Element[] {
  const { properties } = stateOf(select);
  const options = optionsIn(select);
  if (properties.has('value')) {
    const wanted = [properties.get('value')].flat().map(String);
    return options.filter((option) => wanted.includes(optionValue(option)));
  }
  const isSelected = (option: Element): boolean => {
    const own = stateOf(option).properties;
    return own.has('selected') ? own.get('selected') === true : hasAttribute(option, 'selected');
  };
  const selected = options.filter(isSelected);
  if (hasAttribute(select, 'multiple')) return selected;
  return selected.length > 0
    ? selected.slice(-1)
    : options.filter((each) => !hasAttribute(each, 'disabled')).slice(0, 1);
}

/** The form that an element belongs to, by what stands around it or by `form="id"`. */
export function formOf(element: Element, root: Iterable<Element>): Element | undefined {
  const id = attributeOf(element, 'form');
  if (id !== undefined) return [...root].find((each) => each.tagName === 'form' && attributeOf(each, 'id') === id);
  return [...elementsAround(element)].find(({ tagName }) => tagName === 'form');
}

/** The controls of a form, in document order. */
function controlsOf(form: Element, root: Iterable<Element>): readonly Element[] {
  const all = [...root];
  return all.filter((each) => hasValue(each) && each.tagName !== 'option' && formOf(each, all) === form);
}

export function entriesOf(form: Element, submitter: Element | undefined, root: Iterable<Element>): FormEntries {
  return controlsOf(form, root).flatMap((control): FormEntries => {
    const name = attributeOf(control, 'name');
    if (name === undefined || name === '' || isDisabled(control)) return [];
    if (['submit', 'image', 'reset', 'button'].includes(typeOf(control)) && control !== submitter) return [];
    if (typeOf(control) === 'file' || control.tagName === 'output') return [];
    if (isCheckable(control)) return isChecked(control) ? [[name, fieldValue(control)]] : [];
    if (control.tagName === 'select') return selectedIn(control).map((option) => [name, optionValue(option)]);
    return [[name, fieldValue(control)]];
  });
}

/** As an event tells them: a repeated name gives a list. */
export function toFields(entries: FormEntries): Fields {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of entries) {
    const present = fields[name];
    if (present === undefined) fields[name] = value;
    else fields[name] = [...[present].flat(), value];
  }
  return fields;
}

/** @throws Error where a browser would not send the form. */
export function checkForm(form: Element, submitter: Element | undefined, root: Iterable<Element>): void {
  if (hasAttribute(form, 'novalidate') || (submitter && hasAttribute(submitter, 'formnovalidate'))) return;
  const controls = controlsOf(form, root);
  for (const control of controls) {
    if (!hasAttribute(control, 'required') || isDisabled(control)) continue;
    const group = controls.filter((each) => attributeOf(each, 'name') === attributeOf(control, 'name'));
    const isThere =
      typeOf(control) === 'radio'
        ? group.some(isChecked)
        : isCheckable(control)
          ? isChecked(control)
          : fieldValue(control) !== '';
    if (!isThere) throw new Error(`A browser does not send the form: ${describe(control)} is required.`);
  }
}
