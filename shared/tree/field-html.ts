/*
 * What HTML can say of a field's properties, so that a page shows its values without scripts: most are attributes, the
 * choice of a `<select>` stands at its options, the text of a `<textarea>` inside it. Input: a property's value, and
 * for the last two the HTML between the tags. Output: HTML.
 */

import type { Hole } from '../template/definition.ts';
import { escapeAttribute, escapeText } from '../template/escape.ts';
import { decodeReferences } from '../template/references.ts';
import { toAttribute } from './values.ts';

const texts = new Set('value href src max min step low high optimum placeholder title lang dir alt name'.split(' '));
const booleans = new Set('checked selected disabled open hidden multiple required autofocus inert'.split(' '));
/** Properties that have another name than the attribute that says the same. */
const others: { readonly [property: string]: string } = {
  className: 'class',
  htmlFor: 'for',
  readOnly: 'readonly',
  defaultValue: 'value',
  defaultChecked: 'checked',
  defaultSelected: 'selected',
};

/** Writes the attribute that says what a property says, if there is one. */
export function renderProperty(hole: Hole, slot: unknown): string {
  // a custom element's properties mean what they want
  if (slot === null || hole.element.includes('-')) return '';
  const attribute = Object.hasOwn(others, hole.name) ? (others[hole.name] as string) : hole.name;
  if (booleans.has(attribute) || attribute === 'readonly') return slot ? ` ${attribute}` : '';
  if (!texts.has(attribute) && attribute !== 'class' && attribute !== 'for') return '';
  // the value of these two is not said by an attribute
  if (attribute === 'value' && (hole.element === 'textarea' || hole.element === 'select')) return '';
  return ` ${attribute}="${escapeAttribute(toAttribute(slot, hole) ?? '')}"`;
}

/**
 * Writes what stands between the tags of a `<select>` or a `<textarea>` whose value is a property.
 *
 * @param inside What would.
 */
export function renderFieldContent(hole: Hole, slot: unknown, inside: string): string {
  if (hole.element === 'select') return selectOptions(inside, slot, hole);
  const text = toAttribute(slot, hole) ?? '';
  // of a newline behind the start tag a parser drops one
  return `${inside}${/^[\r\n]/.test(text) ? '\n' : ''}${escapeText(text)}`;
}

const option = /<option(?=[\s>])((?:"[^"]*"|'[^']*'|[^"'>])*)>([\s\S]*?)(?=<\/option|<option[\s>]|$)/gi;
const attribute = /\s+([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** Marks the options that have the value: one for a text, of a list each. If none has it, all stay what they are. */
function selectOptions(html: string, slot: unknown, hole: Hole): string {
  const wanted = new Set((Array.isArray(slot) ? slot : [slot]).map((value) => toAttribute(value, hole) ?? ''));
  const isMultiple = Array.isArray(slot);
  const chosen = new Set<number>();
  for (const { 1: attributes = '', 2: content = '', index } of html.matchAll(option)) {
    if (!isMultiple && chosen.size > 0) break;
    if (wanted.has(optionValue(attributes, content))) chosen.add(index);
  }
  if (chosen.size === 0 && !(isMultiple && slot.length === 0)) return html;
  return html.replace(option, (_, attributes: string, content: string, index: number) => {
    const kept = attributes.replace(attribute, (said, name: string) => (name.toLowerCase() === 'selected' ? '' : said));
    return `<option${kept}${chosen.has(index) ? ' selected' : ''}>${content}`;
  });
}

/** The value of an option as a browser has it: the attribute, or else the text without the space around it. */
function optionValue(attributes: string, content: string): string {
  for (const [, name = '', double, single, bare] of attributes.matchAll(attribute)) {
    if (name.toLowerCase() === 'value') return decode(double ?? single ?? bare ?? '');
  }
  return decode(content.replace(/<!--[\s\S]*?-->|<[/a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi, ''))
    .replace(/[\t\n\f\r ]+/g, ' ')
    .trim();
}

// A name of a character that takes a parser's table stays as it is, and such an option is not found.
function decode(text: string): string {
  return decodeReferences(text, (reference) => reference);
}
