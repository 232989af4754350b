// A real Fastify app with the plugin, listening on a free port, for one test:
// `await using server = await startServer((app) => app.islet.route('/ws/count', counter));`

import { Writable } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import type { ClientOptions, WebSocket } from 'ws';
import { type IsletOptions, islet } from '../../server/index.ts';
import { TestClient } from './client.ts';

/** A line of the log as pino writes it. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly actor?: string;
  readonly err?: { readonly message: string; readonly stack: string };
  readonly [name: string]: unknown;
}

export interface TestServer extends AsyncDisposable {
  readonly app: FastifyInstance;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly log: LogLine[];
  /** Lines of the log at level error and above. */
  readonly errors: LogLine[];
  /** Bytes that wait to be sent, of each socket that is open. */
  buffered(): number[];
  /** Opens a socket; it is not waited for, and says nothing by itself. */
  open(path?: string, options?: ClientOptions): TestClient;
  /** Opens a socket to the page's path and says hello. */
  connect(session?: string | null): Promise<TestClient>;
  /** Opens a socket and joins a route on channel 1. */
  visit(route: string): Promise<TestClient>;
}

/** Starts a server. It closes itself, and its clients, at the end of the block that holds it. */
export async function startServer(
  declare: (app: FastifyInstance) => void,
  options: IsletOptions = {},
): Promise<TestServer> {
  const log: LogLine[] = [];
  const stream = new Writable({
    write(line: Buffer, _, done) {
      log.push(JSON.parse(line.toString()));
      done();
    },
  });
  const app = Fastify({ logger: { level: 'info', stream } });
  await app.register(islet, options);
  // what a connection lets go of is not kept here
  const sockets: WeakRef<WebSocket>[] = [];
  app.websocketServer.on('connection', (socket) => sockets.push(new WeakRef(socket)));
  declare(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const clients: TestClient[] = [];

  const open = (path = '/islet', socketOptions: ClientOptions = {}): TestClient => {
    const client = new TestClient(url.replace('http', 'ws') + path, socketOptions);
    clients.push(client);
    return client;
  };
  const connect = async (session: string | null = null): Promise<TestClient> => {
    const client = await open().opened();
    await client.hello(session);
    return client;
  };
  return {
    app,
    url,
    log,
    get errors() {
      return log.filter(({ level }) => level >= 50);
    },
    buffered: () =>
      sockets.flatMap((ref) => {
        const socket = ref.deref();
        return socket && socket.readyState === socket.OPEN ? [socket.bufferedAmount] : [];
      }),
    open,
    connect,
    async visit(route) {
      const client = await connect();
      await client.join(route);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.socket.terminate();
      await app.close();
    },
  };
}
