/*
 * Attributes as a component says them. Of `class` and `style` others may have a part: of these only our own names and
 * declarations are set and taken away, those that our text had and has (`attribute-parts.ts`). Input: an element, the
 * text before and the next one.
 */

import { isShared } from '../../shared/wire/adoption.ts';
import { getAttribute, read, removeAttribute, setAttribute } from './native.ts';
import { repair } from './parts.ts';

/** @param old What we said before; undefined or null: nothing. */
export function writeAttribute(element: Element, name: string, text: string | null, old?: string | null): void {
  const found = getAttribute.call(element, name);
  const isTheirs = isShared(name) && found !== null && found !== (old ?? null);
  const write = (): void => {
    if (isTheirs && repair.part) repair.part.writePart(element, name, text ?? '', old ?? '');
    else if (text === null) removeAttribute.call(element, name);
    // a Content-Security-Policy forbids the attribute, and not what a script says
    else if (name === 'style') read<CSSStyleDeclaration>(element, name).cssText = text;
    // set again, it would load what it names again
    else if (found !== text) setAttribute.call(element, name, text);
  };
  // in the order in which they were said
  if (isTheirs) repair.use(write);
  else write();
}
