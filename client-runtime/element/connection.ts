/*
 * The page's one socket: carries the frames of all islands, and comes back by itself when it is lost, after a
 * jittered and growing wait. Input: joins and frames of islands. Output: frames handed to the island of their channel.
 */

import { encodeHello, encodeLeave } from '../../shared/wire/client-frames.ts';
import { readServerFrame, type ServerFrameHandler } from '../../shared/wire/server-frames.ts';

/** An island as the connection sees it. */
export interface Channel extends ServerFrameHandler<void> {
  /** The socket has been opened: join. */
  onOpen(): void;
  /** The server said which session this is, before it answers any join. `isResumed`: it is the one from before. */
  onHello(isResumed: boolean): void;
  /** There is no socket; `code` is set when the server said that coming back makes no sense. */
  onLost(code: string): void;
}

export interface Connection {
  /** Adds an island; returns its channel. It joins now if the socket is open, and whenever it is opened. */
  add(channel: Channel): number;
  remove(channel: number): void;
  /** Sends a frame; false if there is no socket. */
  send(frame: string): boolean;
  /** Gives the socket up for a new one. */
  restart(): void;
}

const firstWaitMs = 500;
const longestWaitMs = 30_000;

const connections = new Map<string, Connection>();

/** The page's connection to a socket path. */
export function connectionTo(path: string): Connection {
  const connection = connections.get(path) ?? connect(path);
  connections.set(path, connection);
  return connection;
}

function connect(path: string): Connection {
  const channels = new Map<number, Channel>();
  /** Channels that were left while the server could not be told. */
  const left: number[] = [];
  let lastChannel = 0;
  let socket: WebSocket | undefined;
  let session: string | null = null;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refusal = '';

  const send = (frame: string): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(frame);
    return true;
  };

  const own: ServerFrameHandler<void> = {
    hello(id) {
      const isResumed = session === id;
      failures = 0;
      session = id;
      for (const each of channels.values()) each.onHello(isResumed);
    },
  };

  const open = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (socket || refusal || !channels.size) return;
    socket = new WebSocket(path);
    socket.onopen = () => {
      send(encodeHello(session));
      for (const channel of left.splice(0)) send(encodeLeave(channel));
      for (const channel of channels.values()) channel.onOpen();
    };
    socket.onmessage = ({ data }) => readServerFrame(data, (channel) => (channel ? channels.get(channel) : own));
    socket.onclose = ({ code, reason }) => {
      socket = undefined;
      // what was too big must not be sent again: it goes with its session
      if (code === 1009) session = null;
      else if (/FRAME|VERSION/.test(reason)) refusal = reason;
      for (const channel of channels.values()) channel.onLost(refusal);
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** failures++);
      timer = setTimeout(open, wait * (0.5 + Math.random() / 2));
    };
  };

  // a page that somebody looks at again should not wait for a timer
  for (const event of ['online', 'pageshow', 'visibilitychange']) addEventListener(event, open);

  return {
    add(channel) {
      channels.set(++lastChannel, channel);
      if (refusal) channel.onLost(refusal);
      else if (!timer) open();
      return lastChannel;
    },
    remove(channel) {
      channels.delete(channel);
      if (!send(encodeLeave(channel))) left.push(channel);
    },
    send,
    restart() {
      socket?.close();
    },
  };
}
