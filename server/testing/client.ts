/*
 * A light client of the wire, written from docs/protocol.md alone: it joins islands, sends numbered events, keeps what
 * has no outcome yet, and comes back with its session however often its connection is lost. Input: how to connect.
 * Output: islands with their trees, and what became of each event. Tests of pages use it, and so does the chaos
 * program.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import { type IslandError, LightIsland, type Outcome, type Press, type Waiting } from './light-island.ts';
import type { Json } from './tree.ts';

/** One open connection, whatever carries it. */
export interface LightSocket {
  send(text: string): void;
  close(code: number): void;
  /** Ends it without a word. */
  terminate(): void;
}

export interface SocketListener {
  onOpen(): void;
  onText(text: string): void;
  /** The connection has ended, or never opened: then the reason says what the server answered. */
  onClose(code: number, reason: string): void;
}

export type Connect = (listener: SocketListener) => LightSocket;

export interface LightClientOptions {
  readonly connect: Connect;
  /** How long to wait, in milliseconds, before a connection that was lost is opened again. */
  retryMs(failures: number): number;
  /**
   * How long nothing may come, in milliseconds, before it asks whether anybody is there, and then leaves. Default: for
   * ever.
   */
  readonly patienceMs?: number;
  /** Something has changed: a frame came, or a connection ended. */
  onChange?(): void;
  /**
   * What an event without an outcome becomes that was made in another life of its island: the place where it happened,
   * as it is called now. Undefined: it is gone. Default: all are.
   */
  placeOf?(island: LightIsland, press: Press): Press | undefined;
  onEmit?(island: LightIsland, name: string, detail: Json, options: Json): void;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The frames' first and second elements; the rest depends on them. */
type Frame = readonly [channel: number, ...rest: Json[]];

/** How many versions a client may leave unacknowledged; the protocol says 32 at the latest. */
const versionsPerAck = 20;
const watchMs = 50;
/** How long it waits before it joins again what could not be had now. */
const rejoinMs = 1_000;
/** A client that is about to come back keeps its process alive. */
const ownClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export class LightClient {
  readonly islands = new Map<number, LightIsland>();
  /** Connections that were open and ended without this client's will, or that it left since nothing came. */
  disconnects = 0;
  /** What must not happen: errors of the protocol, operations that cannot be carried out. */
  readonly faults: string[] = [];
  patienceMs: number;
  /** Whether the server has greeted it. */
  isGreeted = false;
  private readonly options: LightClientOptions;
  private socket: LightSocket | undefined;
  private isOpen = false;
  private session: string | null = null;
  /** How many may be without an outcome, as the hello says. */
  private maxEvents = 1;
  /** How often it has said hello. */
  private hellos = 0;
  /** What was said last, for whoever looks for a fault. */
  private said: readonly string[] = [];
  /** Whether it stays away, until `restore`. */
  isCut = false;
  private isEnded = false;
  private failures = 0;
  private heardAt = 0;
  private askedAt = 0;
  private lastChannel = 0;
  private readonly clock: Clock;
  private readonly timers = new Set<unknown>();
  private probes: (() => void)[] = [];
  private mounted = new Map<LightIsland, () => void>();
  private ended: (() => void) | undefined;

  constructor(options: LightClientOptions) {
    this.options = options;
    this.patienceMs = options.patienceMs ?? Number.POSITIVE_INFINITY;
    this.clock = options.clock ?? ownClock;
  }

  /** Connects, and stays so until `end`. */
  start(): void {
    this.connect();
    const watch = (): void => {
      this.watch();
      this.after(watchMs, watch);
    };
    if (this.patienceMs !== Number.POSITIVE_INFINITY) watch();
  }

  /** @param names Of the attributes that count, where the page says them. */
  join(route: string, attributes: LightIsland['attributes'] = {}, names?: readonly string[]): LightIsland {
    const island = new LightIsland(++this.lastChannel, route, attributes, names);
    this.islands.set(island.channel, island);
    if (this.isGreeted) this.sendJoin(island);
    return island;
  }

  leave(island: LightIsland): void {
    this.islands.delete(island.channel);
    island.abandon('left');
    if (island.isJoined) this.send([island.channel, 'leave']);
    island.isJoined = false;
  }

  /**
   * Makes an event; it is sent when that is possible. Resolves to what became of it.
   *
   * @param press Asked when the event gets its number.
   */
  act(island: LightIsland, press: () => Press): Promise<Outcome> {
    return new Promise((tell) => {
      island.unsent.push({ press, seen: island.seen, tell });
      this.flush(island);
    });
  }

  changeAttribute(island: LightIsland, name: string, text: string | null): void {
    if (island.isJoined) this.send([island.channel, 'attribute', name, text]);
  }

  /** Says again what has no outcome: what the server has had does nothing, however often it comes. */
  repeat(island: LightIsland): void {
    for (const waiting of island.waiting) this.sendEvent(island, waiting);
  }

  /** Asks for an island anew; resolves when it was mounted. */
  askAnew(island: LightIsland): Promise<void> {
    return new Promise((resolve) => {
      this.mounted.set(island, resolve);
      this.send([island.channel, 'need', island.version, 0]);
    });
  }

  /** Resolves when the server has read all that was sent, and what it sent at once has come. */
  probe(): Promise<void> {
    return new Promise((resolve) => {
      this.probes.push(resolve);
      this.send([0, 'probe']);
    });
  }

  /** Loses the connection, and stays away. */
  cut(): void {
    this.isCut = true;
    if (!this.socket) return;
    this.socket.terminate();
    // at once, and not when the socket says so: it may be restored before that
    this.lose(this.isOpen);
  }

  /** Comes back after `cut`. */
  restore(): void {
    if (!this.isCut) return;
    this.isCut = false;
    if (this.socket === undefined) this.connect();
  }

  /** Leaves, as a page that is closed. Resolves when the connection has ended. */
  async end(): Promise<void> {
    this.isEnded = true;
    for (const timer of this.timers) this.clock.clearTimeout(timer);
    for (const island of this.islands.values()) island.abandon('ended');
    const { socket } = this;
    if (!socket) return;
    const closed = new Promise<void>((resolve) => {
      this.ended = resolve;
    });
    if (this.isOpen) socket.close(1000);
    else socket.terminate();
    await closed;
  }

  private connect(): void {
    this.isGreeted = false;
    this.isOpen = false;
    this.heardAt = this.clock.now();
    this.askedAt = 0;
    let wasOpen = false;
    const socket: LightSocket = this.options.connect({
      onOpen: () => {
        wasOpen = true;
        if (socket !== this.socket) return;
        this.isOpen = true;
        this.send([0, 'hello', 3, this.session, ++this.hellos]);
      },
      onText: (text) => {
        if (socket !== this.socket) return;
        this.heardAt = this.clock.now();
        this.askedAt = 0;
        try {
          this.receive(JSON.parse(text));
        } catch (error) {
          this.faults.push(`${(error as Error).message}, in ${text}`.slice(0, 500));
        }
        this.options.onChange?.();
      },
      onClose: (code, reason) => {
        if (socket !== this.socket) return;
        if (!this.isEnded) this.onEnd(code, reason, wasOpen);
        else {
          this.socket = undefined;
          this.ended?.();
        }
      },
    });
    this.socket = socket;
  }

  private onEnd(code: number, reason: string, wasOpen: boolean): void {
    if (code === 4409 || code === 4401) this.beginAnew(reason);
    else if (code >= 4000 || code === 1003 || code === 1009)
      this.faults.push(`closed by ${code} ${reason} after ${this.said.join(' ')}`);
    else if (reason.startsWith('HTTP')) this.faults.push(`the socket was refused: ${reason}`);
    this.lose(wasOpen);
    this.options.onChange?.();
  }

  private beginAnew(why: string): void {
    this.session = null;
    for (const island of this.islands.values()) island.drop(why);
  }

  private lose(wasOpen: boolean): void {
    this.socket = undefined;
    this.isOpen = false;
    this.isGreeted = false;
    if (wasOpen) this.disconnects++;
    for (const island of this.islands.values()) island.isJoined = false;
    if (this.isCut) return;
    this.after(this.options.retryMs(this.failures++), () => {
      if (!this.isCut && this.socket === undefined) this.connect();
    });
  }

  /** Leaves a connection on which nothing comes, although something should. */
  private watch(): void {
    const { socket, islands } = this;
    if (!socket || [...islands.values()].every(({ isJoined, waiting }) => isJoined && waiting.length === 0)) return;
    const now = this.clock.now();
    if (this.askedAt === 0 && now - this.heardAt > this.patienceMs) {
      this.askedAt = now;
      if (this.isGreeted) this.send([0, 'probe']);
    } else if (this.askedAt !== 0 && now - this.askedAt > this.patienceMs) {
      const wasOpen = this.isOpen;
      this.socket = undefined;
      socket.terminate();
      this.lose(wasOpen);
    }
  }

  private receive([channel, ...rest]: Frame): void {
    if (channel === 0) this.receiveOwn(rest);
    else {
      // what was left may still be told something that was under way
      const island = this.islands.get(channel);
      if (island) this.receiveFor(island, rest);
    }
  }

  private receiveOwn([kind, ...rest]: readonly Json[]): void {
    if (kind === 'probe') {
      const { probes } = this;
      this.probes = [];
      for (const resolve of probes) resolve();
      return;
    }
    if (kind !== 'hello') {
      const [code] = rest;
      // the close that follows says what to do
      if (
        code !== 'ISLET_ERR_SESSION_TAKEN' &&
        code !== 'ISLET_ERR_DISCONNECTED' &&
        code !== 'ISLET_ERR_SERVER_STOPPING'
      )
        throw new Error(`unexpected ${kind} ${code}`);
      return;
    }
    const [session, , maxEvents] = rest as [string, number, number];
    this.maxEvents = maxEvents;
    if (this.session !== null && session !== this.session)
      for (const island of this.islands.values()) island.drop('new session');
    this.session = session;
    this.isGreeted = true;
    for (const island of this.islands.values()) this.sendJoin(island);
  }

  private sendJoin(island: LightIsland): void {
    island.dropForgotten();
    const { channel, route, settled, epoch, version, tree, names, attributes } = island;
    const wanted = Object.entries(attributes);
    const counting = names ? wanted.filter(([name]) => names.includes(name)) : wanted;
    // which of them count is asked, where the page does not say
    const mustAsk = names === undefined && wanted.length > 0;
    const have = epoch === '' ? [] : [[epoch, version, tree.templateCount]];
    island.settledAtJoin = settled;
    this.send([
      channel,
      'join',
      route,
      mustAsk ? null : Object.fromEntries(counting),
      settled,
      ...(mustAsk ? [] : have),
    ]);
  }

  private receiveFor(island: LightIsland, rest: readonly Json[]): void {
    const [kind] = rest;
    if (kind === 'mount') {
      const [, epoch, version, event, nextId, ids, define, content, ...operations] = rest as [
        ...[string, string, number, number, number, number[], Json[] | null, Json],
        ...Json[][],
      ];
      if (define) island.tree.apply(define);
      island.tree.mount(nextId, ids, content);
      this.answered(island, epoch, version, event, operations);
      this.mounted.get(island)?.();
      this.mounted.delete(island);
    } else if (kind === 'live') {
      const [, epoch, version, event, ...operations] = rest as [string, string, number, number, ...Json[][]];
      this.answered(island, epoch, version, event, operations);
    } else if (kind === 'attributes') {
      island.names = rest[1] as string[];
      this.sendJoin(island);
    } else if (kind === 'part') {
      const [, version, instance, ids, nextId, content] = rest as [string, number, number, number[], number, Json];
      island.tree.replace(instance, nextId, ids, content);
      island.version = version;
    } else if (kind === 'error') {
      const [, code, message, redirect] = rest as [string, string, string, string?];
      this.fail(island, { code, message, redirect });
    } else if (kind === 'saving') {
      island.isSaving = rest[1] as boolean;
    } else if (typeof kind === 'string') {
      throw new Error(`unexpected ${kind}`);
    } else {
      const event = typeof rest.at(-1) === 'number' ? (rest.at(-1) as number) : undefined;
      const operations = (event === undefined ? rest : rest.slice(0, -1)) as Json[][];
      this.carryOut(island, operations);
      if (operations.some(([name]) => name !== 'refused')) island.version++;
      if (event !== undefined) {
        island.settle(event);
        for (const each of this.islands.values()) this.flush(each);
      }
    }
    if (island.version - island.acknowledged >= versionsPerAck) {
      island.acknowledged = island.version;
      this.send([island.channel, island.version]);
    }
  }

  /** The island cannot be joined, has failed, or may not be seen any more. */
  private fail(island: LightIsland, error: IslandError): void {
    island.error = error;
    const isGone = error.code === 'ISLET_ERR_FORBIDDEN_NOW' || error.code === 'ISLET_ERR_JOIN_FORBIDDEN';
    if (isGone) island.tree.clear();
    // it cannot be reached now, and is there again when it can
    if (error.code === '') return;
    if (!isGone && island.isJoined) return;
    island.isJoined = false;
    if (error.code !== 'ISLET_ERR_STORE' && error.code !== 'ISLET_ERR_NO_ANSWER') {
      island.abandon(error.code);
      return;
    }
    // it may be had later, and then what waits is said again
    this.after(rejoinMs, () => {
      if (this.isGreeted && !island.isJoined && this.islands.get(island.channel) === island) this.sendJoin(island);
    });
  }

  /** The island is good: says again what has no outcome, and then what waited to be said. */
  private answered(island: LightIsland, epoch: string, version: number, event: number, operations: Json[][]): void {
    this.carryOut(island, operations);
    // below 0: nobody knows what became of them, and their numbers are used up
    if (event < 0) island.giveUp('unknown');
    else island.settle(event);
    const isSaidAgain = !island.isJoined || event < 0 || epoch !== island.epoch;
    island.epoch = epoch;
    island.version = version;
    island.acknowledged = version;
    island.error = undefined;
    if (!isSaidAgain) return;
    island.isJoined = true;
    this.failures = 0;
    for (const [number, waiting] of island.numbersAfter(Math.max(island.settledAtJoin, event))) {
      if (waiting) this.sendEvent(island, waiting);
      else this.send([island.channel, 'void', number]);
    }
    for (const each of this.islands.values()) this.flush(each);
  }

  private carryOut(island: LightIsland, operations: readonly Json[][]): void {
    for (const operation of operations) {
      const [name, ...rest] = operation;
      if (name === 'refused') island.refuse(rest[0] as number, rest[1] as string, rest[2] as string);
      else island.tree.apply(operation);
      if (name === 'emit') this.options.onEmit?.(island, rest[0] as string, rest[1] ?? null, rest[2] ?? null);
    }
  }

  private flush(island: LightIsland): void {
    while (island.isJoined && island.unsent.length > 0 && this.hasRoom) this.sendEvent(island, island.number());
  }

  /** No more events may be without an outcome: a slow network could bring them all at once. */
  private get hasRoom(): boolean {
    let waiting = 0;
    for (const island of this.islands.values()) waiting += island.waiting.length;
    return waiting < this.maxEvents;
  }

  private sendEvent(island: LightIsland, waiting: Waiting): void {
    const { number, seen, isRefused, tell } = waiting;
    if (isRefused) {
      this.send([island.channel, 'void', number]);
      return;
    }
    const place = waiting.epoch === island.epoch ? waiting : this.options.placeOf?.(island, waiting);
    if (place === undefined) {
      tell({ kind: 'dropped', why: 'void' });
      this.send([island.channel, 'void', number]);
      return;
    }
    if (seen.version === island.version) island.acknowledged = island.version;
    const version = seen.epoch === island.epoch ? seen.version : island.version;
    const event: Frame = [island.channel, number, place.epoch, version, place.instance, place.hole];
    this.send(place.data === undefined ? event : [...event, place.data]);
  }

  private send(frame: Frame): void {
    if (!this.isOpen) return;
    const text = JSON.stringify(frame);
    this.said = [...this.said.slice(-9), text];
    this.socket?.send(text);
  }

  private after(ms: number, action: () => void): void {
    const timer = this.clock.setTimeout(() => {
      this.timers.delete(timer);
      if (!this.isEnded) action();
    }, ms);
    this.timers.add(timer);
  }
}
