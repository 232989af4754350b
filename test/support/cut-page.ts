// A page without a browser whose connections are cut: it keeps an outbox, comes back with what it has, and applies
// exactly what comes to a plain tree. At each frame it checks what no frame may break. Input: what its person does.
// Output: trees and outcomes, for `cuts.test.ts` to compare with the server's.

import { WebSocket } from 'ws';
import type { Json } from '../../shared/language/events.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import {
  encodeAck,
  encodeAttribute,
  encodeEvent,
  encodeHello,
  encodeJoin,
  encodeNeed,
  encodeVoid,
} from '../../shared/wire/client-frames.ts';
import type { WireDefinition } from '../../shared/wire/definition.ts';
import { framesPerAck, type ServerFrame } from '../../shared/wire/frames.ts';
import { type Define, definitionsOf, isDefine, isRefused, type Operation } from '../../shared/wire/patch.ts';
import { decodeServerFrame } from '../../shared/wire/server-frames.ts';
import { ReferenceTree } from './reference-tree.ts';

/** An instance as the reference tree shows it. */
interface PlainInstance {
  readonly id: number;
  readonly template: number;
  readonly slots: readonly unknown[];
}

interface SentEvent {
  readonly number: number;
  readonly epoch: string;
  readonly instance: number;
  readonly hole: number;
  readonly data: Json;
}

/** What was heard by `emit`, in order. */
export interface Heard {
  readonly name: string;
  readonly detail: unknown;
}

/** One island of the page. */
export class CutIsland {
  readonly route: string;
  readonly channel: number;
  tree: ReferenceTree | undefined;
  version = -1;
  epoch = '';
  label = '';
  readonly heard: Heard[] = [];
  readonly provided = new Map<string, unknown>();
  /** Events whose outcome is not known, oldest first. */
  outbox: SentEvent[] = [];
  readonly refused = new Map<number, string>();
  readonly voided = new Set<number>();
  sent = 0;
  settled = 0;
  /** How often it was told everything anew, besides the first time. */
  remounts = 0;
  /** Whether it has asked for everything, to compare it with what is there; the answer is under way. */
  isComparing = false;
  private isJoined = false;
  private templates: WireDefinition[] = [];
  private acknowledged = 0;

  constructor(route: string, channel: number) {
    this.route = route;
    this.channel = channel;
  }

  /** Joins, or joins again: what is sent then comes after the answer. */
  join(isComparing: boolean): string {
    const { channel, route, label, settled, epoch, version, tree, templates } = this;
    this.isJoined = false;
    this.isComparing = isComparing && tree !== undefined;
    const have = tree && ([epoch, version, templates.length] as const);
    return encodeJoin(channel, route, { label }, settled, have);
  }

  /** Events without an outcome, as they are sent again. */
  unsettled(): string[] {
    return this.outbox.map((event) => this.encode(event));
  }

  /** Makes an event at one of the buttons that are there; undefined if nothing is shown yet. */
  press(at: number, toData: (number: number) => Json): string | undefined {
    if (!this.tree) return undefined;
    const buttons = this.buttons();
    const { instance, hole } = buttons[at % buttons.length] as (typeof buttons)[number];
    const number = ++this.sent;
    const event = { number, epoch: this.epoch, instance, hole, data: toData(number) };
    this.outbox.push(event);
    return this.isJoined ? this.encode(event) : undefined;
  }

  /** Gives an event up that was sent over a connection which is lost. */
  giveUp(at: number): void {
    const event = this.outbox[at % this.outbox.length];
    if (event) this.voided.add(event.number);
  }

  /** Whether all that its person did has an outcome, and it is live. */
  get isQuiet(): boolean {
    return this.isJoined && !this.isComparing && this.outbox.length === 0;
  }

  /** Takes a frame in; gives what it sends then. @throws Error when it breaks a rule. */
  receive(frame: ServerFrame): string[] {
    const wasJoined = this.isJoined;
    this.take(frame);
    const { channel, version } = this;
    if (!wasJoined) {
      const comparison = this.isComparing ? [encodeNeed(channel, version, 0)] : [];
      return [...comparison, ...this.unsettled()];
    }
    if (version - this.acknowledged < framesPerAck) return [];
    this.acknowledged = version;
    return [encodeAck(channel, version)];
  }

  private take(frame: ServerFrame): void {
    switch (frame.kind) {
      case 'mount':
        this.mount(frame);
        this.carryOut(frame.operations);
        this.settle(frame.event);
        break;
      case 'live':
        if (this.tree === undefined) throw new Error('live, but nothing is there');
        this.carryOut(frame.operations);
        this.epoch = frame.epoch;
        this.version = frame.version;
        this.isJoined = true;
        this.settle(frame.event);
        break;
      case 'patch':
        this.carryOut(frame.operations);
        if (!frame.operations.every(isRefused)) this.version++;
        if (frame.event !== undefined) this.settle(frame.event);
        break;
      default:
        throw new Error(`nobody asked for this: ${JSON.stringify(frame)}`);
    }
  }

  /** What the outermost instance shows at a hole. */
  shown(hole: number): unknown {
    return (this.tree?.toPlain() as PlainInstance | undefined)?.slots[hole];
  }

  private encode({ number, epoch, instance, hole, data }: SentEvent): string {
    return this.voided.has(number)
      ? encodeVoid(this.channel, number)
      : encodeEvent(this.channel, number, epoch, this.version, instance, hole, data);
  }

