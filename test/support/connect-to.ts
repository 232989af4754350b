// How light clients connect over real sockets. `new LightClient({ connect: connectTo(url), ... })`

import { WebSocket } from 'ws';
import type { Connect, LightSocket } from '../../server/testing/client.ts';

export interface ConnectOptions {
  /** How long the server may take to answer, in milliseconds. Default: for ever. */
  readonly handshakeMs?: number;
}

/**
 * Connects to a server, or each time to the one that is named then.
 *
 * @param url `ws://127.0.0.1:port/islet`, or what gives it.
 */
export function connectTo(url: string | (() => string), { handshakeMs }: ConnectOptions = {}): Connect {
  return ({ onOpen, onText, onClose }): LightSocket => {
    const socket = new WebSocket(typeof url === 'string' ? url : url(), {
      perMessageDeflate: false,
      ...(handshakeMs !== undefined && { handshakeTimeout: handshakeMs }),
    });
    socket.on('open', onOpen);
    socket.on('message', (data: Buffer) => onText(data.toString()));
    socket.on('error', () => {}); // `close` follows
    socket.on('close', (code, reason) => onClose(code, reason.toString()));
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code) => socket.close(code),
      terminate: () => socket.terminate(),
    };
  };
}
