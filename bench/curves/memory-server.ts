/*
 * A whole server without sockets, in the process that measures it: conversations, sessions, actors and their store, over
 * transports in memory. So what is measured is this project's code alone, and its steps can be counted.
 */

import { Registry } from '../../server/actors/registry.ts';
import { type IsletOptions, toSettings } from '../../server/options.ts';
import { Conversation } from '../../server/sessions/conversation.ts';
import { Sessions } from '../../server/sessions/sessions.ts';
import { createMemoryPair, type MemoryTransport } from '../../server/transport/memory.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { Inspector } from '../../shared/runtime/inspect.ts';
import { encodeAck, encodeEvent, encodeHello, encodeJoin } from '../../shared/wire/client-frames.ts';
import { framesPerAck } from '../../shared/wire/frames.ts';
import { decodeServerFrame } from '../../shared/wire/server-frames.ts';

const silentLog = { error: console.error, warn() {}, info() {} };
const unlimited = Number.POSITIVE_INFINITY;

export class MemoryServer {
  readonly registry: Registry;
  private readonly settings;
  private readonly sessions: Sessions;
  private users = 0;

  constructor(options: IsletOptions = {}) {
    this.settings = toSettings({
      // a delivery follows its event, as in the benchmark of one event at a time
      maxFramesPerSecond: unlimited,
      limits: {
        maxEventsPerSecond: 1e9,
        maxBytesPerClient: unlimited,
        maxRunningBytesPerClient: unlimited,
        maxIslands: 1e6,
      },
      ...options,
    });
    this.registry = new Registry(this.settings, new Inspector(), silentLog);
    this.sessions = new Sessions(this.settings, this.registry);
  }

  route(path: string, component: AnyComponent, options: Parameters<Registry['add']>[2] = {}): void {
    this.registry.add(path, component, options);
  }

  /** Opens a page, which says hello. */
  async open(): Promise<MemoryPage> {
    const { registry, sessions, settings } = this;
    // each from an address of its own: a client's account is no part of what is measured
    const { server, client } = createMemoryPair({ address: `address ${this.users++}`, maxBufferedBytes: unlimited });
    const page = new MemoryPage(client);
    const context = { registry, sessions, settings, log: silentLog, onEnd() {} };
    new Conversation(server, null, context).awaitHello();
    await page.ask(encodeHello(null, 1));
    return page;
  }

  /** Opens a page that has joined an island. */
  async visit(route: string): Promise<MemoryPage> {
    const page = await this.open();
    await page.join(route);
    return page;
  }

  async close(): Promise<void> {
    this.sessions.close();
    await this.registry.close();
  }
}

export class MemoryPage {
  readonly transport: MemoryTransport;
  private epoch = '';
  private version = 0;
  private number = 0;
  private waiting = 0;
  private unacknowledged = 0;
  private onText: (text: string) => void = () => {};

  constructor(transport: MemoryTransport) {
    this.transport = transport;
    transport.listen({
      onText: (text) => this.hear(text),
      onBinary() {},
      onAlive() {},
      onError() {},
      onClose() {},
    });
  }

  private hear(text: string): void {
    if (text.startsWith('[1,[')) {
      this.version++;
      if (++this.unacknowledged >= framesPerAck) {
        this.unacknowledged = 0;
        this.transport.send(encodeAck(1, this.version));
      }
    }
    this.onText(text);
  }

  /** Sends a frame; resolves to the next one that comes. */
  ask(frame: string): Promise<string> {
    const text = this.next();
    this.transport.send(frame);
    return text;
  }

  next(): Promise<string> {
    return new Promise((resolve) => {
      this.onText = resolve;
    });
  }

  /** Joins islands of some routes, on channels from 1 on; the clicks that follow are on the last of them. */
  async join(...routes: readonly string[]): Promise<void> {
    const last = new Promise<string>((resolve) => {
      this.waiting = routes.length;
      this.onText = (text) => {
        if (--this.waiting === 0) resolve(text);
      };
    });
    for (const [index, route] of routes.entries()) this.transport.send(encodeJoin(index + 1, route, {}, 0, undefined));
    const frame = decodeServerFrame(await last);
    if (frame?.kind !== 'mount') throw new Error(`a join was answered by ${frame?.kind}`);
    ({ epoch: this.epoch, version: this.version } = frame);
  }

  /** Clicks on channel 1; resolves when the patch has come. */
  async click(instance: number, hole: number): Promise<void> {
    const text = await this.ask(encodeEvent(1, ++this.number, this.epoch, this.version, instance, hole));
    const isDone = text.startsWith('[1,[') && !text.startsWith('[1,["refused"');
    if (!isDone) throw new Error(`a click was answered by ${text.slice(0, 200)}`);
  }
}
