/*
 * Frames from the server: servers encode them, browsers read them. A browser trusts its server: what is read is not
 * looked at further.
 */

import type { Json } from '../language/events.ts';
import type { IdRuns, WireContent } from './content.ts';
import type { ServerFrame } from './frames.ts';
import { type Define, isSetHole, type Operation } from './patch.ts';

/**
 * Encodes a frame of the server.
 *
 * @param more Operations that follow those of a `live`, `model` or `mount`, as `encodeOperations` gives them.
 */
export function encodeServerFrame(frame: ServerFrame, more = ''): string {
  const { channel } = frame;
  switch (frame.kind) {
    case 'hello':
      return JSON.stringify([0, 'hello', frame.session, frame.maxFrameBytes, frame.maxEventsPerSecond]);
    case 'probe':
      return '[0,"probe"]';
    case 'attributes':
      return JSON.stringify([channel, 'attributes', frame.names]);
    case 'live': {
      const { epoch, version, event, operations } = frame;
      return withMore(JSON.stringify([channel, 'live', epoch, version, event, ...operations]), more);
    }
    case 'model': {
      const { epoch, version, event, model, operations } = frame;
      return withMore(JSON.stringify([channel, 'model', epoch, version, event, model, ...operations]), more);
    }
    case 'mount': {
      const { epoch, version, event, nextId, ids, define, content, operations } = frame;
      const fields = [channel, 'mount', epoch, version, event, nextId, ids, define, content, ...operations];
      return withMore(JSON.stringify(fields), more);
    }
    case 'part': {
      const { version, instance, ids, nextId, content } = frame;
      return JSON.stringify([channel, 'part', version, instance, ids, nextId, content]);
    }
    case 'patch':
      return encodePatchFrame(channel, encodeOperations(frame.operations), frame.event);
    case 'saving':
      return JSON.stringify([channel, 'saving', frame.isSaving]);
    case 'error':
      return JSON.stringify([channel, 'error', frame.code, frame.message, ...(frame.redirect ? [frame.redirect] : [])]);
  }
}

function withMore(frame: string, more: string): string {
  return more === '' ? frame : `${frame.slice(0, -1)},${more}]`;
}

/**
 * Encodes operations once for everybody who looks: what differs from one client to the next (channel, refusals, number
 * of the last event) stands around this text.
 */
export function encodeOperations(operations: readonly Operation[]): string {
  const [only] = operations;
  // the commonest patch of all, a number in a hole, needs no general encoder
  if (only && operations.length === 1 && isSetHole(only)) {
    const [instance, hole, value] = only;
    if (Number.isSafeInteger(value)) return `[${instance},${hole},${value}]`;
  }
  return JSON.stringify(operations).slice(1, -1);
}

/** Puts operations behind others, as `encodeOperations` gives them. */
export function joinOperations(before: string, after: string): string {
  return before && after ? `${before},${after}` : before || after;
}

/** Encodes a patch frame; without operations it only says up to which number events have an outcome. */
export function encodePatchFrame(channel: number, operations: string, event: number | undefined): string {
  const body = operations === '' ? '' : `,${operations}`;
  return event === undefined ? `[${channel}${body}]` : `[${channel}${body},${event}]`;
}

/** What to do for each kind of frame. A kind without a method is ignored. Methods are named as kinds are in frames. */
export interface ServerFrameHandler<Result> {
  hello?(session: string, maxFrameBytes: number, maxEventsPerSecond: number): Result;
  probe?(): Result;
  attributes?(names: readonly string[]): Result;
  live?(epoch: string, version: number, event: number, ...operations: Operation[]): Result;
  model?(epoch: string, version: number, event: number, model: Json, ...operations: Operation[]): Result;
  mount?(
    epoch: string,
    version: number,
    event: number,
    nextId: number,
    ids: IdRuns,
    define: Define | null,
    content: WireContent,
    ...operations: Operation[]
  ): Result;
  part?(version: number, instance: number, ids: IdRuns, nextId: number, content: WireContent): Result;
  saving?(isSaving: boolean): Result;
  error?(code: string, message: string, redirect?: string): Result;
  patch?(operations: readonly Operation[], event: number | undefined): Result;
}

/** Gives a frame to the handler of its channel. @throws SyntaxError when it is no JSON. */
export function readServerFrame<Result>(
  text: string,
  handlerOf: (channel: number, kind: unknown) => ServerFrameHandler<Result> | undefined,
): Result | undefined {
  const [channel, ...operations] = JSON.parse(text);
  const [kind, ...fields] = operations;
  const handler = handlerOf(channel, kind) as { [kind: string]: (...fields: unknown[]) => Result } | undefined;
  if (typeof kind === 'string') return handler?.[kind]?.(...fields);
  // operations are arrays; behind them may stand the number of an event
  const event = Array.isArray(operations.at(-1)) ? undefined : operations.pop();
  return handler?.patch?.(operations, event);
}

/** Decodes a frame whole; undefined for an unknown kind. @throws SyntaxError when it is no JSON. */
export function decodeServerFrame(text: string): ServerFrame | undefined {
  return readServerFrame<ServerFrame>(text, (channel) => ({
    hello: (session, maxFrameBytes, maxEventsPerSecond) => ({
      kind: 'hello',
      channel: 0,
      session,
      maxFrameBytes,
      maxEventsPerSecond,
    }),
    probe: () => ({ kind: 'probe', channel: 0 }),
    attributes: (names) => ({ kind: 'attributes', channel, names }),
    live: (epoch, version, event, ...operations) => ({ kind: 'live', channel, epoch, version, event, operations }),
    model: (epoch, version, event, model, ...operations) => ({
      kind: 'model',
      channel,
      epoch,
      version,
      event,
      model,
      operations,
    }),
    mount(epoch, version, event, nextId, ids, define, content, ...operations) {
      return { kind: 'mount', channel, epoch, version, event, nextId, ids, define, content, operations };
    },
    part: (version, instance, ids, nextId, content) => ({
      kind: 'part',
      channel,
      version,
      instance,
      ids,
      nextId,
      content,
    }),
    saving: (isSaving) => ({ kind: 'saving', channel, isSaving }),
    error: (code, message, redirect) => {
      const error = { kind: 'error', channel, code, message } as const;
      return redirect === undefined ? error : { ...error, redirect };
    },
    patch: (operations, event) => ({ kind: 'patch', channel, operations, event }),
  }));
}
