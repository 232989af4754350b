/*
 * An island's rendered state over time: the tree, the ids given so far, the templates announced.
 * Input: what the view returns. Output: patches, and for those who join, the whole as HTML or as a mount.
 */

import type { MessageMap, Template } from '../language/html.ts';
import type { Compile } from '../template/compile.ts';
import { type Hole, isContent } from '../template/definition.ts';
import * as HoleKind from '../template/hole-kind.ts';
import type { Place } from '../template/place.ts';
import type { Shape } from '../wire/adoption.ts';
import type { IdRuns, WireInstance } from '../wire/content.ts';
import { type Define, type Operation, type Patch, setHole } from '../wire/patch.ts';
import type { ContentDigest } from './content-digest.ts';
import { diffInstance } from './diff.ts';
import { encodeIds, encodeInstance, encodeShape, type TemplateTable } from './encode.ts';
import { Journal } from './journal.ts';
import {
  type Content,
  createInstance,
  type DiffTarget,
  Instance,
  isSame,
  List,
  MappedInstance,
  toTemplate,
  unwrap,
} from './tree.ts';

/** An event hole that was found: its handler and what its messages go through on their way to `update`. */
export interface FoundListener {
  readonly instance: Instance;
  readonly hole: number;
  readonly listener: unknown;
  /** From the innermost to the outermost. */
  readonly maps: readonly MessageMap[];
  /** The holes that the instance stands in, from the innermost to the outermost. */
  readonly outer: readonly HoleOf[];
}

export interface HoleOf {
  readonly instance: Instance;
  readonly hole: number;
}

export class Rendering implements DiffTarget {
  readonly compile: Compile;
  readonly table: TemplateTable;
  nextId = 1;
  operations: Operation[] = [];
  readonly journal = new Journal();
  place: Place | undefined;
  /** Where somebody wants to know whether a tree made anew is this one; begun with the first rendering. */
  digest: ContentDigest | undefined;
  private root: Instance | undefined;
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
    this.journal.keep();
    this.digest?.keep();
    this.rootBefore = this.root;
    this.announcedBefore = this.announced;
    this.nextIdBefore = this.nextId;
    this.renewedBefore = Number.POSITIVE_INFINITY;
  }

  /** Takes the last rendering back, its ids included; templates that it has met keep their numbers. */
  rollBack(): void {
    this.journal.rollBack();
    this.digest?.rollBack();
    this.root = this.rootBefore;
    this.announced = this.announcedBefore;
    this.nextId = this.nextIdBefore;
    this.table.renewed = Math.min(this.table.renewed, this.renewedBefore);
    this.operations = [];
  }

  private toPatch(template: Template): Patch {
    if (this.root === undefined) {
      this.root = createInstance(template, this, undefined);
      this.table.addAll(this.root);
      this.announced = this.table.definitions.length;
      return noOperations;
    }
    if (isSame(this.root, template)) this.update(this.root, template);
    else {
      const before = this.root;
      this.root = createInstance(template, this, undefined);
      this.operations.push(setHole(0, 0, encodeInstance(this.root, this.table)));
      this.digest?.replace(0, 0, before, this.root);
    }
    const { operations } = this;
    // not the array itself, which the next rendering writes into
    if (operations.length === 0) return noOperations;
    this.operations = [];
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
    return this.root !== undefined;
  }

  /** What is rendered, for `renderContent` to write as HTML. */
  get content(): Content {
    return this.root ?? null;
  }

  /** What adoption needs besides the HTML. */
  toShape(): Shape {
    return encodeShape(this.root ?? null, this.table);
  }

  /** The root as it is mounted. */
  toMount(): WireInstance | null {
    return this.root ? encodeInstance(this.root, this.table) : null;
  }

  /** One instance as it is mounted, with the ids of all that it holds; undefined if there is none (any more). */
  toPart(id: number): { readonly nextId: number; readonly ids: IdRuns; readonly content: WireInstance } | undefined {
    const instance = this.root && find(this.root, id, [], []);
    if (!instance) return undefined;
    return { nextId: this.nextId, ids: encodeIds(instance), content: encodeInstance(instance, this.table) };
  }

  /** Ids of all instances in document order. */
  toIds(): IdRuns {
    return encodeIds(this.root ?? null);
  }

  /** Templates announced to everybody who looks; `since` is how many somebody knows already. */
  define(since: number): Define | undefined {
    return this.table.define(since);
  }

  /** Finds an event hole by instance and hole; undefined if there is none (any more). */
  findListener(id: number, hole: number): FoundListener | undefined {
    const maps: MessageMap[] = [];
    const outer: HoleOf[] = [];
    const instance = this.root && find(this.root, id, maps, outer);
    if (!instance || instance.definition.holes[hole]?.kind !== HoleKind.event) return undefined;
    const listener = instance[hole];
    return listener === null ? undefined : { instance, hole, listener, maps, outer };
  }
}

const noOperations: Patch = [];

/** Finds an instance below (and including) another, adding the message maps and holes on the way, innermost first. */
function find(from: Instance, id: number, maps: MessageMap[], outer: HoleOf[]): Instance | undefined {
  const found = from.id === id ? from : findInside(from, id, maps, outer);
  if (found && from instanceof MappedInstance) maps.push(from.messageMap);
  return found;
}

function findInside(instance: Instance, id: number, maps: MessageMap[], outer: HoleOf[]): Instance | undefined {
  const { holes } = instance.definition;
  for (let index = 0; index < holes.length; index++) {
    const slot = instance[index];
    if (slot === null || typeof slot !== 'object' || !isContent((holes[index] as Hole).kind)) continue;
    const content = unwrap(slot as Content);
    const found =
      content instanceof List
        ? findInList(content.instances, id, maps, outer)
        : content instanceof Instance && findBelow(content, id, maps, outer);
    if (!found) continue;
    outer.push({ instance, hole: index });
    return found;
  }
  return undefined;
}

function findInList(
  instances: readonly Instance[],
  id: number,
  maps: MessageMap[],
  outer: HoleOf[],
): Instance | undefined {
  // most listeners of a list are those of its items, and looking for one takes a comparison each
  const item = instances.find((instance) => instance.id === id);
  if (item) return find(item, id, maps, outer);
  for (const instance of instances) {
    const found = findBelow(instance, id, maps, outer);
    if (found) return found;
  }
  return undefined;
}

// What an instance holds was made after it: no id below its own is inside.
function findBelow(instance: Instance, id: number, maps: MessageMap[], outer: HoleOf[]): Instance | undefined {
  return instance.id <= id ? find(instance, id, maps, outer) : undefined;
}
