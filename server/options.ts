/*
 * The plugin's options, their defaults, and their check. Times are in milliseconds, sizes in bytes.
 */

import type { FastifyRequest } from 'fastify';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Client } from '../shared/language/events.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { defaultRestart, type RestartOptions } from '../shared/runtime/restart-policy.ts';
import { framesPerAck } from '../shared/wire/frames.ts';
import type { Lengths } from './limits/lengths.ts';
import type { Store } from './store/store.ts';
import { systemClock } from './system-clock.ts';

/** What a peer may take before it is refused; each has a safe default. */
export interface Limits extends Lengths {
  /** Largest frame from a client. */
  readonly maxFrameBytes: number;
  /** How deep an event's data may nest. */
  readonly maxDepth: number;
  /** Islands on one connection. */
  readonly maxIslands: number;
  /** Connections from one address. */
  readonly maxConnectionsPerAddress: number;
  /** Events a second from one connection, on average; twice as many may come at once. */
  readonly maxEventsPerSecond: number;
  /** Bytes waiting in one socket before the server stops rendering for it. */
  readonly maxBufferedBytes: number;
  /** Frames sent to one island that its client has not acknowledged. */
  readonly maxUnacknowledgedFrames: number;
  /** Islands kept for clients that are away. */
  readonly maxDetachedIslands: number;
  /** Shared actors kept while nobody looks. */
  readonly maxIdleActors: number;
  /** Bytes of past patches that an actor keeps for those who come back. */
  readonly maxHistoryBytes: number;
}

/**
 * Options of the plugin.
 *
 * @typeParam User What `authenticate` gives. Who names it has it checked there, and known where rights are asked:
 *   `app.register(islet, { authenticate, authorize } satisfies IsletOptions<User>)`.
 */
export interface IsletOptions<User = unknown> {
  /** Where the page's socket is. Default `/islet`. */
  readonly path?: string;
  /** Client components that views may hold: they are rendered on the server too, in their first state. */
  readonly components?: readonly AnyComponent[];
  /** Where `persist: true` saves snapshots. Default: in memory. */
  readonly store?: Store;
  readonly limits?: Partial<Limits>;
  readonly restart?: Partial<RestartOptions>;
  /** How long a session waits for its client to come back. Default 60,000. */
  readonly sessionMs?: number;
  /** How long a shared actor stays when nobody looks. Default 300,000. */
  readonly idleMs?: number;
  /** Patches a second that a shared actor with several who look makes at most. Default 60. */
  readonly maxFramesPerSecond?: number;
  /** Origins besides the server's own that may connect, such as `https://app.example`. */
  readonly allowedOrigins?: readonly string[];
  /** Says who makes a request (kept as `client.user`), at once or later, or throws to refuse it. */
  authenticate?(request: FastifyRequest): User | PromiseLike<User>;
  /** Says whether a client may join a route. Default: yes. */
  authorize?(client: Client<User | null>, route: string, params: RouteParams): boolean | PromiseLike<boolean>;
  /**
   * Says of each event (and each changed attribute) of a client whether it may happen now; `'gone'`: the client may not
   * even see the island any more, and its content goes from the page. A route's own counts in its place. Events of an
   * island keep their order while an answer is waited for, so say what is known at once. Default: yes.
   */
  authorizeEvent?(
    client: Client<User | null>,
    route: string,
    params: RouteParams,
  ): EventAnswer | PromiseLike<EventAnswer>;
  /** How long `authenticate`, `authorize`, `props` and loading from the store may take, in milliseconds. Default 10,000. */
  readonly answerMs?: number;
  /**
   * How long a message or a rendering may keep the event loop before the log names its component and message, in
   * milliseconds. Default 100.
   */
  readonly slowTurnMs?: number;
  readonly clock?: Clock;
}

export type RouteParams = { readonly [name: string]: string };

export type EventAnswer = boolean | 'gone';

export interface Settings
  extends Required<
    Omit<IsletOptions, 'limits' | 'restart' | 'authenticate' | 'authorize' | 'authorizeEvent' | 'store'>
  > {
  readonly limits: Limits;
  readonly restart: RestartOptions;
  readonly store: Store | undefined;
  readonly authenticate: IsletOptions['authenticate'];
  readonly authorize: IsletOptions['authorize'];
  readonly authorizeEvent: IsletOptions['authorizeEvent'];
}

const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024,
  maxDepth: 16,
  maxIslands: 100,
  maxConnectionsPerAddress: 1_000,
  maxEventsPerSecond: 200,
  maxBufferedBytes: 1024 * 1024,
  maxUnacknowledgedFrames: 500,
  maxDetachedIslands: 10_000,
  maxIdleActors: 10_000,
  maxHistoryBytes: 32 * 1024,
  maxRouteLength: 2_048,
  maxParamLength: 256,
  maxAttributes: 100,
  maxAttributeNameLength: 100,
  maxAttributeLength: 16_384,
};

/** Fills in the defaults. @throws IsletError ISLET_ERR_OPTIONS for a number that cannot be meant. */
export function toSettings(options: IsletOptions): Settings {
  const settings: Settings = {
    path: options.path ?? '/islet',
    components: options.components ?? [],
    store: options.store,
    limits: { ...defaultLimits, ...options.limits },
    restart: { ...defaultRestart, ...options.restart },
    sessionMs: options.sessionMs ?? 60_000,
    idleMs: options.idleMs ?? 300_000,
    maxFramesPerSecond: options.maxFramesPerSecond ?? 60,
    allowedOrigins: options.allowedOrigins ?? [],
    slowTurnMs: options.slowTurnMs ?? 100,
    answerMs: options.answerMs ?? 10_000,
    authenticate: options.authenticate,
    authorize: options.authorize,
    authorizeEvent: options.authorizeEvent,
    clock: options.clock ?? systemClock,
  };
  const { sessionMs, idleMs, maxFramesPerSecond, slowTurnMs, answerMs } = settings;
  const times = { sessionMs, idleMs, slowTurnMs, answerMs };
  const numbers = { ...settings.limits, ...settings.restart, ...times, maxFramesPerSecond };
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
      throw new IsletError('ISLET_ERR_OPTIONS', `${name} must be a number of 0 or more; got ${String(value)}`);
    }
  }
  if (settings.limits.maxUnacknowledgedFrames < 2 * framesPerAck) {
    const least = `${2 * framesPerAck}, since a page acknowledges every ${framesPerAck} frames`;
    throw new IsletError('ISLET_ERR_OPTIONS', `maxUnacknowledgedFrames must be at least ${least}`);
  }
  if (settings.maxFramesPerSecond === 0)
    throw new IsletError('ISLET_ERR_OPTIONS', 'maxFramesPerSecond must be above 0');
  if (!/^\/.*[^/]$/.test(settings.path)) {
    throw new IsletError(
      'ISLET_ERR_OPTIONS',
      `path must start with a slash and not end with one; got '${settings.path}'`,
    );
  }
  return settings;
}
