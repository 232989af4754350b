/*
 * A transport over a WebSocket. ws reads, and speaks the protocol's control frames; texts are written straight to the
 * socket below it, since without compression ws would add nothing but copies (`text-frame.ts`).
 */

import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import { encodeTextFrame } from './text-frame.ts';
import type { SharedFrame, Transport, TransportListener } from './transport.ts';

// One set of listeners for all sockets: closures for each would take memory for as long as it is open.
const owner = Symbol('transport');
type OwnedSocket = WebSocket & { [owner]?: WebSocketTransport };

function onMessage(this: OwnedSocket, data: Buffer, isBinary: boolean): void {
  this[owner]?.receive(data, isBinary);
}

function onPong(this: OwnedSocket): void {
  this[owner]?.listener?.onAlive();
}

function onClose(this: OwnedSocket, code: number, reason: Buffer): void {
  this[owner]?.listener?.onClose(code, reason.toString());
}

function onError(this: OwnedSocket, error: Error): void {
  this[owner]?.listener?.onError(error);
}

function uncork(raw: Socket): void {
  raw.uncork();
}

/**
 * ws ends streams that have ended, three times for each connection: Node makes an error with a stack for each, which
 * nobody gets, and which takes more time than all else of a connection's end.
 */
function endOnce(this: Writable, ...parameters: unknown[]): Writable {
  if (this.writableEnded && parameters.length === 0) return this;
  const { end } = Object.getPrototypeOf(this) as { end: (this: Writable, ...parameters: unknown[]) => Writable };
  return end.apply(this, parameters);
}

/** Where ws keeps the stream that reads frames. If another release keeps it elsewhere, that is ended in vain again. */
interface Reading {
  readonly _receiver?: Writable;
}

export interface WebSocketTransportOptions {
  readonly address: string;
  /** Bytes that may wait to be sent before it is full. */
  readonly maxBufferedBytes: number;
}

export class WebSocketTransport implements Transport {
  readonly address: string;
  listener: TransportListener | undefined;
  private readonly socket: WebSocket;
  private readonly raw: Socket;
  private readonly maxBufferedBytes: number;
  private drained: (() => void)[] | undefined;

  /** @param raw The socket below the WebSocket. */
  constructor(socket: WebSocket, raw: Socket, { address, maxBufferedBytes }: WebSocketTransportOptions) {
    this.socket = socket;
    this.raw = raw;
    this.address = address;
    this.maxBufferedBytes = maxBufferedBytes;
    (socket as OwnedSocket)[owner] = this;
    for (const stream of [raw, (socket as unknown as Reading)._receiver]) if (stream) stream.end = endOnce;
    socket.on('message', onMessage).on('pong', onPong).on('close', onClose).on('error', onError);
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get waitingBytes(): number {
    return this.raw.writableLength;
  }

  get isFull(): boolean {
    return this.raw.writableLength > this.maxBufferedBytes;
  }

  get isPaused(): boolean {
    return this.socket.isPaused;
  }

  listen(listener: TransportListener): void {
    this.listener = listener;
  }

  send(frame: string | SharedFrame): void {
    if (!this.isOpen) return;
    this.raw.write(typeof frame === 'string' ? encodeTextFrame(frame) : frame.toBytes(encodeTextFrame));
  }

  onceDrained(callback: () => void): void {
    if (this.drained) {
      this.drained.push(callback);
      return;
    }
    this.drained = [callback];
    const tell = (error?: Error | null): void => {
      const { drained } = this;
      this.drained = undefined;
      // after an error nothing has drained
      if (!error) for (const each of drained ?? []) each();
    };
    // the limit may be below the socket's high-water mark: then it fires no `drain`
    if (this.raw.writableNeedDrain) this.raw.once('drain', tell);
    else this.raw.write('', tell);
  }

  cork(): void {
    this.raw.cork();
    process.nextTick(uncork, this.raw);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  ping(): void {
    if (this.isOpen) this.socket.ping();
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.socket.close(code, reason);
    this.socket.resume();
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** Frames that arrive after the connection was closed are ignored. */
  receive(data: Buffer, isBinary: boolean): void {
    if (!this.isOpen) return;
    if (isBinary) this.listener?.onBinary();
    else this.listener?.onText(data.toString(), data.length);
  }
}
