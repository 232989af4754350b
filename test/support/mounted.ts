// Reads a mount frame as the browser would: which instances there are, and where their events are heard.

import type { ServerFrame } from '../../shared/wire/protocol.ts';

interface Instance {
  readonly id: number;
  readonly slots: readonly unknown[];
  /** `[kind, name, ...path]` of each hole. */
  readonly holes: readonly (readonly [kind: number, name: string, ...path: number[]])[];
}

const eventHole = 5;

/** The instances of a mounted island, in the order in which they stand in the page. */
function instancesOf(frame: ServerFrame): Instance[] {
  if (frame.kind !== 'mount') throw new Error(`no mount: ${frame.kind}`);
  const { ids, define, content } = frame;
  const definitions = (define ?? []).slice(2) as unknown as [number, string, ...Instance['holes']][];
  const numbers = ids.flatMap((first, at) =>
    at % 2 === 0 ? Array.from({ length: ids[at + 1] ?? 0 }, (_, count) => first + count) : [],
  );
  const instances: Instance[] = [];
  const visit = (wire: unknown): void => {
    if (!Array.isArray(wire) || wire[0] === 'raw') return;
    if (typeof wire[0] !== 'number') {
      for (const item of wire) visit(item);
      return;
    }
    const [number, ...slots] = wire as [number, ...unknown[]];
    const [, , ...holes] = definitions[number] ?? [0, ''];
    instances.push({ id: numbers[instances.length] ?? Number.NaN, slots, holes });
    slots.forEach((slot, at) => {
      if ((holes[at]?.[0] ?? 9) < 2) visit(slot);
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
    const hole = instance.holes.findIndex(([kind, heard]) => kind === eventHole && heard === name);
    if (hole >= 0 && isMeant(instance)) return { instance: instance.id, hole };
  }
  throw new Error(`nothing hears ${name}`);
}
