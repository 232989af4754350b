/*
 * Names an event hole by where a view puts it, so that two trees of one component mean the same by it, whatever each
 * has rendered before. Input: in a page, a listener of its own tree; on a server, an address and the view of now.
 * Output: an address; or the listener that it names, if there is one (any more). Of the view only what lies on the way
 * is evaluated: neither other items of a list, nor other parts.
 */

import { Keyed, Memo, type MessageMap, Template } from '../language/html.ts';
import { IsletError } from '../language/islet-error.ts';
import type { Compile } from '../template/compile.ts';
import { type Hole, isContent, placeOf } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { Place } from '../template/place.ts';
import type { Address } from '../wire/frames.ts';
import type { HoleOf } from './instances-by-id.ts';
import type { FoundListener } from './rendering.ts';
import { type Allocator, type Content, createContent, flatten, Instance, List, toTemplate, unwrap } from './tree.ts';
import { toSlot } from './values.ts';

/** The address of a listener's instance; undefined where it stands in a list without keys: its place may be another's. */
export function addressOf({ instance, outer }: Pick<FoundListener, 'instance' | 'outer'>): Address | undefined {
  const steps: (string | number)[] = [];
  let signature = 0;
  for (let at = outer.length - 1; at >= 0; at--) {
    const { instance: holder, hole } = outer[at] as HoleOf;
    signature = sign(signature, holder);
    steps.push(hole);
    const content = unwrap(holder[hole] as Content);
    if (!(content instanceof List)) continue;
    const { source, items = [], instances } = content;
    if (!source) return undefined;
    const row = outer[at - 1]?.instance ?? instance;
    const chunk = instances.findIndex((each) => each.includes(row));
    steps.push(source.keyOf(items[chunk]?.[instances[chunk]?.indexOf(row) ?? -1]) as string | number);
  }
  return [sign(signature, instance) >>> 0, ...steps];
}

/**
 * Finds what an address names in a view.
 *
 * @throws what the view throws on the way.
 */
export function findListenerAt(
  view: Template,
  [signature, ...steps]: Address,
  hole: number,
  compile: Compile,
): FoundListener | undefined {
  const allocator: Allocator = { compile, nextId: 0, byId: undefined };
  const maps: MessageMap[] = [];
  const outer: HoleOf[] = [];
  let template = view;
  let place: Place | undefined;
  let signed = 0;
  for (let at = 0; ; ) {
    const instance = lookAt(template, allocator, place);
    const { holes } = instance.definition;
    signed = sign(signed, instance);
    if (template.map) maps.unshift(template.map);
    if (at === steps.length) {
      if (signed >>> 0 !== signature || holes[hole]?.kind !== HoleKind.event) return undefined;
      const listener = instance[hole];
      return listener === null ? undefined : { instance, hole, listener, maps, outer };
    }
    const index = steps[at++] as number;
    const step = typeof index === 'number' ? holes[index] : undefined;
    if (!step || !isContent(step.kind)) return undefined;
    let value = template.values[step.value];
    while (value instanceof Memo) value = value.view(value.deps as never);
    if (value instanceof Keyed) {
      const list = value;
      const key = steps[at++];
      const items = flatten(list.chunks);
      const item = items.findIndex((each) => list.keyOf(each) === key);
      if (item < 0) return undefined;
      value = toTemplate(list.view(items[item] as never, list.deps as never));
    }
    if (!(value instanceof Template)) return undefined;
    outer.unshift({ instance, hole: index });
    place = new Place(step, place);
    template = value;
  }
}

/** @throws IsletError ISLET_ERR_RENDER for a listener in a list without keys, which no address names. */
export function checkAddresses(content: Content): void {
  check(content, undefined);
}

/** @param unkeyed The hole of a list without keys that it stands in. */
function check(content: Content, unkeyed: Hole | undefined): void {
  const inner = unwrap(content);
  if (!(inner instanceof Instance)) return;
  const { holes } = inner.definition;
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    if (unkeyed && hole.kind === HoleKind.event && inner[index] !== null) {
      const problem = 'a list with listeners needs keys where its route is predicted: write keyed(items, key, view)';
      throw new IsletError('ISLET_ERR_RENDER', `${problem}${placeOf(unkeyed)}`);
    }
    if (!isContent(hole.kind)) continue;
    const held = unwrap(inner[index] as Content);
    if (!(held instanceof List)) check(held, unkeyed);
    else for (const each of held.instances.flat()) check(each, held.source ? unkeyed : (unkeyed ?? hole));
  }
}

/** An instance of a template whose content is made when somebody looks at it. */
function lookAt(template: Template, allocator: Allocator, place: Place | undefined): Instance {
  const instance = new Instance(0, allocator.compile(template.strings, template.namespace, place), undefined);
  for (const [index, hole] of instance.definition.holes.entries()) {
    if (!isContent(hole.kind)) {
      instance[index] = toSlot(hole, template.values);
      continue;
    }
    let content: Content | undefined;
    const get = (): Content => {
      content ??= createContent(template.values[hole.value], allocator, new Place(hole, place), instance);
      return content;
    };
    Object.defineProperty(instance, index, { get, enumerable: true });
  }
  return instance;
}

const signatures = new WeakMap<readonly string[], number>();

/** Adds a literal to a signature: of another way, or another version of the code, it is another. */
function sign(signature: number, { definition: { strings } }: Instance): number {
  return (Math.imul(signature, 33) + signatureOf(strings)) | 0;
}

/** The number of a literal. */
export function signatureOf(strings: readonly string[]): number {
  let own = signatures.get(strings);
  if (own === undefined) {
    own = numberOf(strings);
    signatures.set(strings, own);
  }
  return own;
}

/** A number of 32 bits for some texts. */
export function numberOf(texts: readonly string[]): number {
  let own = 0;
  for (const text of texts) {
    for (let at = 0; at < text.length; at++) own = (Math.imul(own, 31) + text.charCodeAt(at)) | 0;
    own = (Math.imul(own, 31) + 1) | 0;
  }
  return own;
}
