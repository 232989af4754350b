/*
 * An actor over a deploy: what it is, as one write when its server stops, and what a new actor takes up of it. So are
 * islands of one's own kept, and while an app is written shared actors too. Nothing of this is kept while the actor
 * runs: it costs nothing until then. Input: a running actor. Output: a write.
 */

import type { Snapshot } from 'xstate';
import type { Attributes } from '../../shared/language/attributes.ts';
import type { Gate } from '../../shared/runtime/place.ts';
import type { Runtime } from '../../shared/runtime/runtime.ts';
import { ContentDigest } from '../../shared/tree/content-digest.ts';
import { rememberMs } from '../../shared/wire/remembered.ts';
import type { ClientWrite } from '../store/store.ts';
import { listTimers, resumeTimers } from './durable-timers.ts';
import { contextOf, type Keeper, leaveOut, presenceOf } from './keeper.ts';
import type { OwnWrite } from './own-islands.ts';
import { isPlainJson } from './plain-json.ts';
import { type KeptInstances, type KeptRefusal, writeRendering, writeTimers } from './saved-state.ts';
import { nameOf } from './template-name.ts';

/** What of it its actor knows. */
export interface LeftState {
  readonly runtime: Runtime;
  readonly epoch: string;
  readonly version: number;
  /** By the clock of its timers. */
  readonly timeOfDay: number;
  readonly provided: ReadonlyMap<string, unknown> | undefined;
  /** Its component is told who looks. */
  readonly countsVisits: boolean;
}

/** What its pages' events have come to. */
export interface LeftClient {
  /** Names the island in a store. */
  readonly name: string;
  /** Whose it is, as components know it. */
  readonly id: string;
  /** Up to where its events have an outcome, and which were refused that the page may not have heard of. */
  readonly event: number;
  readonly refused: readonly KeptRefusal[];
}

/**
 * What is written of an actor; undefined: nothing is shown, or its model would not be the same after a restart.
 *
 * @param attributes Of an island of one's own: those that its element has.
 */
export function writeLeft(
  key: string,
  user: string | undefined,
  leftOut: readonly string[] | undefined,
  left: LeftState,
  clients: readonly LeftClient[],
  attributes?: Attributes,
): OwnWrite | undefined {
  const { runtime, epoch, version, timeOfDay, provided, countsVisits } = left;
  const refused = clients.flatMap((each) => each.refused);
  const { rendering, component, clock } = runtime;
  const snapshot = runtime.toSnapshot();
  if (snapshot === undefined) return undefined;
  const kept = leaveOut(snapshot as Snapshot<unknown>, leftOut);
  if (!isPlainJson(contextOf(kept))) return undefined;
  const digest = new ContentDigest(rendering.table);
  digest.begin(rendering.content);
  const { timers } = runtime.names;
  return {
    key,
    schema: component.schema ?? 0,
    ...(user !== undefined && { user }),
    model: { base: JSON.stringify(kept) },
    rendering: writeRendering({
      epoch,
      version,
      nextId: rendering.nextId,
      digest: digest.toText(),
      last: undefined,
      lastClient: undefined,
      term: undefined,
      provided: provided && [...provided],
      refused: refused.length > 0 ? refused : undefined,
    }),
    instances: JSON.stringify({
      ids: rendering.toIds(),
      names: rendering.table.definitions.map(nameOf),
      attributes,
    } satisfies KeptInstances),
    timers: writeTimers(listTimers(timers, clock.now()), timeOfDay),
    clients: clients.flatMap((each) => toWrites(each, countsVisits)),
  };
}

function toWrites({ name, id, event }: LeftClient, countsVisits: boolean): ClientWrite[] {
  const write = { client: name, event, endsInMs: rememberMs };
  return countsVisits ? [write, { client: presenceOf(name, id), event: 1, endsInMs: rememberMs }] : [write];
}

/** How big a write is, about. */
export function sizeOf({ model, rendering = '', instances = '', timers = '' }: OwnWrite): number {
  const text = model && ('base' in model ? model.base : model.patch);
  return (text?.length ?? 0) + rendering.length + instances.length + timers.length;
}

/** Has an actor go on with its timers, and keeps nothing of it from then on. */
export function resumeOnly(keeper: Keeper): Gate | undefined {
  const { loaded } = keeper;
  if (!loaded) return undefined;
  return {
    isRestored: true,
    explain: (error) => keeper.explain(error),
    begin: (names) => resumeTimers(names, loaded.timers),
    keep: () => false,
  };
}
