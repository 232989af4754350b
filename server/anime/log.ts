/*
 * What the server logs: one line for each request, when it has ended or its socket is open, and nothing that could
 * take over somebody's place or say who they are. Input: Fastify's calls. Output: settings of pino, and lines.
 * Of an address only the names of parameters are logged, of people nothing: no network address, no user, no cookie.
 */

import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { healthPath, readinessPath } from './health.ts';

export interface LogOptions {
  readonly level: string;
  /** Where lines go. Default: the process's output. */
  readonly stream?: { write(line: string): void };
}

/** What stands in a line where something was left out. */
const censor = '*';
const maxUrlLength = 200;
/** Parameters of addresses whose values are the app's own, and not what somebody typed or was given. */
const plainParameters = new Set(['genre', 'year', 'sort', 'limit']);
const secrets = [
  'cookie',
  'authorization',
  'password',
  'headers.cookie',
  'headers.authorization',
  'headers["set-cookie"]',
];

/** Settings for Fastify: how it logs, or not at all. */
export function logSettings(options: LogOptions | undefined): Pick<FastifyServerOptions, 'logger' | 'logController'> {
  if (options === undefined) return { logger: false };
  const logger = {
    ...options,
    // one process in a container: its number and the machine's name say nothing
    base: null,
    redact: { paths: secrets.flatMap((path) => [path, `*.${path}`]), censor },
    serializers: {
      req: ({ method, url }: FastifyRequest) => ({ method, url: withoutValues(url) }),
      // @fastify/websocket names by it a socket to an address that has none
      path: (url: unknown) => withoutValues(String(url)),
    },
  };
  return { logger, logController: new RequestLog() };
}

/** Adds the lines of accepted sockets: for Fastify, those requests never end. */
export function logSockets(app: FastifyInstance): void {
  app.addHook('preHandler', (request, reply, done) => {
    if (isUpgrade(request)) writeLine(request, reply, 101);
    done();
  });
}

/** An address as it may be logged: of what stands behind the question mark, names alone. */
export function withoutValues(url: string): string {
  const [path = '', ...query] = url.split('?');
  const parameters = query
    .join('?')
    .split('&')
    .map((parameter) => {
      const [name = ''] = parameter.split('=', 1);
      return plainParameters.has(name) ? parameter : `${parameter.includes('=') ? `${name}=` : ''}${censor}`;
    });
  const text = query.length === 0 ? path : `${path}?${parameters.join('&')}`;
  return text.length > maxUrlLength ? `${text.slice(0, maxUrlLength)}…` : text;
}

/** Replaces Fastify's two lines for each request, and what else it says about one that was answered as it should be. */
class RequestLog extends LogController {
  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    if (isUpgrade(request)) return;
    // Fastify does not tell the end of those that reach no route, and of those whose client went away
    reply.raw.once('close', () => {
      writeLine(request, reply, reply.raw.writableFinished ? reply.statusCode : clientClosed);
    });
  }

  override requestCompleted(_: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (isUpgrade(request)) writeLine(request, reply, reply.statusCode);
  }

  override defaultErrorLog(err: Error, { log }: FastifyRequest, { statusCode }: FastifyReply): void {
    if (statusCode >= 500) log.error({ err }, 'a request failed');
  }

  override routeNotFound(): void {}
}

/** nginx's number for a client that did not wait for its answer. */
const clientClosed = 499;

function writeLine(request: FastifyRequest, reply: FastifyReply, status: number): void {
  const { url: path } = request.routeOptions;
  const level = path === healthPath || path === readinessPath ? 'debug' : 'info';
  const { method, url } = request.raw;
  const ms = Math.round(10 * reply.elapsedTime) / 10;
  request.log[level]({ method, url: withoutValues(url ?? ''), status, ms }, 'request');
}

function isUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
