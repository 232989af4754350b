/*
 * What is kept in the browser of islands that are predicted offline, and within which limits. Types and numbers alone:
 * `kept-store.ts` has them in IndexedDB.
 */

import type { Json } from '../../../shared/language/events.ts';
import type { PredictedPlace } from '../../../shared/wire/frames.ts';
import type { What } from '../../element/outbox.ts';
import type { Who } from '../sender.ts';

/** How `predict` is told what may be kept. */
export interface OfflineLimits {
  /** What is older is not done any more, and told. In milliseconds; default 12 hours, at most 23. */
  readonly maxAgeMs?: number;
  /** How much is kept of one island in one page, its model besides: in characters. Default 1,000,000. */
  readonly maxLength?: number;
}

/** What one page has done in one island. Its name is a secret of the browser: with it numbers are found. */
export interface StreamRecord {
  readonly id: string;
  /** The page, which has a lock of this name for as long as it lives. */
  page: string;
  readonly route: string;
  /** Whose page it was. */
  person: string;
  /** By which code the messages were made. */
  readonly code: string;
  /** Where its socket is, what the server knew it by, and how many hellos it had said. */
  path: string;
  session: string | null;
  attempt: number;
  channel: number;
  /** Number of the last event that was sent. */
  last: number;
  /** As whom its handlers were called. */
  who: Who | undefined;
  readonly at: number;
}

export interface EventRecord {
  readonly stream: string;
  /** Its place among those of its stream. */
  readonly order: number;
  /** Undefined: it was never sent. Nothing is sent under a number that is not kept. */
  number: number | undefined;
  /** Since when it may have been sent. */
  sentAt: number | undefined;
  readonly place: PredictedPlace | undefined;
  readonly hole: number;
  readonly data: Json | undefined;
  what: What;
}

/** What the server had when that was last kept. */
export interface ModelRecord {
  /** Person and route. */
  readonly id: string;
  readonly epoch: string;
  readonly version: number;
  /** The model as JSON. */
  readonly model: string;
  readonly at: number;
}

export const defaultAgeMs = 12 * 3_600_000;
export const defaultLength = 1_000_000;
/** What another person has left is thrown away after this. */
export const strangeAgeMs = 7 * 24 * 3_600_000;
/** The latest models that are kept. */
export const maxModels = 20;

export function modelId(person: string, route: string): string {
  return `${person} ${route}`;
}
