/*
 * One running server component: it renders what its island's model has become, once for all who look, and sends them
 * the patches. Input: events of subscribers, effects' messages. Output: frames to subscribers.
 * It also decides what follows a failure: restart from the last good snapshot, with backoff, or giving up.
 */

import type { AnyActorRef, Snapshot } from 'xstate';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { EmitOptions } from '../../shared/language/effect.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { Client, EventData } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Responsible } from '../../shared/runtime/actor-host.ts';
import { Island, type IslandOwner } from '../../shared/runtime/runtime.ts';
import type { TemplateTable } from '../../shared/tree/encode.ts';
import type { Have } from '../../shared/wire/frames.ts';
import { type Define, emit, type Operation, type Patch, provide } from '../../shared/wire/patch.ts';
import { encodeOperations, encodeServerFrame } from '../../shared/wire/server-frames.ts';
import { compile } from '../html-parser.ts';
import type { Limits, Settings } from '../options.ts';
import { digestOf, renderIsland } from './adoption.ts';
import { contain } from './containment.ts';
import { History } from './history.ts';
import type { ActorOwner, Supervisor } from './supervisor.ts';

/** One who looks: it takes frames. */
export interface Subscriber {
  readonly channel: number;
  readonly client: Client;
  /** Number of this client's last event that was applied. */
  readonly event: number;
  /** It is sent nothing until it has caught up or come back, and then settles first. */
  readonly isHeldBack: boolean;
  sendPatch(operations: string, frames: FrameCache): void;
  sendAck(): void;
  /** Brings the client to the actor's present state from scratch. */
  mount(): void;
  /** Tells that the last event was not handled after all. */
  reject(code: ErrorCode): void;
  fail(code: ErrorCode): void;
}

/** Encoded frames of one patch, by channel: most pages give the same island the same channel. */
export type FrameCache = Map<number, Buffer>;

/** Counts of what was done, for tests and for whoever watches a server. */
export interface Counters {
  views: number;
  encodings: number;
  frames: number;
  failures: number;
  droppedEvents: number;
}

export interface Log {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

export interface LiveActorOptions {
  readonly id: string;
  readonly component: AnyComponent;
  readonly props: unknown;
  /** What makes the messages of the attributes that it starts with; they come right after `init`. */
  readonly attributes: readonly (() => AnyMessage)[];
  /** What it goes on from instead, if it was saved. */
  readonly snapshot: Snapshot<unknown> | undefined;
  readonly isShared: boolean;
  readonly table: TemplateTable;
  readonly settings: Settings;
  readonly supervisor: Supervisor;
  readonly counters: Counters;
  readonly log: Log;
  /** The rendered model changed; for persistence. */
  readonly onRendered?: () => void;
  /** The first or last subscriber came or went. */
  readonly onAudience?: (isLookedAt: boolean) => void;
}

// Messages that wait while an actor restarts.
const maxWaiting = 1_000;

export class LiveActor implements IslandOwner, ActorOwner {
  readonly id: string;
  readonly epoch = createEpoch();
  version = 0;
  readonly island: Island;
  readonly subscribers = new Set<Subscriber>();
  private readonly options: LiveActorOptions;
  /** Patches since the last mount; undefined before the first. */
  private history: History | undefined;
  private status: 'running' | 'restarting' | 'failed' | 'stopped' = 'running';
  private outbox: Operation[] = [];
  /** Values offered to descendants: each page that joins gets them. */
  private provided: Map<string, unknown> | undefined;
  private missed: Operation[] | undefined;
  private acks: Subscriber[] = [];
  private waiting: (() => void)[] | undefined;
  private failures: number[] | undefined;
  private isScheduled = false;
  /** Something is due, but for nobody before somebody settles. */
  private isPostponed = false;
  private flushedAt = Number.NEGATIVE_INFINITY;
  private timer: unknown;
  private page: { readonly version: number; readonly html: string } | undefined;