  private mount({ epoch, version, define, content, ids, nextId }: Extract<ServerFrame, { kind: 'mount' }>): void {
    const before = [this.version, this.tree?.nextId, this.tree?.toPlain()];
    this.templates = define ? [...definitionsOf(define)] : [];
    const tree = new ReferenceTree();
    tree.define(this.templates);
    tree.mount(content, ids, nextId);
    const isCompared = this.isComparing && this.isJoined;
    if (isCompared) {
      this.isComparing = false;
      const [mine, theirs] = [before, [version, tree.nextId, tree.toPlain()]].map((each) => JSON.stringify(each));
      // a page that is wrong for ever while it says that it is live
      if (mine !== theirs) throw new Error(`there is ${mine}, but the server has ${theirs}`);
    } else if (this.tree !== undefined) this.remounts++;
    this.isJoined = true;
    this.tree = tree;
    this.epoch = epoch;
    this.version = version;
  }

  private carryOut(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (isRefused(operation)) this.refused.set(operation[1], operation[2]);
      else if (operation[0] === 'emit') this.heard.push({ name: operation[1], detail: operation[2] });
      else if (operation[0] === 'provide') this.provided.set(operation[1], operation[2]);
      else {
        if (isDefine(operation)) this.define(operation);
        else this.tree?.apply([operation]);
      }
    }
  }

  /** Some of them may be known already, by a mount. */
  private define(operation: Define): void {
    const [, first] = operation;
    const unknown = definitionsOf(operation).slice(this.templates.length - first);
    if (first > this.templates.length) throw new Error(`templates ${first} do not follow`);
    this.templates.push(...unknown);
    this.tree?.define(unknown);
  }

  private settle(event: number): void {
    if (event > this.sent) throw new Error(`event ${event} has an outcome, but only ${this.sent} were sent`);
    this.outbox = this.outbox.filter(({ number }) => number > event);
    this.settled = Math.max(this.settled, event);
  }

  private buttons(): { instance: number; hole: number }[] {
    const found: { instance: number; hole: number }[] = [];
    const visit = (content: unknown): void => {
      if (Array.isArray(content)) content.forEach(visit);
      else if (content !== null && typeof content === 'object' && 'template' in content) {
        const { id, template, slots } = content as PlainInstance;
        const [, , ...holes] = this.templates[template] as WireDefinition;
        holes.forEach(([kind], hole) => {
          if (kind === HoleKind.event) found.push({ instance: id, hole });
          else visit(slots[hole]);
        });
      }
    };
    visit(this.tree?.toPlain());
    return found;
  }
}

export class CutPage {
  readonly islands: readonly CutIsland[];
  /** What broke a rule. */
  error: Error | undefined;
  /** How often it connected. */
  connections = 0;
  /** Whether it sends its events again before the answer to its join has come, and after that once more. */
  isHasty = false;
  /** At each lost connection, which event loses its place by that. */
  giveUps: number[] = [];
  private readonly url: string;
  private readonly isComparing: boolean;
  private readonly onFrame: (island: CutIsland) => void;
  private socket: WebSocket | undefined;
  private session: string | null = null;
  private isEnded = false;
  private readonly asked = new Set<number>();

  /**
   * @param routes Of its islands, on channel 1, 2 and so on.
   * @param isComparing Whether it asks for all that is shown when it comes back, to compare.
   * @param onFrame Called when an island has taken a frame in.
   */
  constructor(url: string, routes: readonly string[], isComparing: boolean, onFrame: (island: CutIsland) => void) {
    this.url = url;
    this.islands = routes.map((route, index) => new CutIsland(route, index + 1));
    this.isComparing = isComparing;
    this.onFrame = onFrame;
    this.connect();
  }

  get isQuiet(): boolean {
    return this.islands.every((island) => island.isQuiet);
  }

  press(channel: number, at: number, toData: (number: number) => Json): void {
    const frame = this.islands[channel - 1]?.press(at, toData);
    if (frame) this.send(channel, frame);
  }

  setLabel(channel: number, text: string): void {
    const island = this.islands[channel - 1] as CutIsland;
    island.label = text;
    this.send(channel, encodeAttribute(channel, 'label', text));
  }

  end(): void {
    this.isEnded = true;
    this.socket?.terminate();
  }

  private send(channel: number, frame: string): void {
    // what is made while there is no connection goes out with the next join
    if (this.socket?.readyState === WebSocket.OPEN && this.asked.has(channel)) this.socket.send(frame);
  }

  private connect(): void {
    if (this.isEnded || this.error) return;
    this.connections++;
    this.asked.clear();
    const socket = new WebSocket(`${this.url}/islet`);
    this.socket = socket;
    socket.on('open', () => {
      socket.send(encodeHello(this.session, this.connections));
      for (const island of this.islands) {
        socket.send(island.join(this.isComparing));
        if (this.isHasty) for (const event of island.unsettled()) socket.send(event);
        this.asked.add(island.channel);
      }
    });
    socket.on('message', (data: Buffer) => {
      if (this.error || socket !== this.socket) return;
      try {
        this.receive(data.toString());
      } catch (error) {
        this.error = error as Error;
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (socket !== this.socket) return;
      const lost = this.giveUps.shift();
      if (lost !== undefined) for (const island of this.islands) island.giveUp(lost);
      setImmediate(() => this.connect());
    });
  }

  private receive(text: string): void {
    const frame = decodeServerFrame(text);
    if (frame?.kind === 'hello') {
      if (this.session !== null && frame.session !== this.session) throw new Error('the session is gone');
      this.session = frame.session;
      return;
    }
    const island = frame && this.islands[frame.channel - 1];
    if (!island) throw new Error(`this is for no island: ${text}`);
    const answers = island.receive(frame);
    this.onFrame(island);
    for (const answer of answers) this.send(frame.channel, answer);
  }
}
