/*
 * A transport over a WebSocket. ws reads all but short texts (`short-texts.ts`), and speaks the protocol's control
 * frames; texts are written straight to the socket below it, since without compression ws would add nothing but copies
 * (`text-frame.ts`).
 */

import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import { Slices } from '../slices.ts';
import { type Hearing, maxShortBytes, ShortTexts } from './short-texts.ts';
import { encodeTextFrame, toShortFrame } from './text-frame.ts';
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

function uncork(transport: WebSocketTransport): void {
  transport.uncork();
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

/*
 * A socket's end takes longer than all that an idle one does. Where the peers of tens of thousands go away at the same
 * moment, their sockets end in slices, and with them all that follows from it.
 */
const ends = new Slices<Socket, undefined>((raw) => endOnce.call(raw));
const destructions = new Slices<Socket, Error | undefined>((raw, error) => {
  const { destroy } = Object.getPrototypeOf(raw) as Pick<Socket, 'destroy'>;
  destroy.call(raw, error);
});

function endInTurn(this: Socket, ...parameters: unknown[]): Socket {
  if (parameters.length > 0) endOnce.apply(this, parameters);
  else ends.add(this, undefined);
  return this;
}

function destroyInTurn(this: Socket, error?: Error): Socket {
  if (!this.destroyed) destructions.add(this, error);
  return this;
}

/**
 * Where ws keeps the stream that reads frames. If another release keeps it elsewhere, that is ended in vain again, and
 * reads short texts, too: `test/short-texts.test.ts` fails then.
 */
interface Reading {
  readonly _receiver?: Receiver;
}

type Receiver = Writable & { [owner]?: WebSocketTransport };

/** Reads what came, in place of the receiver's own `write`. */
function readChunk(this: Receiver, chunk: Buffer): boolean {
  const rest = (this[owner] as WebSocketTransport).texts?.read(chunk);
  if (rest === undefined) return true;
  const { write } = Object.getPrototypeOf(this) as { write: (this: Writable, chunk: Buffer) => boolean };
  return write.call(this, rest);
}

export interface WebSocketTransportOptions {
  readonly address: string;
  /** Bytes that may wait to be sent before it is full. */
  readonly maxBufferedBytes: number;
  /** Texts up to so many bytes need not be read by ws. Default: as long as one can be that is short. */
  readonly maxShortBytes?: number | undefined;
}

export class WebSocketTransport implements Transport, Hearing {
  readonly address: string;
  listener: TransportListener | undefined;
  private readonly socket: WebSocket;
  private readonly raw: Socket;
  private readonly maxBufferedBytes: number;
  /** Undefined: ws reads all. */
  readonly texts: ShortTexts | undefined;
  private drained: (() => void)[] | undefined;
  /** Short frames that go out together, as a text of their bytes: one chunk costs less than several. */
  private held = '';
  private isCorked = false;

  /**
   * Made in the step in which the WebSocket opens, before anything has come.
   *
   * @param raw The socket below the WebSocket.
   */
  constructor(socket: WebSocket, raw: Socket, options: WebSocketTransportOptions) {
    const { address, maxBufferedBytes, maxShortBytes: maxBytes = maxShortBytes } = options;
    this.socket = socket;
    this.raw = raw;
    this.address = address;
    this.maxBufferedBytes = maxBufferedBytes;
    (socket as OwnedSocket)[owner] = this;
    const { _receiver: receiver } = socket as unknown as Reading;
    raw.end = endInTurn as Socket['end'];
    raw.destroy = destroyInTurn;
    if (receiver) {
      receiver.end = endOnce;
      // what is compressed is read later than it comes
      if (socket.extensions === '' && maxBytes > 0) {
        this.texts = new ShortTexts(maxBytes, this);
        receiver[owner] = this;
        receiver.write = readChunk;
      }
    }
    socket.on('message', onMessage).on('pong', onPong).on('close', onClose).on('error', onError);
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get waitingBytes(): number {
    return this.raw.writableLength + this.held.length;
  }

  get isFull(): boolean {
    return this.waitingBytes > this.maxBufferedBytes;
  }

  get isPaused(): boolean {
    return this.socket.isPaused;
  }

  listen(listener: TransportListener): void {
    this.listener = listener;
  }

  send(frame: string | SharedFrame): void {
    if (!this.isOpen) return;
    const { raw } = this;
    const short = typeof frame === 'string' ? toShortFrame(frame) : undefined;
    if (short === undefined) this.flush();
    if (typeof frame !== 'string') raw.write(frame.toBytes(encodeTextFrame));
    else {
      if (short === undefined) raw.write(encodeTextFrame(frame));
      else if (this.isCorked) this.held += short;
      else raw.write(short, 'latin1');
    }
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
    this.flush();
    // the limit may be below the socket's high-water mark: then it fires no `drain`
    if (this.raw.writableNeedDrain) this.raw.once('drain', tell);
    else this.raw.write('', tell);
  }

  cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.raw.cork();
    process.nextTick(uncork, this);
  }

  /** The tick is over in which it was corked. */
  uncork(): void {
    this.isCorked = false;
    this.flush();
    this.raw.uncork();
  }

  /** Hands on what is held, before whatever else is sent. */
  private flush(): void {
    const { held } = this;
    if (held === '') return;
    this.held = '';
    // ws may have answered a close meanwhile: nothing is sent after that
    if (this.isOpen) this.raw.write(held, 'latin1');
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  ping(): void {
    if (!this.isOpen) return;
    this.flush();
    this.socket.ping();
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.flush();
    this.socket.close(code, reason);
    this.socket.resume();
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** Frames that arrive after the connection was closed are ignored. */
  receive(data: Buffer, isBinary: boolean): void {
    if (!isBinary) this.hear(data.toString(), data.length);
    else if (this.isOpen) this.listener?.onBinary();
  }

  hear(text: string, bytes: number): void {
    if (this.isOpen) this.listener?.onText(text, bytes);
  }
}
