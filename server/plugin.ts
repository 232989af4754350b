/*
 * The Fastify plugin: sockets, routes of components, and pages. It wires registry, sessions and transports together.
 * Input: an app and options. Output: `app.islet` and `reply.html`.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { startDevelopment } from '../shared/development/development.ts';
import type { AnyComponent } from '../shared/language/component.ts';
import { toError } from '../shared/language/errors.ts';
import type { AnyMessage } from '../shared/language/html.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import type { Task } from '../shared/language/task.ts';
import type { Presence, Topic } from '../shared/language/topic.ts';
import { Inspector } from '../shared/runtime/inspect.ts';
import { watchLateErrors } from './actors/late-errors.ts';
import { Registry } from './actors/registry.ts';
import type {
  DeclaredOptions,
  DeclaredRoute,
  MessageAt,
  MessageOf,
  ModelAt,
  ParamsAt,
  ReadOf,
  RouteOptions,
  SendOptions,
  StartsAlone,
} from './actors/route-options.ts';
import type { TaskContext, TaskOptions } from './actors/tasks.ts';
import { endMs } from './closing.ts';
import { Cluster } from './cluster/cluster.ts';
import {
  type IslandPattern,
  isAbout,
  isAboutIsland,
  type Revocation,
  type UserPattern,
} from './cluster/revocations.ts';
import { expectPeople, keepPeople } from './expected-people.ts';
import { addExtras } from './extras.ts';
import { boundLog } from './inspect/bounded-log.ts';
import { type Counters, countRefusal } from './inspect/counters.ts';
import { logHappenings } from './inspect/log-happenings.ts';
import { logOrStderr } from './inspect/stderr-log.ts';
import { type IsletOptions, type RouteParams, toSettings } from './options.ts';
import { Owners } from './owners/owners.ts';
import { type PageOptions, renderPage } from './pages/page.ts';
import { Visitor } from './pages/visitor.ts';
import { Conversation, type ConversationContext } from './sessions/conversation.ts';
import { type RightsChange, Sessions } from './sessions/sessions.ts';
import { addressOf } from './transport/address.ts';
import { Authentication } from './transport/authentication.ts';
import { Connections, turnCount } from './transport/connections.ts';
import { Stopping } from './transport/stopping.ts';
import type { Transport } from './transport/transport.ts';
import { acceptWebSockets } from './transport/upgrade.ts';
import { makeWay, markPending } from './unregistered.ts';

/**
 * What `app.islet` offers.
 *
 * @typeParam User What `authenticate` gives, where `registerIslet` has inferred it.
 */
