/*
 * A WebSocket to an app that need not listen: the app's own HTTP server is handed a connection that is in memory, and
 * all that a real one passes (parser, hooks, rights, frames) is passed. Input: an app, a path and headers. Output: what
 * a client of the wire connects with (`client.ts`).
 */

import { randomBytes } from 'node:crypto';
import { type Duplex, duplexPair } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { LightSocket, SocketListener } from './client.ts';

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface SocketOptions {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
}

/** Opens a socket; who listens hears when it is open, and why it ended. */
export function openSocket(
  app: FastifyInstance,
  { path, headers }: SocketOptions,
  listener: SocketListener,
): LightSocket {
  const [near, far] = duplexPair();
  // what limits and logs know of a peer
  Object.assign(far, { remoteAddress: '127.0.0.1', remotePort: 0, remoteFamily: 'IPv4' });
  const socket = new MemorySocket(near, far, listener);
  app.server.emit('connection', far);
  const lines = Object.entries({
    ...headers,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  near.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return socket;
}

class MemorySocket implements LightSocket {
  private readonly stream: Duplex;
  private readonly far: Duplex;
  private readonly listener: SocketListener;
  private waiting: Buffer = Buffer.alloc(0);
  private isUpgraded = false;
  private ending: readonly [code: number, reason: string] | undefined;

  /** @param far The server's end. */
  constructor(stream: Duplex, far: Duplex, listener: SocketListener) {
    this.stream = stream;
    this.far = far;
    this.listener = listener;
    stream.on('data', (data: Buffer) => this.receive(data));
    stream.on('error', () => {}); // `close` follows
    stream.on('end', () => stream.destroy());
    stream.on('close', () => listener.onClose(...(this.ending ?? ([1006, ''] as const))));
  }

  send(text: string): void {
    this.write(opcodes.text, Buffer.from(text));
  }

  close(code: number): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.write(opcodes.close, payload);
  }

  terminate(): void {
    this.stream.destroy();
    // in memory, one end does not hear that the other was lost
    this.far.destroy();
  }

  /** A client's frames are masked. */
  private write(opcode: number, payload: Buffer): void {
    if (this.stream.destroyed || !this.isUpgraded) return;
    const length = payload.length;
    const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
    header[0] = 0x80 | opcode;
    if (header.length === 2) header[1] = 0x80 | length;
    else if (header.length === 4) {
      header[1] = 0x80 | 126;
      header.writeUInt16BE(length, 2);
    } else {
      header[1] = 0x80 | 127;
      header.writeBigUInt64BE(BigInt(length), 2);
    }
    const mask = randomBytes(4);
    for (let at = 0; at < length; at++) payload[at] = (payload[at] as number) ^ (mask[at % 4] as number);
    this.stream.write(Buffer.concat([header, mask, payload]));
  }

  private receive(data: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    if (!this.isUpgraded && !this.readHead()) return;
    for (let frame = this.readFrame(); frame; frame = this.readFrame()) this.handle(...frame);
  }

  /** The answer to the upgrade. Returns false when there is more to wait for, or nothing more. */
  private readHead(): boolean {
    const end = this.waiting.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.waiting.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 101')) {
      const { code = '' } = parse(this.waiting.toString('utf8', end + 4));
      this.ending = [1006, `${head.split('\r\n', 1)[0]} ${code}`.trim()];
      this.stream.destroy();
      return false;
    }
    this.waiting = this.waiting.subarray(end + 4);
    this.isUpgraded = true;
    this.listener.onOpen();
    return true;
  }

  private readFrame(): readonly [opcode: number, payload: Buffer] | undefined {
    const { waiting } = this;
    if (waiting.length < 2) return undefined;
    const short = (waiting[1] as number) & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (waiting.length < start) return undefined;
    const length = short < 126 ? short : short === 126 ? waiting.readUInt16BE(2) : Number(waiting.readBigUInt64BE(2));
    if (waiting.length < start + length) return undefined;
    this.waiting = waiting.subarray(start + length);
    return [(waiting[0] as number) & 0x0f, waiting.subarray(start, start + length)];
  }

  private handle(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.text) this.listener.onText(payload.toString());
    else if (opcode === opcodes.ping) this.write(opcodes.pong, Buffer.from(payload));
    else if (opcode === opcodes.close) {
      const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.ending ??= [code, payload.toString('utf8', 2)];
      this.write(opcodes.close, Buffer.from(payload));
      this.stream.end();
    }
  }
}

/** The body of a refusal, as far as it says something. */
function parse(body: string): { readonly code?: string } {
  try {
    return JSON.parse(body) as { readonly code?: string };
  } catch {
    return {};
  }
}
