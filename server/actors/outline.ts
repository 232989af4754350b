/*
 * What the tree of an actor says of its form controls: which there are inside an element, their names, what can be
 * chosen in them, whether they are disabled. Input: definitions, whose markup is parsed once each, and instances.
 * Output: controls as they are rendered now. Cost: a look at the instances inside; HTML is made of a `<select>`'s
 * options alone.
 */

import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { type Definition, type Hole, isContent } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import type { AttributeTexts } from '../../shared/tree/attribute-values.ts';
import { renderSelect } from '../../shared/tree/html.ts';
import { type Content, Instance, List, Memoized, Raw } from '../../shared/tree/tree.ts';
import { toAttribute } from '../../shared/tree/values.ts';

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.ChildNode;

/** An element of a definition, or content that stands in one. */
export interface Part {
  readonly element: Element | undefined;
  /** Its own holes; of content, the hole that holds it. */
  readonly holes: readonly number[];
  /** The first hole of what a `<select>` holds. */
  readonly inside: number | undefined;
  /** The elements that it stands in. */
  readonly parents: readonly Part[];
  /** Those of them that disable it when they are disabled: each `<fieldset>`, but for its legend. */
  readonly groups: readonly Part[];
}

/** A part as an instance has it now. */
export interface Place {
  readonly part: Part;
  readonly instance: Instance;
}

export interface Control extends Place {
  readonly isDisabled: boolean;
}

/** What can be said of a hole's place whatever its instance shows. */
export interface Facts {
  /** It, or a group that it stands in there, may be disabled. */
  readonly mayBeDisabled: boolean;
  readonly isInGroup: boolean;
}

interface Outline {
  /** Where each hole is. */
  readonly byHole: ReadonlyMap<number, Part>;
  /** Controls and contents, in document order. */
  readonly parts: readonly Part[];
  /** By hole, of those that were asked for. */
  readonly facts: (Facts | undefined)[];
}

const outlines = new WeakMap<Definition, Outline>();

// What else has the attribute `disabled` is none the less pressed.
const isControlName = (name: string): boolean => /^(button|input|select|textarea)$|-/.test(name);

/** Where a hole of an instance is. */
export function placeOf(instance: Instance, hole: number): Place | undefined {
  const part = outlineOf(instance.definition).byHole.get(hole);
  return part && { part, instance };
}

/** What can be said of a hole's place whatever its instance shows. It is found once. */
export function factsOf({ definition }: Instance, hole: number): Facts {
  const { facts, byHole } = outlineOf(definition);
  let known = facts[hole];
  if (known) return known;
  const part = byHole.get(hole);
  const isInGroup = (part?.groups.length ?? 0) > 0;
  const saysDisabled = (each: number): boolean => {
    const { kind, name } = definition.holes[each] as Hole;
    return kind === HoleKind.spread || name.toLowerCase() === 'disabled';
  };
  const isLiteral = literalOf(part?.element, 'disabled') !== undefined;
  const mayBeDisabled = isInGroup || isLiteral || (part?.holes.some(saysDisabled) ?? false);
  known = { mayBeDisabled, isInGroup };
  facts[hole] = known;
  return known;
}

/**
 * All that is said of an attribute: a property that is null is an empty text once a script runs, and nothing before it.
 */
export function textsOf({ part, instance }: Place, name: string): readonly (string | undefined)[] {
  const index = holeOf(part, instance, name);
  if (index === undefined) return [literalOf(part.element, name) ?? spreadTextOf(part, instance, name)];
  const { kind } = instance.definition.holes[index] as Hole;
  const slot = instance[index];
  if (kind === HoleKind.boolean) return [slot ? '' : undefined];
  const text = toAttribute(slot, undefined);
  return text === null ? ['', undefined] : [text];
}

/** Whether an attribute or property says yes. */
export function isSet({ part, instance }: Place, name: string): boolean {
  if (literalOf(part.element, name) !== undefined) return true;
  const index = holeOf(part, instance, name);
  if (index === undefined) return spreadTextOf(part, instance, name) !== undefined;
  // any text of the attribute does, 'false' too
  const isText = instance.definition.holes[index]?.kind === HoleKind.attribute;
  return isText ? instance[index] !== null : Boolean(instance[index]);
}

/** Whether a group of controls that it stands in is disabled. @param outer Where its instance stands, and that one. */
export function isInDisabledGroup(place: Place, outer: readonly Place[] = []): boolean {
  return [place, ...outer].some(({ part, instance }) =>
    part.groups.some((group) => isSet({ part: group, instance }, 'disabled')),
  );
}

/**
 * Looks through the controls inside an element (or an instance, if the place has none), until one is found.
 *
 * @param find Returns true to end.
 * @returns 'unknown' if none was found, but something inside draws itself, so that there may be more.
 */
export function findControl(
  place: { readonly part: Part | undefined; readonly instance: Instance },
  find: (control: Control) => boolean,
): 'found' | 'none' | 'unknown' {
  let isUnknown = false;

  const search = (instance: Instance, isDisabled: boolean, inside: Part | undefined): boolean =>
    outlineOf(instance.definition).parts.some((part) => {
      if (inside && part !== inside && !part.parents.includes(inside)) return false;
      const isOff = isDisabled || isInDisabledGroup({ part, instance });
      if (!part.element) return searchContent(instance[part.holes[0] as number] as Content, isOff);
      if (drawsItself(part.element)) isUnknown = true;
      const control = { part, instance, isDisabled: isOff || isSet({ part, instance }, 'disabled') };
      return find(control);
    });

  const searchContent = (content: Content, isDisabled: boolean): boolean => {
    if (content instanceof Instance) return search(content, isDisabled, undefined);
    if (content instanceof List)
      return content.instances.some((chunk) => chunk.some((each) => search(each, isDisabled, undefined)));
    if (content instanceof Memoized) return searchContent(content.content, isDisabled);
    if (content instanceof Raw) isUnknown = true;
    return false;
  };

  return search(place.instance, false, place.part) ? 'found' : isUnknown ? 'unknown' : 'none';
}

