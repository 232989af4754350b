/*
 * The plugin's options, their defaults, and their check. Times are in milliseconds, sizes in bytes.
 */

import type { FastifyRequest } from 'fastify';
import type { AnyComponent } from '../shared/language/component.ts';
import type { Client } from '../shared/language/events.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import { defaultRestart, type RestartOptions } from '../shared/runtime/restart-policy.ts';
import { framesPerAck } from '../shared/wire/frames.ts';
import type { Bus } from './cluster/bus.ts';
import type { UserKey } from './limits/account.ts';
import type { Lengths } from './limits/lengths.ts';
import { toAllowedOrigins } from './origin.ts';
import { sqliteStore } from './store/sqlite/sqlite.ts';
import type { Store } from './store/store.ts';
import { type ServerClock, systemClock } from './system-clock.ts';

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
  /**
   * Bytes, about, that the server keeps for one client: islands that wait for it to come back, shared actors that it
   * started and nobody looks at, frames that it does not read. Where it is more, its own oldest goes first.
   */
  readonly maxBytesPerClient: number;
  /** About how many bytes the running actors may take that one client has started. Over that it can start no more. */
  readonly maxRunningBytesPerClient: number;
  /** Islands kept for clients that are away, for all together: whoever has most of them gives some up. */
  readonly maxDetachedIslands: number;
  /** Shared actors kept while nobody looks, for all together: whoever started most of them gives some up. */
  readonly maxIdleActors: number;
  /** Bytes of past patches that an actor keeps for those who come back. */
  readonly maxHistoryBytes: number;
}

/**
 * Options of the plugin.
 *
 * @typeParam User What `authenticate` gives. `registerIslet` infers it, and it is known wherever rights are asked.
 */
export interface IsletOptions<User = unknown> {
  /**
   * Where the page's socket is, and below it the element's script. Default `/islet`, behind the prefix of the scope
   * that the plugin is registered in.
   */
  readonly path?: string;
  /**
   * The folder that `islet build` and `islet dev` write, such as `build`: then each page gets the scripts of what it
   * shows, and `app.islet.asset` names files of `public/`. Default: none.
   */
  readonly assets?: string;
  /** Client components that views may hold: they are rendered on the server too, in their first state. */
  readonly components?: readonly AnyComponent[];
  /**
   * Where states of persisted actors are kept, and those of islands of one's own that outlive a deploy or a crash.
   * Default: in memory, and nothing of islands of one's own.
   */
  readonly store?: Store;
  /**
   * How this process talks to the others of the app, such as `await natsBus({ url })`; it is closed with the app.
   * Default: none, and this process is the only one.
   */
  readonly bus?: Bus;
  readonly limits?: Partial<Limits>;
  readonly restart?: Partial<RestartOptions>;
  /** How long a session waits for its client to come back. Default 60,000. */
  readonly sessionMs?: number;
  /** How long a shared actor stays when nobody looks. Default 300,000. */
  readonly idleMs?: number;
  /**
   * How long a shared actor stays when nobody looks that has never changed: the next one begins as it did. Default
   * 10,000, or `idleMs` where that is less.
   */
  readonly unchangedIdleMs?: number;
  /** Patches a second that a shared actor with several who look makes at most. Default 60. */
  readonly maxFramesPerSecond?: number;
  /**
   * Origins besides the server's own whose pages may connect, such as `https://app.example`. How they are spelt does
   * not matter: case, default ports and a dot at the end of the host mean nothing.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Says who makes a request (kept as `client.user`), at once or later, or throws a `Refused` to refuse it. What else it
   * throws refuses it too, and is a fault: the log has it as an error.
   */
  authenticate?(request: FastifyRequest): User | PromiseLike<User>;
  /**
   * Names a user, so that limits count what somebody makes the server keep by who it is and not by where it comes from.
   * Name only those whose name costs something to get, such as a login: null counts by address. Default: all do.
   */
  userKey?(user: User | null): string | null | undefined;
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
  /**
   * How long `authenticate`, `authorize`, `props` and loading from the store may take, in milliseconds. Default 10,000.
   */
  readonly answerMs?: number;
  /**
   * How long a message or a rendering may keep the event loop before the log names its component and message, in
   * milliseconds. Default 100.
   */
  readonly slowTurnMs?: number;
  /**
   * Whether all that helps while an app is written is on: each part of `DevelopmentSettings`. Default: `NODE_ENV` says
   * it, for each part by itself.
   */
  readonly development?: boolean;
  /** What time is told by and waited with, in place of the system's: a test's `ManualClock`. */
  readonly clock?: ServerClock;
}

