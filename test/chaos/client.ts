// A light client of the wire, written from docs/protocol.md alone: it joins a shared island and one of its own, sends
// numbered events, and comes back with its session however often its connection is lost. Input: where to connect to, and a
// seed. It keeps book of what it sent and of what it was told.

import { WebSocket } from 'ws';
import { eventHole } from './ledger.ts';
import type { Random } from './random.ts';
import { type Json, Tree } from './tree.ts';

/** The frames' first and second elements; the rest depends on them. */
type Frame = readonly [channel: number, ...rest: Json[]];

/** An event that has a number and no outcome yet. */
interface Waiting {
  readonly number: number;
  readonly id: number;
  readonly epoch: string;
  readonly instance: number;
}

export const routes = { shared: '/ws/shared', own: '/ws/own' };

/** How many versions a client may leave unacknowledged; the protocol says 32 at the latest. */
const versionsPerAck = 20;

/** What somebody knows of one of its islands. */
export class Island {
  readonly channel: number;
  readonly route: string;
  /** Whose events they are in the ledger. */
  readonly sender: string;
  readonly tree = new Tree();
  epoch = '';
  version = -1;
  /** Up to here the page has heard what became of its events. */
  settled = 0;
  isJoined = false;
  /** Ids of events: all from 1 up to this one were made. */
  made = 0;
  /** Events that this client was told about that they were not, or perhaps not, applied: id and why. */
  readonly told = new Map<number, string>();
  waiting: Waiting[] = [];
  /** Ids of events that have no number yet. */
  readonly unsent: number[] = [];
  acknowledged = -1;
  private lastNumber = 0;

  constructor(channel: number, route: string, sender: string) {
    this.channel = channel;
    this.route = route;
    this.sender = sender;
  }

  get isQuiet(): boolean {
    return this.isJoined && this.waiting.length === 0 && this.unsent.length === 0;
  }

  /** Gives the oldest event without a number the next one. */
  number(): Waiting {
    const event = {
      number: ++this.lastNumber,
      id: this.unsent.shift() as number,
      epoch: this.epoch,
      instance: this.tree.rootId,
    };
    this.waiting.push(event);
    return event;
  }

  /** Everything up to a number has an outcome. */
  settle(number: number): void {
    this.settled = Math.max(this.settled, number);
    this.waiting = this.waiting.filter((event) => event.number > number);
  }

  refuse(number: number, code: string): void {
    const event = this.waiting.find((each) => each.number === number);
    // one that was told before is told again until `settled` has gone past it
    if (event) this.told.set(event.id, code);
  }

  /** Nobody knows what became of the events that wait. */
  drop(why: string): void {
    for (const { id } of this.waiting) this.told.set(id, why);
    this.settle(this.lastNumber);
  }
}

export interface ClientOptions {
  readonly name: string;
  /** Where its islands are. Default: those of the chaos. */
  readonly routes?: { readonly shared: string; readonly own: string };
  /** Events without an outcome go to the place where they happened, should another tree be shown there. Default: no. */
  readonly keepsPlace?: boolean;
  readonly random: Random;
  /** `ws://127.0.0.1:port/islet`. */
  readonly url: string;
}

export class Client {
  readonly islands: readonly [shared: Island, own: Island];
  /** Connections that were open and ended without this client's will, or that it left since nothing came. */
  disconnects = 0;
  /** What must not happen: errors of the protocol, operations that cannot be carried out. */
  readonly faults: string[] = [];
  /** How long nothing may come before the client asks, and then leaves. */
  patienceMs = 400;
  private readonly random: Random;
  private readonly url: string;
  private readonly keepsPlace: boolean;
  private socket: WebSocket | undefined;
  private session: string | null = null;
  private hellos = 0;
  /** What was said last, for whoever looks for a fault. */
  private said: readonly string[] = [];
  private isGreeted = false;
  private isEnded = false;
  private failures = 0;
  private heardAt = 0;
  private askedAt = 0;
  private readonly timers = new Set<NodeJS.Timeout>();
  private onMount: ((island: Island) => void) | undefined;

