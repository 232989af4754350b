/*
 * Has a tree that was made anew go on as an earlier one, which pages still show: its instances get the ids that they
 * have there. Input: a first rendering, and what is known of the earlier one. Output: the rendering, changed in place.
 */

import { decodeIdsReversed, type IdRuns } from '../wire/content.ts';
import { ContentDigest } from './content-digest.ts';
import type { Rendering } from './rendering.ts';
import { forEachInstance, type Instance } from './tree.ts';

/**
 * Takes up ids. All templates of the rendering's table count as known to those who have the ids.
 *
 * @param ids In document order.
 * @param nextId The next one of a new instance.
 * @returns false, and has changed nothing, if there are more or fewer ids than instances.
 */
export function takeUpIds(rendering: Rendering, ids: IdRuns, nextId: number): boolean {
  const instances = instancesOf(rendering);
  const given = decodeIdsReversed(ids).reverse();
  if (given.length !== instances.length) return false;
  assign(rendering, instances, given, nextId);
  return true;
}

/** Gives all instances new ids, from `nextId` on: nobody has this tree, but others of before it. */
export function renumber(rendering: Rendering, nextId: number): void {
  const instances = instancesOf(rendering);
  const given = instances.map((_, at) => nextId + at);
  assign(rendering, instances, given, nextId + given.length);
}

/** Keeps a digest of a rendering from now on. */
export function beginDigest(rendering: Rendering): ContentDigest {
  const digest = new ContentDigest(rendering.table);
  digest.begin(rendering.content);
  digest.beside = rendering.drawn;
  rendering.digest = rendering.kept = digest;
  return digest;
}

function instancesOf({ content }: Rendering): Instance[] {
  const instances: Instance[] = [];
  forEachInstance(content, (instance) => void instances.push(instance));
  return instances;
}

function assign(rendering: Rendering, instances: readonly Instance[], ids: readonly number[], nextId: number): void {
  // here alone: no id changes once somebody knows it
  for (const [at, instance] of instances.entries()) Object.assign(instance, { id: ids[at] });
  rendering.byId.renew(instances.slice(1));
  rendering.nextId = nextId;
  rendering.announced = rendering.table.definitions.length;
  // nobody has asked for it under its new numbers yet
  rendering.table.renewed = Number.POSITIVE_INFINITY;
  rendering.keep();
}
