/*
 * Who makes a request: asks the app's `authenticate`, for sockets and pages alike. Input: requests. Output: their
 * users; the log gets what keeps somebody out. An answer is waited for as long as the request's socket is open, the server runs, and `answerMs` allow. Who is
 * disconnected meanwhile is refused, whatever the answer: it was asked before.
 */

import type { FastifyRequest } from 'fastify';
import { reasonOf } from '../../shared/language/refused.ts';
import type { Settings } from '../options.ts';
import { WaitError, Waits } from '../waits.ts';

/** Where it is written down why somebody was not let in. */
export interface AuthenticationLog {
  error(details: object, message: string): void;
  info(details: object, message: string): void;
}

/** A request whose user is asked for, or known and not yet let in. */
interface Pending {
  readonly waits: Waits;
  /** Said of users since it was asked. */
  readonly revocations: ((user: unknown) => boolean)[];
  readonly end: () => void;
}

export class Authentication {
  private readonly settings: Settings;
  private readonly log: AuthenticationLog;
  private readonly pending = new Map<FastifyRequest, Pending>();
  /** Of requests for pages. */
  private readonly visitors = new WeakMap<FastifyRequest, Promise<unknown>>();

  /** @param log Bounded: anybody can make requests that are refused. */
  constructor(settings: Settings, log: AuthenticationLog) {
    this.settings = settings;
    this.log = log;
  }

  /** Whether the app says who somebody is; else everybody is null. */
  get isAsked(): boolean {
    return this.settings.authenticate !== undefined;
  }

  /**
   * Asks who makes a request. Call `admit` when something is done with the answer.
   *
   * @throws What the app throws, or WaitError: no answer, or the request has ended.
   */
  async ask(request: FastifyRequest): Promise<unknown> {
    const { authenticate } = this.settings;
    const { socket } = request.raw;
    const waits = new Waits(this.settings);
    const leave = (): void => {
      waits.end('ISLET_ERR_NOT_JOINED');
      end();
    };
    const end = (): void => {
      this.pending.delete(request);
      socket.off('end', leave).off('close', leave);
    };
    // who hangs up while a socket is opened says so by its end: nobody reads it yet, and it would stay half open
    socket.on('close', leave);
    if (request.ws) socket.on('end', leave);
    this.pending.set(request, { waits, revocations: [], end });
    try {
      return (await waits.ask('answer of authenticate', authenticate?.(request), (user) => user)) ?? null;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Who asks for a page: asked once for each request. A page is for everybody, so whoever is refused is null. */
  visitorOf(request: FastifyRequest): unknown {
    if (!this.isAsked) return null;
    const known = this.visitors.get(request);
    if (known) return known;
    const asked = this.ask(request).then(
      (user) => (this.admit(request, user) ? user : null),
      (err: unknown) => {
        this.note(err, request, 'the page is for nobody');
        return null;
      },
    );
    this.visitors.set(request, asked);
    return asked;
  }

  /**
   * Writes down why somebody is not let in. What is refused on purpose, and who has gone, is no fault.
   *
   * @param outcome What became of the request, in a few words that are the same for all.
   */
  note(err: unknown, { id: reqId }: FastifyRequest, outcome: string): void {
    const reason = reasonOf(err);
    if (reason !== undefined) this.log.info({ reqId, reason }, `authenticate refused somebody; ${outcome}`);
    else if (err instanceof WaitError && err.code !== 'ISLET_ERR_NO_ANSWER') this.log.info({ reqId, err }, outcome);
    else this.log.error({ reqId, err }, `authenticate failed; ${outcome}`);
  }

  /** Ends a request that was asked for. False if its user was disconnected since it was asked: let nobody in. */
  admit(request: FastifyRequest, user: unknown): boolean {
    const pending = this.pending.get(request);
    pending?.end();
    return !pending?.revocations.some((isMeant) => isMeant(user));
  }

  /** The request has been answered. */
  forget(request: FastifyRequest): void {
    this.pending.get(request)?.end();
  }

  /** Refuses some users, whose requests are under way. */
  disconnect(isMeant: (user: unknown) => boolean): void {
    for (const { revocations } of this.pending.values()) revocations.push(isMeant);
  }

  /** Nobody new is let in. */
  stop(): void {
    for (const [request, { waits }] of this.pending) if (request.ws) waits.end('ISLET_ERR_SERVER_STOPPING');
  }
}
