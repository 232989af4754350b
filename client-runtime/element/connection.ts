/*
 * The page's one socket: carries the frames of all islands, notices when nobody is there any more, and comes back by
 * itself after a jittered and growing wait. Input: joins and frames of islands. Output: frames handed to the island of
 * their channel. Time is counted by looking once a second: a page that was frozen has not waited meanwhile.
 */

import { encodeHello, encodeLeave, encodeProbe } from '../../shared/wire/client-frames.ts';
import { readServerFrame, type ServerFrameHandler } from '../../shared/wire/server-frames.ts';
import * as times from './times.ts';

/** An island as the connection sees it. */
export interface Channel {
  /** A frame has come. Returns who reads it; undefined: it is kept for later. */
  onFrame(frame: string, kind: unknown): ServerFrameHandler<void> | undefined;
  /** There is a socket: join. `isResumed`: the session is the one from before. */
  onOpen(isResumed: boolean): void;
  /** There is no socket; `code` is set when the server said that coming back makes no sense. */
  onLost(code: string): void;
  /** Called once a second. @param silence For how many seconds nothing was heard. */
  onLook(silence: number): void;
  /** How many events were sent over this connection and have no outcome yet. */
  readonly unsettled: number;
  /** More events may be sent. */
  onRoom(): void;
  /** The server speaks another version. Returns whether the page may be loaded anew. */
  onOutdated(code: string): boolean;
}

export interface Connection {
  /**
   * Adds an island; returns its channel. It joins now if the socket is open, and whenever it is opened.
   *
   * @param number The channel that it has; left out: it gets one.
   */
  add(channel: Channel, number?: number): number;
  /** @param remembers The server keeps the outcomes of its events. */
  remove(channel: number, remembers?: boolean): void;
  /** Its islands have been removed: it is closed. */
  end(): void;
  /** There is a socket, and islands may speak. */
  readonly isReady: boolean;
  /** What the server knows the page by, once it has said so; how many hellos were said; and where. */
  readonly line: readonly [session: string | null, attempt: number, path: string];
  /** Sends a frame; false if there is no socket. */
  send(frame: string): boolean;
  /**
   * Whether an event may be sent now, which is counted; else channels are told when. So many at once, and then so many
   * a second, as the server said in its hello; and so many may be under way, since a network may bring them all at
   * once.
   */
  mayTell(): boolean;
  /** Asks whether the server is there; if it does not answer, there will be a new socket. */
  probe(): void;
  /** Whether the server takes a frame of this size. */
  takes(frame: string): boolean;
  /** An island was joined: should the connection be lost again, the wait is short. */
  succeed(): void;
}

const connections = new Map<string, Connection>();

/** The page's connection to a socket path. */
export function connectionTo(path: string): Connection {
  const connection = connections.get(path) ?? connect(path);
  connections.set(path, connection);
  return connection;
}

