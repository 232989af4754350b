/*
 * An island's rendered state over time: the tree, the ids given so far, the templates announced.
 * Input: what the view returns. Output: patches, and for those who join, the whole as HTML or as a mount.
 */

import type { Template } from '../language/html.ts';
import type { Compile } from '../template/compile.ts';
import * as HoleKind from '../template/hole-kind.ts';
import type { Place } from '../template/place.ts';
import type { IdRuns, WireInstance } from '../wire/content.ts';
import { type Define, type Operation, type Patch, setHole } from '../wire/patch.ts';
import type { ContentDigest } from './content-digest.ts';
import { diffInstance } from './diff.ts';
import type { DrawnDigest } from './drawn-digest.ts';
import { encodeIds, encodeInstance, type TemplateTable } from './encode.ts';
import { type FoundInstance, InstancesById } from './instances-by-id.ts';
import { Journal } from './journal.ts';
import { createInstance, type DiffTarget, type Instance, isSame, MappedInstance, toTemplate } from './tree.ts';
import type { TreeDigest } from './tree-digest.ts';

/** An event hole that was found: its handler and what its messages go through on their way to `update`. */
export interface FoundListener extends FoundInstance {
  readonly hole: number;
  readonly listener: unknown;
}

/** Who wants to know what was replaced that somebody may have pressed. */
export interface RenderingOwner {
  /** Hears what a rendering has changed that made a patch and replaced what is heard, once that stays. */
  keep(changes: Journal): void;
}

export class Rendering implements DiffTarget {
  readonly compile: Compile;
  readonly table: TemplateTable;
  nextId = 1;
  operations: Operation[] = [];
  readonly journal = new Journal();
  place: Place | undefined;
  // Those that a page hardly has are no fields of it: a script is shorter without them.

  /** Hears of each change, where somebody wants to know one of these two. */
  declare digest: TreeDigest | undefined;
  /** Where somebody wants to know whether a tree made anew is this one; begun with the first rendering. */
  declare kept: ContentDigest | undefined;
  /** Where somebody wants to know whether another process has drawn the same: see `drawn-digest.ts`. */
  declare drawn: DrawnDigest | undefined;
  readonly byId = new InstancesById();
  declare owner: RenderingOwner | undefined;
  /** Makes the tree again, where it was let go of: see `letting-go.ts`. */
  declare wake: (() => void) | undefined;
  private isPatched = false;
  /** For `letting-go.ts` alone: it may have been let go of. */
  root: Instance | undefined;
  /** How many templates everybody knows who looks. */
  announced = 0;
  // What the last rendering that can be taken back started from.
  private rootBefore: Instance | undefined;
  private announcedBefore = 0;
  private nextIdBefore = 1;
  private renewedBefore = Number.POSITIVE_INFINITY;

  constructor(compile: Compile, table: TemplateTable) {
    this.compile = compile;
    this.table = table;
  }

  /**
   * Renders what a view returned. The first rendering, and one that changes nothing, give an empty patch.
   * When it throws, all is as it was before. What it has made can be taken back until the next rendering: `rollBack`.
   */
  render(value: unknown): Patch {
    this.keep();
    this.place = undefined; // the last one may have thrown somewhere inside
    try {
      return this.toPatch(toTemplate(value));
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** What was rendered last stays: how it was before is forgotten. */
  keep(): void {
    if (this.isPatched && this.journal.hasListeners) this.owner?.keep(this.journal);
    this.isPatched = false;
    // it may read the journal
    this.digest?.keep();
    this.journal.keep();
    this.byId.keep();
    this.rootBefore = this.root;
    this.announcedBefore = this.announced;
    this.nextIdBefore = this.nextId;
    this.renewedBefore = Number.POSITIVE_INFINITY;
  }

  /** Takes the last rendering back, its ids included; templates that it has met keep their numbers. */
  rollBack(): void {
    this.isPatched = false;
    this.journal.rollBack();
    this.digest?.rollBack();
    this.byId.rollBack(this.nextIdBefore, this.nextId);
    this.root = this.rootBefore;
    this.announced = this.announcedBefore;
    this.nextId = this.nextIdBefore;
    this.table.renewed = Math.min(this.table.renewed, this.renewedBefore);
    this.operations = [];
  }

  private toPatch(template: Template): Patch {
    const before = this.content;
    if (before === null) {
      this.root = createInstance(template, this, undefined, undefined);
      this.table.addAll(this.root);
      this.announced = this.table.definitions.length;
      return noOperations;
    }
    if (isSame(before, template)) this.update(before, template);
    else {
      this.root = createInstance(template, this, undefined, undefined);
      this.byId.leave(before);
      this.operations.push(setHole(0, 0, encodeInstance(this.root, this.table)));
      this.digest?.replace(0, 0, before, this.root);
    }
    const { operations } = this;
    // not the array itself, which the next rendering writes into
    if (operations.length === 0) return noOperations;
    this.operations = [];
    this.isPatched = true;
    const { table } = this;
    const define = table.define(Math.min(this.announced, table.renewed));
    if (define === undefined) return operations;
    this.announced = table.definitions.length;
    this.renewedBefore = table.renewed;
    table.renewed = Number.POSITIVE_INFINITY;
    return [define, ...operations];
  }

  /** Brings an instance of the tree up to date; for `diff` alone. */
  update(instance: Instance, template: Template): void {
    diffInstance(instance, template, this);
  }

  get isRendered(): boolean {
    return this.nextId > 1;
  }

  /** What is rendered, for `renderContent` to write as HTML. */
  get content(): Instance | null {
    this.wake?.();
    return this.root ?? null;
  }

  /** The root as it is mounted. */
  toMount(): WireInstance | null {
    const { content } = this;
    return content && encodeInstance(content, this.table);
  }

  /** One instance as it is mounted, with the ids of all that it holds; undefined if there is none (any more). */
  toPart(id: number): { readonly nextId: number; readonly ids: IdRuns; readonly content: WireInstance } | undefined {
    const { instance } = this.findInstance(id) ?? {};
    if (!instance) return undefined;
    return { nextId: this.nextId, ids: encodeIds(instance), content: encodeInstance(instance, this.table) };
  }

  /** Ids of all instances in document order. */
  toIds(): IdRuns {
    return encodeIds(this.content);
  }

  /** Templates announced to everybody who looks; `since` is how many somebody knows already. */
  define(since: number): Define | undefined {
    return this.table.define(since);
  }

  /** Finds an event hole by instance and hole; undefined if there is none (any more). */
  findListener(id: number, hole: number): FoundListener | undefined {
    const found = this.findInstance(id);
    if (found?.instance.definition.holes[hole]?.kind !== HoleKind.event) return undefined;
    const listener = found.instance[hole];
    return listener === null
      ? undefined
      : { instance: found.instance, maps: found.maps, outer: found.outer, hole, listener };
  }

  /** Finds an instance, and what it stands in; undefined if there is none (any more). */
  findInstance(id: number): FoundInstance | undefined {
    const { content: root } = this;
    // most of what happens in a small one happens there
    if (root?.id === id && !(root instanceof MappedInstance)) return { instance: root, maps: nothing, outer: nothing };
    return root ? this.byId.find(id, root) : undefined;
  }
}

const noOperations: Patch = [];
const nothing: readonly never[] = [];