/**
 * The values that a `<select>` can have.
 *
 * @param isChosen Somebody chose one just now, which a browser does not let them do with a disabled option. It may have
 *   been selected from the beginning, and of several that are selected it may be the first.
 */
export function offersOf({ part, instance }: Place, isChosen: boolean): ReadonlySet<string> {
  // there may be nothing to choose from
  const values = new Set(['']);
  const hole = part.holes[0] ?? part.inside;
  const [select] = hole === undefined ? [part.element] : parseFragment(renderSelect(instance, hole)).childNodes;
  if (!select || !('tagName' in select)) return values;
  const areDisabledOffered = !isChosen || literalOf(select, 'multiple') !== undefined;
  const add = (parent: Element): void => {
    for (const node of parent.childNodes) {
      if (!('tagName' in node)) continue;
      if (!areDisabledOffered && literalOf(node, 'disabled') !== undefined) continue;
      if (node.tagName === 'option') values.add(literalOf(node, 'value') ?? labelOf(node));
      else add(node);
    }
  };
  add(select);
  return values;
}

function outlineOf(definition: Definition): Outline {
  let outline = outlines.get(definition);
  if (!outline) {
    outline = toOutline(definition);
    outlines.set(definition, outline);
  }
  return outline;
}

function toOutline({ holes, markup }: Definition): Outline {
  const { childNodes } = parseFragment(markup);
  const holesAt = new Map<Node, number[]>();
  holes.forEach(({ path }, index) => {
    const node = nodeAt(childNodes, path);
    if (node) holesAt.set(node, [...(holesAt.get(node) ?? []), index]);
  });
  const byHole = new Map<number, Part>();
  const parts: Part[] = [];
  const visit = (nodes: readonly Node[], parents: readonly Part[], groups: readonly Part[]): void => {
    for (const node of nodes) {
      const own = holesAt.get(node) ?? [];
      const element = 'tagName' in node ? node : undefined;
      const isSelect = element?.tagName === 'select';
      const inside = isSelect ? holes.findIndex(({ path }) => isInside(childNodes, path, element)) : -1;
      const outer = element && isLegend(element) ? groups.slice(0, -1) : groups;
      const part: Part = { element, holes: own, inside: inside < 0 ? undefined : inside, parents, groups: outer };
      if (element && (isControlName(element.tagName) || drawsItself(element) || isEditable(element, own, holes)))
        parts.push(part);
      const parentsInside = element ? [...parents, part] : parents;
      const groupsInside = element?.tagName === 'fieldset' ? [...outer, part] : outer;
      for (const index of own) {
        const content: Part = {
          ...part,
          element: undefined,
          holes: [index],
          parents: parentsInside,
          groups: groupsInside,
        };
        const holdsContent = isContent((holes[index] as Hole).kind);
        byHole.set(index, holdsContent ? content : part);
        if (holdsContent && !isSelect) parts.push(content);
      }
      // what a <select> holds are no controls
      if (element && !isSelect) visit(element.childNodes, parentsInside, groupsInside);
    }
  };
  visit(childNodes, [], []);
  return { byHole, parts, facts: [] };
}

/** Whether what stands in it is other code's. */
function drawsItself(element: Element): boolean {
  return element.tagName.includes('-') || literalOf(element, 'data-islet-own') !== undefined;
}

function isEditable(element: Element, own: readonly number[], holes: readonly Hole[]): boolean {
  const name = 'contenteditable';
  return literalOf(element, name) !== undefined || own.some((index) => holes[index]?.name.toLowerCase() === name);
}

/** Whether an element is the legend of a group, whose controls are not disabled with it. */
function isLegend(element: Element): boolean {
  const { parentNode } = element;
  if (element.tagName !== 'legend' || parentNode?.nodeName !== 'fieldset') return false;
  return parentNode.childNodes.find(({ nodeName }) => nodeName === 'legend') === element;
}

function isInside(nodes: readonly Node[], path: readonly number[], element: Element): boolean {
  return path.some((_, end) => nodeAt(nodes, path.slice(0, end)) === element);
}

function holeOf(part: Part, { definition }: Instance, name: string): number | undefined {
  return part.holes.find((each) => {
    const hole = definition.holes[each] as Hole;
    return hole.name.toLowerCase() === name && hole.kind !== HoleKind.event;
  });
}

/** What an object of attributes says of one. Their names are read in any case. */
function spreadTextOf(part: Part, instance: Instance, name: string): string | undefined {
  const index = part.holes.find((each) => instance.definition.holes[each]?.kind === HoleKind.spread);
  if (index === undefined) return undefined;
  return Object.entries(instance[index] as AttributeTexts).find(([each]) => each.toLowerCase() === name)?.[1];
}

function nodeAt(nodes: readonly Node[], [step = 0, ...steps]: readonly number[]): Node | undefined {
  const node = nodes[step];
  if (steps.length === 0 || !node) return node;
  return 'tagName' in node ? nodeAt(node.childNodes, steps) : undefined;
}

/** The text of an attribute; undefined if there is none. */
function literalOf(element: Element | undefined, name: string): string | undefined {
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
