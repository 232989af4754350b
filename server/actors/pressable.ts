/*
 * Whether an event may have happened at an element as it is rendered now: nobody presses what is disabled, and nobody
 * chooses what was not offered. A browser never reports such an event; a late or a forged one is refused.
 * Input: the listener that was found, and what the event says. Cost: a look at the holes of the element; only what is
 * chosen in a <select>, or by a radio button or checkbox, is compared with the element's HTML.
 */

import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import type { EventData } from '../../shared/language/events.ts';
import type { Definition, Hole } from '../../shared/template/definition.ts';
import { renderElement } from '../../shared/tree/html.ts';
import type { FoundListener } from '../../shared/tree/rendering.ts';

/** What is known of the element at an event hole. */
interface Control {
  /** Holes that say whether it is disabled. */
  readonly disabled: readonly number[];
  /** Its value is one of those that it offers. */
  readonly isChoice: boolean;
}

const controls = new WeakMap<Definition, Map<number, Control>>();

/** Tells whether an event may have happened. */
export function mayPress({ instance, hole }: FoundListener, { value }: EventData): boolean {
  const { disabled, isChoice } = controlAt(instance.definition, hole);
  for (const index of disabled) if (instance[index] === true || instance[index] === '') return false;
  if (!isChoice || value === undefined) return true;
  const offered = offeredBy(renderElement(instance, hole));
  return offered === undefined || offered.has(value);
}

function controlAt(definition: Definition, hole: number): Control {
  const known = controls.get(definition) ?? new Map<number, Control>();
  controls.set(definition, known);
  let control = known.get(hole);
  if (!control) {
    const { element, path } = definition.holes[hole] as Hole;
    const isHere = (other: Hole): boolean => other.name === 'disabled' && isSamePath(other.path, path);
    const disabled = definition.holes.flatMap((other, index) => (isHere(other) ? [index] : []));
    control = { disabled, isChoice: element === 'select' || element === 'input' };
    known.set(hole, control);
  }
  return control;
}

function isSamePath(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((step, at) => step === right[at]);
}

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.ChildNode;

/** The values that a control offers; undefined if it takes any. */
function offeredBy(html: string): ReadonlySet<string> | undefined {
  const [element] = parseFragment(html).childNodes;
  if (!element || !('tagName' in element)) return undefined;
  if (element.tagName === 'select') {
    // nothing is chosen where there is nothing to choose from
    return new Set(['', ...below(element, 'option').map((option) => attribute(option, 'value') ?? textOf(option))]);
  }
  const type = attribute(element, 'type')?.toLowerCase();
  return type === 'radio' || type === 'checkbox' ? new Set([attribute(element, 'value') ?? 'on']) : undefined;
}

function below(parent: Element, name: string): Element[] {
  return parent.childNodes.flatMap((node) => {
    if (!('tagName' in node)) return [];
    return node.tagName === name ? [node] : below(node, name);
  });
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((each) => each.name === name)?.value;
}

/** The text of an option as `HTMLOptionElement.value` has it: white space stripped and collapsed. */
function textOf(option: Element): string {
  const read = (node: Node): string =>
    'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(read).join('') : '';
  return read(option)
    .replace(/[\t\n\f\r ]+/g, ' ')
    .trim();
}