/** @param session What goes on, of another page, which said so many hellos. */
export function connect(path: string, session: string | null = null, attempt = 0): Connection {
  const channels = new Map<number, Channel>();
  /** What says of channels that they were left, while the server could not be told. */
  const left: string[] = [];
  let lastChannel = 0;
  let socket: WebSocket | undefined;
  /** Islands may speak. */
  let isReady = false;
  let failures = 0;
  /** So often it is tried at short intervals. */
  let attempts = 0;
  let hasWorked = false;
  let maxFrameBytes: number = times.defaultFrameBytes;
  /** How many events the server takes in a second, how many may be sent now, and when that was counted. */
  let rate = 1;
  let room = 1;
  let countedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWaitingForRoom = false;
  let refusal = '';
  /** How many looks ago something was heard, and how many it may be at most: 0 until a probe was sent. */
  let silence = 0;
  let maxSilence = 0;
  let lookedAt = 0;

  const send = (frame: string): boolean => {
    if (isReady) socket?.send(frame);
    return isReady;
  };

  const hear = (): void => {
    silence = maxSilence = 0;
  };

  const greet = (isResumed: boolean): void => {
    isReady = true;
    for (const frame of left.splice(0)) send(frame);
    for (const channel of channels.values()) channel.onOpen(isResumed);
  };

  const own: ServerFrameHandler<void> = {
    hello(id, maxBytes, maxEventsPerSecond) {
      rate = room = Math.max(1, maxEventsPerSecond);
      const before = session;
      session = id;
      maxFrameBytes = maxBytes;
      // a join says which events are settled, and that depends on the session
      if (before) greet(before === id);
    },
  };

  const lookIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };

  const open = (): void => {
    const opened = new WebSocket(path);
    socket = opened;
    hear();
    socket.onopen = () => {
      opened.send(encodeHello(session, ++attempt));
      if (!session) greet(false);
    };
    socket.onmessage = ({ data }) => {
      hear();
      readServerFrame(data, (channel, kind) => (channel ? channels.get(channel)?.onFrame(data, kind) : own));
    };
    socket.onclose = ({ code, reason }) => lose(code, reason);
  };

  const lose = (code: number, reason: string): void => {
    socket = undefined;
    isReady = false;
    // another page has the session, and this one begins one of its own
    if (code === 4409) session = null;
    if (/FRAME|VERSION/.test(reason)) refusal = reason;
    if (code === 4406) {
      // only if this version has worked before: or it would be loaded again and again
      let mayReload = hasWorked;
      for (const channel of channels.values()) mayReload = channel.onOutdated(reason) && mayReload;
      if (mayReload) location.reload();
    }
    for (const channel of channels.values()) channel.onLost(refusal);
    // who is renewed is back soon
    if (code === 1012) attempts = times.restartAttempts;
    const wait =
      attempts-- > 0 ? times.restartWaitMs : Math.min(times.longestWaitMs, times.firstWaitMs * 2 ** failures++);
    lookIn(wait * (0.5 + Math.random() / 2));
  };

  const mayTell = (): boolean => {
    const now = performance.now();
    room = Math.min(rate, room + ((now - countedAt) * rate) / 1_000);
    countedAt = now;
    let underWay = 0;
    for (const { unsettled } of channels.values()) underWay += unsettled;
    if (room >= 1 && underWay < rate) return room-- > 0;
    if (!isWaitingForRoom) {
      setTimeout(() => {
        isWaitingForRoom = false;
        for (const channel of channels.values()) channel.onRoom();
      }, times.roomMs);
    }
    isWaitingForRoom = true;
    return false;
  };

  const probe = (): void => {
    if (maxSilence) return;
    maxSilence = silence + times.answerLooks;
    send(encodeProbe());
  };

  /** Looks whether the server is still there. */
  const look = (): void => {
    if (refusal || !channels.size) return;
    const wasFrozen = performance.now() - lookedAt > times.frozenMs;
    lookedAt = performance.now();
    lookIn(times.lookMs);
    if (!socket) {
      open();
      return;
    }
    silence++;
    for (const channel of channels.values()) channel.onLook(silence);
    if (wasFrozen || silence >= times.silentLooks) probe();
    if (!maxSilence || silence < maxSilence) return;
    // a close handshake would wait for who is not there
    socket.onmessage = socket.onclose = null;
    socket.close();
    lose(0, '');
  };

  // a page that is looked at again should not wait for a timer
  for (const name of ['online', 'pageshow', 'visibilitychange', 'focus']) {
    addEventListener(name, (event) => {
      // the first time that a page is shown it has only just come
      if (document.hidden || (event as PageTransitionEvent).persisted === false) return;
      if (isReady) probe();
      else if (!socket) look();
    });
  }

  return {
    add(channel, number = ++lastChannel) {
      channels.set(number, channel);
      if (refusal) channel.onLost(refusal);
      // others that were there wait already
      else if (channels.size < 2) look();
      return number;
    },
    remove(channel, remembers) {
      channels.delete(channel);
      const frame = encodeLeave(channel, remembers);
      if (!send(frame)) left.push(frame);
    },
    end: () => socket?.close(),
    get isReady() {
      return isReady;
    },
    get line() {
      return [session, attempt, path] as const;
    },
    send,
    mayTell,
    probe,
    takes: (frame) => new Blob([frame]).size <= maxFrameBytes,
    succeed() {
      hasWorked = true;
      failures = attempts = 0;
    },
  };
}
