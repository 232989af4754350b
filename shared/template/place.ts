/*
 * Where content stands: in a hole, of an instance that stands in a place in turn. What a parser makes of that is for
 * `surroundings.ts`, which only the strict compiler reads.
 */

import type { Namespace } from '../language/html.ts';
import type { Hole } from './definition.ts';

/** An element that is open at a hole. */
export interface OpenElement {
  readonly name: string;
  readonly namespace: Namespace;
}

/** A hole, and where the instance stands that it belongs to. */
export class Place {
  readonly hole: Hole;
  readonly outer: Place | undefined;

  constructor(hole: Hole, outer: Place | undefined) {
    this.hole = hole;
    this.outer = outer;
  }
}
