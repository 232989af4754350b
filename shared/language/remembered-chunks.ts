/*
 * What a server remembers of a long list's table of chunks while it is in memory: where each chunk starts, and by what
 * the table came of those before. So a place is found, and what has changed between two tables, without a look at all
 * chunks, each of which is one into another part of memory. Of a table that comes from elsewhere (JSON, a patch) nothing
 * is remembered; it is looked through once. Input and output: tables.
 */

import type { Change, ChangesSince, Chunks, Tables } from './chunk-table.ts';

interface Remembered {
  readonly number: number;
  /** How many items stand before each chunk; behind the last one, how many there are. */
  readonly starts: readonly number[];
  /** The last few splices that it came of, the last one last. */
  readonly steps: readonly Step[];
}

interface Step {
  /** The number of the table before: a reference would keep all of them. */
  readonly of: number;
  readonly at: number;
  readonly removed: number;
  readonly added: number;
}

/** Between two renderings hardly more happens to a list; then all of its chunks are compared. */
const maxSteps = 8;
let count = 0;

/** A class whose instances are the objects that it is given. */
const itself: new (table: object) => object = function itself(table: object) {
  return table;
} as never;

/**
 * A table with what is remembered of it in a private field: nobody who copies, compares or writes the list sees that. A
 * `WeakMap` takes as long for each table as all the rest of a change.
 */
class RememberedTable extends itself {
  readonly #remembered: Remembered;

  constructor(table: Chunks, remembered: Remembered) {
    super(table);
    this.#remembered = remembered;
  }

  static of(table: Chunks): Remembered | undefined {
    return #remembered in table ? table.#remembered : undefined;
  }
}

export const rememberedTables: Tables = {
  lengthOf: (chunks) => remember(chunks).starts[chunks.length] as number,

  find(chunks, place) {
    const { starts } = remember(chunks);
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) > place) high = middle;
      else low = middle;
    }
    return [low, place - (starts[low] as number)];
  },

  splice(chunks, at, removed, added) {
    const next = chunks.toSpliced(at, removed, ...added);
    const { number, starts, steps } = remember(chunks);
    const step = { of: number, at, removed, added: added.length };
    const isAligned =
      removed === added.length && added.every(({ length }, index) => length === chunks[at + index]?.length);
    new RememberedTable(next, {
      number: ++count,
      starts: isAligned ? starts : spliceStarts(starts, step, added),
      steps: [...steps.slice(1 - maxSteps), step],
    });
    return next;
  },
};

export const changesSince: ChangesSince = (before, after) => {
  const of = RememberedTable.of(before)?.number;
  const { steps = [] } = RememberedTable.of(after) ?? {};
  const first = steps.findIndex((step) => step.of === of);
  if (of === undefined || first < 0) return undefined;
  const changes = steps.slice(first).reduce<readonly Change[]>(addStep, []);
  // one without items says nothing of where the others are
  return changes.some(({ to }) => after[to]?.length === 0) ? undefined : changes;
};

function addStep(changes: readonly Change[], { at, removed, added }: Step): readonly Change[] {
  const grown = added - removed;
  const [ahead, behind]: [Change[], Change[]] = [[], []];
  let [from, end] = [at, at + removed];
  // by how much the table has grown ahead of it, and in it
  let [shift, inside] = [0, 0];
  for (const change of changes) {
    const growth = change.to - change.from - (change.oldTo - change.oldFrom);
    if (change.to < at) {
      ahead.push(change);
      shift += growth;
    } else if (change.from > at + removed) {
      behind.push({ ...change, from: change.from + grown, to: change.to + grown });
    } else {
      from = Math.min(from, change.from);
      end = Math.max(end, change.to);
      inside += growth;
    }
  }
  return [...ahead, { oldFrom: from - shift, oldTo: end - shift - inside, from, to: end + grown }, ...behind];
}

function remember(chunks: Chunks): Remembered {
  const known = RememberedTable.of(chunks);
  if (known) return known;
  const made = { number: ++count, starts: spliceStarts([0], { at: 0, removed: 0 }, chunks), steps: [] };
  // in development it may be frozen
  if (Object.isExtensible(chunks)) new RememberedTable(chunks, made);
  return made;
}

function spliceStarts(
  starts: readonly number[],
  { at, removed }: Pick<Step, 'at' | 'removed'>,
  added: Chunks,
): readonly number[] {
  let end = starts[at] as number;
  const ends = added.map(({ length }) => {
    end += length;
    return end;
  });
  const grown = end - (starts[at + removed] as number);
  const next = starts.toSpliced(at + 1, removed, ...ends);
  for (let index = at + ends.length + 1; index < next.length; index++) next[index] = (next[index] as number) + grown;
  return next;
}
