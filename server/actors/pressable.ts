/*
 * Whether an event may have happened at an element as it is rendered now: nobody presses what is disabled, and nobody
 * chooses what was not offered. A browser never reports such an event; a late or a forged one is refused.
 * Input: the listener that was found, and what the event says. Cost: a look at the holes of the element; only what is
 * chosen in a <select> is compared with HTML. What is known of a template's elements is found out once.
 */

import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import type { EventData } from '../../shared/language/events.ts';
import type { Definition, Hole } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import type { AttributeTexts } from '../../shared/tree/attribute-values.ts';
import { renderSelect } from '../../shared/tree/html.ts';
import type { FoundListener } from '../../shared/tree/rendering.ts';
import type { Instance } from '../../shared/tree/tree.ts';
import { toAttribute } from '../../shared/tree/values.ts';

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.ChildNode;

/** What is known of the element at an event hole. */
interface Control {
  readonly element: string;
  /** The attributes that the template itself says, and the holes that say others. */
  readonly source: Element | undefined;
  readonly holes: readonly number[];
  /** Its event cannot happen while it is disabled. */
  readonly isPress: boolean;
  /** Its event says that the value was chosen just now. */
  readonly isChoice: boolean;
}

// A disabled control still hears of pointers that pass over it, and where they are: a hint may say why it is disabled.
const presses = /^(click|dblclick|auxclick|mousedown|mouseup|input|beforeinput|change|key\w+|cut|paste|drop)$/;
// What else has the attribute is none the less pressed.
const canBeDisabled = /^(button|input|select|textarea|option)$|-/;

const controls = new WeakMap<Definition, ReadonlyMap<number, Control>>();

/** Tells whether an event may have happened. */
export function mayPress({ instance, hole }: FoundListener, { value }: EventData): boolean {
  const control = controlsOf(instance.definition).get(hole);
  if (!control) return true;
  if (control.isPress && isDisabled(control, instance)) return false;
  if (value === undefined) return true;
  if (control.element === 'input') return mayHold(control, instance, value);
  return control.element !== 'select' || offersOf(renderSelect(instance, hole), control.isChoice).has(value);
}

function isDisabled({ source, holes }: Control, instance: Instance): boolean {
  if (textOf(source, 'disabled') !== undefined) return true;
  return holes.some((index) => {
    const { kind, name } = instance.definition.holes[index] as Hole;
    if (kind === HoleKind.spread) return spreadText(instance[index], 'disabled') !== undefined;
    if (name.toLowerCase() !== 'disabled') return false;
    // any text of the attribute disables
    return kind === HoleKind.attribute ? instance[index] !== null : Boolean(instance[index]);
  });
}

/** Tells whether an <input> can have a value: a radio button or checkbox has one, which its view gave it. */
function mayHold({ source, holes }: Control, instance: Instance, value: string): boolean {
  const findSpread = (name: string): string | undefined => {
    const index = holes.find((each) => instance.definition.holes[each]?.kind === HoleKind.spread);
    return index === undefined ? undefined : spreadText(instance[index], name);
  };
  const textsOf = (name: string): readonly (string | undefined)[] => {
    const index = holes.find((each) => {
      const hole = instance.definition.holes[each] as Hole;
      return hole.name.toLowerCase() === name && hole.kind !== HoleKind.event;
    });
    if (index === undefined) return [textOf(source, name) ?? findSpread(name)];
    const text = toAttribute(instance[index], undefined);
    // a property that is null is an empty text once the script runs, and before it there is no attribute
    return text === null ? ['', undefined] : [text];
  };
  const [type] = textsOf('type');
  if (!/^(radio|checkbox)$/i.test(type ?? '')) return true;
  return textsOf('value').some((text) => value === (text ?? 'on'));
}

/** What an object says of an attribute. Names of attributes are read in any case. */
function spreadText(slot: unknown, name: string): string | undefined {
  return Object.entries(slot as AttributeTexts).find(([each]) => each.toLowerCase() === name)?.[1];
}

/** What is known of the elements of a template that have listeners, by hole. */
function controlsOf(definition: Definition): ReadonlyMap<number, Control> {
  let known = controls.get(definition);
  if (!known) {
    known = findControls(definition);
    controls.set(definition, known);
  }
  return known;
}

function findControls({ holes, markup }: Definition): ReadonlyMap<number, Control> {
  const found = new Map<number, Control>();
  const { childNodes } = parseFragment(markup);
  holes.forEach(({ kind, name, element, path }, index) => {
    if (kind !== HoleKind.event || !canBeDisabled.test(element)) return;
    const others = holes.flatMap((other, at) => (isSamePath(other.path, path) ? [at] : []));
    found.set(index, {
      element,
      source: elementAt(childNodes, path),
      holes: others,
      isPress: presses.test(name),
      isChoice: name === 'input' || name === 'change',
    });
  });
  return found;
}

function elementAt(nodes: readonly Node[], [step = 0, ...steps]: readonly number[]): Element | undefined {
  const node = nodes[step];
  if (!node || !('tagName' in node)) return undefined;
  return steps.length === 0 ? node : elementAt(node.childNodes, steps);
}

function isSamePath(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((step, at) => step === right[at]);
}

/**
 * The values that a <select> can have.
 *
 * @param isChosen Somebody chose one just now, which a browser does not let them do with a disabled option. It may have
 *   been selected from the beginning, and of several that are selected it may be the first.
 */
function offersOf(html: string, isChosen: boolean): ReadonlySet<string> {
  const [select] = parseFragment(html).childNodes;
  // there may be nothing to choose from
  const values = new Set(['']);
  if (!select || !('tagName' in select)) return values;
  const areDisabledOffered = !isChosen || textOf(select, 'multiple') !== undefined;
  const add = (parent: Element): void => {
    for (const node of parent.childNodes) {
      if (!('tagName' in node)) continue;
      if (!areDisabledOffered && textOf(node, 'disabled') !== undefined) continue;
      if (node.tagName === 'option') values.add(textOf(node, 'value') ?? labelOf(node));
      else add(node);
    }
  };
  add(select);
  return values;
}

/** The text of an attribute; undefined if there is none. */
function textOf(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((each) => each.name === name)?.value;
}

/** The text of an option as `HTMLOptionElement.value` has it: white space stripped and collapsed. */
function labelOf(option: Element): string {
  const read = (node: Node): string =>
    'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(read).join('') : '';
  return read(option)
    .replace(/[\t\n\f\r ]+/g, ' ')
    .trim();
}
