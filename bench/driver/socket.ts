/*
 * A WebSocket client for load: no more than RFC 6455 needs, over a plain TCP socket, so that the driver costs less than
 * the servers it drives. All sockets read into one buffer; frames are handed on as ranges of it, valid only during the
 * call. Server frames are never masked; client frames use one fixed mask, so that a server has the work of unmasking.
 */

import { connect, type Socket } from 'node:net';

/** What a connection's owner hears. `bytes` may be read from `start` to `end` during the call only. */
export interface FrameListener {
  opened(): void;
  frame(bytes: Buffer, start: number, end: number): void;
  closed(reason: string): void;
}

const readBuffer = Buffer.allocUnsafe(1 << 20);
const mask = Buffer.from([0x5a, 0xa5, 0x3c, 0xc3]);
const closeFrame = encodeFrame(Buffer.from([0x03, 0xe8]), 8);

/** Encodes a masked text frame. Encode once what is sent often. */
export function encodeText(text: string): Buffer {
  return encodeFrame(Buffer.from(text), 1);
}

function encodeFrame(payload: Buffer, opcode: number): Buffer {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + lengthBytes + 4 + length);
  frame[0] = 0x80 | opcode;
  if (lengthBytes === 0) frame[1] = 0x80 | length;
  else if (lengthBytes === 2) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  const start = 2 + lengthBytes + 4;
  mask.copy(frame, start - 4);
  for (let index = 0; index < length; index++) {
    frame[start + index] = (payload[index] as number) ^ (mask[index & 3] as number);
  }
  return frame;
}

export class LoadSocket {
  private readonly socket: Socket;
  private readonly listener: FrameListener;
  /** Bytes of a frame that has not arrived as a whole. */
  private rest: Buffer | undefined;
  private isOpen = false;
  private isClosed = false;

  constructor(port: number, path: string, headers: Readonly<Record<string, string>>, listener: FrameListener) {
    this.listener = listener;
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count) => {
          this.read(readBuffer, count);
          return true;
        },
      },
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://127.0.0.1:${port}\r\n` +
        `${lines.join('')}\r\n`,
    );
    this.socket.on('error', (error) => this.close(error.message));
    this.socket.on('close', () => this.close('the server closed the connection'));
  }

  /** Sends an encoded frame. */
  send(frame: Buffer): void {
    this.socket.write(frame);
  }

  /** Says goodbye as a browser does; `closed` follows when the server has answered. */
  end(): void {
    this.socket.write(closeFrame);
  }

  /** Drops the connection without a word. */
  destroy(): void {
    this.isClosed = true;
    this.socket.destroy();
  }

  private read(buffer: Buffer, count: number): void {
    let bytes = buffer;
    let end = count;
    if (this.rest !== undefined) {
      bytes = Buffer.concat([this.rest, buffer.subarray(0, count)]);
      end = bytes.length;
      this.rest = undefined;
    }
    let position = this.isOpen ? 0 : this.readHandshake(bytes, end);
    while (position < end && !this.isClosed) {
      const next = this.readFrame(bytes, position, end);
      if (next < 0) break;
      position = next;
    }
    if (position < end && !this.isClosed) this.rest = Buffer.from(bytes.subarray(position, end));
  }

  /** Gives the position after the response's head, or 0 when it is not here as a whole. */
  private readHandshake(bytes: Buffer, end: number): number {
    const head = bytes.toString('latin1', 0, Math.min(end, 4_096));
    const headEnd = head.indexOf('\r\n\r\n');
    if (headEnd < 0) return 0;
    if (!head.startsWith('HTTP/1.1 101')) {
      this.close(`no upgrade: ${head.slice(0, head.indexOf('\r\n'))}`);
      this.socket.destroy();
      return end;
    }
    this.isOpen = true;
    this.listener.opened();
    return headEnd + 4;
  }

  /** Handles one frame and gives the position after it, or -1 when it is not here as a whole. */
  private readFrame(bytes: Buffer, position: number, end: number): number {
    if (end - position < 2) return -1;
    let length = (bytes[position + 1] as number) & 0x7f;
    let start = position + 2;
    if (length === 126) {
      if (end - position < 4) return -1;
      length = bytes.readUInt16BE(position + 2);
      start = position + 4;
    } else if (length === 127) {
      if (end - position < 10) return -1;
      length = Number(bytes.readBigUInt64BE(position + 2));
      start = position + 10;
    }
    const next = start + length;
    if (next > end) return -1;
    const opcode = (bytes[position] as number) & 0x0f;
    if (opcode === 1 || opcode === 2) this.listener.frame(bytes, start, next);
    else if (opcode === 9) this.socket.write(encodeFrame(Buffer.from(bytes.subarray(start, next)), 10));
    else if (opcode === 8) this.socket.end();
    return next;
  }

  private close(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.listener.closed(reason);
  }
}
