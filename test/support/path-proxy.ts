// An HTTP proxy that puts a server under a path, as many stand before an app: `/app/islet` goes to `/islet`, or stays
// as it is. Sockets pass. `await using proxy = await startProxyUnder('/app', server.url, { strips: true });`

import { request as ask, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface PathProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port/app` */
  readonly url: string;
}

/** @param strips Whether the server is asked without the path. Other paths are not found. */
export async function startProxyUnder(
  path: string,
  target: string,
  { strips }: { readonly strips: boolean },
): Promise<PathProxy> {
  const sockets = new Set<Socket>();
  const { hostname, port } = new URL(target);

  const forward = ({ url = '', method, headers }: IncomingMessage) => {
    if (!url.startsWith(`${path}/`)) return undefined;
    return ask({ hostname, port, method, headers, path: strips ? url.slice(path.length) : url });
  };

  const server = createServer((incoming, outgoing) => {
    const forwarded = forward(incoming);
    if (!forwarded) {
      outgoing.writeHead(404).end();
      return;
    }
    forwarded.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });

  server.on('upgrade', (incoming, client: Socket) => {
    const forwarded = forward(incoming);
    client.on('error', () => client.destroy());
    if (!forwarded) {
      client.end('HTTP/1.1 404 Not Found\r\n\r\n');
      return;
    }
    forwarded.on('upgrade', ({ rawHeaders }, upstream: Socket) => {
      const pairs = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${rawHeaders[index + 1]}`]));
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${pairs.join('\r\n')}\r\n\r\n`);
      upstream.on('error', () => client.destroy());
      upstream.pipe(client).pipe(upstream);
    });
    forwarded.on('response', ({ statusCode }) => client.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`));
    forwarded.on('error', () => client.destroy());
    forwarded.end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
