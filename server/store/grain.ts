/*
 * How exactly a store remembers times that each turn puts off: so that an index over them does not change with each
 * turn.
 */

/** The end of a time is remembered to a sixteenth of it, later rather than sooner. */
export function grainOf(endsInMs: number): number {
  return Math.max(1, Math.ceil(endsInMs / 16));
}

/** What is due is named again as it was, where it differs by no more than this. */
export const dueGrainMs = 50;
