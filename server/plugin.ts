/*
 * The Fastify plugin: sockets, routes of components, and pages. It wires registry, sessions and connections together;
 * each request is checked (origin, who, how many) before it becomes a connection.
 */

import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { WebSocket } from 'ws';
import type { AnyComponent } from '../shared/language/component.ts';
import { type ErrorCode, errorCatalogue, toError } from '../shared/language/errors.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import { watchLateErrors } from './actors/containment.ts';
import { Registry, type RouteOptions } from './actors/registry.ts';
import type { Counters } from './inspect/counters.ts';
import { type IsletOptions, type Settings, toSettings } from './options.ts';
import { type PageOptions, renderPage } from './pages/page.ts';
import { Connection } from './sessions/conversation.ts';
import { Sessions } from './sessions/sessions.ts';
import { Connections } from './transport/connections.ts';

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
  interface FastifyRequest {
    isletUser: unknown;
  }
}

const heartbeatMs = 30_000;
/** How long a stopping server waits for its connections to end by themselves, and for requests under way. */
const closeMs = 2_000;
const requestMs = 5_000;
/** How often it looks whether all have ended. */
const lookMs = 20;

/** The plugin: `await app.register(islet, options)`. */
export const islet = fastifyPlugin(registerIslet, { name: 'islet', fastify: '5.x' });

async function registerIslet(app: FastifyInstance, options: IsletOptions): Promise<void> {
  const settings = toSettings(options);
  const registry = new Registry(settings, app.log);
  const sessions = new Sessions(settings, registry);
  const connections = new Connections();
  const context = { connections, registry, sessions, settings, log: app.log };
  const unwatch = watchLateErrors();
  let closing: NodeJS.Timeout | undefined;
  let requests = 0;
  const onRequestEnd = (): void => {
    requests--;
  };

  await app.register(websocket, {
    options: {
      // twice the limit, so that what is just above it gets an error with a code instead of a bare close
      maxPayload: 2 * settings.limits.maxFrameBytes,
      perMessageDeflate: false,
    },
    errorHandler(err, socket, request) {
      // ws closes by itself for what breaks its own rules; what our own handler throws is news
      if (socket.readyState !== socket.OPEN) return;
      request.log.error({ err }, 'a socket could not be served');
      socket.terminate();
    },
    preClose(done) {
      for (const connection of connections) connection.close('ISLET_ERR_SERVER_STOPPING');
      const startedAt = performance.now();
      closing = setInterval(() => {
        const ms = performance.now() - startedAt;
        if (ms > closeMs) for (const connection of connections) connection.terminate();
        // a browser's spare connection that never asked for anything would hold us up for ever
        if ((connections.size === 0 && requests === 0) || ms > requestMs) app.server.closeAllConnections();
      }, lookMs);
      done();
    },
  });

  const open = (socket: WebSocket, request: FastifyRequest): Connection => {
    const connection = new Connection(socket, request, context);
    connections.add(connection);
    // of many that came at the same time, all were let through
    const isTooMany = connections.countOf(connection.address) > settings.limits.maxConnectionsPerAddress;
    if (isTooMany) connection.close('ISLET_ERR_LIMIT_CONNECTIONS');
    // `authenticate` may have taken its time
    if (closing) connection.close('ISLET_ERR_SERVER_STOPPING');
    return connection;
  };

  // Without an `authenticate` to wait for, nothing here is asynchronous: a promise for each connection would cost more.
  const check = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (!isAllowedOrigin(request, settings)) refuse(reply, 403, 'ISLET_ERR_ORIGIN');
    else if (connections.countOf(request.ip) >= settings.limits.maxConnectionsPerAddress) {
      refuse(reply, 429, 'ISLET_ERR_LIMIT_CONNECTIONS');
    } else if (settings.authenticate === undefined) done();
    else authenticate(request, settings.authenticate).then(done, () => refuse(reply, 401, 'ISLET_ERR_UNAUTHENTICATED'));
  };

  const addSocket = (url: string, accept: (connection: Connection, request: FastifyRequest) => void): void => {
    app.route({
      method: 'GET',
      url,
      preValidation: check,
      handler: (_, reply) => reply.code(426).header('upgrade', 'websocket').send({ error: 'This is a WebSocket.' }),
      wsHandler: (socket, request) => accept(open(socket, request), request),
    });
  };

  app.addHook('onRequest', (request, reply, done) => {
    if (!request.ws) {
      requests++;
      reply.raw.once('close', onRequestEnd);
    }
    done();
  });
  // Who is refused by a hook of the app's own is left with a socket that nobody reads, and that so never ends.
  app.addHook('onResponse', async ({ headers, raw }) => {
    if (headers.upgrade?.toLowerCase() === 'websocket') raw.socket.destroy();
  });
  app.decorateRequest('isletUser', null);
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
      addSocket(path, (connection, request) => {
        const route = pathOf(request).slice(app.prefix.length);
        if (connection.isOpen) connection.joinDirectly(route, queryOf(request));
      });
    },
    disconnect: (isMeant) => sessions.disconnect(isMeant),
    counters: registry.counters,
    get size() {
      return { actors: registry.size, sessions: sessions.size, connections: connections.size };
    },
  } satisfies Islet);
  addSocket(settings.path, () => {});
  // the element for the browser, at `/islet/element.js` unless `path` says otherwise
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public/build', import.meta.url)),
    prefix: `${settings.path}/`,
    decorateReply: false,
    preCompressed: true,
  });

  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.checkAlive();
  }, heartbeatMs).unref();

  app.addHook('onClose', async () => {
    clearInterval(heartbeat);
    clearInterval(closing);
    sessions.close();
    await registry.close();
    unwatch();
  });
}

function refuse(reply: FastifyReply, status: number, code: ErrorCode): FastifyReply {
  return reply.code(status).send({ code, message: errorCatalogue[code].message });
}

async function authenticate(request: FastifyRequest, ask: (request: FastifyRequest) => unknown): Promise<void> {
  try {
    request.isletUser = (await ask(request)) ?? null;
  } catch (err) {
    request.log.info({ err }, 'authenticate refused a connection');
    throw err;
  }
}

/** A browser always says which page opens a socket; whoever says nothing is no browser and has no cookies to abuse. */
function isAllowedOrigin(request: FastifyRequest, settings: Settings): boolean {
  const { origin } = request.headers;
  if (origin === undefined || settings.allowedOrigins.includes(origin)) return true;
  if (origin === `http://${request.host}` || origin === `https://${request.host}`) return true;
  try {
    return new URL(origin).host === request.host;
  } catch {
    return false;
  }
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
