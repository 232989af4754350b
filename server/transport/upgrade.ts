/*
 * From a request to an open WebSocket. Each request is checked (origin, how many from there, who) before it is one.
 * Input: requests to the URLs that were added. Output: transports, with the request that each came from.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import websocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { Settings } from '../options.ts';
import { isAllowedOrigin } from '../origin.ts';
import { isLeave, WaitError } from '../waits.ts';
import { addressOf } from './address.ts';
import type { Authentication } from './authentication.ts';
import type { Transport } from './transport.ts';
import { WebSocketTransport } from './websocket.ts';

declare module 'fastify' {
  interface FastifyRequest {
    isletUser: unknown;
  }
}

export interface UpgradeContext {
  readonly settings: Settings;
  readonly authentication: Authentication;
  /** How many connections an address has. */
  readonly countOf: (address: string) => number;
  /** A request was refused. */
  readonly onRefused: (code: ErrorCode) => void;
  /** The server begins to stop, and goes on with that when this is done. */
  readonly onStop: () => Promise<void>;
}

/** Takes what comes over an accepted request. */
export type Accept = (transport: Transport, request: FastifyRequest) => void;

/** Makes the app accept WebSockets; returns the function that adds a URL for them. */
export async function acceptWebSockets(
  app: FastifyInstance,
  { settings, authentication, countOf, onRefused, onStop }: UpgradeContext,
): Promise<(url: string, accept: Accept) => void> {
  const { limits } = settings;
  const begin = (): Promise<void> => {
    authentication.stop();
    return onStop();
  };
  const isShared = app.hasDecorator('websocketServer');
  if (isShared) share(app, settings, begin);
  else await listen(app, settings, begin);
  const maxShortBytes = isShared ? readableShortBytes(app) : undefined;
  // Who is refused by a hook of the app's own is left with a socket that nobody reads, and that so never ends.
  app.addHook('onResponse', async (request) => {
    const { headers, raw } = request;
    authentication.forget(request);
    if (headers.upgrade?.toLowerCase() === 'websocket') raw.socket.destroy();
  });
  app.decorateRequest('isletUser', null);

  const refuse = (reply: FastifyReply, status: number, code: ErrorCode): void => {
    onRefused(code);
    reply.code(status).send({ code, message: errorCatalogue[code].message });
  };

  // Without an `authenticate` to wait for, nothing here is asynchronous: a promise for each connection would cost more.
  const check = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (!isAllowedOrigin(request, settings.allowedOrigins)) refuse(reply, 403, 'ISLET_ERR_ORIGIN');
    else if (countOf(addressOf(request)) >= limits.maxConnectionsPerAddress)
      refuse(reply, 429, 'ISLET_ERR_LIMIT_CONNECTIONS');
    else if (!authentication.isAsked) done();
    else {
      authentication.ask(request).then(
        (user) => {
          request.isletUser = user;
          done();
        },
        (err) => {
          if (isLeave(err)) {
            // who has hung up was not refused, and nobody hears an answer
            reply.hijack();
            request.raw.socket.destroy();
            return;
          }
          authentication.note(err, request, 'the connection was refused');
          refuse(reply, ...refusalOf(err));
        },
      );
    }
  };

  return (url, accept) => {
    app.route({
      method: 'GET',
      url,
      preValidation: check,
      handler: (_, reply) => reply.code(426).header('upgrade', 'websocket').send({ error: 'This is a WebSocket.' }),
      wsHandler(socket, request) {
        const { maxBufferedBytes } = limits;
        leave(app.websocketServer.clients, socket);
        const address = addressOf(request);
        const options = { address, maxBufferedBytes, maxShortBytes };
        const { socket: raw } = request.raw;
        letGo(raw);
        // it is for what its own handler throws, and that is over when this returns; it holds the request
        if (!isShared) socket.removeAllListeners('error');
        accept(new WebSocketTransport(socket, raw, options), request);
      },
    });
  };
}

/**
 * Takes a socket out of those of the app: whoever registered them closes them when the app stops, and ours are told what
 * happens, and take leave. With that goes what would take it out at its end, if nobody else listens for that.
 *
 * @param clients Undefined: ws was told not to keep them.
 */
function leave(clients: Set<WebSocket> | undefined, socket: WebSocket): void {
  if (clients?.delete(socket) && socket.listenerCount('close') === 1) socket.removeAllListeners('close');
}

/**
 * What is open has no request any more, nor an answer: they would be kept for as long as it is, a fifth of what an idle
 * connection takes. Where Node keeps them elsewhere, they stay: `test/idle.test.ts` fails then. Whoever has asked to be
 * told when the answer is closed is told.
 */
function letGo(raw: Duplex): void {
  const { _httpMessage: answer } = raw as Duplex & { readonly _httpMessage?: ServerResponse | null };
  if (answer?.listenerCount('close') === 0) answer.detachSocket(raw as Socket);
}

/** Registers `@fastify/websocket`, for this scope and whatever else in it has sockets. */
async function listen(app: FastifyInstance, settings: Settings, onStop: () => Promise<void>): Promise<void> {
  // It would hand each upgrade to the app, as would another one in another scope: one of them has to. So this one hears
  // of those alone that nobody has taken, and for that comes last.
  const server = createServer();
  app.addHook('onReady', async () => {
    app.server.on('upgrade', (request, socket, head) => {
      if (!isTaken(request)) server.emit('upgrade', request, socket, head);
    });
  });
  await app.register(websocket, {
    options: { server, maxPayload: maxPayloadOf(settings), perMessageDeflate: false },
    errorHandler(err, socket, request) {
      // ws closes by itself for what breaks its own rules; what our own handler throws is news
      if (socket.readyState !== socket.OPEN) return;
      request.log.error({ err }, 'a socket could not be served');
      socket.terminate();
    },
    preClose(done) {
      onStop().then(() => done(), done);
    },
  });
}

/**
 * Whether a `@fastify/websocket` has handed the request to the app: it leaves the socket there, for whose route it is.
 */
function isTaken(request: IncomingMessage): boolean {
  return Object.getOwnPropertySymbols(request).some(({ description }) => description === 'ws-socket');
}

/** Goes along with a `@fastify/websocket` that the app registered itself: its options hold for our sockets, too. */
function share(app: FastifyInstance, settings: Settings, onStop: () => Promise<void>): void {
  const { maxPayload = 0 } = app.websocketServer.options;
  if (maxPayload === 0 || maxPayload > maxPayloadOf(settings)) {
    const cure = `give it { options: { maxPayload: ${maxPayloadOf(settings)} } }`;
    app.log.warn({ maxPayload }, `@fastify/websocket reads larger frames than maxFrameBytes allows: ${cure}`);
  }
  app.addHook('preClose', onStop);
}

/** How long a text may be that is read before ws: what the options say of ws holds there, too. */
function readableShortBytes(app: FastifyInstance): number | undefined {
  const { maxPayload = 0, allowSynchronousEvents = true } = app.websocketServer.options;
  if (!allowSynchronousEvents) return 0;
  return maxPayload > 0 ? maxPayload : undefined;
}

/** Twice the limit, so that what is just above it gets an error with a code instead of a bare close. */
function maxPayloadOf({ limits }: Settings): number {
  return 2 * limits.maxFrameBytes;
}

/** What a request is told whose user could not be known. */
function refusalOf(error: unknown): readonly [status: number, code: ErrorCode] {
  // what the app throws is for its log
  return error instanceof WaitError ? [503, error.code] : [401, 'ISLET_ERR_UNAUTHENTICATED'];
}
