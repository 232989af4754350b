/*
 * What an attribute says that others have a part in: names of a class, declarations of a style. Input: an element, and
 * texts. Output: which of our parts it has, and an element in which only ours were changed.
 */

import { getAttribute, read, removeAttribute } from './native.ts';

/** Whether an element has all that a text says. */
export function hasAll(element: Element, name: string, text: string): boolean {
  const found = partsOf(name, getAttribute.call(element, name) ?? '');
  return [...partsOf(name, text)].every(([part, value]) => found.get(part) === value);
}

export function writePart(element: Element, name: string, text: string, old: string): void {
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
