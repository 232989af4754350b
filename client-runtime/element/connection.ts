/*
 * The page's one socket: carries the frames of all islands, notices when nobody is there any more, and comes back by
 * itself after a jittered and growing wait. Input: joins and frames of islands. Output: frames handed to the island of
 * their channel. Time is counted by looking once a second: a page that was frozen has not waited meanwhile.
 */

import { encodeHello, encodeLeave, encodeProbe } from '../../shared/wire/client-frames.ts';
import { readServerFrame, type ServerFrameHandler } from '../../shared/wire/server-frames.ts';
import * as times from './times.ts';

/** An island as the connection sees it. */
export interface Channel extends ServerFrameHandler<void> {
  /** There is a socket: join. `isResumed`: the session is the one from before. */
  onOpen(isResumed: boolean): void;
  /** There is no socket; `code` is set when the server said that coming back makes no sense. */
  onLost(code: string): void;
  /** Called once a second. @param silence For how many seconds nothing was heard. */
  onLook(silence: number): void;
  /** The server speaks another version. Returns whether the page may be loaded anew. */
  onOutdated(code: string): boolean;
}

export interface Connection {
  /** Adds an island; returns its channel. It joins now if the socket is open, and whenever it is opened. */
  add(channel: Channel): number;
  remove(channel: number): void;
  /** Sends a frame; false if there is no socket. */
  send(frame: string): boolean;
  /** Asks whether the server is there; if it does not answer, there will be a new socket. */
  probe(): void;
  /** Whether the server takes a frame of this size. */
  takes(frame: string): boolean;
  /** An island was joined: should the connection be lost again, the wait is short. */
  succeed(): void;
}

// Of a WebSocket.
const isOpen = 1;

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
  let hasWorked = false;
  let maxFrameBytes: number = times.defaultFrameBytes;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refusal = '';
  /** How many looks ago something was heard, and how many it may be at most, since a probe was sent. */
  let silence = 0;
  let maxSilence = Number.POSITIVE_INFINITY;
  let lookedAt = 0;

  const send = (frame: string): boolean => {
    if (socket?.readyState !== isOpen) return false;
    socket.send(frame);
    return true;
  };

  const hear = (): void => {
    silence = 0;
    maxSilence = Number.POSITIVE_INFINITY;
  };

  const greet = (isResumed: boolean): void => {
    channels.forEach((channel) => channel.onOpen(isResumed));
  };

  const own: ServerFrameHandler<void> = {
    hello(id, maxBytes) {
      const before = session;
      session = id;
      maxFrameBytes = maxBytes;
      // what is settled depends on which session it is
      if (before) greet(before === id);
    },
  };

  const lookIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };

  const open = (): void => {
    socket = new WebSocket(path);
    hear();
    socket.onopen = () => {
      send(encodeHello(session));
      for (const channel of left.splice(0)) send(encodeLeave(channel));
      if (!session) greet(false);
    };
    socket.onmessage = ({ data }) => {
      hear();
      readServerFrame(data, (channel) => (channel ? channels.get(channel) : own));
    };
    socket.onclose = ({ code, reason }) => lose(code, reason);
  };

  const lose = (code: number, reason: string): void => {
    socket = undefined;
    // a copy of this page has the session: it keeps it
    if (code === 4409) session = null;
    if (code === 4406 || /FRAME/.test(reason)) refusal = reason;
    if (code === 4406) {
      // loaded again and again it would not get better
      let mayReload = hasWorked;
      channels.forEach((channel) => {
        mayReload = channel.onOutdated(reason) && mayReload;
      });
      if (mayReload) location.reload();
    }
    channels.forEach((channel) => channel.onLost(refusal));
    lookIn(Math.min(times.longestWaitMs, times.firstWaitMs * 2 ** failures++) * (0.5 + Math.random() / 2));
  };

  const probe = (): void => {
    if (maxSilence < Number.POSITIVE_INFINITY) return;
    maxSilence = silence + times.answerLooks;
    send(encodeProbe());
  };

  /** Looks whether the server is still there. */
  const look = (): void => {
    timer = undefined;
    if (refusal || !channels.size) return;
    const wasFrozen = performance.now() - lookedAt > times.frozenMs;
    lookedAt = performance.now();
    lookIn(times.lookMs);
    if (!socket) {
      open();
      return;
    }
    silence++;
    channels.forEach((channel) => channel.onLook(silence));
    if (wasFrozen || silence >= times.silentLooks) probe();
    if (silence < maxSilence) return;
    // a close handshake would wait for who is not there
    socket.onmessage = socket.onclose = null;
    socket.close();
    lose(0, '');
  };

  for (const event of ['online', 'pageshow', 'visibilitychange', 'focus']) {
    addEventListener(event, () => document.hidden || (socket ? probe() : look()));
  }

  return {
    add(channel) {
      channels.set(++lastChannel, channel);
      if (refusal) channel.onLost(refusal);
      else if (!timer) look();
      return lastChannel;
    },
    remove(channel) {
      channels.delete(channel);
      if (!send(encodeLeave(channel))) left.push(channel);
    },
    send,
    probe,
    takes: (frame) => new Blob([frame]).size <= maxFrameBytes,
    succeed() {
      hasWorked = true;
      failures = 0;
    },
  };
}
