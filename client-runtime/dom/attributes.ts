/*
 * Attributes as a component says them. Of `class` and `style` others may have a part: of these only our own names and
 * declarations are set and taken away, those that our text had and has. Input: an element, the text before and the next one.
 */

import { isShared } from '../../shared/wire/adoption.ts';
import { getAttribute, read, removeAttribute, setAttribute } from './native.ts';

/** @param old What we said before; undefined or null: nothing. */
export function writeAttribute(element: Element, name: string, text: string | null, old?: string | null): void {
  const found = getAttribute.call(element, name);
  if (isShared(name) && found !== null && found !== (old ?? null)) writePart(element, name, text ?? '', old ?? '');
  else if (text === null) removeAttribute.call(element, name);
  // a Content-Security-Policy forbids the attribute, and not what a script says
  else if (name === 'style') read<CSSStyleDeclaration>(element, name).cssText = text;
  // set again, it would load what it names again
  else if (found !== text) setAttribute.call(element, name, text);
}

/** Whether an element has all that a text says. */
export function hasAll(element: Element, name: string, text: string): boolean {
  const found = partsOf(name, getAttribute.call(element, name) ?? '');
  return [...partsOf(name, text)].every(([part, value]) => found.get(part) === value);
}

function writePart(element: Element, name: string, text: string, old: string): void {
  const before = partsOf(name, old);
  const after = partsOf(name, text);
  const isStyle = /s.y/i.test(name);
  const target = read<DOMTokenList & CSSStyleDeclaration>(element, isStyle ? 'style' : 'classList');
  for (const part of before.keys()) {
    if (!after.has(part)) target[isStyle ? 'removeProperty' : 'remove'](part);
  }
  for (const [part, value] of after) {
    if (before.get(part) === value) continue;
    if (isStyle) target.setProperty(part, ...(value.split(/\s*!(important)$/i) as [string]));
    else target.add(part);
  }
  if (!text && !getAttribute.call(element, name)) removeAttribute.call(element, name);
}

/** Names of a class; or declarations, each as its property and its value. */
function partsOf(name: string, text: string): Map<string, string> {
  return /^c/i.test(name)
    ? new Map(text.split(/[\t\n\f\r ]+/).flatMap((part) => (part ? [[part, '']] : [])))
    : new Map(
        Array.from(
          text.matchAll(/([\w-]+)\s*:\s*((?:"[^"]*"|'[^']*'|\([^)]*\)|[^;"'(])*)/g),
          ([, property = '', value = '']) => [property, value.trim()],
        ),
      );
}
