/*
 * The table of a long list's chunks: where each chunk starts, and another table made of it. A server remembers both
 * (`remembered-chunks.ts`), so that neither a place nor a change is sought among all chunks. In a browser, whose lists
 * are shorter, all are looked at, which takes no bytes of its scripts.
 */

/** What stands in order, cut anywhere. */
export type Chunks<Item = unknown> = readonly (readonly Item[])[];

/** What took the place of what: chunks of the table before, and of the one behind it. */
export interface Change {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly from: number;
  readonly to: number;
}

/**
 * What of a table is other than in one before, in order, with chunks that stay in between; undefined: nobody knows, and all
 * are compared.
 */
export type ChangesSince = (before: Chunks, after: Chunks) => readonly Change[] | undefined;

export const past: { changesSince?: ChangesSince } = {};

export interface Tables {
  /** How many items there are. */
  lengthOf(chunks: Chunks): number;
  /** Which chunk a place is in, and where there; behind the last chunk if there is no such place. */
  find(chunks: Chunks, place: number): readonly [chunk: number, at: number];
  /** As `Array.prototype.toSpliced` does it. */
  splice<Item>(chunks: Chunks<Item>, at: number, removed: number, added: Chunks<Item>): Chunks<Item>;
}

/** As a browser has them. */
export const plainTables: Tables = {
  lengthOf: (chunks) => chunks.reduce((sum, { length }) => sum + length, 0),

  find(chunks, place) {
    let at = place;
    let chunk = 0;
    for (; at >= (chunks[chunk]?.length ?? Number.POSITIVE_INFINITY); chunk++) at -= (chunks[chunk] as []).length;
    return [chunk, at];
  },

  splice: (chunks, at, removed, added) => chunks.toSpliced(at, removed, ...added),
};

export const tables: Tables = /* @__PURE__ */ Object.assign({}, plainTables);
