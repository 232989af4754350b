/*
 * The wire: every kind of frame in one place. Frames are JSON arrays in WebSocket text frames; the first element is
 * the channel, a number that the client gives to each island of its page (0 is the connection itself).
 * `client-frames.ts` and `server-frames.ts` encode and decode them; `docs/protocol.md` says the same in words.
 */

import type { Json } from '../language/events.ts';
import type { IdRuns, WireContent } from './content.ts';
import type { Define, Operation } from './patch.ts';

/** Raised when a change of the wire breaks older clients. */
export const protocolVersion = 3;

/** A client acknowledges what it got at least once in so many frames. */
export const framesPerAck = 32;

/**
 * What a client has of an island already. `digest` is that of server-rendered HTML, else absent. Of a predicted island
 * it has the model, and code of that name; an empty epoch: not even the model.
 */
export type Have = HaveOfTree | readonly [epoch: string, version: number, code: string];
export type HaveOfTree = readonly [epoch: string, version: number, templates: number, digest?: string];

/**
 * Where a view puts an instance: a signature of the literals on the way, and the steps from the root. A step is a hole,
 * and after the hole of a list the key of an item.
 */
export type Address = readonly [signature: number, ...steps: (string | number)[]];

/** The name of code that predicts where the app gives it none. */
export const anyCode = 'any';

/** Where an event happened in what a page has rendered by itself, and what its handler was told there. */
export interface PredictedPlace {
  readonly a: Address;
  /** What new names were made of. */
  readonly i?: string | undefined;
  /** When it happened, in milliseconds since 1970 by the server's clock. */
  readonly t?: number | undefined;
}

/** Attributes of an element, by name. */
export type AttributeTexts = { readonly [name: string]: string };

/** Frames from the client. */
export type ClientFrame =
  | {
      readonly kind: 'hello';
      readonly channel: 0;
      readonly session: string | null;
      /** Counts the hellos of a page: of two, the one with the lower number is of a connection that was given up. */
      readonly attempt: number;
    }
  /** Asks whether anybody is there. */
  | { readonly kind: 'probe'; readonly channel: 0 }
  | {
      readonly kind: 'join';
      readonly channel: number;
      readonly route: string;
      /** Null asks which attributes count; the answer is an `attributes` frame, and no island has been joined. */
      readonly attributes: AttributeTexts | null;
      /**
       * Number of the last event of this island that the page waits for no more: it was applied, refused or dropped.
       */
      readonly settled: number;
      readonly have: Have | undefined;
    }
  /** `remembers`: its events' numbers stay known, since somebody may still come back for what became of them. */
  | { readonly kind: 'leave'; readonly channel: number; readonly remembers?: true }
  | { readonly kind: 'attribute'; readonly channel: number; readonly name: string; readonly text: string | null }
  | { readonly kind: 'ack'; readonly channel: number; readonly version: number }
  | {
      readonly kind: 'event';
      readonly channel: number;
      /** Events are numbered by the page when they are first sent: each island's from 1 on, one after another. */
      readonly number: number;
      /** What instance and hole belong to. */
      readonly epoch: string;
      readonly version: number;
      readonly instance: number | PredictedPlace;
      readonly hole: number;
      readonly data: Json | undefined;
    }
  /** An event that has a number and lost its place: nothing is to be done for it. */
  | { readonly kind: 'void'; readonly channel: number; readonly number: number }
  /**
   * An instance could not be brought to this version, and is wanted whole; 0: all of the island, as HTML is made of it.
   * A text: the page has code of this name, and wants the model from now on; it has that of this version, 0: of none.
   */
  | { readonly kind: 'need'; readonly channel: number; readonly version: number; readonly instance: number | string };

/**
 * Frames from the server. A version is what the client has after it has carried out the operations of its frame; an
 * `event` is the number up to which all events of this client have an outcome; -1 after a join: nobody knows what
 * became of those that were sent before.
 */
export type ServerFrame =
  | {
      readonly kind: 'hello';
      readonly channel: 0;
      readonly session: string;
      /** Limits that a client should keep to. */
      readonly maxFrameBytes: number;
      readonly maxEventsPerSecond: number;
    }
  /** Answers a probe. */
  | { readonly kind: 'probe'; readonly channel: 0 }
  /** Answers a join without attributes: the names of those that count. */
  | { readonly kind: 'attributes'; readonly channel: number; readonly names: readonly string[] }
  | {
      readonly kind: 'live';
      readonly channel: number;
      readonly epoch: string;
      readonly version: number;
      readonly event: number;
      readonly operations: readonly Operation[];
    }
  | {
      readonly kind: 'mount';
      readonly channel: number;
      readonly epoch: string;
      readonly version: number;
      readonly event: number;
      readonly nextId: number;
      readonly ids: IdRuns;
      /** All templates; null: there are none. */
      readonly define: Define | null;
      readonly content: WireContent;
      /** To be carried out when the content is there. */
      readonly operations: readonly Operation[];
    }
  /** Answers who predicts: the model whole, which leads on as `live` does. */
  | {
      readonly kind: 'model';
      readonly channel: number;
      readonly epoch: string;
      readonly version: number;
      readonly event: number;
      readonly model: Json;
      readonly operations: readonly Operation[];
    }
  /** Answers a need: what the instance is at this version. */
  | {
      readonly kind: 'part';
      readonly channel: number;
      readonly version: number;
      readonly instance: number;
      /** Of the instance and of all that it holds. */
      readonly ids: IdRuns;
      readonly nextId: number;
      readonly content: WireContent;
    }
  /** Makes one version more if it holds any operation other than refusals. */
  | {
      readonly kind: 'patch';
      readonly channel: number;
      readonly operations: readonly Operation[];
      readonly event: number | undefined;
    }
  /** What people do in this island is not stored, since the store does not answer; or it is again. */
  | { readonly kind: 'saving'; readonly channel: number; readonly isSaving: boolean }
  | {
      readonly kind: 'error';
      readonly channel: number;
      readonly code: string;
      readonly message: string;
      /** Where the page may go instead: a path of this site. */
      readonly redirect?: string | undefined;
    };
