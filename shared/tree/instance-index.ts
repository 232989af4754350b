/*
 * Where each instance of a big tree stands, by its id: an event names one, and to look for it would cost as much as the
 * tree is big. Input: the tree, and what comes to it and goes from it. Output: an instance, and all that it stands in.
 */

import type { MessageMap } from '../language/html.ts';
import { type Hole, isContent } from '../template/definition.ts';
import { type Content, Instance, List, MappedInstance, unwrap } from './tree.ts';

/** A hole of an instance. */
export interface HoleOf {
  readonly instance: Instance;
  readonly hole: number;
}

export interface FoundInstance {
  readonly instance: Instance;
  /** What its messages go through on their way to `update`, from the innermost to the outermost. */
  readonly maps: readonly MessageMap[];
  /** The holes that it stands in, from the innermost to the outermost. */
  readonly outer: readonly HoleOf[];
}

/** An instance, and the hole that it stands in; the root stands in none. */
interface Placed {
  readonly instance: Instance;
  readonly at: HoleOf | undefined;
}

export class InstanceIndex {
  private readonly places = new Map<number, Placed>();
  /** Something came or went since this was last set back. */
  isChanged = false;

  constructor(root: Instance) {
    this.enter(root, undefined);
    this.isChanged = false;
  }

  /** Content has come into a hole. */
  enter(content: Content, at: HoleOf | undefined): void {
    this.isChanged = true;
    visit(content, at, (instance, place) => this.places.set(instance.id, { instance, at: place }));
  }

  /** Content has gone. */
  leave(content: Content): void {
    this.isChanged = true;
    visit(content, undefined, ({ id }) => this.places.delete(id));
  }

  /** Finds an instance; undefined if there is none (any more). */
  find(id: number): FoundInstance | undefined {
    const found = this.places.get(id);
    if (!found) return undefined;
    const maps: MessageMap[] = [];
    const outer: HoleOf[] = [];
    for (let place: Placed | undefined = found; place; place = place.at && this.places.get(place.at.instance.id)) {
      maps.push(...mapsOf(place.instance));
      if (place.at) outer.push(place.at);
    }
    return { instance: found.instance, maps, outer };
  }
}

/** What an instance itself has its messages go through. */
export function mapsOf(instance: Instance): readonly MessageMap[] {
  return instance instanceof MappedInstance ? [instance.messageMap] : noMaps;
}

const noMaps: readonly MessageMap[] = [];

/** Visits all instances of content, each with the hole that it stands in: items of a list share it. */
function visit(
  content: Content,
  at: HoleOf | undefined,
  act: (instance: Instance, at: HoleOf | undefined) => void,
): void {
  const inner = unwrap(content);
  if (inner instanceof List) for (const instance of inner.instances) visit(instance, at, act);
  if (!(inner instanceof Instance)) return;
  act(inner, at);
  const { holes } = inner.definition;
  for (let hole = 0; hole < holes.length; hole++) {
    const slot = inner[hole];
    if (slot === null || typeof slot !== 'object' || !isContent((holes[hole] as Hole).kind)) continue;
    visit(slot as Content, { instance: inner, hole }, act);
  }
}