  constructor({ name, random, url, routes: at = routes, keepsPlace = false }: ClientOptions) {
    this.keepsPlace = keepsPlace;
    this.random = random;
    this.url = url;
    this.islands = [new Island(1, at.shared, `${name}.shared`), new Island(2, at.own, `${name}.own`)];
  }

  /** Connects, and stays so until `end`. */
  start(): void {
    this.connect();
    const watch = (): void => {
      this.watch();
      this.after(50, watch);
    };
    watch();
  }

  /** Makes an event on one of the islands; it is sent when that is possible. */
  act(): void {
    const island = this.random.oneOf(this.islands);
    island.unsent.push(++island.made);
    this.flush(island);
    // what the server has had does nothing, however often it comes
    if (island.isJoined && this.random.next() < 0.05) this.repeat(island);
  }

  get isQuiet(): boolean {
    return this.islands.every((island) => island.isQuiet);
  }

  /** Asks for an island anew; resolves to whether that is what was shown, ids included. */
  async isTrue(island: Island): Promise<boolean> {
    const shown = island.tree.toText();
    const mounted = new Promise<boolean>((resolve) => {
      this.onMount = (which) => which === island && resolve(island.tree.toText() === shown);
    });
    this.send([island.channel, 'need', island.version, 0]);
    const isSame = await Promise.race([mounted, new Promise<false>((resolve) => setTimeout(resolve, 5_000, false))]);
    this.onMount = undefined;
    return isSame;
  }

  /** Leaves, as a page that is closed. Resolves when the connection has ended. */
  async end(): Promise<void> {
    this.isEnded = true;
    for (const timer of this.timers) clearTimeout(timer);
    const { socket } = this;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    await closed;
  }

  private connect(): void {
    const socket = new WebSocket(this.url, { perMessageDeflate: false });
    this.socket = socket;
    this.isGreeted = false;
    this.heardAt = performance.now();
    this.askedAt = 0;
    let wasOpen = false;
    socket.on('open', () => {
      wasOpen = true;
      if (socket === this.socket) this.send([0, 'hello', 3, this.session, ++this.hellos]);
    });
    socket.on('message', (data: Buffer) => {
      if (socket !== this.socket) return;
      this.heardAt = performance.now();
      this.askedAt = 0;
      try {
        this.receive(JSON.parse(data.toString()));
      } catch (error) {
        this.faults.push(`${(error as Error).message}, in ${data}`.slice(0, 500));
      }
    });
    socket.on('error', () => {}); // `close` follows
    socket.on('close', (code, reason) => {
      if (socket !== this.socket || this.isEnded) return;
      // nobody else knows the session
      if (code >= 4000 || code === 1003 || code === 1009)
        this.faults.push(`closed by ${code} ${reason} after ${this.said.join(' ')}`);
      this.lose(wasOpen);
    });
  }

  private lose(wasOpen: boolean): void {
    this.socket = undefined;
    if (wasOpen) this.disconnects++;
    for (const island of this.islands) island.isJoined = false;
    const longest = Math.min(300, 10 * 2 ** this.failures++);
    this.after(this.random.between(0, longest), () => this.connect());
  }

  /** Leaves a connection on which nothing comes, although something should. */
  private watch(): void {
    const { socket } = this;
    if (!socket || this.islands.every(({ isJoined, waiting }) => isJoined && waiting.length === 0)) return;
    const now = performance.now();
    if (this.askedAt === 0 && now - this.heardAt > this.patienceMs) {
      this.askedAt = now;
      if (this.isGreeted) this.send([0, 'probe']);
    } else if (this.askedAt !== 0 && now - this.askedAt > this.patienceMs) {
      const wasOpen = socket.readyState === WebSocket.OPEN;
      this.socket = undefined;
      socket.terminate();
      this.lose(wasOpen);
    }
  }

  private receive([channel, ...rest]: Frame): void {
    if (channel === 0) this.receiveOwn(rest);
    else this.receiveFor(this.islands[channel - 1] as Island, rest);
  }

