/*
 * Events of a page without a browser. Input: an element, an event's name, and what is known of it. Output: which holes hear
 * it, from the inside out, with the data that a browser would read for each of them.
 */

import { fieldValue, hasValue, isCheckable, isChecked } from './controls.ts';
import { type Ear, stateOf } from './drawing.ts';
import { attributeOf, type Element, elementsAround } from './nodes.ts';
import type { Json } from './tree.ts';

/** What an event brings besides its target: keys, fields, a detail. */
export type EventExtra = { readonly [name: string]: Json };

export interface Heard {
  readonly element: Element;
  readonly ear: Ear;
  readonly data: Json | undefined;
}

export interface Dispatched {
  readonly heard: readonly Heard[];
  readonly isPrevented: boolean;
}

/** @param bubbles Whether the elements around it hear it too. */
export function dispatch(target: Element, name: string, extra: EventExtra = {}, bubbles = true): Dispatched {
  const heard: Heard[] = [];
  let isPrevented = name === 'submit';
  let wasHeard = false;
  for (const element of bubbles ? [target, ...elementsAround(target)] : [target]) {
    const ear = stateOf(element).ears.get(name);
    if (!ear) continue;
    wasHeard = true;
    const { wantsData, flags, paths } = optionsOf(ear.listener);
    heard.push({ element, ear, data: wantsData ? dataOf(target, element, extra, paths) : undefined });
    if (flags.includes('p')) isPrevented = true;
    if (flags.includes('s')) break;
  }
  return { heard, isPrevented: isPrevented && wasHeard };
}

/** `0`, `1`, or `[0 or 1, debounceMs, throttleMs, flags, path, ...]`. A test waits for neither time. */
function optionsOf(listener: Json): {
  readonly wantsData: boolean;
  readonly flags: string;
  readonly paths: readonly string[];
} {
  if (!Array.isArray(listener)) return { wantsData: listener !== 0, flags: '', paths: [] };
  const [wants, , , flags = '', ...paths] = listener as [Json, Json, Json, string?, ...string[]];
  return { wantsData: wants !== 0 || paths.length > 0, flags, paths };
}

function dataOf(target: Element, current: Element, extra: EventExtra, paths: readonly string[]): Json {
  const data: Record<string, Json> = { ...extra };
  // a click on what stands in a button is one on the button
  const control = hasValue(target) ? target : current;
  if (hasValue(control) && !('fields' in extra)) {
    data.value = fieldValue(control);
    if (isCheckable(control)) data.checked = isChecked(control);
  }
  for (const path of paths) data[path] = readPath(path, target, current, extra);
  return data;
}

/** What a path says that an `include` asks for: of elements their attributes and values, else what the event brings. */
function readPath(path: string, target: Element, current: Element, extra: EventExtra): Json {
  const [first = '', second = '', third = ''] = path.split('.');
  if (first !== 'target' && first !== 'currentTarget') return extra[first] ?? null;
  const element = first === 'target' ? target : current;
  if (second === 'value' && hasValue(element)) return fieldValue(element);
  if (second === 'checked') return isChecked(element);
  if (second === 'dataset')
    return attributeOf(element, `data-${third.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`) ?? null;
  const { properties } = stateOf(element);
  return (
    properties.get(second) ?? attributeOf(element, second === 'className' ? 'class' : second.toLowerCase()) ?? null
  );
}