/** What helps while an app is written, and costs time or tells what is not for everybody. */
export interface DevelopmentSettings {
  /** Models that are kept have to be plain JSON, and are frozen. Default: unless `NODE_ENV` is `production`. */
  readonly checksModels: boolean;
  /**
   * Views are watched for what is hardly meant (a misspelt event, a list that goes stale), and errors name the file and
   * the line of a literal. Default: unless `NODE_ENV` is `production` or `test`.
   */
  readonly watchesViews: boolean;
  /** Pages show what goes wrong, causes included. Default: where `NODE_ENV` is `development`. */
  readonly showsErrors: boolean;
}

/** The parameters of a route's path by name, as a browser sent them. */
export type RouteParams = { readonly [name: string]: string };

/** Whether an event may happen; `'gone'`: the client may not even see the island any more. */
export type EventAnswer = boolean | 'gone';

export interface Settings
  extends Required<
    Omit<
      IsletOptions,
      | 'assets'
      | 'development'
      | 'limits'
      | 'restart'
      | 'authenticate'
      | 'authorize'
      | 'authorizeEvent'
      | 'userKey'
      | 'store'
      | 'bus'
    >
  > {
  readonly assets: string | undefined;
  readonly development: DevelopmentSettings;
  readonly limits: Limits;
  readonly restart: RestartOptions;
  readonly store: Store | undefined;
  readonly bus: Bus | undefined;
  /** Models of shared actors outlive the server as well, and all models for as long as `islet dev` runs. */
  readonly keepsAll: boolean;
  readonly authenticate: IsletOptions['authenticate'];
  readonly authorize: IsletOptions['authorize'];
  readonly userKey: UserKey | undefined;
  readonly authorizeEvent: IsletOptions['authorizeEvent'];
}

/** Names a file for what is kept while an app is written: set by `islet dev`, for the servers that it starts. */
export const developmentStore = 'ISLET_DEVELOPMENT_STORE';

const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024,
  maxDepth: 16,
  maxIslands: 100,
  maxConnectionsPerAddress: 1_000,
  maxEventsPerSecond: 200,
  maxBufferedBytes: 1024 * 1024,
  maxUnacknowledgedFrames: 500,
  maxBytesPerClient: 16 * 1024 * 1024,
  maxRunningBytesPerClient: 64 * 1024 * 1024,
  maxDetachedIslands: 10_000,
  maxIdleActors: 10_000,
  maxHistoryBytes: 32 * 1024,
  maxRouteLength: 2_048,
  maxParamLength: 256,
  maxAttributes: 100,
  maxAttributeNameLength: 100,
  maxAttributeLength: 16_384,
};

/**
 * Fills in the defaults.
 *
 * @throws IsletError ISLET_ERR_OPTIONS for a number, a path or an origin that cannot be meant.
 */
export function toSettings(options: IsletOptions): Settings {
  const development = toDevelopment(options.development, process.env.NODE_ENV ?? '');
  const keptIn = development.showsErrors ? process.env[developmentStore] : undefined;
  const settings: Settings = {
    path: options.path ?? '/islet',
    assets: options.assets,
    components: options.components ?? [],
    store: options.store ?? (keptIn === undefined ? undefined : sqliteStore(keptIn)),
    keepsAll: keptIn !== undefined,
    bus: options.bus,
    limits: { ...defaultLimits, ...options.limits },
    restart: { ...defaultRestart, ...options.restart },
    sessionMs: options.sessionMs ?? 60_000,
    idleMs: options.idleMs ?? 300_000,
    unchangedIdleMs: options.unchangedIdleMs ?? 10_000,
    maxFramesPerSecond: options.maxFramesPerSecond ?? 60,
    allowedOrigins: toAllowedOrigins(options.allowedOrigins ?? []),
    slowTurnMs: options.slowTurnMs ?? 100,
    answerMs: options.answerMs ?? 10_000,
    authenticate: options.authenticate,
    authorize: options.authorize,
    authorizeEvent: options.authorizeEvent,
    userKey: options.userKey,
    development,
    clock: options.clock ?? systemClock,
  };
  const { sessionMs, idleMs, unchangedIdleMs, maxFramesPerSecond, slowTurnMs, answerMs } = settings;
  const times = { sessionMs, idleMs, unchangedIdleMs, slowTurnMs, answerMs };
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
  if (!/^(\/[\w.~-]+)+$/.test(settings.path)) {
    const rule = 'path must be parts that begin with a slash, of letters, digits and -._~, such as /islet';
    throw new IsletError('ISLET_ERR_OPTIONS', `${rule}; got '${settings.path}'`);
  }
  return settings;
}

function toDevelopment(isOn: boolean | undefined, mode: string): DevelopmentSettings {
  return {
    checksModels: isOn ?? mode !== 'production',
    watchesViews: isOn ?? !/^(production|test)$/.test(mode),
    showsErrors: isOn ?? mode === 'development',
  };
}
