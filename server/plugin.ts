/*
 * The Fastify plugin: sockets, routes of components, and pages. It wires registry, sessions and transports together.
 * Input: an app and options. Output: `app.islet` and `reply.html`.
 */

import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AnyComponent } from '../shared/language/component.ts';
import { toError } from '../shared/language/errors.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import { Inspector } from '../shared/runtime/inspect.ts';
import { watchLateErrors } from './actors/containment.ts';
import { Registry } from './actors/registry.ts';
import type { RouteOptions } from './actors/routes.ts';
import type { Counters } from './inspect/counters.ts';
import { logHappenings } from './inspect/log-happenings.ts';
import { type IsletOptions, toSettings } from './options.ts';
import { type PageOptions, renderPage } from './pages/page.ts';
import { Conversation, type ConversationContext } from './sessions/conversation.ts';
import { Sessions } from './sessions/sessions.ts';
import { Connections } from './transport/connections.ts';
import { Stopping } from './transport/stopping.ts';
import type { Transport } from './transport/transport.ts';
import { acceptWebSockets } from './transport/upgrade.ts';

/** What `app.islet` offers. */
export interface Islet {
  /**
   * Declares where a server component lives: `<server-component route="...">` and a WebSocket to the path itself join
   * it. Parameters in the path (`/ws/rate/:id`) make one shared actor for each value.
   *
   * @throws IsletError ISLET_ERR_ROUTE for a path that is none or taken, or options that contradict each other.
   */
  route<Props>(path: string, component: AnyComponent, options?: RouteOptions<Props>): void;
  /**
   * Ends the connections of some users at once, and with them their islands, as after a logout: their pages connect
   * again, as whoever `authenticate` then takes them for.
   *
   * @param isMeant Asked for each user that `authenticate` gave.
   * @example app.islet.disconnect((user) => isUser(user) && user.login === login)
   */
  disconnect(isMeant: (user: unknown) => boolean): void;
  /** Counts since the start. */
  readonly counters: Readonly<Counters>;
  /** How many actors and sessions there are now. */
  readonly size: { readonly actors: number; readonly sessions: number; readonly connections: number };
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

const heartbeatMs = 30_000;

/** The plugin: `await app.register(islet, options)`. */
export const islet = fastifyPlugin(registerIslet, { name: 'islet', fastify: '5.x' });

async function registerIslet(app: FastifyInstance, options: IsletOptions): Promise<void> {
  const settings = toSettings(options);
  if (app.hasDecorator('islet')) {
    const cure = 'register a second one in a scope beside the first, not in the same and not inside of it';
    throw new IsletError('ISLET_ERR_OPTIONS', `islet is registered here already; ${cure}`);
  }
  const inspector = new Inspector();
  const endLog = logHappenings(inspector, app.log, settings.clock);
  const registry = new Registry(settings, inspector, app.log);
  const sessions = new Sessions(settings, registry);
  const connections = new Connections<Conversation>();
  const stopping = new Stopping(app, connections);
  const context: ConversationContext = {
    registry,
    sessions,
    settings,
    log: app.log,
    onEnd: (conversation) => connections.remove(conversation),
  };
  const unwatch = watchLateErrors();

  const addSocket = await acceptWebSockets(app, {
    settings,
    countOf: (address) => connections.countOf(address),
    onStop: () => stopping.begin(),
  });
  stopping.countRequests();

  const open = (transport: Transport, { isletUser }: FastifyRequest): Conversation => {
    const conversation = new Conversation(transport, isletUser, context);
    connections.add(conversation);
    // of many that came at the same time, all were let through
    const isTooMany = connections.countOf(conversation.address) > settings.limits.maxConnectionsPerAddress;
    if (isTooMany) conversation.close('ISLET_ERR_LIMIT_CONNECTIONS');
    // `authenticate` may have taken its time
    if (stopping.hasBegun) conversation.close('ISLET_ERR_SERVER_STOPPING');
    return conversation;
  };

  app.decorateReply('html', async function html(this: FastifyReply, page: unknown, { user = null }: PageOptions = {}) {
    const text = await renderPage(page, { ...context, user }).catch((error: unknown) => {
      // what is wrong is for the log; whoever asked for the page gets the public message
      throw error instanceof IsletError ? toError(error.code, { cause: error }) : error;
    });
    return this.type('text/html; charset=utf-8').send(text);
  });
  app.decorate('islet', {
    route(path, component, routeOptions = {}) {
      registry.add(path, component, routeOptions);
      addSocket(path, (transport, request) => {
        const conversation = open(transport, request);
        const route = pathOf(request).slice(app.prefix.length);
        if (conversation.isOpen) conversation.joinDirectly(route, queryOf(request));
      });
    },
    disconnect: (isMeant) => sessions.disconnect(isMeant),
    counters: registry.counters,
    get size() {
      return { actors: registry.size, sessions: sessions.size, connections: connections.size };
    },
  } satisfies Islet);
  addSocket(settings.path, (transport, request) => {
    const conversation = open(transport, request);
    if (conversation.isOpen) conversation.awaitHello();
  });
  // the element for the browser, at `/islet/element.js` unless `path` says otherwise
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public/build', import.meta.url)),
    prefix: `${settings.path}/`,
    decorateReply: false,
    preCompressed: true,
    // anybody may have it: which pages may connect is for the socket to say
    setHeaders(reply) {
      reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
    },
  });

  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.checkAlive();
  }, heartbeatMs).unref();

  app.addHook('onClose', async () => {
    clearInterval(heartbeat);
    stopping.end();
    sessions.close();
    await registry.close();
    unwatch();
    endLog();
  });
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
