/*
 * The wire: every kind of frame in one place. Frames are JSON arrays in WebSocket text frames; the first element is
 * the channel, a number that the client gives to each island of its page (0 is the connection itself).
 * `docs/protocol.md` says the same in words. Decoding checks shape and limits, and revives nothing.
 */

import type { ErrorCode } from '../language/errors.ts';
import type { Json } from '../language/events.ts';
import type { Define, Operation, WireContent } from './patch.ts';

/** Raised when a change of the wire breaks older clients. */
export const protocolVersion = 1;

/** A client acknowledges what it got at least once in so many frames. */
export const framesPerAck = 32;

/** What a client has of an island already. `digest` is that of server-rendered HTML, else absent. */
export type Have = readonly [epoch: string, version: number, templates: number, digest?: string];

/** Frames from the client. Events are numbered by counting, from 1 on each channel of a session. */
export type ClientFrame =
  | { readonly kind: 'hello'; readonly version: number; readonly session: string | null }
  | {
      readonly kind: 'join';
      readonly channel: number;
      readonly route: string;
      readonly attributes: { readonly [name: string]: string };
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
  | { readonly kind: 'hello'; readonly session: string }
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
      readonly ids: readonly number[];
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
      readonly code: ErrorCode;
      readonly message: string;
      readonly event: number;
    }
  | { readonly kind: 'error'; readonly channel: number; readonly code: ErrorCode; readonly message: string };

/** Limits of decoding: how deep the data of an event may nest. */
export interface DecodeLimits {
  readonly maxDepth: number;
}

/** Encodes a frame of the client. */
export function encodeClientFrame(frame: ClientFrame): string {
  switch (frame.kind) {
    case 'hello':
      return JSON.stringify([0, 'hello', frame.version, frame.session]);
    case 'join':
      return JSON.stringify([
        frame.channel,
        'join',
        frame.route,
        frame.attributes,
        ...(frame.have ? [frame.have] : []),
      ]);
    case 'leave':
      return JSON.stringify([frame.channel, 'leave']);
    case 'attribute':
      return JSON.stringify([frame.channel, 'attribute', frame.name, frame.text]);
    case 'ack':
      return JSON.stringify([frame.channel, frame.version]);
    case 'event': {
      const { channel, version, instance, hole, data } = frame;
      return JSON.stringify(
        data === undefined ? [channel, version, instance, hole] : [channel, version, instance, hole, data],
      );
    }
  }
}

/** Encodes a frame of the server. */
export function encodeServerFrame(frame: ServerFrame): string {
  switch (frame.kind) {
    case 'hello':
      return JSON.stringify([0, 'hello', frame.session]);
    case 'live':
      return JSON.stringify([
        frame.channel,
        'live',
        frame.epoch,
        frame.version,
        frame.event,
        ...(frame.define ? [frame.define] : []),
      ]);
    case 'mount':
      return JSON.stringify([
        frame.channel,
        'mount',
        frame.epoch,
        frame.version,
        frame.event,
        frame.nextId,
        frame.ids,
        frame.define,
        frame.content,
      ]);
    case 'patch':
      return encodePatchFrame(frame.channel, encodeOperations(frame.operations), frame.event);
    case 'refused':
      return JSON.stringify([frame.channel, 'refused', frame.code, frame.message, frame.event]);
    case 'error':
      return JSON.stringify([frame.channel, 'error', frame.code, frame.message]);
  }
}

/**
 * Encodes operations once for everybody who looks: what differs from one client to the next (channel, number of the
 * last event) stands around this text.
 */
export function encodeOperations(operations: readonly Operation[]): string {
  return JSON.stringify(operations).slice(1, -1);
}

/** Encodes a patch frame; without operations it only says which event was applied last. */
export function encodePatchFrame(channel: number, operations: string, event: number | undefined): string {
  const body = operations === '' ? '' : `,${operations}`;
  return event === undefined ? `[${channel}${body}]` : `[${channel}${body},${event}]`;
}

/** Decodes what came from a client; null when it is not a frame, `'deep'` when its data nests too deep. */
export function decodeClientFrame(text: string, limits: DecodeLimits): ClientFrame | null | 'deep' {
  const frame = parse(text);
  if (!Array.isArray(frame) || !isCount(frame[0])) return null;
  const [channel, kind] = frame as [number, unknown];
  if (channel === 0) {
    const [, , version, session] = frame;
    if (kind !== 'hello' || frame.length > 4 || !isCount(version) || !(session === null || isShortText(session)))
      return null;
    return { kind, version, session };
  }
  if (channel > maxChannel) return null;
  if (isCount(kind)) {
    if (frame.length === 2) return { kind: 'ack', channel, version: kind };
    const [, , instance, hole, data] = frame;
    if (frame.length > 5 || frame.length < 4 || !isCount(instance) || !isCount(hole)) return null;
    if (data !== null && typeof data === 'object' && isDeeper(data, limits.maxDepth)) return 'deep';
    return { kind: 'event', channel, version: kind, instance, hole, data: data as Json | undefined };
  }
  switch (kind) {
    case 'join': {
      const [, , route, attributes, have] = frame;
      if (frame.length > 5 || typeof route !== 'string' || !isTextRecord(attributes)) return null;
      if (have !== undefined && !isHave(have)) return null;
      return { kind, channel, route, attributes, have };
    }
    case 'leave':
      return frame.length === 2 ? { kind, channel } : null;
    case 'attribute': {
      const [, , name, value] = frame;
      if (frame.length !== 4 || typeof name !== 'string' || !(value === null || typeof value === 'string')) return null;
      return { kind, channel, name, text: value };
    }
    default:
      return null;
  }
}

const maxChannel = 65_535;

/** Decodes what came from a server, for clients other than the element and for tests; null when it is not a frame. */
export function decodeServerFrame(text: string): ServerFrame | null {
  const frame = parse(text);
  if (!Array.isArray(frame) || !isCount(frame[0])) return null;
  const [channel, kind, ...rest] = frame as [number, unknown, ...never[]];
  switch (kind) {
    case 'hello':
      return { kind, session: rest[0] as unknown as string };
    case 'live': {
      const [epoch, version, event, define] = rest as unknown as [string, number, number, Define?];
      return { kind, channel, epoch, version, event, define };
    }
    case 'mount': {
      const [epoch, version, event, nextId, ids, define, content] = rest;
      return { kind, channel, epoch, version, event, nextId, ids, define, content } as unknown as ServerFrame;
    }
    case 'refused':
    case 'error': {
      const [code, message, event] = rest as unknown as [ErrorCode, string, number];
      return kind === 'error' ? { kind, channel, code, message } : { kind, channel, code, message, event };
    }
    default: {
      const operations = frame.slice(1);
      const event = typeof operations.at(-1) === 'number' ? (operations.pop() as number) : undefined;
      if (!operations.every(Array.isArray)) return null;
      return { kind: 'patch', channel, operations: operations as unknown as Operation[], event };
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64;
}

function isTextRecord(value: unknown): value is { [name: string]: string } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function isHave(value: unknown): value is Have {
  if (!Array.isArray(value) || value.length < 3 || value.length > 4) return false;
  const [epoch, version, templates, digest] = value;
  return isShortText(epoch) && isCount(version) && isCount(templates) && (digest === undefined || isShortText(digest));
}

function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const inner of Object.values(value)) {
    if (inner !== null && typeof inner === 'object' && isDeeper(inner, depth - 1)) return true;
  }
  return false;
}
