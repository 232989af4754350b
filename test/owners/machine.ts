// One process of a simulated cluster: real registry, sessions, owners and conversations, over a bus, a store and a clock
// that can be taken from it. Input: what all machines share, and when it is to die. Output: connections for clients.

import { Registry } from '../../server/actors/registry.ts';
import type { Bus, BusState, Hear } from '../../server/cluster/bus.ts';
import type { MemoryBus } from '../../server/cluster/memory.ts';
import type { Subject } from '../../server/cluster/subject.ts';
import { toSettings } from '../../server/options.ts';
import { Owners } from '../../server/owners/owners.ts';
import { Conversation } from '../../server/sessions/conversation.ts';
import { Sessions } from '../../server/sessions/sessions.ts';
import type { Store, Write } from '../../server/store/store.ts';
import type { ServerClock } from '../../server/system-clock.ts';
import type { LightSocket, SocketListener } from '../../server/testing/client.ts';
import { createMemoryPair, type MemoryTransport } from '../../server/transport/memory.ts';
import { Inspector } from '../../shared/runtime/inspect.ts';
import type { Random } from '../chaos/random.ts';

export interface MachineOptions {
  readonly name: string;
  readonly clock: ServerClock;
  readonly bus: MemoryBus;
  readonly store: Store;
  readonly random: Random;
  declare(registry: Registry): void;
  /** How long a question to another process is under way, by the clock. Default: it arrives at once. */
  readonly questionMs?: (() => number) | undefined;
  /** Asked at each named step; true: the process dies there. */
  diesAt(step: string): boolean;
  /** What was logged as an error. */
  onError(err: unknown, message: string): void;
}

/** An answer that will never come. Each its own: one for all would keep whoever waits for it, and all that they know. */
const never = (): Promise<never> => new Promise(() => {});

export class Machine {
  isAlive = true;
  isStopping = false;
  /** What others say on the bus does not reach it. */
  isDeaf = false;
  readonly bus: MemoryBus;
  readonly owners: Owners;
  private readonly options: MachineOptions;
  private readonly registry: Registry;
  private readonly sessions: Sessions;
  private readonly conversations = new Set<Conversation>();
  private readonly sockets = new Set<MemoryTransport>();
  /** What waits until it is thawed; undefined: it runs. */
  private waiting: (() => void)[] | undefined;
  /** When the last question that it has asked arrives. */
  private questionsUntil = 0;

  constructor(options: MachineOptions) {
    this.options = options;
    this.bus = options.bus;
    const settings = toSettings({ clock: this.toClock(), store: this.toStore(), sessionMs: 3_000 });
    const log = {
      info() {},
      warn() {},
      error: (details: object, message: string) => {
        if (this.isAlive && 'err' in details) options.onError(details.err, message);
      },
    };
    this.registry = new Registry(settings, new Inspector(), log);
    this.owners = new Owners({ registry: this.registry, bus: this.toBus(), log });
    this.registry.sharedActors = this.owners;
    options.declare(this.registry);
    this.sessions = new Sessions(settings, this.registry);
  }

  /** Opens a connection of a client. */
  connect(listener: SocketListener): LightSocket {
    const { server, client } = createMemoryPair();
    const { registry, sessions } = this;
    const context = { registry, sessions, settings: registry.settings, log: registry.log };
    const conversation = new Conversation(server, null, {
      ...context,
      onEnd: (ended) => {
        this.conversations.delete(ended);
        this.sockets.delete(server);
      },
    });
    this.conversations.add(conversation);
    this.sockets.add(server);
    conversation.awaitHello();
    if (this.waiting) server.pause();
    client.listen({
      onText: (text) => listener.onText(text),
      onClose: (code, reason) => listener.onClose(code, reason),
      ...{ onBinary() {}, onAlive() {}, onError() {} },
    });
    queueMicrotask(() => listener.onOpen());
    return {
      send: (text) => client.send(text),
      close: (code) => client.close(code, ''),
      terminate: () => client.terminate(),
    };
  }

