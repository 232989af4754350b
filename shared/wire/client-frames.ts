/*
 * Frames from the client: browsers encode them, servers decode them. What a server gets is hostile until it is decoded:
 * decoding checks shape and limits, and revives nothing.
 */

import type { Json } from '../language/events.ts';
import { type AttributeTexts, type ClientFrame, type Have, type PredictedPlace, protocolVersion } from './frames.ts';

/** Limits of decoding: how deep the data of an event may nest. */
export interface DecodeLimits {
  readonly maxDepth: number;
}

/** Encodes any frame of the client; browsers import only the functions that they need. */
export function encodeClientFrame(frame: ClientFrame): string {
  const { channel } = frame;
  switch (frame.kind) {
    case 'hello':
      return encodeHello(frame.session, frame.attempt);
    case 'probe':
      return encodeProbe();
    case 'join':
      return encodeJoin(channel, frame.route, frame.attributes, frame.settled, frame.have);
    case 'leave':
      return encodeLeave(channel, frame.remembers);
    case 'attribute':
      return encodeAttribute(channel, frame.name, frame.text);
    case 'ack':
      return encodeAck(channel, frame.version);
    case 'event': {
      const { number, epoch, version, instance, hole, data } = frame;
      return encodeEvent(channel, number, epoch, version, instance, hole, data);
    }
    case 'void':
      return encodeVoid(channel, frame.number);
    case 'need':
      return encodeNeed(channel, frame.version, frame.instance);
  }
}

export function encodeHello(session: string | null, attempt: number): string {
  return encode(0, 'hello', protocolVersion, session, attempt);
}

export function encodeProbe(): string {
  return encode(0, 'probe');
}

export const encodeJoin: (
  channel: number,
  route: string,
  attributes: AttributeTexts | null,
  settled: number,
  have?: Have,
) => string = /* @__PURE__ */ encoderOf('join');

export function encodeLeave(channel: number, remembers?: boolean): string {
  return encode(channel, 'leave', remembers ? 1 : undefined);
}

export const encodeAttribute: (channel: number, name: string, text: string | null) => string =
  /* @__PURE__ */ encoderOf('attribute');

export const encodeAck: (channel: number, version: number) => string = encode;

export const encodeEvent: (
  channel: number,
  number: number,
  epoch: string,
  version: number,
  instance: number | PredictedPlace,
  hole: number,
  data?: Json,
) => string = encode;

export const encodeVoid: (channel: number, number: number) => string = /* @__PURE__ */ encoderOf('void');

export const encodeNeed: (channel: number, version: number, instance: number | string) => string =
  /* @__PURE__ */ encoderOf('need');

function encoderOf(kind: string): (channel: number, ...values: unknown[]) => string {
  return (channel, ...values) => encode(channel, kind, ...values);
}

// What is undefined stands at the end, and is left out.
function encode(...values: unknown[]): string {
  return JSON.stringify(values.filter((value) => value !== undefined));
}

/**
 * Decodes what came from a client; null when it is not a frame, `'deep'` when its data nests too deep, `'version'` when
 * it is the hello of another version.
 */
export function decodeClientFrame(text: string, limits: DecodeLimits): ClientFrame | null | 'deep' | 'version' {
  return decodePlainEvent(text) ?? decodeAny(text, limits);
}

/**
 * Reads an event without data, `[channel,number,"epoch",version,instance,hole]`, as pages write it: nearly all frames
 * are such, and the JSON parser takes several times as long. Undefined for anything else, which that parser then reads.
 */
export function decodePlainEvent(text: string): Extract<ClientFrame, { kind: 'event' }> | undefined {
  if (text.length > maxPlainLength || text.charCodeAt(0) !== bracket) return undefined;
  cursor = 1;
  const channel = readCount(text, comma);
  const number = readCount(text, comma);
  const epoch = readWord(text);
  const version = readCount(text, comma);
  const instance = readCount(text, comma);
  const hole = readCount(text, bracketEnd);
  const isRead = number >= 0 && version >= 0 && instance >= 0 && hole >= 0 && cursor === text.length;
  if (!isRead || channel < 1 || channel > maxChannel || epoch.length === 0 || epoch.length > maxShortText)
    return undefined;
  return { kind: 'event', channel, number, epoch, version, instance, hole, data: undefined };
}

const maxPlainLength = 160;
/** More digits than this may not be exact. */
const maxDigits = 15;
const bracket = 0x5b;
const bracketEnd = 0x5d;
const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;

/** Where the text that is being decoded is read on. */
let cursor = 0;

/** Reads a whole number and what stands behind it; -1 if there is none as JSON writes it, or something else follows. */
function readCount(text: string, end: number): number {
  const start = cursor;
  let value = 0;
  let code = text.charCodeAt(cursor);
  for (; code >= zero && code <= zero + 9; code = text.charCodeAt(++cursor)) value = value * 10 + code - zero;
  const digits = cursor - start;
  if (digits === 0 || digits > maxDigits || code !== end) return -1;
  if (digits > 1 && text.charCodeAt(start) === zero) return -1;
  cursor++;
  return value;
}

