/*
 * Frames from the client: browsers encode them, servers decode them. What a server gets is hostile until it is decoded:
 * decoding checks shape and limits, and revives nothing.
 */

import type { Json } from '../language/events.ts';
import { type AttributeTexts, type ClientFrame, type Have, protocolVersion } from './frames.ts';

/** Limits of decoding: how deep the data of an event may nest. */
export interface DecodeLimits {
  readonly maxDepth: number;
}

/** Encodes any frame of the client; browsers import only the functions that they need. */
export function encodeClientFrame(frame: ClientFrame): string {
  switch (frame.kind) {
    case 'hello':
      return encodeHello(frame.session, frame.version);
    case 'join':
      return encodeJoin(frame.channel, frame.route, frame.attributes, frame.have);
    case 'leave':
      return encodeLeave(frame.channel);
    case 'attribute':
      return encodeAttribute(frame.channel, frame.name, frame.text);
    case 'ack':
      return encodeAck(frame.channel, frame.version);
    case 'event':
      return encodeEvent(frame.channel, frame.version, frame.instance, frame.hole, frame.data);
  }
}

export function encodeHello(session: string | null, version = protocolVersion): string {
  return encode(0, 'hello', version, session);
}

export function encodeJoin(channel: number, route: string, attributes: AttributeTexts, have?: Have): string {
  return encode(channel, 'join', route, attributes, have);
}

export function encodeLeave(channel: number): string {
  return encode(channel, 'leave');
}

export function encodeAttribute(channel: number, name: string, text: string | null): string {
  return encode(channel, 'attribute', name, text);
}

export function encodeAck(channel: number, version: number): string {
  return encode(channel, version);
}

export function encodeEvent(channel: number, version: number, instance: number, hole: number, data?: Json): string {
  return encode(channel, version, instance, hole, data);
}

function encode(...values: unknown[]): string {
  return JSON.stringify(values.filter((value) => value !== undefined));
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
    return { kind, channel, version, session };
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
