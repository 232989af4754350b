/*
 * How exactly a store remembers the end of a client's number: to a sixteenth of the time, later rather than sooner. So an
 * index over it does not change with each event.
 */

export function grainOf(endsInMs: number): number {
  return Math.max(1, Math.ceil(endsInMs / 16));
}