  private receiveOwn([kind, ...rest]: readonly Json[]): void {
    if (kind === 'probe') return;
    if (kind !== 'hello') {
      if (rest[0] !== 'ISLET_ERR_SERVER_STOPPING') throw new Error(`unexpected ${kind}`);
      return;
    }
    const [session] = rest as [string];
    if (this.session !== null && session !== this.session)
      for (const island of this.islands) island.drop('new session');
    this.session = session;
    this.isGreeted = true;
    for (const { channel, route, settled, epoch, version, tree } of this.islands) {
      const have = epoch === '' ? [] : [[epoch, version, tree.templateCount]];
      this.send([channel, 'join', route, {}, settled, ...have]);
    }
  }

  private receiveFor(island: Island, rest: readonly Json[]): void {
    const [kind] = rest;
    if (kind === 'mount') {
      const [, epoch, version, event, nextId, ids, define, content, ...operations] = rest as [
        ...[string, string, number, number, number, number[], Json[] | null, Json],
        ...Json[][],
      ];
      if (define) island.tree.apply(define);
      island.tree.mount(nextId, ids, content);
      this.answered(island, epoch, version, event, operations);
      this.onMount?.(island);
    } else if (kind === 'live') {
      const [, epoch, version, event, ...operations] = rest as [string, string, number, number, ...Json[][]];
      this.answered(island, epoch, version, event, operations);
    } else if (typeof kind === 'string') {
      throw new Error(`unexpected ${kind}`);
    } else {
      const event = typeof rest.at(-1) === 'number' ? (rest.at(-1) as number) : undefined;
      const operations = (event === undefined ? rest : rest.slice(0, -1)) as Json[][];
      this.carryOut(island, operations);
      if (operations.some(([name]) => name !== 'refused')) island.version++;
      if (event !== undefined) island.settle(event);
    }
    if (island.version - island.acknowledged >= versionsPerAck) {
      island.acknowledged = island.version;
      this.send([island.channel, island.version]);
    }
  }

  /** The island is good: says again what has no outcome, and then what waited to be said. */
  private answered(island: Island, epoch: string, version: number, event: number, operations: Json[][]): void {
    this.carryOut(island, operations);
    if (event < 0) {
      // nobody knows what became of them: their numbers are used up
      for (const { number } of island.waiting) this.send([island.channel, 'void', number]);
      island.drop('unknown');
    } else island.settle(event);
    island.epoch = epoch;
    island.version = version;
    island.acknowledged = version;
    if (island.isJoined) return;
    island.isJoined = true;
    this.failures = 0;
    this.repeat(island);
    this.flush(island);
  }

  /** Says again what has no outcome. */
  private repeat(island: Island): void {
    for (const waiting of island.waiting) {
      if (waiting.epoch === island.epoch) this.sendEvent(island, waiting);
      else if (this.keepsPlace) {
        this.sendEvent(island, { ...waiting, epoch: island.epoch, instance: island.tree.rootId });
      } else {
        island.told.set(waiting.id, 'void');
        this.send([island.channel, 'void', waiting.number]);
      }
    }
  }

  private carryOut(island: Island, operations: readonly Json[][]): void {
    for (const operation of operations) {
      if (operation[0] === 'refused') island.refuse(operation[1] as number, operation[2] as string);
      else island.tree.apply(operation);
    }
  }

  private flush(island: Island): void {
    while (island.isJoined && island.unsent.length > 0) this.sendEvent(island, island.number());
  }

  private sendEvent(island: Island, { number, epoch, instance, id }: Waiting): void {
    island.acknowledged = island.version;
    const data = { detail: { sender: island.sender, id } };
    this.send([island.channel, number, epoch, island.version, instance, eventHole, data]);
  }

  private send(frame: Frame): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const text = JSON.stringify(frame);
    this.said = [...this.said.slice(-9), text];
    this.socket.send(text);
  }

  private after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.isEnded) action();
    }, ms);
    this.timers.add(timer);
  }
}
