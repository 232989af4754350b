/*
 * The page's one socket: carries the frames of all islands, and comes back by itself when it is lost, after a
 * jittered and growing wait. Input: joins and frames of islands. Output: frames handed to the island of their channel.
 */

import { protocolVersion } from '../../shared/wire/protocol.ts';

/** An island as the connection sees it. */
export interface Channel {
  /** The socket has been opened: join. */
  onOpen(): void;
  /** The server said which session this is, before it answers any join. `isResumed`: it is the one from before. */
  onHello(isResumed: boolean): void;
  onFrame(frame: readonly unknown[]): void;
  /** There is no socket; `code` is set when the server said that coming back makes no sense. */
  onLost(code: string): void;
}

export interface Connection {
  /** Adds an island; returns its channel. It joins now if the socket is open, and whenever it is opened. */
  add(channel: Channel): number;
  remove(channel: number): void;
  /** Sends a frame; false if there is no socket. */
  send(frame: readonly unknown[]): boolean;
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

  const send = (frame: readonly unknown[]): boolean => {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  };

  const receive = (frame: readonly unknown[]): void => {
    const [channel, kind, text] = frame as [number, string, string];
    if (channel) channels.get(channel)?.onFrame(frame);
    else if (kind === 'hello') {
      const isResumed = session === text;
      failures = 0;
      session = text;
      for (const each of channels.values()) each.onHello(isResumed);
    }
  };

  const open = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (socket || refusal || !channels.size) return;
    socket = new WebSocket(path);
    socket.onopen = () => {
      send([0, 'hello', protocolVersion, session]);
      for (const channel of left.splice(0)) send([channel, 'leave']);
      for (const channel of channels.values()) channel.onOpen();
    };
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
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
      if (!send([channel, 'leave'])) left.push(channel);
    },
    send,
    restart() {
      socket?.close();
    },
  };
}