  /** Ends without a word. */
  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    void this.bus.close();
    for (const socket of [...this.sockets]) socket.terminate();
  }

  /** Ends as a deploy has it. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const conversation of this.conversations) conversation.stopHearing();
    await this.registry.drain();
    this.owners.release();
    for (const conversation of [...this.conversations]) conversation.close('ISLET_ERR_SERVER_STOPPING');
    this.sessions.close();
    this.owners.end();
    await this.registry.close();
    this.kill();
  }

  /** Something keeps its event loop busy, or it is stopped by a signal. */
  freeze(): void {
    this.waiting ??= [];
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const run of waiting) this.run(run);
    for (const socket of this.sockets) socket.resume();
  }

  private run(action: () => void): void {
    if (!this.isAlive) return;
    if (this.waiting) this.waiting.push(action);
    else action();
  }

  /** Whether it has died at a step of it. */
  private reach(step: string): boolean {
    if (this.isAlive && this.options.diesAt(step)) this.kill();
    return !this.isAlive;
  }

  /** Gives an answer while it runs. */
  private async receive<Value>(step: string, answer: Promise<Value>): Promise<Value> {
    const settled = answer.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const outcome = await settled;
    if (this.reach(step)) return never();
    return new Promise((resolve, reject) => {
      this.run(() => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value)));
    });
  }

  private toClock(): ServerClock {
    const { clock } = this.options;
    return {
      now: () => clock.now(),
      timeOfDay: () => clock.timeOfDay(),
      setTimeout: (callback, ms) => {
        const timer = { isCleared: false, inner: undefined as unknown };
        const call = (): void => {
          if (!timer.isCleared) callback();
        };
        timer.inner = clock.setTimeout(() => this.run(call), ms);
        return timer;
      },
      clearTimeout: (timer) => {
        if (typeof timer !== 'object' || timer === null) return;
        Object.assign(timer, { isCleared: true });
        clock.clearTimeout((timer as { readonly inner: unknown }).inner);
      },
    };
  }

  private toBus(): Bus {
    const { bus } = this;
    const machine = this;
    return {
      get state(): BusState {
        return bus.state;
      },
      maxBytes: bus.maxBytes,
      publish(subject: Subject, text: string): boolean {
        if (machine.reach('before news')) return false;
        const isOut = bus.publish(subject, text);
        machine.reach('after news');
        return isOut;
      },
      subscribe: (subject: Subject, hear: Hear) =>
        bus.subscribe(subject, (message) => {
          if (!this.isDeaf) this.run(() => void hear(message));
        }),
      request: (subject: Subject, text: string, limitMs: number) =>
        machine.reach('before a question')
          ? never()
          : this.receive('after a question', this.question(subject, text, limitMs)),
      flush: () => this.receive('after the bus was flushed', bus.flush()),
      onState: (listener) => bus.onState((state) => this.run(() => listener(state))),
      onError: (listener) => bus.onError(listener),
      close: () => bus.close(),
    };
  }

  private async question(subject: Subject, text: string, limitMs: number): Promise<string> {
    const { questionMs, clock } = this.options;
    if (questionMs) {
      // one after the other
      this.questionsUntil = Math.max(this.questionsUntil, clock.now() + questionMs());
      const ms = this.questionsUntil - clock.now();
      await new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
    }
    return this.bus.request(subject, text, limitMs);
  }

  private toStore(): Store {
    const { store } = this.options;
    return {
      load: (key) =>
        this.receive(
          'after loading',
          this.take('before loading', () => store.load(key)),
        ),
      commit: (writes: readonly Write[]) =>
        this.receive(
          'after a commit',
          this.take('before a commit', () => store.commit(writes)),
        ),
      remove: (key, by) => this.take('before removing', () => store.remove(key, by)),
      due: async () => [],
      sweep: async () => 0,
      close: async () => {},
    };
  }

  /** A question to the store takes its time on both ways; what was sent arrives, also of who dies meanwhile. */
  private async take<Value>(step: string, act: () => Promise<Value>): Promise<Value> {
    const { clock, random } = this.options;
    const wait = (): Promise<void> =>
      new Promise((resolve) =>
        clock.setTimeout(resolve, random.next() < 0.1 ? random.between(0, 200) : random.between(0, 5)),
      );
    if (this.reach(step)) return never();
    await wait();
    const value = await act();
    await wait();
    return value;
  }
}
