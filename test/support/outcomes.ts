// What a client was told of its events. Input: a client of the wire. Output: up to which number its events have an
// outcome, and which of them were refused.

import { carryOut, type Operation } from '../../shared/wire/patch.ts';
import type { TestClient } from './client.ts';

export interface Refusal {
  readonly event: number;
  readonly code: string;
}

/** What pages were told of each event that was refused. */
export function reasonsTold({ frames }: TestClient): readonly string[] {
  return frames.flatMap((frame) =>
    'operations' in frame
      ? frame.operations.flatMap((each) => carryOut<string>(each, { refused: (_, _code, message) => message }) ?? [])
      : [],
  );
}

/** Number up to which all events of an island have an outcome. */
export function settledBy({ frames }: TestClient, channel = 1): number {
  const numbers = frames.map((frame) => (frame.channel === channel && 'event' in frame ? (frame.event ?? 0) : 0));
  return Math.max(0, ...numbers);
}

/** Events of an island that were refused, each as often as it was told. */
export function refusedTo({ frames }: TestClient, channel = 1): readonly Refusal[] {
  return frames
    .filter((frame) => frame.channel === channel)
    .flatMap((frame) => ('operations' in frame ? refusalsIn(frame.operations) : []));
}

/** Resolves when an event, and all before it, have an outcome. */
export async function outcomeOf(client: TestClient, event: number): Promise<void> {
  await client.until(() => settledBy(client) >= event);
}

/** Resolves when an event was refused, to the code. */
export async function refusalOf(client: TestClient, event: number): Promise<string | undefined> {
  const find = (): Refusal | undefined => refusedTo(client).find((refusal) => refusal.event === event);
  await client.until(() => find() !== undefined || settledBy(client) >= event);
  return find()?.code;
}

export function refusalsIn(operations: readonly Operation[]): Refusal[] {
  return operations.flatMap(
    (operation) => carryOut<Refusal>(operation, { refused: (event, code) => ({ event, code }) }) ?? [],
  );
}
