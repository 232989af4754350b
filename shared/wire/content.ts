/*
 * Content on the wire: what an instance or a hole holds, and the ids of the instances in it. `tree/encode.ts` writes it
 * by the functions here; a browser reads it by the others. Nobody else knows what stands at which place.
 */

/**
 * Content of a child hole: text (null: none), an instance as its template's number and its slots, a list as an array of
 * instances, or raw markup. An instance starts with a number, a list with an array or not at all. Behind the slots of a
 * row of a list may stand its key, as a number.
 */
export type WireContent = string | number | null | WireInstance | WireInstance[] | WireRaw;
export type WireInstance = readonly [template: number, ...slots: unknown[]];
export type WireRaw = readonly ['raw', markup: string];

/** Ids of instances in document order, as runs `[first, count, first, count, ...]`. */
export type IdRuns = readonly number[];

/** Encodes an instance. @param slotAt Gives what a hole holds, encoded. */
export function encodeInstance(template: number, holes: number, slotAt: (hole: number) => unknown): WireInstance {
  const wire: [number, ...unknown[]] = [template];
  for (let hole = 0; hole < holes; hole++) wire.push(slotAt(hole));
  return wire;
}

/** Encodes markup that is inserted as it is. */
export function encodeRaw(markup: string): WireRaw {
  return ['raw', markup];
}

/** Tells whether content that is no text is an instance. */
export function isInstance(content: readonly unknown[]): content is WireInstance {
  return typeof content[0] === 'number';
}

/** Tells whether content that is no text is markup that is inserted as it is. */
export function isRaw(content: readonly unknown[]): content is WireRaw {
  return content[0] === 'raw';
}

/** Tells whether content has instances, or may have: a property's value may look the same. */
export function mayHoldInstances(content: unknown): boolean {
  return Array.isArray(content) && (isInstance(content) || Array.isArray(content[0]));
}

/** Number of an instance's template. */
export function templateOf([template]: WireInstance): number {
  return template;
}

/** What an instance's holes hold, in their order; and behind that, in some rows of lists, the row's key. */
export function slotsOf([, ...slots]: WireInstance): unknown[] {
  return slots;
}

export function markupOf([, markup]: WireRaw): string {
  return markup;
}

/** Collects ids of instances in document order. */
export class IdRunsWriter {
  readonly runs: number[] = [];
  private next = -1;

  add(id: number): void {
    const { runs } = this;
    if (id === this.next) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
    else runs.push(id, 1);
    this.next = id + 1;
  }
}

/** Tells whether the ids are those from 1 on, up to the one before `nextId`. */
export function areCounted(runs: IdRuns, nextId: number): boolean {
  return runs.length === 2 && runs[0] === 1 && runs[1] === nextId - 1;
}

/** Decodes ids of instances, the last one first. */
export function decodeIdsReversed(runs: IdRuns): number[] {
  return runs
    .flatMap((first, at) => (at % 2 ? [] : Array.from({ length: runs[at + 1] as number }, (_, count) => first + count)))
    .reverse();
}
