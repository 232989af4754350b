/*
 * A network with distance: a TCP proxy that delivers every byte later, in order, in both directions.
 */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DelayProxy {
  readonly port: number;
  close(): void;
}

/**
 * Starts a proxy to a local port; each direction takes `oneWayMs`. With 0 it still is one hop, the same for everybody.
 */
export async function startDelayProxy(targetPort: number, oneWayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => later(oneWayMs, () => to.writable && to.write(bytes)));
      from.on('end', () => later(oneWayMs, () => to.end()));
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function later(ms: number, action: () => void): void {
  // timers of equal length fire in the order in which they were set
  if (ms === 0) action();
  else setTimeout(action, ms);
}
