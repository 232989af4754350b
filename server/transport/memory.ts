/*
 * Two transports that are each other's peer, without a socket: for tests, of conversations and of whole pages. What one
 * sends the other hears a microtask later, in order. Frames are texts all the way: nothing is encoded.
 */

import type { SharedFrame, Transport, TransportListener } from './transport.ts';

export interface MemoryPairOptions {
  /** Where the client is. Default `memory`. */
  readonly address?: string;
  /** Bytes that may wait to be read before an end is full. Default 1 MiB. */
  readonly maxBufferedBytes?: number;
}

export interface MemoryPair {
  readonly server: MemoryTransport;
  readonly client: MemoryTransport;
}

/** Makes both ends of a connection. */
export function createMemoryPair(options: MemoryPairOptions = {}): MemoryPair {
  const { address = 'memory', maxBufferedBytes = 1024 * 1024 } = options;
  const server = new MemoryTransport(address, maxBufferedBytes);
  const client = new MemoryTransport('server', maxBufferedBytes);
  server.connect(client);
  client.connect(server);
  return { server, client };
}

type Packet =
  | { readonly kind: 'text'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'binary'; readonly bytes: number }
  | { readonly kind: 'ping' | 'pong' | 'gone' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

export class MemoryTransport implements Transport {
  readonly address: string;
  isPaused = false;
  private readonly maxBufferedBytes: number;
  private status: 'open' | 'closing' | 'closed' = 'open';
  private peer: MemoryTransport | undefined;
  private listener: TransportListener | undefined;
  /** What the peer sent, and was not read yet. */
  private readonly inbox: Packet[] = [];
  /** What was sent and waits for the end of the tick. */
  private corked: Packet[] | undefined;
  /** Bytes that were sent, and not read yet. */
  waitingBytes = 0;
  private drained: (() => void)[] = [];
  private isReading = false;

  constructor(address: string, maxBufferedBytes: number) {
    this.address = address;
    this.maxBufferedBytes = maxBufferedBytes;
  }

  connect(peer: MemoryTransport): void {
    this.peer = peer;
  }

  get isOpen(): boolean {
    return this.status === 'open';
  }

  get isFull(): boolean {
    return this.waitingBytes > this.maxBufferedBytes;
  }

  listen(listener: TransportListener): void {
    this.listener = listener;
    this.schedule();
  }

  send(frame: string | SharedFrame): void {
    const text = typeof frame === 'string' ? frame : frame.text;
    if (this.isOpen) this.push({ kind: 'text', text, bytes: Buffer.byteLength(text) });
  }

  /** Sends what no page sends: a frame that is not text. */
  sendBinary(data: Uint8Array): void {
    if (this.isOpen) this.push({ kind: 'binary', bytes: data.length });
  }

  onceDrained(callback: () => void): void {
    this.drained.push(callback);
    if (this.waitingBytes === 0) queueMicrotask(() => this.tellDrained());
  }

  cork(): void {
    if (this.corked) return;
    this.corked = [];
    process.nextTick(() => {
      const { corked = [] } = this;
      this.corked = undefined;
      for (const packet of corked) this.hand(packet);
    });
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.schedule();
  }

  ping(): void {
    if (this.isOpen) this.push({ kind: 'ping' });
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.push({ kind: 'close', code, reason });
    this.status = 'closing';
    this.resume();
  }

  terminate(): void {
    if (this.status === 'closed') return;
    this.status = 'closing';
    this.corked = undefined;
    this.push({ kind: 'gone' });
    queueMicrotask(() => this.finish(1006, ''));
  }

  private push(packet: Packet): void {
    if ('bytes' in packet) this.waitingBytes += packet.bytes;
    if (this.corked) this.corked.push(packet);
    else this.hand(packet);
  }

  private hand(packet: Packet): void {
    this.peer?.inbox.push(packet);
    this.peer?.schedule();
  }

  private schedule(): void {
    if (this.isReading || this.isPaused || this.listener === undefined || this.inbox.length === 0) return;
    this.isReading = true;
    queueMicrotask(() => this.read());
  }

  private read(): void {
    this.isReading = false;
    while (!this.isPaused && this.status !== 'closed') {
      const packet = this.inbox.shift();
      if (packet === undefined) return;
      if ('bytes' in packet) this.peer?.noteRead(packet.bytes);
      this.receive(packet);
    }
  }

  private receive(packet: Packet): void {
    const { listener, isOpen } = this;
    if (packet.kind === 'gone') this.finish(1006, '');
    else if (packet.kind === 'close') {
      // who was asked to close answers in the same words
      this.close(packet.code, packet.reason);
      this.finish(packet.code, packet.reason);
    } else if (!isOpen) return;
    else if (packet.kind === 'text') listener?.onText(packet.text, packet.bytes);
    else if (packet.kind === 'binary') listener?.onBinary();
    else if (packet.kind === 'ping') this.push({ kind: 'pong' });
    else listener?.onAlive();
  }

  private noteRead(bytes: number): void {
    this.waitingBytes -= bytes;
    if (this.waitingBytes === 0) queueMicrotask(() => this.tellDrained());
  }

  private tellDrained(): void {
    if (this.status === 'closed' || this.waitingBytes > 0) return;
    const { drained } = this;
    this.drained = [];
    for (const each of drained) each();
  }

  private finish(code: number, reason: string): void {
    if (this.status === 'closed') return;
    this.status = 'closed';
    this.inbox.length = 0;
    this.listener?.onClose(code, reason);
  }
}
