// A TCP relay between a page and a server that knows where the frames of a WebSocket end: it ends a connection after so
// many of them, exactly. Input: a cut for each connection to come. `await using relay = await startRelay(server.url);`

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** When a connection ends: at the first frame more than these, in either direction. */
export interface Cut {
  readonly toClient: number;
  readonly toServer: number;
  /** Instead of ending the connection, passes nothing more to the client: it reads no more, until somebody cuts. */
  readonly isSilent: boolean;
}

export interface FrameRelay extends AsyncDisposable {
  /** `ws://127.0.0.1:port`, where the server can be reached through the relay. */
  readonly url: string;
  /** Cuts of the connections to come; those after them are left alone. */
  cuts: Cut[];
  /** Ends all connections without a word. */
  cut(): void;
}

/** Starts a relay to a server. It closes itself at the end of the block that holds it. */
export async function startRelay(target: string): Promise<FrameRelay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const { toClient, toServer, isSilent } = relay.cuts.shift() ?? never;
    const upstream = connect({ port: Number(port), host: hostname, noDelay: true });
    const forward = (from: Socket, to: Socket, limit: number, isEnd: boolean): void => {
      sockets.add(from);
      const splitter = new FrameSplitter();
      let passed = -1; // the first piece is the head of the HTTP message
      from.on('data', (data: Buffer) => {
        for (const piece of splitter.add(data)) {
          if (passed < limit) {
            passed++;
            to.write(piece);
          } else if (isEnd) from.destroy();
        }
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        sockets.delete(from);
        // what was passed on still arrives
        to.end();
      });
    };
    forward(upstream, client, toClient, !isSilent);
    forward(client, upstream, toServer, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const relay: FrameRelay = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: [],
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      relay.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}

export const never: Cut = { toClient: Number.POSITIVE_INFINITY, toServer: Number.POSITIVE_INFINITY, isSilent: false };

/** Splits one direction of a connection into the head of the HTTP message and whole frames. */
class FrameSplitter {
  private rest = Buffer.alloc(0);
  private isHeadPassed = false;

  add(data: Buffer): Buffer[] {
    this.rest = Buffer.concat([this.rest, data]);
    const pieces: Buffer[] = [];
    for (let length = this.nextLength(); length <= this.rest.length; length = this.nextLength()) {
      pieces.push(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
      this.isHeadPassed = true;
    }
    return pieces;
  }

  /** How long the next piece is; infinite while its own header has not come. */
  private nextLength(): number {
    const { rest } = this;
    if (!this.isHeadPassed) {
      const end = rest.indexOf('\r\n\r\n');
      return end < 0 ? Number.POSITIVE_INFINITY : end + 4;
    }
    if (rest.length < 2) return Number.POSITIVE_INFINITY;
    const second = rest[1] as number;
    const mask = second & 0x80 ? 4 : 0;
    const short = second & 0x7f;
    const header = 2 + mask + (short === 126 ? 2 : short === 127 ? 8 : 0);
    if (rest.length < header) return Number.POSITIVE_INFINITY;
    if (short < 126) return header + short;
    return header + (short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2)));
  }
}
