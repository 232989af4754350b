/*
 * Frames from the server: servers encode them, browsers read them. A browser trusts its server: what is read is not
 * looked at further.
 */

import type { IdRuns, WireContent } from './content.ts';
import type { ServerFrame } from './frames.ts';
import type { Define, Operation } from './patch.ts';

/** Encodes a frame of the server. */
export function encodeServerFrame(frame: ServerFrame): string {
  switch (frame.kind) {
    case 'hello':
      return JSON.stringify([0, 'hello', frame.session]);
    case 'live': {
      const { channel, epoch, version, event, define } = frame;
      return JSON.stringify([channel, 'live', epoch, version, event, ...(define ? [define] : [])]);
    }
    case 'mount': {
      const { channel, epoch, version, event, nextId, ids, define, content } = frame;
      return JSON.stringify([channel, 'mount', epoch, version, event, nextId, ids, define, content]);
    }
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

/** What to do for each kind of frame; nothing where it does not say. Kinds are the words of the wire. */
export interface ServerFrameHandler<Result> {
  hello?(session: string): Result;
  live?(epoch: string, version: number, event: number, define?: Define): Result;
  mount?(
    epoch: string,
    version: number,
    event: number,
    nextId: number,
    ids: IdRuns,
    define: Define | null,
    content: WireContent,
  ): Result;
  refused?(code: string, message: string, event: number): Result;
  error?(code: string, message: string): Result;
  patch?(operations: readonly Operation[], event: number | undefined): Result;
}

/** Gives a frame to the handler of its channel. @throws SyntaxError when it is no JSON. */
export function readServerFrame<Result>(
  text: string,
  handlerOf: (channel: number) => ServerFrameHandler<Result> | undefined,
): Result | undefined {
  const [channel, ...operations] = JSON.parse(text);
  const [kind, ...fields] = operations;
  const handler = handlerOf(channel) as { [kind: string]: (...fields: unknown[]) => Result } | undefined;
  if (typeof kind === 'string') return handler?.[kind]?.(...fields);
  // operations are arrays; behind them may stand the number of an event
  const event = Array.isArray(operations.at(-1)) ? undefined : operations.pop();
  return handler?.patch?.(operations, event);
}

/** Decodes a frame whole; undefined for an unknown kind. @throws SyntaxError when it is no JSON. */
export function decodeServerFrame(text: string): ServerFrame | undefined {
  return readServerFrame<ServerFrame>(text, (channel) => ({
    hello: (session) => ({ kind: 'hello', channel: 0, session }),
    live: (epoch, version, event, define) => ({ kind: 'live', channel, epoch, version, event, define }),
    mount: (epoch, version, event, nextId, ids, define, content) => ({
      kind: 'mount',
      channel,
      epoch,
      version,
      event,
      nextId,
      ids,
      define,
      content,
    }),
    refused: (code, message, event) => ({ kind: 'refused', channel, code, message, event }),
    error: (code, message) => ({ kind: 'error', channel, code, message }),
    patch: (operations, event) => ({ kind: 'patch', channel, operations, event }),
  }));
}