export interface Islet<User = unknown> {
  /**
   * Declares where a server component lives: `<server-component route="...">` and a WebSocket to the path itself join
   * it. Parameters in the path (`/ws/rate/:id`) make one shared actor for each value. `props` is given the user, the
   * path's parameters and the element's attributes, each with its type, and has to give what the component's `init`
   * takes.
   *
   * @param path Begins with a slash; as `URLPattern` reads it.
   * @throws IsletError ISLET_ERR_ROUTE for a path that is none or taken, for options that there are not or that
   *   contradict each other.
   * @example app.islet.route('/ws/board', board, { shared: true, props: () => ({ cards: data.cards() }) })
   * @example app.islet.route('/ws/rate/:id', rating, { props: ({ user, params }) => load(params.id, user) })
   */
  route<const Path extends string, Made extends AnyComponent>(
    path: Path,
    component: StartsAlone<Path, Made>,
  ): DeclaredRoute<Path, MessageOf<Made>, ReadOf<Made>>;
  route<const Path extends string, Made extends AnyComponent, const Named extends string = never>(
    path: Path,
    component: Made,
    options: RouteOptions<Path, Made, User, Named>,
  ): DeclaredRoute<Path, MessageOf<Made>, ReadOf<Made>>;
  /**
   * Sends a message to a shared actor, which is started if it does not run. Resolves when the message's turn has been
   * rendered, and committed where the route has `persist`.
   *
   * @param route What `route` returned, or the path that was declared; then nobody checks the message.
   * @throws IsletError (rejects) ISLET_ERR_JOIN_UNKNOWN_ROUTE; ISLET_ERR_SEND for parameters that are not the path's,
   *   and for what is no message; `Refused` with its reason where the component refused it on purpose, and
   *   ISLET_ERR_MESSAGE_REFUSED where `update` or the view threw; ISLET_ERR_ACTOR_FAILED,
   *   ISLET_ERR_STORE, ISLET_ERR_NO_ANSWER and ISLET_ERR_SERVER_STOPPING, after which it can be sent again by its `key`.
   * @example await app.islet.send(board, { id }, { type: 'CardPaid', card }, { key: payment.id })
   */
  send<const Target extends string | DeclaredRoute<string, never>>(
    route: Target,
    params: ParamsAt<Target>,
    message: MessageAt<Target>,
    options?: SendOptions,
  ): Promise<void>;
  /**
   * The model of a shared actor as it is now, in whichever process it runs: delivered to those who look, and committed
   * where the route has `persist`. What a `send` resolved before has done is in it. An actor that does not run is
   * started. It is the very model, so change nothing in it; from another process it comes as JSON says it. Of a state
   * machine it is the context.
   *
   * @param route What `route` returned, or the path that was declared; then nobody knows the model's type.
   * @throws IsletError (rejects) ISLET_ERR_JOIN_UNKNOWN_ROUTE; ISLET_ERR_SEND for parameters that are not the path's;
   *   ISLET_ERR_ACTOR_FAILED, ISLET_ERR_STORE, ISLET_ERR_NO_ANSWER and ISLET_ERR_SERVER_STOPPING.
   * @example const { items } = await app.islet.read(lists, { household: 'home' });
   */
  read<const Target extends string | DeclaredRoute<string, never>>(
    route: Target,
    params: ParamsAt<Target>,
  ): Promise<ModelAt<Target>>;
  /**
   * The topic of a name: what is published on it is heard by all who have subscribed, in all processes of the app that
   * share a `bus`. Components hear it by `effect.subscribe`.
   *
   * @typeParam Value What is published; it is plain JSON.
   * @throws IsletError ISLET_ERR_TOPIC for a name that is none.
   * @example const votes = app.islet.topic<{ poll: string; count: number }>('votes');
   */
  topic<Value>(name: string): Topic<Value>;
  /**
   * Registers the function of a durable task: what `effect.task` asks for is done by it, in whichever process has the
   * actor. It may be called more than once for one task (after a crash, a failure, or a server that stopped), with the
   * same `key`; its result, plain JSON, is handled once.
   *
   * @throws IsletError ISLET_ERR_TASK for a name that has a function already, or options that cannot be meant.
   * @example
   * app.islet.task(sendMail, ({ to, text }, { key, signal }) => mailer.send({ to, text, idempotencyKey: key, signal }));
   */
  task<Args, Result>(
    task: Task<Args, Result>,
    run: (args: Args, context: TaskContext) => Result | PromiseLike<Result>,
    options?: TaskOptions,
  ): void;
  /**
   * Who is here, by a name such as that of a room, in all processes of the app that share a `bus`. Pages enter by the
   * option `presence` of a route, or by `enter`; components hear it by `effect.subscribe`.
   *
   * @typeParam Meta What is said of each besides their name; it is plain JSON.
   * @throws IsletError ISLET_ERR_PRESENCE for a name that is none.
   */
  presence<Meta = null>(name: string): Presence<Meta>;
  /**
   * Ends the connections of some users at once, and with them their islands, as after a logout: their pages connect
   * again, as whoever `authenticate` then takes them for. It reaches whoever is on the way, too: requests that
   * `authenticate` is being asked about, connections that have not said hello, joins.
   *
   * With a `bus` it does so in all processes of the app.
   *
   * @param who A user, or what is to be so of one: `{ login: 'ann' }`. Without a bus also a function, which is asked for
   *   each user that `authenticate` gave.
   * @throws IsletError ISLET_ERR_OPTIONS for a function where there is a bus: other processes cannot be told it.
   * @example app.islet.disconnect({ login })
   */
  disconnect(isMeant: (user: User | null) => boolean): void;
  disconnect(who: UserPattern<User>): void;
  /**
   * Takes islands from pages whose users may not see them any more: the islands end, their content goes from the page,
   * and it fires `islet:forbidden`. Connections stay, and so do the other islands. A page that joins again asks
   * `authorize`, which should say no by now.
   *
   * With a `bus` it does so in all processes of the app.
   *
   * @param which Whose islands, and of which route; what is left out may be anything. Without a bus also a function, which
   *   is asked for each island that was joined, or is about to be.
   * @throws IsletError ISLET_ERR_OPTIONS when `redirect` is no path of this site, and for a function where there is a
   *   bus.
   * @example app.islet.revoke({ user: { login }, route: '/ws/room/:id', params: { id } }, { redirect: '/login' })
   */
  revoke(isMeant: RightsChange<User>, options?: RevokeOptions): void;
  revoke(which: IslandPattern<User>, options?: RevokeOptions): void;
  /**
   * Counts since the start: what was rendered and sent, joins, connections (opened, and closed by their close codes),
   * and refusals by their codes.
   */
  readonly counters: Readonly<Counters>;
  /**
   * The address of a file of `public/`, as `islet build` named it.
   *
   * @throws IsletError ISLET_ERR_OPTIONS for a file that is not there, or without the option `assets`.
   * @example html`<link rel="stylesheet" href=${app.islet.asset('app.css')}>`
   */
  asset(name: string): string;
  /**
   * Resolves when the server is stopping and all that was done is stored, and told to those who did it: from then on
   * nothing is lost by ending the process, however many requests are still under way.
   */
  readonly whenKept: Promise<void>;
  /**
   * Whether new visitors may be sent here: false while the server stops, and while it is cut off from the others that
   * share its `bus`. For a load balancer's readiness check; a server that is not ready is alive all the same.
   *
   * @example app.get('/readyz', (_, reply) => reply.code(app.islet.isReady ? 200 : 503).send());
   */
  readonly isReady: boolean;
  /**
   * Listens to what happens to actors and connections; returns the function that ends it.
   *
   * @example app.islet.inspect(['failure'], ({ actor, error }) => report(actor, error))
   */
  readonly inspect: Inspector['on'];
  /** How many actors and sessions there are now. */
  readonly size: { readonly actors: number; readonly sessions: number; readonly connections: number };
}

