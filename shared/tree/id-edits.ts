/*
 * What has become of a tree's ids, where it is kept under which ids a tree is shown: all of them, now and then, and edits
 * since. An edit costs what came, went and moved. Input: the journal of a rendering that stays, beside the tree as it is
 * now. Output: edits, which name the id that the others stand behind; and the ids that edits make of earlier ones.
 */

import type { Chunks } from '../language/chunk-table.ts';
import { type Hole, isContent } from '../template/definition.ts';
import { decodeIdsReversed, type IdRuns, IdRunsWriter } from '../wire/content.ts';
import { encodeIds } from './encode.ts';
import { compareChunks, longestIncreasing, none } from './list-sections.ts';
import type { Rendering } from './rendering.ts';
import { type Content, flatten, forEachInstance, Instance, List, Memoized, unwrap } from './tree.ts';

/** The ids of these runs, wherever they stood, stand behind this one in document order; behind 0: nowhere any more. */
export type IdEdit = readonly [behind: number, ...runs: number[]];

/** With more numbers than this in edits that nobody has taken, all ids are as well written anew. */
const maxNumbers = 10_000;

export class IdEdits {
  private readonly rendering: Rendering;
  /** Undefined: not all that has happened is known as edits. */
  private edits: IdEdit[] | undefined;
  private numbers = 0;

  /** Nobody knows yet which ids there are. */
  constructor(rendering: Rendering) {
    this.rendering = rendering;
  }

  /** The edits since they were taken last; undefined: all ids may be others. */
  take(): readonly IdEdit[] | undefined {
    const { edits } = this;
    this.edits = [];
    this.numbers = 0;
    return edits;
  }

  /** Something has happened to the ids that is in no journal. */
  lose(): void {
    this.edits = undefined;
  }

  /** A rendering stays. What it noted first stood further inside, or before what it noted later: so do edits. */
  keep(): void {
    if (!this.edits) return;
    this.rendering.journal.forEach((target, key, old) => {
      if (target instanceof List) {
        if (key === 'instances') this.editRows(target, old as Chunks<Instance>);
      } else if (target instanceof Memoized) {
        if (key === 'content') this.replace(old as Content, target.content);
      } else if (target instanceof Instance && typeof key === 'number') {
        if (isContent((target.definition.holes[key] as Hole).kind))
          this.replace(old as Content, target[key] as Content);
      }
    });
    if (this.numbers > maxNumbers) this.lose();
  }

  private add(behind: number, runs: IdRuns): void {
    if (runs.length === 0) return;
    this.edits?.push([behind, ...runs]);
    this.numbers += runs.length + 1;
  }

  private replace(old: Content, next: Content): void {
    const [before, after] = [unwrap(old), unwrap(next)];
    if (before === after) return;
    this.add(0, encodeIds(before));
    const owner = after instanceof Instance || after instanceof List ? after.parent : undefined;
    if (owner) this.add(lastAhead(owner as Instance, after), encodeIds(after));
  }

  private editRows(list: List, before: Chunks<Instance>): void {
    const sections = changedRows(before, list.instances);
    const shown = new Set(sections.flatMap(({ rows }) => rows));
    for (const { old } of sections) this.add(0, idsOf(old.filter((row) => !shown.has(row))));
    for (const { old, rows, ahead } of sections) {
      const places = new Map(old.map((row, place) => [row, place]));
      const stays = longestIncreasing(new Int32Array(rows.map((row) => places.get(row) ?? none)));
      for (let end = 0; end < rows.length; end++) {
        const start = end;
        while (end < rows.length && stays[end] === 0) end++;
        const behind = rows[start - 1] ?? ahead();
        if (end > start)
          this.add(behind ? lastOf(behind) : lastAhead(list.parent, list), idsOf(rows.slice(start, end)));
      }
    }
  }
}

