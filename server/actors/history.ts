/*
 * What an actor has sent lately, for clients that have an earlier version: one patch from there to the present.
 * Bounded in bytes. Where an operation came to nothing, as a later one set the same hole, it is forgotten: so of a
 * counter there is one operation to keep, however often it changed.
 */

import { mayHoldInstances } from '../../shared/wire/content.ts';
import { carryOut, type Operation, type OperationHandler } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';

// What a patch takes in memory besides its characters.
const overhead = 40;
// Fewer patches than this fill the limit only if they are big: a mount costs hardly more than putting them together.
const minToCompact = 64;
// How often patches are dropped unread after there was little in them to forget: rows that change at random would have
// each of them read again and again, for little more than a mount now and then.
const maxPatience = 8;
// More holes than a template literal can have, for one number that says instance and hole.
const maxHoles = 2 ** 20;

export class History {
  private readonly maxBytes: number;
  /** What is known leads from this version to the newest. */
  private oldest: number;
  private newest: number;
  private patches: string[] = [];
  /** Versions that the patches lead to. Others may have none: nothing of them is left. */
  private versions: number[] = [];
  /** Between these versions nothing is known: one patch leads over them. */
  private leaped: { readonly from: number; readonly to: number } | undefined;
  /** About what it takes in memory. */
  bytes = 0;
  private patience = 0;

  /** @param version That of an actor before its first patch. */
  constructor(maxBytes: number, version: number) {
    this.maxBytes = maxBytes;
    this.oldest = version;
    this.newest = version;
  }

  /** Adds the patch that leads to the next version, as `encodeOperations` writes it. */
  add(patch: string): void {
    this.push(++this.newest, patch);
    if (this.bytes <= this.maxBytes) return;
    if (this.patches.length >= minToCompact && this.patience-- <= 0) this.compact();
    // half of it at once: dropping one at each patch would move all the others each time
    let count = 0;
    for (; this.bytes > this.maxBytes / 2; count++) this.bytes -= sizeOf(this.patches[count] as string);
    if (count === 0) return;
    this.oldest = this.versions[count - 1] as number;
    this.patches.splice(0, count);
    this.versions.splice(0, count);
  }

  /** Adds a patch that leads over several versions; what was before is forgotten. */
  leap(version: number, patch: string): void {
    this.oldest = this.newest;
    this.leaped = { from: this.newest, to: version };
    this.newest = version;
    this.patches = [];
    this.versions = [];
    this.bytes = 0;
    this.push(version, patch);
  }

  /** Forgets what leads to a version that everybody has. */
  forget(version: number): void {
    if (version <= this.oldest) return;
    this.oldest = Math.min(version, this.newest);
    const { patches, versions } = this;
    // the one patch that a page of its own acknowledges with each event
    if (versions.length === 1 && (versions[0] as number) <= version) {
      this.bytes -= sizeOf(patches.pop() as string);
      versions.pop();
      return;
    }
    let count = 0;
    for (; count < versions.length && (versions[count] as number) <= version; count++) {
      this.bytes -= sizeOf(patches[count] as string);
    }
    if (count === versions.length) {
      patches.length = 0;
      versions.length = 0;
    } else if (count > 0) {
      patches.splice(0, count);
      versions.splice(0, count);
    }
  }

  /** The patch that leads from a version to the newest; undefined if that is not known. */
  since(version: number): string | undefined {
    if (version < this.oldest || version > this.newest) return undefined;
    if (this.leaped && version > this.leaped.from && version < this.leaped.to) return undefined;
    const index = this.versions.findIndex((each) => each > version);
    const missing = index < 0 ? [] : this.patches.slice(index);
    return missing.length < 2 ? (missing[0] ?? '') : encodeOperations(withoutSuperseded(decode(missing)).flat());
  }

  private push(version: number, patch: string): void {
    this.patches.push(patch);
    this.versions.push(version);
    this.bytes += sizeOf(patch);
  }

  private compact(): void {
    const { patches, versions, bytes } = this;
    const all = decode(patches);
    const kept = withoutSuperseded(all);
    this.patches = [];
    this.versions = [];
    this.bytes = 0;
    kept.forEach((operations, index) => {
      if (operations.length === 0) return;
      const isWhole = operations.length === all[index]?.length;
      this.push(versions[index] as number, isWhole ? (patches[index] as string) : encodeOperations(operations));
    });
    this.patience = this.bytes > bytes / 2 ? maxPatience : 0;
  }
}

/**
 * Leaves out what comes to nothing when all the patches are applied: values of holes that are set again, or whose
 * instances are taken out of their list, and provided values that are provided again. New instances are never left
 * out: both sides count them.
 */
function withoutSuperseded(patches: readonly (readonly Operation[])[]): Operation[][] {
  const seen = new Set<number | string>();
  const removed = new Set<number>();
  const isFirstSeen = (key: number | string): boolean => {
    const isLast = !seen.has(key);
    if (isLast) seen.add(key);
    return isLast;
  };
  const isNeeded: OperationHandler<boolean> = {
    set: (instance, hole, value) =>
      (!removed.has(instance) && (isFirstSeen(instance * maxHoles + hole) || isChange(value))) ||
      mayHoldInstances(value),
    provide: (key) => isFirstSeen(key),
    list(_instance, _hole, gone) {
      for (const id of gone) removed.add(id);
      return true;
    },
  };
  // from the last operation to the first
  const kept: Operation[][] = patches.map(() => []);
  for (let index = patches.length - 1; index >= 0; index--) {
    const operations = patches[index] as readonly Operation[];
    const needed = operations.toReversed().filter((operation) => carryOut(operation, isNeeded) ?? true);
    kept[index] = needed.length > 1 ? needed.reverse() : needed;
  }
  return kept;
}

/**
 * Whether it says what changed, and not what there is: of attributes from an object. (Some properties look the same.)
 */
function isChange(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decode(patches: readonly string[]): Operation[][] {
  return JSON.parse(`[[${patches.join('],[')}]]`);
}

function sizeOf(patch: string): number {
  return patch.length + overhead;
}
