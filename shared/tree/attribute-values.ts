/*
 * What a value means as an attribute: booleans, `class` and `style` from lists and objects, and objects that give
 * several attributes (`...=${}`). Input: an attribute's name and its value. Output: the attribute's text, or null for
 * no attribute. `docs/templates.md` has the rules as a table.
 */

import type { IsletError } from '../language/islet-error.ts';
import { refusedName } from '../template/refused-names.ts';
import type { AttributeChanges } from '../wire/patch.ts';

// Attributes for which `true` and `false` are two values among others: there it is a text, and no attribute is a third.
const truths =
  /^((aria|data)-.*|contenteditable|draggable|spellcheck|writingsuggestions|focusable|preservealpha|externalresourcesrequired|displaystyle|stretchy|symmetric|fence|separator|largeop|movablelimits|accent|accentunder)$/s;
const words: { readonly [name: string]: readonly [yes: string, no: string] } = {
  translate: ['yes', 'no'],
  autocomplete: ['on', 'off'],
  autocorrect: ['on', 'off'],
  autocapitalize: ['on', 'off'],
};

/**
 * Gives the text of an attribute that is a boolean: `true` is there and `false` is not, but where a browser knows the
 * two as words they are these words: `aria-*`, `data-*`, `contenteditable`, `draggable`, ...
 */
export function booleanText(name: string, value: boolean): string | null {
  const lower = name.toLowerCase();
  if (Object.hasOwn(words, lower)) return (words[lower] as readonly [string, string])[value ? 0 : 1];
  if (truths.test(lower)) return String(value);
  return value ? '' : null;
}

// What holds itself must not be followed for ever.
const maxDepth = 16;

/** Gives the names of classes in a string, a list, or an object that says of each name whether it counts. */
export function classNames(value: unknown, toText: (value: unknown) => string, depth = 0): string {
  if (typeof value === 'boolean' || value === null || value === undefined || depth > maxDepth) return '';
  if (Array.isArray(value)) {
    return value
      .map((item) => classNames(item, toText, depth + 1))
      .filter((text) => text !== '')
      .join(' ');
  }
  if (!isRecord(value)) return toText(value);
  const names = Object.entries(value).flatMap(([name, isOn]) => (isOn ? [name] : []));
  return names.join(' ');
}

/**
 * Gives the declarations of an object: `{ color: 'red', fontSize: '2em', '--gap': 4 }`. A number is that number,
 * without a unit. What would be more than one declaration is left out.
 */
export function styleText(value: unknown, toText: (value: unknown) => string, depth = 0): string {
  if (typeof value === 'boolean' || value === null || value === undefined || depth > maxDepth) return '';
  if (Array.isArray(value)) {
    return value
      .map((item) => styleText(item, toText, depth + 1).trim())
      .filter((text) => text !== '')
      .map((text) => (text.endsWith(';') ? text : `${text};`))
      .join(' ');
  }
  if (!isRecord(value)) return toText(value);
  const declarations = Object.entries(value).flatMap(([name, part]) => {
    if (part === null || part === undefined || typeof part === 'boolean') return [];
    const property = propertyName(name);
    const text = toText(part).trim();
    return property && text !== '' && isOneValue(text) ? [`${property}: ${text};`] : [];
  });
  return declarations.join(' ');
}

/** Gives `font-size` for `fontSize`, and for `cssFloat` what CSS calls it; undefined for what can be no property. */
function propertyName(name: string): string | undefined {
  if (/^--[\w-]+$/.test(name)) return name;
  if (name === 'cssFloat') return 'float';
  if (!/^-?[a-z][a-z-]*$/i.test(name)) return undefined;
  return name.replace(/^(webkit|moz|ms)(?=[A-Z])/, '-$1').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

// Strings, addresses without quotes, escapes; what else may begin or end something stands for itself.
const styleToken =
  /"(?:[^"\\\n\r\f]|\\[\s\S])*"|'(?:[^'\\\n\r\f]|\\[\s\S])*'|url\(\s*[^\s"'()\\]*\s*\)|url\((?!\s*["'])|\\[^\n\r\f]|\/\*|[()[\]{};"'\\]|<!--|-->/gi;

/**
 * Whether a text is the value of one declaration wherever it is put: it ends nothing, and begins nothing that it does
 * not end.
 */
function isOneValue(text: string): boolean {
  const open: string[] = [];
  for (const [token] of text.matchAll(styleToken)) {
    const closing = { '(': ')', '[': ']', '{': '}' }[token];
    if (closing) open.push(closing);
    else if (/^[)\]}]$/.test(token)) {
      if (open.pop() !== token) return false;
    } else if (token === ';' ? open.length === 0 : /^(["'\\]|\/\*|<!--|-->|url\()$/i.test(token)) return false;
  }
  return open.length === 0;
}

/** The attributes of an object that gives several, by name: text or no attribute. */
export type AttributeTexts = { readonly [name: string]: string };

/**
 * Gives the attributes that an object says.
 *
 * @param taken Names in lower case that the template itself says: these stay as they are.
 * @param toAttributeText Gives one attribute's text; null: no attribute.
 * @throws IsletError ISLET_ERR_RENDER for a value that is no object, and a name that no attribute may have.
 */
export function attributeTexts(
  value: unknown,
  taken: readonly string[],
  toAttributeText: (name: string, value: unknown) => string | null,
  toError: (problem: string) => IsletError,
): AttributeTexts {
  if (value === null || value === undefined || typeof value === 'boolean') return {};
  if (!isRecord(value)) throw toError('...= takes an object of attributes, or nothing');
  const texts: { [name: string]: string } = {};
  for (const [name, part] of Object.entries(value)) {
    const problem = /^[A-Za-z_][\w.-]*$/.test(name) ? refusedName(name) : nameProblem(name);
    if (problem) throw toError(problem);
    if (taken.includes(name.toLowerCase())) continue;
    const text = toAttributeText(name, part);
    if (text !== null) texts[name] = text;
  }
  return texts;
}

function nameProblem(name: string): string {
  if (/^[@.?]/.test(name)) return `${name} cannot come from an object: write ${name}=\${...}`;
  return `'${name}' cannot be an attribute's name`;
}

/** What changed from some attributes to others, by name; null: no attribute any more. */
export function changedTexts(before: AttributeTexts, after: AttributeTexts): AttributeChanges {
  const changed: { [name: string]: string | null } = {};
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) changed[name] = null;
  for (const [name, text] of Object.entries(after)) {
    if (!Object.hasOwn(before, name) || before[name] !== text) changed[name] = text;
  }
  return changed;
}

// Such as `{ active: true }`; what has words of its own, such as a URL or a Date, is a text.
function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    (typeof value.toString !== 'function' || value.toString === Object.prototype.toString)
  );
}