/** Rows of a list that took the place of others, without what is the same at both ends. */
interface ChangedRows {
  readonly old: readonly Instance[];
  readonly rows: readonly Instance[];
  /** The row of the list that stands before them; undefined: they are the first. */
  ahead(): Instance | undefined;
}

function changedRows(before: Chunks<Instance>, after: Chunks<Instance>): ChangedRows[] {
  const [start, oldEnd, end] = trim(before, after);
  const changes = compareChunks(before.slice(start, oldEnd), after.slice(start, end));
  return changes.map(({ oldFrom, oldTo, from, to }) => {
    const old = flatten(before, start + oldFrom, start + oldTo);
    const rows = flatten(after, start + from, start + to);
    const [first, oldLast, last] = trim(old, rows);
    const ahead = (): Instance | undefined => {
      if (first > 0) return rows[first - 1];
      let at = start + from - 1;
      while (after[at]?.length === 0) at--;
      return after[at]?.at(-1);
    };
    return { old: old.slice(first, oldLast), rows: rows.slice(first, last), ahead };
  });
}

/** Where two arrays begin to differ, and where each of them ends to. */
function trim(before: readonly unknown[], after: readonly unknown[]): [start: number, oldEnd: number, end: number] {
  let [oldEnd, end] = [before.length, after.length];
  const limit = Math.min(oldEnd, end);
  let start = 0;
  while (start < limit && before[start] === after[start]) start++;
  while (oldEnd > start && end > start && before[oldEnd - 1] === after[end - 1]) {
    oldEnd--;
    end--;
  }
  return [start, oldEnd, end];
}

/** Ids of rows and all that they hold. */
function idsOf(rows: readonly Instance[]): IdRuns {
  const writer = new IdRunsWriter();
  for (const row of rows) forEachInstance(row, ({ id }) => writer.add(id));
  return writer.runs;
}

/** The last id of an instance and what stands in it before some content. */
function lastAhead(owner: Instance, content: Content): number {
  return lastBefore(
    owner,
    owner.findIndex((slot) => unwrap(slot as Content) === content),
  );
}

function lastOf(instance: Instance): number {
  return lastBefore(instance, instance.definition.holes.length);
}

function lastBefore(instance: Instance, end: number): number {
  for (let hole = end - 1; hole >= 0; hole--) {
    if (!isContent((instance.definition.holes[hole] as Hole).kind)) continue;
    const content = unwrap(instance[hole] as Content);
    const last = content instanceof List ? content.instances.findLast(({ length }) => length > 0)?.at(-1) : content;
    if (last instanceof Instance) return lastOf(last);
  }
  return instance.id;
}

/** The ids that edits make of others; undefined: they are edits of others. */
export function applyIdEdits(ids: IdRuns, edits: readonly IdEdit[]): IdRuns | undefined {
  const next = new Map<number, number>();
  const previous = new Map<number, number>();
  const link = (left: number, right: number | undefined): void => {
    if (right === undefined) next.delete(left);
    else {
      next.set(left, right);
      previous.set(right, left);
    }
  };
  const put = (behind: number, added: readonly number[]): void => {
    const rest = next.get(behind);
    link(
      added.reduce((left, id) => {
        link(left, id);
        return id;
      }, behind),
      rest,
    );
  };
  put(0, decodeIds(ids));
  for (const [behind, ...runs] of edits) {
    const moved = decodeIds(runs);
    for (const id of moved) {
      const left = previous.get(id);
      if (left === undefined) continue;
      link(left, next.get(id));
      next.delete(id);
      previous.delete(id);
    }
    if (behind === 0) continue;
    if (!previous.has(behind)) return undefined;
    put(behind, moved);
  }
  const writer = new IdRunsWriter();
  let count = 0;
  for (let id = next.get(0); id !== undefined && count <= previous.size; id = next.get(id)) {
    writer.add(id);
    count++;
  }
  // an id that came twice makes a circle
  return count === previous.size ? writer.runs : undefined;
}

function decodeIds(runs: IdRuns): number[] {
  return decodeIdsReversed(runs).reverse();
}
