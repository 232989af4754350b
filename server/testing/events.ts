/*
 * Events of a page without a browser. Input: an element, an event's name, and what is known of it. Output: which holes
 * hear it, from the inside out, with the data that a browser would read for each of them.
 */

import { nameKey } from '../../shared/wire/key-name.ts';
import { decodeListener, type Listener, type WireListener } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import {
  entriesOf,
  fieldValue,
  hasValue,
  isCheckable,
  isChecked,
  optionValue,
  selectedIn,
  toFields,
} from './controls.ts';
import { type Ear, stateOf } from './drawing.ts';
import { attributeOf, type Element, elementsAround, elementsIn } from './nodes.ts';
import type { Json } from './tree.ts';

/** What an event brings besides its target: keys, fields, a detail. */
export type EventExtra = { readonly [name: string]: Json };

export interface Heard {
  readonly element: Element;
  readonly ear: Ear;
  /** It hears no other one. */
  readonly isLast: boolean;
  readonly data: Json | undefined;
}

export interface Dispatched {
  readonly heard: readonly Heard[];
  readonly isPrevented: boolean;
}

/** What of a page an event may reach. */
export interface Reach {
  /** All elements of the page: some hear what happens at the window, the document, or anywhere but in them. */
  readonly page: () => Iterable<Element>;
  /** What has heard its one event. */
  readonly spent: WeakSet<Ear>;
}

/** @param bubbles Whether the elements around it hear it too. */
export function dispatch(
  target: Element,
  name: string,
  { page, spent }: Reach,
  extra: EventExtra = {},
  bubbles = true,
): Dispatched {
  const heard: Heard[] = [];
  let isPrevented = false;
  /** Returns whether those further out hear it, too. */
  const reach = (element: Element, isFar: boolean): boolean => {
    const ear = stateOf(element).ears.get(name);
    const listener = ear && decodeListener(ear.listener as WireListener);
    if (!ear || !listener || isFar !== hearsFar(listener) || spent.has(ear)) return true;
    if (!holds(listener, target, element, extra)) return true;
    if (listener.data !== 2)
      heard.push({
        element,
        ear,
        isLast: listener[Option.once] !== undefined,
        data: listener.data === 1 ? dataOf(target, element, name, extra, listener) : undefined,
      });
    if (listener[Option.prevent] || (name === 'submit' && !listener[Option.leave])) isPrevented = true;
    return !listener[Option.stop];
  };
  const near = bubbles ? [target, ...elementsAround(target)] : [target];
  if (near.every((element) => reach(element, false)) && bubbles) for (const element of page()) reach(element, true);
  return { heard, isPrevented };
}

/** Whether it hears what happens elsewhere, and not what happens in its element. */
function hearsFar(listener: Listener): boolean {
  return [listener[Option.outside], listener[Option.window], listener[Option.document]].some(
    (each) => each !== undefined,
  );
}

/** Whether an event is one that a listener wants. A test waits for neither a debounce nor a throttle. */
function holds(listener: Listener, target: Element, current: Element, extra: EventExtra): boolean {
  const { [Option.keys]: keys, [Option.target]: selector } = listener;
  if (listener[Option.self] && target !== current) return false;
  if (listener[Option.outside] && [target, ...elementsAround(target)].includes(current)) return false;
  if (keys && !keys.includes(nameKey(String(extra.key ?? ''), (modifier) => extra[modifier]))) return false;
  return selector === undefined || matching(target, current, selector) !== undefined;
}

/** The target, or what it stands in up to the listener's element, that a selector matches. */
function matching(target: Element, current: Element, selector: string): Element | undefined {
  for (const each of [target, ...elementsAround(target)]) {
    if (isMatched(each, selector)) return each;
    if (each === current) return undefined;
  }
  return undefined;
}

/** Simple selectors: a tag, classes, an id, attributes, and lists of them. @throws Error for others. */
function isMatched(element: Element, selectors: string): boolean {
  return selectors.split(',').some((each) => {
    const selector = each.trim();
    const parts = selector.match(/^[\w-]+|[.#][\w-]+|\[[\w-]+(?:="?[^"\]]*"?)?\]/g) ?? [];
    if (parts.join('') !== selector) throw new Error(`'${selector}' is more than a page without a browser can match.`);
    return parts.every((part) => {
      if (part.startsWith('.')) return (attributeOf(element, 'class') ?? '').split(/\s+/).includes(part.slice(1));
      if (part.startsWith('#')) return attributeOf(element, 'id') === part.slice(1);
      if (!part.startsWith('[')) return element.tagName === part.toLowerCase();
      const [, name = '', value] = /^\[([\w-]+)(?:="?([^"\]]*)"?)?\]$/.exec(part) ?? [];
      const own = attributeOf(element, name);
      return value === undefined ? own !== undefined : own === value;
    });
  });
}

function dataOf(target: Element, current: Element, name: string, extra: EventExtra, listener: Listener): Json {
  const { [Option.fields]: wanted, [Option.target]: selector } = listener;
  const { fields, ...rest } = extra;
  const data: Record<string, Json> = { ...rest };
  const isForm = current.tagName === 'form' && /^(input|change)$/.test(name);
  const known = fields ?? (isForm ? toFields(entriesOf(current, undefined, elementsIn(current))) : undefined);
  if (known !== undefined) {
    data.fields = Object.fromEntries(
      Object.entries(known as object).filter(([field]) => wanted?.includes(field) ?? true),
    );
  }
  // what is asked for is said of what the selector matches, wherever in it something happened
  const matched = selector === undefined ? undefined : matching(target, current, selector);
  // a click on what stands in a button is one on the button
  const control = matched ?? (hasValue(target) ? target : current);
  if (hasValue(control)) {
    data.value = fieldValue(control);
    const own = attributeOf(control, 'name');
    if (own !== undefined && control !== current) data.name = own;
    if (isCheckable(control)) data.checked = isChecked(control);
    if (control.tagName === 'select' && attributeOf(control, 'multiple') !== undefined)
      data.values = selectedIn(control).map(optionValue);
  }
  for (const path of listener[Option.include] ?? []) data[path] = readPath(path, matched ?? target, current, extra);
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