  constructor(options: LiveActorOptions) {
    const { id, component, props, table, supervisor } = options;
    this.id = id;
    this.options = options;
    this.island = new Island({ component, props, compile, table, owner: this, parent: supervisor.ref, id });
  }

  /** Starts the actor and renders it for the first time, or again. */
  start(): void {
    const { supervisor, snapshot, attributes } = this.options;
    // Until something was rendered the snapshot that was loaded is the last good one: a failure must not lose it.
    const origin = this.island.snapshot === undefined ? snapshot : undefined;
    const isFresh = origin === undefined && this.island.snapshot === undefined;
    supervisor.watch(this.id, this);
    this.island.start(origin);
    if (isFresh) for (const make of attributes) this.dispatchFrom(make);
    // what came while it was down, before anything is said about it
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const action of waiting) this.whenRunning(action);
    this.flush();
  }

  get component(): AnyComponent {
    return this.options.component;
  }

  get isShared(): boolean {
    return this.options.isShared;
  }

  get limits(): Limits {
    return this.options.settings.limits;
  }

  get counters(): Counters {
    return this.options.counters;
  }

  get isRendered(): boolean {
    return this.island.rendering.isRendered;
  }

  get hasFailed(): boolean {
    return this.status === 'failed';
  }

  /** It was given up so long ago that another may try. */
  get isPastFailure(): boolean {
    const { clock, restart } = this.options.settings;
    return this.hasFailed && clock.now() - (this.failures?.at(-1) ?? 0) >= restart.windowMs;
  }

  /** The snapshot to persist. */
  toSnapshot(): Snapshot<unknown> | undefined {
    return this.island.toSnapshot();
  }

  subscribe(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
    if (this.subscribers.size === 1) this.options.onAudience?.(true);
    const { onConnect } = this.options.component;
    if (onConnect) this.dispatchFrom(() => onConnect(subscriber.client));
  }

  unsubscribe(subscriber: Subscriber): void {
    if (!this.subscribers.delete(subscriber)) return;
    const { onDisconnect } = this.options.component;
    if (onDisconnect) this.dispatchFrom(() => onDisconnect(subscriber.client));
    if (this.subscribers.size === 0) this.options.onAudience?.(false);
  }

  /** Renders what is due, so that `version` and the tree are those of the present model. */
  settle(): void {
    if (this.isScheduled || this.isPostponed) this.flush();
  }

  /**
   * What brings a client that has something to the present state: a patch to add (empty: it misses nothing), or
   * undefined when only a mount helps. Call `settle` first.
   */
  catchUp(have: Have): { readonly define: Define | undefined; readonly patch: string } | undefined {
    const [epoch, version, templates, digest] = have;
    const patch = epoch === this.epoch ? this.since(version) : undefined;
    if (patch !== undefined) return { define: this.island.rendering.define(templates), patch };
    // Another actor rendered the client's HTML; if that is what this one shows, nothing is missing.
    const { rendering } = this.island;
    if (digest !== undefined && digest === digestOf(rendering, templates))
      return { define: rendering.define(templates), patch: '' };
    return undefined;
  }

  private since(version: number): string | undefined {
    return version === this.version ? '' : this.history?.since(version);
  }

  /** The whole, as a frame. @param version What the client has with it. */
  encodeMount(channel: number, event: number, version: number): string {
    const { rendering } = this.island;
    return encodeServerFrame({
      kind: 'mount',
      channel,
      epoch: this.epoch,
      version,
      event,
      nextId: rendering.nextId,
      ids: rendering.toIds(),
      define: rendering.define(0) ?? null,
      content: rendering.toMount(),
    });
  }

  /** What a client that joins must get besides the tree, as operations; undefined if there is nothing. */
  greet(): string | undefined {
    const { provided, missed } = this;
    if (!provided && !missed) return undefined;
    this.missed = undefined;
    const offers = [...(provided ?? [])].map(([key, value]): Operation => provide(key, value));
    return encodeOperations([...offers, ...(missed ?? [])]);
  }

