// A TCP proxy between browser and server that behaves like a bad network, when a test tells it to: it cuts, refuses,
// delays, swallows, or holds back what one side says. `await using proxy = await startProxy(server.url);`

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

type Direction = 'toClient' | 'toServer';

export interface TestProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`, where the server can be reached through the proxy. */
  readonly url: string;
  /** The server's address; a test that starts another changes it. */
  target: string;
  /** How long each piece is under way, in either direction. */
  delayMs: number;
  /** Ends all connections without a word. */
  cut(): void;
  /** Cuts, and lets nobody in until `accept`. */
  refuse(): void;
  /** Lets new connections in. */
  accept(): void;
  /** Passes nothing on any more, on no connection there is and, until `accept`, on no new one; nobody is told. */
  swallow(): void;
  /** Keeps back what goes in one direction until `release`; what is cut meanwhile is lost. */
  hold(direction: Direction): void;
  release(direction?: Direction): void;
}

/** Starts a proxy to a server. It closes itself at the end of the block that holds it. */
export async function startProxy(target: string): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const held = new Map<Direction, PromiseWithResolvers<void>>();
  const swallowed = new WeakSet<Socket>();
  let isRefusing = false;
  let isSwallowing = false;

  const forward = (from: Socket, to: Socket, direction: Direction): void => {
    sockets.add(from);
    let before: Promise<unknown> = Promise.resolve();
    const afterOthers = (action: () => void): void => {
      const wait = proxy.delayMs > 0 ? new Promise((resolve) => setTimeout(resolve, proxy.delayMs)) : undefined;
      before = Promise.all([before, wait, held.get(direction)?.promise]).then(action);
    };
    const pass = (action: () => void): void => afterOthers(() => swallowed.has(from) || action());
    from.on('data', (data) => pass(() => to.writable && to.write(data)));
    from.on('end', () => pass(() => to.end()));
    from.on('error', () => pass(() => to.destroy()));
    from.on('close', () => sockets.delete(from));
  };

  const swallow = (socket: Socket): void => {
    swallowed.add(socket);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };

  const server = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    if (isSwallowing) {
      swallow(client);
      return;
    }
    const { hostname, port } = new URL(proxy.target);
    const upstream = connect(Number(port), hostname);
    forward(client, upstream, 'toServer');
    forward(upstream, client, 'toClient');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const proxy: TestProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    delayMs: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    refuse() {
      isRefusing = true;
      proxy.cut();
    },
    accept() {
      isRefusing = false;
      isSwallowing = false;
    },
    swallow() {
      isSwallowing = true;
      for (const socket of sockets) swallowed.add(socket);
    },
    hold: (direction) => held.set(direction, Promise.withResolvers()),
    release(direction) {
      for (const [each, { resolve }] of held) {
        if (direction !== undefined && direction !== each) continue;
        held.delete(each);
        resolve();
      }
    },
    async [Symbol.asyncDispose]() {
      proxy.refuse();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
