// Reads a mount frame as the browser would: which instances there are, and where their events are heard.

import { isContent } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import { decodeIdsReversed, isInstance, isRaw, slotsOf, templateOf } from '../../shared/wire/content.ts';
import { type BrowserHole, decodeDefinition } from '../../shared/wire/definition.ts';
import type { ServerFrame } from '../../shared/wire/frames.ts';
import { definitionsOf } from '../../shared/wire/patch.ts';

interface Instance {
  readonly id: number;
  readonly slots: readonly unknown[];
  readonly holes: readonly BrowserHole[];
}

/** The instances of a mounted island, in the order in which they stand in the page. */
function instancesOf(frame: ServerFrame): Instance[] {
  if (frame.kind !== 'mount') throw new Error(`no mount: ${frame.kind}`);
  const { ids, define, content } = frame;
  const definitions = define ? definitionsOf(define) : [];
  const numbers = decodeIdsReversed(ids).reverse();
  const instances: Instance[] = [];
  const visit = (wire: unknown): void => {
    if (!Array.isArray(wire) || isRaw(wire)) return;
    if (!isInstance(wire)) {
      for (const item of wire) visit(item);
      return;
    }
    const { holes } = decodeDefinition(definitions[templateOf(wire)] ?? [0, '']);
    const slots = slotsOf(wire).slice(0, holes.length);
    instances.push({ id: numbers[instances.length] ?? Number.NaN, slots, holes });
    slots.forEach((slot, at) => {
      if (isContent(holes[at]?.kind as HoleKind.Kind)) visit(slot);
    });
  };
  visit(content);
  return instances;
}

/** Where the first event of a name is heard, in the first instance that the condition holds for. */
export function eventOf(
  frame: ServerFrame,
  name: string,
  isMeant: (instance: Instance) => boolean = () => true,
): { instance: number; hole: number } {
  for (const instance of instancesOf(frame)) {
    const hole = instance.holes.findIndex((each) => each.kind === HoleKind.event && each.name === name);
    if (hole >= 0 && isMeant(instance)) return { instance: instance.id, hole };
  }
  throw new Error(`nothing hears ${name}`);
}
