/*
 * Whether an item of a keyed list that is what it was would be viewed otherwise now: then its view reads something
 * besides the item, which `deps` does not name. Only asked in development. Input: an instance, and what the view gives
 * now.
 */

import { On } from '../language/events.ts';
import { Template } from '../language/html.ts';
import { isContent } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { isSameData } from '../tree/same-data.ts';
import { Instance, toTemplate } from '../tree/tree.ts';
import { toSlot, toText } from '../tree/values.ts';

/** Finds the hole in which an instance is not what its view gives now; undefined: there is none. */
export function findStale(instance: Instance, value: unknown): string | undefined {
  const template = toTemplate(value);
  if (template.strings !== instance.definition.strings) return template.strings[0]?.trim() || 'another template';
  for (const [index, hole] of instance.definition.holes.entries()) {
    const old = instance[index];
    const next = template.values[hole.value];
    const name = hole.kind === HoleKind.event ? `@${hole.name}` : hole.name || `the content of <${hole.element}>`;
    if (isContent(hole.kind)) {
      // lists and memos say for themselves what they read
      if (next instanceof Template && old instanceof Instance) {
        const inside = findStale(old, next);
        if (inside) return inside;
      } else if (next instanceof Template !== old instanceof Instance) return name;
      else if ((next === null || typeof next !== 'object') && toText(next, hole) !== old) return name;
    } else if (hole.kind === HoleKind.event) {
      // functions are made anew each time
      if (isMessage(old) && isMessage(next) && !isSameData(old, next)) return name;
    } else if (!isSameData(toSlot(hole, template.values), old)) return name;
  }
  return undefined;
}

function isMessage(handler: unknown): boolean {
  return typeof handler === 'object' && handler !== null && !(handler instanceof On);
}
