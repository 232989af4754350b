/*
 * How a server stops: nothing is heard any more, what was heard is finished, kept and answered; then connections are
 * told, and it waits a little for them to end by themselves, and longer for requests under way. What is left then is
 * cut off, since Fastify would wait for it for ever.
 */

import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type Closing, endMs } from '../closing.ts';

/** A connection as far as stopping goes. */
interface Stoppable {
  /** Hears nothing any more: what comes has no outcome, and its page says it again elsewhere. */
  stopHearing(): void;
  close(code: 'ISLET_ERR_SERVER_STOPPING'): void;
  terminate(): void;
}

/** How long connections may take to end by themselves, and requests under way. */
const closeMs = 2_000;
const requestMs = 5_000;
/** How often it looks whether all have ended. */
const lookMs = 20;

export class Stopping {
  private readonly app: FastifyInstance;
  private readonly connections: Iterable<Stoppable> & { readonly size: number };
  private requests = 0;
  /**
   * Sockets whose requests asked for an upgrade, until they are connections: HTTP's server has let go of them, whatever
   * becomes of the request.
   */
  private readonly upgraded = new Set<Duplex>();
  private readonly forget: (this: Duplex) => void;
  private timer: NodeJS.Timeout | undefined;
  private readonly finish: () => Promise<void>;
  private readonly closing: Closing;
  private readonly kept = Promise.withResolvers<void>();
  hasBegun = false;

  /** @param finish Finishes what was heard, and has it kept; it takes no longer than some seconds. */
  constructor(
    app: FastifyInstance,
    connections: Iterable<Stoppable> & { readonly size: number },
    closing: Closing,
    finish: () => Promise<void>,
  ) {
    this.closing = closing;
    this.app = app;
    this.connections = connections;
    this.finish = finish;
    const { upgraded } = this;
    this.forget = function () {
      upgraded.delete(this);
    };
  }

  /** Resolves when all that was heard is kept, once the server is stopping. */
  get whenKept(): Promise<void> {
    return this.kept.promise;
  }

  /** Counts the requests under way, from now on. Those that become WebSockets are no requests any more. */
  countRequests(): void {
    const onEnd = (): void => {
      this.requests--;
    };
    // before whoever takes it, who may be done with it at once
    this.app.server.prependListener('upgrade', (_, socket) => {
      this.upgraded.add(socket);
      socket.on('close', this.forget);
    });
    this.app.addHook('onRequest', (request, reply, done) => {
      if (!request.ws) {
        this.requests++;
        reply.raw.once('close', onEnd);
      }
      done();
    });
  }

  /** A socket is one of the connections now, which end by themselves: it keeps no listener for as long as it is open. */
  admit(socket: Duplex): void {
    this.upgraded.delete(socket);
    socket.off('close', this.forget);
  }

  async begin(): Promise<void> {
    const { app, connections, upgraded, closing } = this;
    this.hasBegun = true;
    closing.begin();
    for (const connection of connections) connection.stopHearing();
    await this.finish();
    for (const connection of connections) connection.close('ISLET_ERR_SERVER_STOPPING');
    this.kept.resolve();
    const startedAt = performance.now();
    this.timer = setInterval(() => {
      const ms = closing.leftMs(endMs) === 0 ? Number.POSITIVE_INFINITY : performance.now() - startedAt;
      if (ms > closeMs) for (const connection of connections) connection.terminate();
      // Fastify refuses who asks while it closes, and leaves the socket to nobody
      for (const socket of upgraded) if (ms > closeMs || socket.readableEnded) socket.destroy();
      // a browser's spare connection that never asked for anything would hold us up for ever
      if ((connections.size === 0 && this.requests === 0) || ms > requestMs) app.server.closeAllConnections();
    }, lookMs);
  }

  /** All have ended. */
  end(): void {
    clearInterval(this.timer);
  }
}
