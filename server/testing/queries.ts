/*
 * Finds elements as people do: by role, label, text, and by test id where nothing else says which. Input: a document.
 * Output: elements that can be perceived; what is hidden is not among them.
 */

import { isCheckable, isTextField, typeOf } from './controls.ts';
import { attributeOf, type Element, elementsAround, elementsIn, hasAttribute, type Parent, textOf } from './nodes.ts';

/** A text: exactly, but for white space. A pattern: anywhere. */
export type TextMatch = string | RegExp;

export function isMatch(text: string, match: TextMatch | undefined): boolean {
  if (match === undefined) return true;
  return typeof match === 'string' ? text === match.replaceAll(/\s+/g, ' ').trim() : match.test(text);
}

/** Roles that elements have by themselves. */
const roles: { readonly [tag: string]: string } = {
  article: 'article',
  aside: 'complementary',
  button: 'button',
  dialog: 'dialog',
  fieldset: 'group',
  footer: 'contentinfo',
  form: 'form',
  header: 'banner',
  hr: 'separator',
  img: 'img',
  li: 'listitem',
  main: 'main',
  nav: 'navigation',
  ol: 'list',
  optgroup: 'group',
  option: 'option',
  output: 'status',
  p: 'paragraph',
  progress: 'progressbar',
  section: 'region',
  table: 'table',
  tbody: 'rowgroup',
  td: 'cell',
  textarea: 'textbox',
  th: 'columnheader',
  tr: 'row',
  ul: 'list',
};

const inputRoles: { readonly [type: string]: string } = {
  button: 'button',
  checkbox: 'checkbox',
  image: 'button',
  number: 'spinbutton',
  radio: 'radio',
  range: 'slider',
  reset: 'button',
  search: 'searchbox',
  submit: 'button',
};

function roleOf(element: Element): string | undefined {
  const own = attributeOf(element, 'role');
  if (own !== undefined) return own.trim().split(/\s+/)[0];
  const { tagName } = element;
  if (tagName === 'a' || tagName === 'area') return hasAttribute(element, 'href') ? 'link' : undefined;
  if (tagName === 'input') return inputRoles[typeOf(element)] ?? (isTextField(element) ? 'textbox' : undefined);
  if (tagName === 'select') return hasAttribute(element, 'multiple') ? 'listbox' : 'combobox';
  if (/^h[1-6]$/.test(tagName)) return 'heading';
  return roles[tagName];
}

/** What a person hears an element called. */
export function nameOf(element: Element, root: Parent): string {
  const labelledBy = attributeOf(element, 'aria-labelledby');
  if (labelledBy !== undefined) {
    const ids = labelledBy.trim().split(/\s+/);
    const all = [...elementsIn(root)];
    return ids.map((id) => textOf(all.find((each) => attributeOf(each, 'id') === id) ?? element)).join(' ');
  }
  const said = attributeOf(element, 'aria-label');
  if (said !== undefined && said.trim() !== '') return said.trim();
  const labels = labelsOf(element, root);
  if (labels.length > 0) return labels.map((label) => labelText(label)).join(' ');
  if (element.tagName === 'img' || typeOf(element) === 'image') return attributeOf(element, 'alt') ?? '';
  if (element.tagName === 'input' && ['submit', 'button', 'reset'].includes(typeOf(element)))
    return attributeOf(element, 'value') ?? (typeOf(element) === 'submit' ? 'Submit' : '');
  if (element.tagName === 'fieldset') return textOf(childOf(element, 'legend') ?? emptyElement);
  if (element.tagName === 'table') return textOf(childOf(element, 'caption') ?? emptyElement);
  const content = isTextField(element) || element.tagName === 'select' ? '' : textWithPictures(element);
  return content || attributeOf(element, 'title') || attributeOf(element, 'placeholder') || '';
}

/** The `<label>`s of a control. */
function labelsOf(element: Element, root: Parent): readonly Element[] {
  if (!isLabelable(element)) return [];
  const id = attributeOf(element, 'id');
  const around = [...elementsAround(element)].filter(({ tagName }) => tagName === 'label');
  const pointing = [...elementsIn(root)].filter(
    (each) => each.tagName === 'label' && id !== undefined && attributeOf(each, 'for') === id,
  );
  return [...new Set([...pointing, ...around.filter((each) => attributeOf(each, 'for') === undefined)])];
}

/** The control that a label names. */
export function controlOf(label: Element, root: Parent): Element | undefined {
  const id = attributeOf(label, 'for');
  const candidates = [...elementsIn(id === undefined ? label : root)].filter(isLabelable);
  return id === undefined ? candidates[0] : candidates.find((each) => attributeOf(each, 'id') === id);
}

export function isHidden(element: Element): boolean {
  const isOff = (each: Element): boolean =>
    hasAttribute(each, 'hidden') ||
    attributeOf(each, 'aria-hidden') === 'true' ||
    ['script', 'style', 'template', 'head', 'noscript'].includes(each.tagName) ||
    /display:\s*none/.test(attributeOf(each, 'style') ?? '');
  if (element.tagName === 'input' && typeOf(element) === 'hidden') return true;
  return isOff(element) || [...elementsAround(element)].some(isOff);
}

export function findByRole(scope: Parent, root: Parent, role: string, name: TextMatch | undefined): Element[] {
  return visible(scope).filter(
    (each) => roleOf(each) === role && isMatch(name === undefined ? '' : nameOf(each, root), name),
  );
}

export function findByLabel(scope: Parent, root: Parent, label: TextMatch): Element[] {
  return visible(scope).filter((each) => isLabelable(each) && isMatch(nameOf(each, root), label));
}

/** The innermost elements whose text it is. */
export function findByText(scope: Parent, text: TextMatch): Element[] {
  const found = visible(scope).filter((each) => isMatch(textOf(each), text));
  return found.filter((each) => !found.some((other) => other !== each && [...elementsAround(other)].includes(each)));
}

export function findByTestId(scope: Parent, id: TextMatch): Element[] {
  return [...elementsIn(scope)].filter((each) => {
    const own = attributeOf(each, 'data-testid');
    return own !== undefined && isMatch(own, id);
  });
}

function visible(scope: Parent): Element[] {
  return [...elementsIn(scope)].filter((each) => !isHidden(each));
}

const labelable = new Set(['button', 'input', 'meter', 'output', 'progress', 'select', 'textarea']);

function isLabelable(element: Element): boolean {
  return labelable.has(element.tagName) || element.tagName.includes('-');
}

/** A label's own words, without those of the control in it. */
function labelText(label: Element): string {
  const bare: Element = {
    ...label,
    childNodes: label.childNodes.filter((child) => !('tagName' in child && isField(child))),
  };
  return textOf(bare);
}

function isField(element: Element): boolean {
  return isTextField(element) || isCheckable(element) || element.tagName === 'select';
}

function textWithPictures(element: Element): string {
  const words = textOf(element);
  const pictures = [...elementsIn(element)].filter(({ tagName }) => tagName === 'img');
  return [words, ...pictures.map((each) => attributeOf(each, 'alt') ?? '')].filter((each) => each !== '').join(' ');
}

function childOf(element: Element, tagName: string): Element | undefined {
  return [...elementsIn(element)].find((each) => each.tagName === tagName);
}

const emptyElement = { nodeName: '#document-fragment', childNodes: [] } as Parent;
