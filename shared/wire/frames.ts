/*
 * The wire: every kind of frame in one place. Frames are JSON arrays in WebSocket text frames; the first element is
 * the channel, a number that the client gives to each island of its page (0 is the connection itself).
 * `client-frames.ts` and `server-frames.ts` encode and decode them; `docs/protocol.md` says the same in words.
 */

import type { Json } from '../language/events.ts';
import type { IdRuns, WireContent } from './content.ts';
import type { Define, Operation } from './patch.ts';

/** Raised when a change of the wire breaks older clients. */
export const protocolVersion = 1;

/** A client acknowledges what it got at least once in so many frames. */
export const framesPerAck = 32;

/** What a client has of an island already. `digest` is that of server-rendered HTML, else absent. */
export type Have = readonly [epoch: string, version: number, templates: number, digest?: string];

/** Attributes of an element, by name. */
export type AttributeTexts = { readonly [name: string]: string };

/** Frames from the client. Events are numbered by counting, from 1 on each channel of a session. */
export type ClientFrame =
  | { readonly kind: 'hello'; readonly channel: 0; readonly version: number; readonly session: string | null }
  | {
      readonly kind: 'join';
      readonly channel: number;
      readonly route: string;
      readonly attributes: AttributeTexts;
      readonly have: Have | undefined;
    }
  | { readonly kind: 'leave'; readonly channel: number }
  | { readonly kind: 'attribute'; readonly channel: number; readonly name: string; readonly text: string | null }
  | { readonly kind: 'ack'; readonly channel: number; readonly version: number }
  | {
      readonly kind: 'event';
      readonly channel: number;
      readonly version: number;
      readonly instance: number;
      readonly hole: number;
      readonly data: Json | undefined;
    };

/** Frames from the server. `event` is the number of the last event of this client that was applied. */
export type ServerFrame =
  | { readonly kind: 'hello'; readonly channel: 0; readonly session: string }
  | {
      readonly kind: 'live';
      readonly channel: number;
      readonly epoch: string;
      readonly version: number;
      readonly event: number;
      readonly define: Define | undefined;
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
    }
  | {
      readonly kind: 'patch';
      readonly channel: number;
      readonly operations: readonly Operation[];
      readonly event: number | undefined;
    }
  | {
      readonly kind: 'refused';
      readonly channel: number;
      readonly code: string;
      readonly message: string;
      readonly event: number;
    }
  | { readonly kind: 'error'; readonly channel: number; readonly code: string; readonly message: string };