/** Reads a text of letters and digits, and the comma behind it; empty if there is no such text. */
function readWord(text: string): string {
  if (text.charCodeAt(cursor) !== quote) return '';
  const start = ++cursor;
  while (isPlain(text.charCodeAt(cursor))) cursor++;
  const word = text.slice(start, cursor);
  const isEnd = text.charCodeAt(cursor) === quote && text.charCodeAt(cursor + 1) === comma;
  cursor += 2;
  return isEnd ? word : '';
}

/** Whether a character stands for itself in any JSON text: a letter or a digit. */
function isPlain(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= zero && code <= zero + 9) || (code >= 0x41 && code <= 0x5a);
}

/** Decodes any frame. */
export function decodeAny(text: string, limits: DecodeLimits): ClientFrame | null | 'deep' | 'version' {
  const frame = parse(text);
  if (!Array.isArray(frame) || !isCount(frame[0]) || frame[0] > maxChannel) return null;
  const [channel, kind] = frame as [number, unknown];
  if (channel === 0) return decodeOwn(frame);
  if (isCount(kind)) return decodeNumbered(channel, kind, frame, limits);
  const [, , first, second, third, have] = frame;
  switch (kind) {
    case 'join': {
      if (frame.length < 5 || frame.length > 6 || typeof first !== 'string' || !isCount(third)) return null;
      if (!(second === null || isTextRecord(second)) || !(have === undefined || isHave(have))) return null;
      return { kind, channel, route: first, attributes: second, settled: third, have };
    }
    case 'leave':
      if (frame.length === 3 && first === 1) return { kind, channel, remembers: true };
      return frame.length === 2 ? { kind, channel } : null;
    case 'attribute':
      if (frame.length !== 4 || typeof first !== 'string') return null;
      return second === null || typeof second === 'string' ? { kind, channel, name: first, text: second } : null;
    case 'void':
      return frame.length === 3 && isCount(first) ? { kind, channel, number: first } : null;
    case 'need':
      if (frame.length !== 4 || !isCount(first) || !(isCount(second) || isShortText(second))) return null;
      return { kind, channel, version: first, instance: second };
    default:
      return null;
  }
}

/** What the connection itself says. */
function decodeOwn(frame: readonly unknown[]): ClientFrame | null | 'version' {
  const [, kind, version, session, attempt] = frame;
  if (kind === 'probe') return frame.length === 2 ? { kind, channel: 0 } : null;
  if (kind !== 'hello' || !isCount(version)) return null;
  // whatever another version says besides: its page is to hear that it is another
  if (version !== protocolVersion) return 'version';
  if (frame.length !== 5 || !(session === null || isShortText(session)) || !isCount(attempt)) return null;
  return { kind, channel: 0, session, attempt };
}

/** Events and acknowledgements have a number where other frames have a word for their kind. */
function decodeNumbered(
  channel: number,
  number: number,
  frame: readonly unknown[],
  limits: DecodeLimits,
): ClientFrame | null | 'deep' {
  if (frame.length === 2) return { kind: 'ack', channel, version: number };
  const [, , epoch, version, instance, hole, data] = frame;
  if (frame.length > 7 || !isShortText(epoch) || !isCount(version) || !isCount(hole)) return null;
  if (!isCount(instance) && !isPlace(instance)) return null;
  if (data !== null && typeof data === 'object' && isDeeper(data, limits.maxDepth)) return 'deep';
  return { kind: 'event', channel, number, epoch, version, instance, hole, data: data as Json | undefined };
}

const maxChannel = 65_535;
const maxShortText = 64;

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
  return typeof value === 'string' && value.length <= maxShortText;
}

function isTextRecord(value: unknown): value is { [name: string]: string } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function isHave(value: unknown): value is Have {
  if (!Array.isArray(value) || value.length < 3 || value.length > 4) return false;
  const [epoch, version, templates, digest] = value;
  if (!isShortText(epoch) || !isCount(version)) return false;
  if (isShortText(templates)) return value.length === 3;
  return isCount(templates) && (digest === undefined || isShortText(digest));
}

/** More steps than any view takes. */
const maxSteps = 64;

/** Whether a value says a place in a view, as pages that predict do. */
export function isPlace(value: unknown): value is PredictedPlace {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const { a: address, i: seed, t: time, ...others } = value as { readonly [name: string]: unknown };
  if (Object.keys(others).length > 0 || !Array.isArray(address) || address.length > maxSteps) return false;
  if (!(seed === undefined || (typeof seed === 'string' && /^\w{1,24}$/.test(seed)))) return false;
  if (!(time === undefined || isCount(time))) return false;
  return isCount(address[0]) && address.every((step) => typeof step === 'string' || Number.isFinite(step));
}

function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const inner of Object.values(value)) {
    if (inner !== null && typeof inner === 'object' && isDeeper(inner, depth - 1)) return true;
  }
  return false;
}
