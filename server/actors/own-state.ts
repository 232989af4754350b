/*
 * An island of one's own over a deploy: what it is, as one write when its server stops, and what a new actor takes up
 * of it. Nothing of this is kept while the island runs: it costs nothing until then. Input: a running actor. Output: a
 * write.
 */

import type { Snapshot } from 'xstate';
import type { Attributes } from '../../shared/language/attributes.ts';
import type { Gate } from '../../shared/runtime/place.ts';
import type { Runtime } from '../../shared/runtime/runtime.ts';
import { ContentDigest } from '../../shared/tree/content-digest.ts';
import type { ClientWrite } from '../store/store.ts';
import { listTimers, resumeTimers } from './durable-timers.ts';
import { contextOf, type Keeper, leaveOut, rememberMs } from './keeper.ts';
import type { OwnWrite } from './own-islands.ts';
import { isPlainJson } from './plain-json.ts';
import { type KeptInstances, type KeptRefusal, type KeptRendering, writeTimers } from './saved-state.ts';
import { nameOf } from './template-name.ts';

/** What of it its actor knows. */
export interface OwnState {
  readonly runtime: Runtime;
  readonly epoch: string;
  readonly version: number;
  readonly provided: ReadonlyMap<string, unknown> | undefined;
}

export interface OwnIsland extends OwnState {
  readonly attributes: Attributes;
  /** Up to where its page's events have an outcome, and which were refused that the page may not have heard of. */
  readonly client: string;
  readonly event: number;
  readonly refused: readonly KeptRefusal[];
}

/** What is written of an island; undefined: nothing is shown, or its model would not be the same after a restart. */
export function writeOwn(
  key: string,
  user: string | undefined,
  leftOut: readonly string[] | undefined,
  island: OwnIsland,
): OwnWrite | undefined {
  const { runtime, epoch, version, provided, attributes, client, event, refused } = island;
  const { rendering, component, clock } = runtime;
  const snapshot = runtime.toSnapshot();
  if (snapshot === undefined) return undefined;
  const kept = leaveOut(snapshot as Snapshot<unknown>, leftOut);
  if (!isPlainJson(contextOf(kept))) return undefined;
  const digest = new ContentDigest(rendering.table);
  digest.begin(rendering.content);
  const { timers } = runtime.names;
  const clients: ClientWrite[] = [{ client, event, endsInMs: rememberMs }];
  return {
    key,
    schema: component.schema ?? 0,
    ...(user !== undefined && { user }),
    model: { base: JSON.stringify(kept) },
    rendering: JSON.stringify({
      epoch,
      version,
      nextId: rendering.nextId,
      digest: digest.toText(),
      provided: provided && [...provided],
      refused: refused.length > 0 ? refused : undefined,
    } satisfies KeptRendering),
    instances: JSON.stringify({
      ids: rendering.toIds(),
      names: rendering.table.definitions.map(nameOf),
      attributes,
    } satisfies KeptInstances),
    timers: writeTimers(listTimers(timers, clock.now()), Date.now()),
    clients,
  };
}

/** How big a write is, about. */
export function sizeOf({ model, rendering = '', instances = '', timers = '' }: OwnWrite): number {
  const text = model && ('base' in model ? model.base : model.patch);
  return (text?.length ?? 0) + rendering.length + instances.length + timers.length;
}

/** Has an actor go on with its timers, and keeps nothing of it from then on. */
export function resumeOnly({ loaded }: Keeper): Gate | undefined {
  if (!loaded) return undefined;
  return {
    isRestored: true,
    begin: (names) => resumeTimers(names, loaded.timers),
    keep: () => false,
  };
}
