/*
 * The page's one socket: carries the frames of all islands, and comes back by itself when it is lost, after a
 * jittered and growing wait. Input: joins and frames of islands. Output: frames handed to the island of their channel.
 */

import { protocolVersion } from '../shared/protocol.ts';

/** An island as the connection sees it. */
export interface Channel {
  /** The socket is open: join. `isResumed` tells whether the server still has this page's session. */
  onOpen(): void;
  /** The server said which session this is, in time before the answer to any join. */
  onHello(isResumed: boolean): void;
  onFrame(frame: readonly unknown[]): void;
  /** The socket was lost; `code` is set when the server said that coming back makes no sense. */
  onLost(code: string): void;
}

const firstWaitMs = 500;
const longestWaitMs = 30_000;

const connections = new Map<string, Connection>();

/** The page's connection to a socket path. */
export function connectionTo(path: string): Connection {
  let connection = connections.get(path);
  if (!connection) connections.set(path, (connection = new Connection(path)));
  return connection;
}

export class Connection {
  readonly #url: string;
  readonly #channels = new Map<number, Channel>();
  #socket: WebSocket | undefined;
  #session: string | null = null;
  #nextChannel = 1;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refusal = '';

  constructor(path: string) {
    this.#url = new URL(path, location.href).href.replace(/^http/, 'ws');
    addEventListener('online', () => this.#retryNow());
    // a phone that wakes up has a socket that looks open; a page that is seen again should not wait for a timer
    document.addEventListener('visibilitychange', () => document.hidden || this.#retryNow());
    addEventListener('pageshow', () => this.#retryNow());
  }

  /** Adds an island; returns its channel. */
  add(channel: Channel): number {
    const number = this.#nextChannel++;
    this.#channels.set(number, channel);
    if (this.#socket?.readyState === WebSocket.OPEN) channel.onOpen();
    else if (!this.#timer) this.#open();
    return number;
  }

  remove(channel: number): void {
    this.#channels.delete(channel);
    this.send([channel, 'leave']);
  }

  /** Sends a frame; false if there is no connection. */
  send(frame: readonly unknown[]): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #open(): void {
    this.#timer = undefined;
    if (this.#socket || this.#refusal) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.send([0, 'hello', protocolVersion, this.#session]);
      for (const channel of this.#channels.values()) channel.onOpen();
    };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      for (const channel of this.#channels.values()) channel.onLost(this.#refusal);
      if (this.#refusal) return;
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures++);
      this.#timer = setTimeout(() => this.#open(), wait * (0.5 + Math.random() / 2));
    };
  }

  #receive(frame: readonly unknown[]): void {
    const [channel, kind, text] = frame as [number, string, string];
    if (channel) {
      this.#channels.get(channel)?.onFrame(frame);
      return;
    }
    if (kind === 'hello') {
      this.#failures = 0;
      const isResumed = this.#session === text;
      this.#session = text;
      for (const each of this.#channels.values()) each.onHello(isResumed);
    } else if (/VERSION|MALFORMED|DEEP|BIG|BINARY/.test(text)) this.#refusal = text;
  }

  #retryNow(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#open();
  }
}