  /** The content as HTML with what adoption needs; kept until the next change, since it is the same for everybody. */
  toHtml(): string {
    if (this.page?.version !== this.version) {
      this.page = { version: this.version, html: renderIsland(this.island.rendering, this.epoch, this.version) };
    }
    return this.page.html;
  }

  /** Dispatches the message that a function of the component makes; what it throws is the component's failure. */
  dispatchFrom(make: () => AnyMessage | null | undefined): void {
    this.whenRunning(() => {
      try {
        const message = make();
        if (message) this.island.dispatch(message);
      } catch (error) {
        this.island.fail(error);
      }
    });
  }

  /** Handles a subscriber's event; returns why not, if it is refused. */
  handleEvent(instance: number, hole: number, data: EventData, subscriber: Subscriber): ErrorCode | undefined {
    if (this.status === 'running') {
      const isKnown = this.island.handleEvent(instance, hole, data, subscriber.client);
      if (!isKnown && this.island.isRunning) return 'ISLET_ERR_EVENT_UNKNOWN_TARGET';
    } else {
      if (this.status !== 'restarting') return 'ISLET_ERR_ACTOR_FAILED';
      const isWaiting = this.whenRunning(() => {
        const isKnown = this.island.handleEvent(instance, hole, data, subscriber.client);
        if (isKnown || !this.island.isRunning) return;
        this.options.counters.droppedEvents++;
        subscriber.reject('ISLET_ERR_EVENT_UNKNOWN_TARGET');
      });
      if (!isWaiting) return 'ISLET_ERR_LIMIT_EVENTS';
    }
    if (!subscriber.isHeldBack) this.acks.push(subscriber);
    this.schedule();
    return undefined;
  }

  /** Something could not be encoded: nobody has the tree that is here. */
  fail(error: unknown): void {
    this.island.rendering.reset();
    this.island.fail(error);
  }

  /** Stops the actor; nobody is told. */
  stop(): void {
    this.status = 'stopped';
    this.options.settings.clock.clearTimeout(this.timer);
    const actor = this.island.stop();
    if (actor) this.options.supervisor.release(this.id, actor);
  }

  // What follows is how the island reports.

  onChange(): void {
    this.schedule();
  }

  onEmit(name: string, detail: unknown, options: EmitOptions | undefined): void {
    JSON.stringify(detail); // what cannot be sent is the effect's failure, not that of the next patch
    const operation = emit(name, detail, options);
    // what an island's own actor says before its page has joined is for that page all the same
    if (!this.options.isShared && this.subscribers.size === 0) {
      this.missed ??= [];
      this.missed.push(operation);
    } else {
      this.outbox.push(operation);
      this.schedule();
    }
  }

  onProvide(key: string, value: unknown): void {
    JSON.stringify(value);
    this.provided ??= new Map();
    this.provided.set(key, value);
    if (this.subscribers.size === 0) return;
    this.outbox.push(provide(key, value));
    this.schedule();
  }

  onFailure(error: unknown, actor: AnyActorRef): void {
    this.options.supervisor.release(this.id, actor);
    this.recover(error);
  }

  onActorError(error: unknown): void {
    this.island.fail(error);
  }

  onStrayError(error: unknown): void {
    this.options.log.error({ err: error, actor: this.id }, `an effect of ${this.id} threw after it was stopped`);
  }

  contain(run: () => unknown, responsible: Responsible): unknown {
    return contain(responsible, run);
  }

  private schedule(): void {
    if (this.isScheduled || this.status !== 'running') return;
    const { settings, isShared } = this.options;
    this.isPostponed = this.isUnseen;
    if (this.isPostponed) return;
    this.isScheduled = true;
    const wait = this.flushedAt + 1000 / settings.maxFramesPerSecond - settings.clock.now();
    // Several messages of one turn make one patch; a hot shared actor makes no more than so many a second.
    if (isShared && this.subscribers.size > 1 && wait > 0) {
      this.timer = settings.clock.setTimeout(() => this.flush(), wait);
    } else queueMicrotask(() => this.flush());
  }