/** What becomes of pages whose islands are taken away. */
export interface RevokeOptions {
  /** Where the pages go then: a path of this site, such as `/login`. Default: they stay. */
  readonly redirect?: string;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly islet: Islet;
  }
  interface FastifyReply {
    /** Sends a template as an HTML document. */
    html(page: unknown, options?: PageOptions): Promise<FastifyReply>;
  }
}

/** How often each connection is asked whether it is there. */
const heartbeatMs = 30_000;

/** The plugin: `await app.register(islet, options)`. */
export const islet = fastifyPlugin(addIslet, { name: 'islet', fastify: '5.x' });

/** An app whose `app.islet` knows the type of its users: that of what `authenticate` gives. */
export type IsletApp<User, App extends FastifyInstance = FastifyInstance> = Omit<App, 'islet' | 'then'> & {
  readonly islet: Islet<User>;
};

/**
 * Registers the plugin, and gives the app with the type of its users: that of what `authenticate` gives. Fastify's own
 * `register` knows no types of one plugin's options: to it `app.islet` is of an app whose users may be anything.
 *
 * @throws IsletError ISLET_ERR_OPTIONS for options that cannot be meant.
 * @example
 * const app = await registerIslet(fastify(), { authenticate: readLogin, authorize: ({ user }) => user !== null });
 * app.islet.route('/ws/todos/:list', todos, { props: ({ user, params }) => load(user?.name, params.list) });
 */
export function registerIslet<User, App extends FastifyInstance>(
  app: App,
  options: IsletOptions<User>,
): Promise<IsletApp<User, App>> {
  const register = async (): Promise<IsletApp<User, App>> => {
    await app.register(islet, options as IsletOptions);
    // its users are those that these very options give
    return app as IsletApp<User, App>;
  };
  return markPending(register());
}