  /** Whoever looks is held back: until one has caught up, rendering would be for nothing. What is saved is rendered. */
  private get isUnseen(): boolean {
    if (this.subscribers.size === 0 || this.outbox.length > 0 || this.options.onRendered) return false;
    for (const { isHeldBack } of this.subscribers) if (!isHeldBack) return false;
    return true;
  }

  private flush(): void {
    this.isScheduled = false;
    this.isPostponed = false;
    if (this.status !== 'running') return;
    const { counters, isShared, settings } = this.options;
    const wasRendered = this.isRendered;
    const before = this.island.snapshot;
    this.island.render((patch) => this.deliver(patch, wasRendered));
    if (!this.island.isRunning) return;
    if (before !== this.island.snapshot) {
      counters.views++;
      // what it started with is not worth saving
      if (wasRendered) this.options.onRendered?.();
    }
    if (isShared) this.flushedAt = settings.clock.now();
    this.sendAcks();
  }

  private deliver(patch: Patch, wasRendered: boolean): void {
    if (!wasRendered) this.mountAll();
    const operations = this.outbox.length > 0 ? [...patch, ...this.outbox] : patch;
    this.outbox = [];
    if (operations.length > 0) this.send(operations);
  }

  private send(operations: readonly Operation[]): void {
    const text = encodeOperations(operations);
    this.options.counters.encodings++;
    this.history ??= new History(this.options.settings.limits.maxHistoryBytes, this.version);
    this.history.add(text);
    this.version++;
    this.page = undefined;
    const frames: FrameCache = new Map();
    for (const subscriber of this.subscribers) subscriber.sendPatch(text, frames);
  }

  private sendAcks(): void {
    if (this.acks.length === 0) return;
    const { acks } = this;
    this.acks = [];
    for (const subscriber of acks) subscriber.sendAck();
  }

  private mountAll(): void {
    this.version++;
    this.history = undefined;
    for (const subscriber of this.subscribers) subscriber.mount();
  }

  /** Does something now, or when the actor has been restarted; false if it will not be done. */
  private whenRunning(action: () => void): boolean {
    if (this.status === 'running') action();
    else if (this.status === 'restarting' && (this.waiting?.length ?? 0) < maxWaiting) {
      this.waiting ??= [];
      this.waiting.push(action);
    } else return false;
    return true;
  }

  private recover(error: unknown): void {
    const { settings, counters, log, component } = this.options;
    const { maxFailures, windowMs, backoffMs } = settings.restart;
    counters.failures++;
    const now = settings.clock.now();
    this.failures = [...(this.failures ?? []).filter((at) => now - at < windowMs), now];
    const count = this.failures.length;
    const details = { err: error, actor: this.id, component: component.name, failures: count };
    this.outbox = [];
    if (count > maxFailures) {
      this.status = 'failed';
      this.waiting = undefined;
      this.acks = [];
      log.error(details, `actor ${this.id} failed ${count} times and was stopped`);
      for (const subscriber of this.subscribers) subscriber.fail('ISLET_ERR_ACTOR_FAILED');
      return;
    }
    const wait = backoffMs * 2 ** (count - 1);
    this.status = 'restarting';
    log.error(
      details,
      `actor ${this.id} failed: ${errorCatalogue.ISLET_ERR_ACTOR_FAILED.message} Restarting in ${wait} ms`,
    );
    this.timer = settings.clock.setTimeout(() => this.restart(), wait);
  }

  private restart(): void {
    if (this.status !== 'restarting') return;
    this.status = 'running';
    this.start();
  }
}

function createEpoch(): string {
  return Math.random().toString(36).slice(2, 10);
}