async function addIslet(app: FastifyInstance, options: IsletOptions): Promise<void> {
  const settings = toSettings(options);
  makeWay(app);
  if (app.hasDecorator('islet')) {
    const cure = 'register a second one in a scope beside the first, not in the same and not inside of it';
    throw new IsletError('ISLET_ERR_OPTIONS', `islet is registered here already; ${cure}`);
  }
  const appLog = logOrStderr(app.log);
  const inspector = new Inspector();
  const endLog = logHappenings(inspector, appLog, settings.clock);
  // of what clients cause
  const log = boundLog(appLog, settings.clock);
  const extras = addExtras(app, settings, {
    inspector,
    log,
    hasLogger: appLog === app.log,
    attributesOf: (route) => registry.match(route)?.route.attributes,
  });
  // of what the app is asked for a page: who its visitor is, rights, props
  const askingLog = extras.watchLog(log);
  const { bus, clock } = settings;
  const cluster = new Cluster({ bus, clock, log, revoke: (revocation) => carryOut(revocation) });
  const registry = new Registry(settings, inspector, log);
  const owners = bus && new Owners({ registry, bus, log });
  registry.sharedActors = owners;
  const sessions = new Sessions(settings, registry);
  const connections = new Connections<Conversation>();
  const { store } = settings;
  if (store) void expectPeople(cluster.presences, store, log);
  const stopping = new Stopping(app, connections, registry.closing, async () => {
    if (store) void keepPeople(cluster.presences, store, log);
    await registry.drain();
    owners?.release();
    await sessions.keepOwn();
  });
  const authentication = new Authentication(settings, askingLog);
  const context: ConversationContext = {
    registry,
    sessions,
    settings,
    log: askingLog,
    onEnd: (conversation) => connections.remove(conversation),
  };
  const unwatch = watchLateErrors();
  if (settings.development.watchesViews) {
    const endDevelopment = startDevelopment(extras.warn);
    app.addHook('onClose', async () => endDevelopment());
  }

  const addSocket = await acceptWebSockets(app, {
    settings,
    authentication,
    countOf: (address) => connections.countOf(address),
    onRefused: (code) => countRefusal(registry.counters, code),
    onStop: () => stopping.begin(),
  });
  stopping.countRequests();

  const open = (transport: Transport, request: FastifyRequest): Conversation => {
    const { isletUser } = request;
    const conversation = new Conversation(transport, isletUser, context);
    connections.add(conversation);
    stopping.admit(request.raw.socket);
    // of many that came at the same time, all were let through
    const isTooMany = connections.countOf(conversation.address) > settings.limits.maxConnectionsPerAddress;
    if (isTooMany) conversation.close('ISLET_ERR_LIMIT_CONNECTIONS');
    // `authenticate` may have taken its time
    if (!authentication.admit(request, isletUser)) conversation.close('ISLET_ERR_DISCONNECTED');
    if (stopping.hasBegun) conversation.close('ISLET_ERR_SERVER_STOPPING');
    return conversation;
  };

  const endConnections = (isMeant: (user: unknown) => boolean): void => {
    authentication.disconnect(isMeant);
    sessions.disconnect(isMeant);
    for (const connection of connections) connection.disconnect(isMeant);
  };
  const endIslands = (isMeant: RightsChange, redirect: string | undefined): void => {
    for (const connection of connections) connection.revoke(isMeant, redirect);
    sessions.revokeDetached(isMeant);
  };
  const carryOut = (revocation: Revocation): void => {
    if (revocation.kind === 'disconnect') endConnections((user) => isAbout(revocation, user));
    else endIslands((user, route, params) => isAboutIsland(revocation, user, route, params), revocation.redirect);
  };
  const hereAlone = <Asked>(isMeant: Asked): Asked => {
    if (!cluster.revocations.areTold) return isMeant;
    const cure = "say it as data, such as { login: 'ann' }";
    throw new IsletError('ISLET_ERR_OPTIONS', `a function cannot be told to the other processes of the bus: ${cure}`);
  };

  app.decorateReply('html', async function html(this: FastifyReply, page: unknown, options: PageOptions = {}) {
    const { request, raw } = this;
    const identify = (): unknown => ('user' in options ? options.user : authentication.visitorOf(request));
    const visitor = new Visitor({ settings, log: askingLog, identify, address: addressOf(request) });
    const leave = (): void => visitor.leave();
    raw.once('close', leave);
    const rendered = renderPage(page, { ...context, visitor, nonce: options.nonce }).finally(() =>
      raw.off('close', leave),
    );
    const text = await rendered.catch((error: unknown) => {
      const page = extras.errorPage(error, request.url);
      // what is wrong is for the log; whoever asked for the page gets the public message
      if (page === undefined) throw error instanceof IsletError ? toError(error.code, { cause: error }) : error;
      this.code(500);
      return page;
    });
    if (this.sent) {
      const cure = 'return reply.html(...), or await it';
      log.error({ url: request.url }, `a handler had answered before its page was rendered: ${cure}`);
      return this;
    }
    return this.type('text/html; charset=utf-8').send(extras.complete(text, request.url, options.nonce));
  });
  app.decorate('islet', {
    route(path: string, component: AnyComponent, routeOptions: DeclaredOptions = {}) {
      registry.add(path, extras.declare(path, component, routeOptions), routeOptions);
      addSocket(path, (transport, request) => {
        const conversation = open(transport, request);
        const route = pathOf(request).slice(app.prefix.length);
        if (conversation.isOpen) conversation.joinDirectly(route, queryOf(request));
      });
      return { path };
    },
    send: (
      route: string | DeclaredRoute<string, never>,
      params: RouteParams,
      message: AnyMessage,
      { key }: SendOptions = {},
    ) => registry.sends.send(typeof route === 'string' ? route : route.path, params, message, key),
    read: <const Target extends string | DeclaredRoute<string, never>>(route: Target, params: RouteParams) =>
      registry.sends.read(typeof route === 'string' ? route : route.path, params) as Promise<ModelAt<Target>>,
    topic: (name) => cluster.topics.topic(name),
    task: (task, run, taskOptions) => registry.tasks.add(task, run, taskOptions),
    presence: (name) => cluster.presences.presence(name),
    disconnect(who) {
      if (typeof who === 'function') endConnections(hereAlone(who as (user: unknown) => boolean));
      else cluster.revocations.say({ kind: 'disconnect', user: who });
    },
    revoke(which, { redirect } = {}) {
      if (redirect !== undefined && !isPath(redirect)) {
        throw new IsletError('ISLET_ERR_OPTIONS', `redirect must be a path of this site; got '${redirect}'`);
      }
      if (typeof which === 'function') endIslands(hereAlone(which), redirect);
      else cluster.revocations.say({ kind: 'revoke', ...which, ...(redirect !== undefined && { redirect }) });
    },
    asset: (name) => extras.asset(name),
    counters: registry.counters,
    whenKept: stopping.whenKept,
    get isReady() {
      return !stopping.hasBegun && owners?.isCut !== true;
    },
    inspect: inspector.on.bind(inspector),
    get size() {
      return { actors: registry.size, sessions: sessions.size, connections: connections.size };
    },
  } satisfies Islet);
  addSocket(settings.path, (transport, request) => {
    const conversation = open(transport, request);
    if (conversation.isOpen) conversation.awaitHello();
  });
  extras.serve();

  const heartbeat = setInterval(() => {
    for (const connection of connections.takeTurn()) connection.checkAlive();
  }, heartbeatMs / turnCount).unref();

  app.addHook('onClose', async () => {
    clearInterval(heartbeat);
    stopping.end();
    sessions.close();
    owners?.end();
    await registry.close();
    await registry.closing.within(cluster.close(), endMs);
    unwatch();
    endLog();
    extras.end();
    log.end();
  });
}

/** Whether a browser that is sent there stays on its site: `//` and a backslash begin the name of another. */
function isPath(redirect: string): boolean {
  return redirect.startsWith('/') && new URL(redirect, 'http://site.invalid').host === 'site.invalid';
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] as string;
}

function queryOf(request: FastifyRequest): { [name: string]: string } {
  const texts: { [name: string]: string } = {};
  for (const [name, value] of Object.entries((request.query ?? {}) as Record<string, unknown>)) {
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}
