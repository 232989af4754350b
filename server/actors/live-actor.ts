/*
 * A server component that people look at: it delivers what its runtime makes of the messages to all who look.
 * Input: turns of the runtime, events of subscribers. Output: frames to subscribers. It knows which version they all
 * are brought to, and what leads there from earlier ones.
 */

import type { Snapshot } from 'xstate';
import type { Attributes } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { Output } from '../../shared/language/effect.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client, EventData } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Responsible } from '../../shared/runtime/effect-host.ts';
import type { Inspector } from '../../shared/runtime/inspect.ts';
import type { Decision } from '../../shared/runtime/restart-policy.ts';
import { type Gate, Runtime, type RuntimeOptions, type RuntimePlace } from '../../shared/runtime/runtime.ts';
import type { Supervisor } from '../../shared/runtime/supervisor.ts';
import type { Entry, Origin } from '../../shared/runtime/turn.ts';
import type { Compile } from '../../shared/template/compile.ts';
import { checkContent, TemplateTable } from '../../shared/tree/encode.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import { type FoundListener, Rendering } from '../../shared/tree/rendering.ts';
import type { IdRuns, WireContent } from '../../shared/wire/content.ts';
import type { Have } from '../../shared/wire/frames.ts';
import { type Define, emit, type Operation, type Patch, provide } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';
import { compile } from '../html-parser.ts';
import type { Counters } from '../inspect/counters.ts';
import type { Limits, Settings } from '../options.ts';
import type { StoreError } from '../store/store.ts';
import type { SharedFrame } from '../transport/transport.ts';
import { ActorSize } from './actor-size.ts';
import { digestOf, renderIsland } from './adoption.ts';
import { CommitGate, type GateOwner } from './commit-gate.ts';
import { History } from './history.ts';
import type { Keeper, TurnParts } from './keeper.ts';
import { KeptStream } from './kept-stream.ts';
import { contain } from './late-errors.ts';
import { type OwnIsland, resumeOnly } from './own-state.ts';
import { admit } from './pressable.ts';
import type { KeptRefusal } from './saved-state.ts';

/** Takes an actor's frames, for one island of one page. */
export interface Subscriber {
  readonly channel: number;
  readonly client: Client;
  /** Names it over the end of a process; undefined: it cannot come back then. */
  readonly name: string | undefined;
  /** Up to here its events belong to turns that were rendered. */
  readonly sealed: number;
  /** It is sent nothing until it has caught up or come back. */
  readonly isHeldBack: boolean;
  sendPatch(operations: string, frames: FrameCache): void;
  /** Tells what became of its events, if no patch has told it. */
  sendOutcomes(): void;
  /** Brings the client to the actor's present state from scratch. */
  mount(): void;
  /** Brings the client to the present state after the actor was given up for a while. */
  revive(): void;
  /**
   * Another actor has taken the place of the one that it looked at.
   *
   * @param code Why events are refused that came in vain; undefined: they may come again.
   */
  moveTo(actor: LiveActor, code: ErrorCode | undefined): void;
  /** What was handled so far belongs to the turn that was rendered now. */
  seal(): void;
  /** What people do is not stored yet, since the store does not answer; or it is again. */
  onSaving(isSaving: boolean): void;
  /** An event of the client was handled: all before it were, too. */
  onHandled(event: number): void;
  /** An event of the client was not applied. */
  onRefused(event: number, code: ErrorCode): void;
  /** The actor was given up. */
  fail(code: ErrorCode): void;
}

/** Frames of one patch, by channel: most pages give the same island the same channel. */
export type FrameCache = Map<number, SharedFrame>;

export interface LiveActorOptions {
  readonly id: string;
  readonly component: AnyComponent;
  readonly props: unknown;
  /** Names of the attributes that count. */
  readonly attributes: readonly string[];
  /** Keeps it, and knows what it goes on from, if it outlives the process. */
  readonly keeper?: Keeper | undefined;
  /** Its turns are committed; else it only goes on from what was kept. */
  readonly commits?: boolean;
  readonly isShared: boolean;
  readonly settings: Settings;
  readonly supervisor: Supervisor;
  readonly counters: Counters;
  readonly inspector: Inspector;
  /** A turn of it will never be kept: another write came first (undefined), or the store refuses it. */
  readonly onLost?: (error: StoreError | undefined) => void;
  /** It is known anew how big it is, in bytes. */
  readonly onMeasured?: (bytes: number) => void;
  /** The first or last subscriber came or went. */
  readonly onAudience?: (isLookedAt: boolean) => void;
}

/** What a client lacks. */
export interface Missing {
  /** Templates that it does not know. */
  readonly define: Define | undefined;
  /** Operations, as `encodeOperations` writes them; empty: nothing has changed. */
  readonly patch: string;
}

export class LiveActor implements RuntimePlace, RuntimeOptions, GateOwner {
  readonly id: string;
  epoch = createEpoch();
  /** Counts the patches; 0 before the first rendering. */
  version = 0;
  readonly runtime: Runtime;
  readonly subscribers = new Set<Subscriber>();
  private readonly options: LiveActorOptions;
  /** Patches since the first rendering; undefined before the first. */
  private history: History | undefined;
  /** Values offered to descendants: each page that joins gets them. */
  private provided: Map<string, unknown> | undefined;
  /**
   * Emitted events that no page has received: an own actor keeps them for its page, a shared one for the subscribers
   * that wait for its first rendering.
   */
  private missed: Operation[] | undefined;
  /** What `prepare` made of the turn. */
  private prepared: { readonly text: string; readonly outputs: readonly Output[] } = nothing;
  /** Those whose events were handled in this turn. */
  private answering: Subscriber[] | undefined;
  /** Those whose events the turn has that is being committed, and who is to hear. */
  private acting: Set<Subscriber> | undefined;
  private sealedActing: Set<Subscriber> | undefined;
  private sealedAnswering: Subscriber[] | undefined;
  /** Undefined: its turns are not committed. */
  readonly commitGate: CommitGate | undefined;
  /** The same, or what only resumes what was kept. */
  readonly gate: Gate | undefined;
  private readonly stream: KeptStream | undefined;
  /** The first rendering was delivered. */
  private isBegun = false;
  /** The snapshot that everybody sees. */
  private shown: unknown;
  private absenceTimer: unknown;
  private wasGivenUp = false;
  private readonly size = new ActorSize();
  /** Whether it shows, or has shown, anything but what it started with. */
  hasChanged = false;
  private flushedAt = Number.NEGATIVE_INFINITY;
  private page: { readonly version: number; readonly html: readonly Chunk[] } | undefined;

  constructor(options: LiveActorOptions) {
    this.id = options.id;
    this.options = options;
    const { keeper, commits = false } = options;
    if (keeper && commits) this.commitGate = new CommitGate(this, keeper);
    this.gate = this.commitGate ?? (keeper && resumeOnly(keeper));
    this.stream = keeper && new KeptStream(keeper);
    this.runtime = new Runtime(this);
  }

  // What the runtime is made with: as properties of this, since an object for each actor would take memory.

  get component(): AnyComponent {
    return this.options.component;
  }

  get props(): unknown {
    return this.options.props;
  }

  get snapshot(): Snapshot<unknown> | undefined {
    return this.options.keeper?.loaded?.snapshot;
  }

  get table(): TemplateTable | undefined {
    return this.options.keeper?.table;
  }

  /** It goes on from what was kept of an earlier life. */
  get isRestored(): boolean {
    return this.options.keeper?.loaded !== undefined;
  }

  /** What is kept of an island of one's own when the server stops. */
  get ownState(): Pick<OwnIsland, 'runtime' | 'epoch' | 'version' | 'provided'> {
    const { runtime, epoch, version, provided } = this;
    return { runtime, epoch, version, provided };
  }

  /** The attributes that the element had in an earlier life. */
  get keptAttributes(): Attributes | undefined {
    return this.options.keeper?.loaded?.instances?.attributes;
  }

  get supervisor(): Supervisor {
    return this.options.supervisor;
  }

  get inspector(): Inspector {
    return this.options.inspector;
  }

  get clock(): Clock {
    return this.options.settings.clock;
  }

  get slowTurnMs(): number {
    return this.options.settings.slowTurnMs;
  }

  get place(): RuntimePlace {
    return this;
  }

  get compile(): Compile {
    return compile;
  }

  /**
   * Starts the actor and renders it for the first time.
   *
   * @param first What makes the messages of the attributes that it starts with.
   */
  start(first: readonly (() => AnyMessage)[]): void {
    this.runtime.start(first);
    this.runtime.flush();
    this.waitForAbsent();
  }

  /** Stops the actor; nobody is told. */
  stop(): void {
    this.clock.clearTimeout(this.absenceTimer);
    this.commitGate?.end();
    this.runtime.stop();
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
    return this.runtime.isRendered;
  }

  /** It was given up for a while. */
  get hasFailed(): boolean {
    return this.runtime.status === 'failed';
  }

  /** About how much memory it takes, in bytes. */
  estimateBytes(): number {
    const mount = () => (this.isRendered ? this.toMount() : undefined);
    return this.tellSize(this.size.estimate(mount));
  }

  /** Notes how long the content was that was just encoded. */
  noteContent(ids: IdRuns, characters: number): void {
    this.size.note(ids, characters);
    this.tellSize(this.size.known);
  }

  subscribe(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
    if (this.subscribers.size === 1) this.options.onAudience?.(true);
    const { onConnect } = this.options.component;
    // it is noted also for a component that is told of those who go alone
    const isKnown = this.countsVisits && this.isKnown(subscriber);
    if (onConnect && !isKnown) this.dispatchFrom(() => onConnect(subscriber.client));
  }

  unsubscribe(subscriber: Subscriber): void {
    if (!this.subscribers.delete(subscriber)) return;
    const { onDisconnect } = this.options.component;
    if (this.commitGate && this.countsVisits) this.stream?.go(visitOf(subscriber), subscriber.client.id);
    if (onDisconnect) this.dispatchFrom(() => onDisconnect(subscriber.client));
    if (this.subscribers.size === 0) this.options.onAudience?.(false);
  }

  private get countsVisits(): boolean {
    const { onConnect, onDisconnect } = this.options.component;
    return onConnect !== undefined || onDisconnect !== undefined;
  }

  /** Whether the component was told in an earlier life that somebody looks. */
  private isKnown(subscriber: Subscriber): boolean {
    return (this.commitGate && this.stream?.come(visitOf(subscriber), subscriber.client.id)) ?? false;
  }

  /** Tells of those who looked when the last life ended, and who have had the time to come back. */
  private waitForAbsent(): void {
    const { keeper } = this.options;
    const { onDisconnect } = this.options.component;
    if (!this.commitGate || !keeper || keeper.present.size === 0) return;
    const { clock, sessionMs } = this.options.settings;
    this.absenceTimer = clock.setTimeout(() => {
      for (const id of this.stream?.takeAbsent() ?? []) {
        // who it was is not known any more
        if (onDisconnect) this.dispatchFrom(() => onDisconnect({ id, user: undefined }));
      }
    }, sessionMs);
  }

  /** Renders what is due, so that `version` and the tree are those of the present model. */
  settle(): void {
    this.runtime.settle();
  }

  /**
   * Calls back when what is rendered may be read: at once, or when the turn that is being committed has been delivered.
   *
   * @param onLate The store takes too long.
   * @param onEnd The actor has ended meanwhile.
   */
  read(read: () => void, onLate: () => void, onEnd: () => void): void {
    // a turn that is due is no reason to wait for the store
    if (this.commitGate) this.commitGate.read(read, onLate, onEnd);
    else {
      this.settle();
      read();
    }
  }

  /** Nobody has looked for long, and it is let go of: writes what is known anew. */
  lastWrite(): void {
    void this.commitGate?.keeper.touch(this.stream?.takeForgotten());
  }

  /** Resolves when nothing is due any more, and nothing is being committed. */
  async drain(): Promise<void> {
    const { commitGate: gate } = this;
    for (let turn = 0; turn < maxDrainedTurns; turn++) {
      this.settle();
      if (!gate?.isHeld) return;
      await new Promise<void>((resolve) => gate.whenIdle(resolve));
    }
  }

  /** What was kept of a client that had joined in an earlier life of the actor; undefined: nothing is known of it. */
  recall(name: string): { readonly event: number; readonly refused: readonly KeptRefusal[] } | undefined {
    const event = this.options.keeper?.clients.get(name);
    if (event === undefined) return undefined;
    return { event, refused: this.stream?.refusedOf(name, event) ?? [] };
  }

  /** A client has left for good: its numbers begin anew should it come again. */
  forget(name: string): void {
    this.stream?.forget(name);
  }

  /** Dispatches the message that a function of the component makes. What it throws is logged, and the actor goes on. */
  dispatchFrom(make: () => AnyMessage | null | undefined): void {
    this.runtime.dispatchFrom(make);
  }

  /** Handles a subscriber's event, whose outcome it is told at the end of the turn. */
  handleEvent(event: number, instance: number, hole: number, data: EventData, subscriber: Subscriber): void {
    const { commitGate: gate } = this;
    if (gate?.isHeld && !gate.takes(frameBytes + JSON.stringify(data).length)) {
      this.skipEvent(event, 'ISLET_ERR_STORE', subscriber);
      // it may take long until the turn ends
      subscriber.sendOutcomes();
      return;
    }
    const origin = new EventOrigin(this, subscriber, event);
    this.runtime.handleEvent(instance, hole, data, subscriber.client, origin);
    if (!this.runtime.isRunning) this.tellAtOnce(subscriber);
  }

  /** Takes an event's number, in its turn, and does nothing else; a code says why, if the page is to hear. */
  skipEvent(event: number, code: ErrorCode | undefined, subscriber: Subscriber): void {
    this.runtime.skip(new EventOrigin(this, subscriber, event), code);
    if (!this.runtime.isRunning) this.tellAtOnce(subscriber);
  }

  /** Has a subscriber told what became of its events, at the end of the turn. */
  answer(subscriber: Subscriber): void {
    if (this.runtime.isRunning) {
      this.hearOutcome(subscriber);
      this.runtime.schedule();
    } else this.tellAtOnce(subscriber);
  }

  /**
   * What brings a client that has something to the present state, or undefined when only a mount helps. Call `settle`
   * first.
   */
  catchUp(have: Have): Missing | undefined {
    const [epoch, version, templates, digest] = have;
    const { rendering } = this.runtime;
    const patch = epoch === this.epoch ? this.since(version) : undefined;
    // whoever has a version knows all templates of it, and the patch tells the later ones
    if (patch !== undefined) return { define: undefined, patch };
    // Another actor rendered the client's HTML; if that is what this one shows, nothing is missing.
    const isSame = digest !== undefined && digest === digestOf(rendering, templates);
    if (isSame) this.tellSize(this.size.atLeast(rendering.toIds()));
    return isSame ? { define: rendering.define(templates), patch: '' } : undefined;
  }

  /** What is shown, whole. */
  toMount(): {
    readonly nextId: number;
    readonly ids: IdRuns;
    readonly define: Define | null;
    readonly content: WireContent;
  } {
    const { rendering } = this.runtime;
    const define = rendering.define(0) ?? null;
    return { nextId: rendering.nextId, ids: rendering.toIds(), define, content: rendering.toMount() };
  }

  /** An instance as it is now; undefined if there is none. */
  toPart(id: number): { readonly nextId: number; readonly ids: IdRuns; readonly content: WireContent } | undefined {
    return this.runtime.rendering.toPart(id);
  }

  /** What a client that joins must get besides the tree, as operations; empty if there is nothing. */
  greet(): string {
    const { provided, missed } = this;
    if (!provided && !missed) return '';
    if (!this.isShared) this.missed = undefined;
    const offers = [...(provided ?? [])].map(([key, value]): Operation => provide(key, value));
    return encodeOperations([...offers, ...(missed ?? [])]);
  }

  /** The content as HTML with what adoption needs; kept until the next change, since it is the same for everybody. */
  toHtml(): readonly Chunk[] {
    if (this.page?.version !== this.version) {
      const { epoch, version } = this;
      const { attributes } = this.options;
      this.page = { version, html: renderIsland(this.runtime.rendering, { epoch, version, attributes }) };
    }
    return this.page.html;
  }

  /** The content as it was when it was committed last, where what is rendered is not committed yet. */
  toLastHtml(): readonly Chunk[] | undefined {
    const { shown, runtime, options } = this;
    if (shown === undefined) return undefined;
    const rendering = new Rendering(compile, new TemplateTable());
    rendering.render(runtime.logic.render(shown));
    return renderIsland(rendering, { epoch: '', version: 0, attributes: options.attributes });
  }

  // What follows is how the runtime reports.

  check(output: Output): void {
    if (output.kind === 'emit') JSON.stringify(output.detail);
    else if (output.kind === 'provide') JSON.stringify(output.value);
  }

  prepare(patch: Patch, outputs: readonly Output[], snapshot: unknown): void {
    if (!this.isBegun) {
      // the first rendering is mounted whole, and greets with what was said
      checkContent(this.runtime.rendering.content);
      this.takeUp(snapshot);
      this.prepared = { text: '', outputs };
      return;
    }
    this.commitGate?.keeper.prepare(this.toPersisted(snapshot));
    if (patch.length === 0 && outputs.length === 0) this.prepared = nothing;
    else {
      const said = outputs.length === 0 ? patch : [...patch, ...this.toOperations(outputs)];
      this.prepared = { text: said.length > 0 ? encodeOperations(said) : '', outputs };
    }
  }

  deliver(isRendered: boolean): void {
    const { counters, settings } = this.options;
    const { text, outputs } = this.prepared;
    this.prepared = nothing;
    const isFirst = !this.isBegun;
    this.isBegun = true;
    if (this.commitGate) this.shown = this.runtime.snapshot;
    if (isRendered) counters.views++;
    if (outputs.length > 0) this.keep(outputs);
    if (text !== '') this.send(text);
    if (isFirst) {
      if (this.version === 0) this.version = 1;
      for (const subscriber of this.subscribers) subscriber.mount();
      if (this.isShared) this.missed = undefined;
    } else if (isRendered) {
      this.hasChanged = true;
    }
    if (this.isShared) this.flushedAt = settings.clock.now();
  }

  waitMs(): number {
    const { settings } = this.options;
    if (this.isUnseen) return Number.POSITIVE_INFINITY;
    // a hot shared actor makes no more than so many patches a second
    if (!this.isShared || this.subscribers.size < 2) return 0;
    return Math.max(0, this.flushedAt + 1000 / settings.maxFramesPerSecond - settings.clock.now());
  }

  admit(found: FoundListener, data: EventData): EventData | undefined {
    return admit(found, data);
  }

  onTurnEnd(): void {
    const { commitGate: gate } = this;
    const answering = gate ? this.sealedAnswering : this.answering;
    if (answering !== undefined) {
      if (gate) this.sealedAnswering = undefined;
      else this.answering = undefined;
      for (const subscriber of answering) subscriber.sendOutcomes();
    }
    gate?.release();
  }

  // What follows is how the gate reports.

  seal(): void {
    this.sealedActing = this.acting;
    this.sealedAnswering = this.answering;
    this.acting = undefined;
    this.answering = undefined;
    for (const subscriber of this.sealedActing ?? []) subscriber.seal();
  }

  compose(turn: readonly Entry[]): TurnParts | undefined {
    const { runtime, stream, epoch, isBegun, provided } = this;
    const { text, outputs } = this.prepared;
    const version = isBegun ? this.version + (text === '' ? 0 : 1) : this.version || 1;
    const from = {
      rendering: runtime.rendering,
      timers: runtime.names.timers,
      now: this.clock.now(),
      epoch,
      version,
      text,
      provided,
      outputs,
    };
    return stream?.compose(from, turn, this.sealedActing);
  }

  onCommitting(): void {
    this.tellCommit('committing');
  }

  onCommitted(): void {
    this.tellCommit('committed');
  }

  onSaving(isSaving: boolean): void {
    for (const subscriber of this.subscribers) subscriber.onSaving(isSaving);
  }

  onLost(error: StoreError | undefined): void {
    this.options.onLost?.(error);
  }

  private tellCommit(kind: 'committing' | 'committed'): void {
    const { inspector } = this.options;
    if (inspector.hears(kind)) inspector.tell({ kind, actor: this.id });
  }

  /** The first rendering goes on as the one of the actor's last life, where it is the same. */
  private takeUp(snapshot: unknown): void {
    const { stream, commitGate: gate } = this;
    const { keeper } = this.options;
    if (!stream || !keeper) return;
    const persisted = this.toPersisted(snapshot);
    if (stream.isBegun) {
      gate?.keeper.prepare(persisted);
      return;
    }
    keeper.begin(persisted);
    const { rendering, names } = this.runtime;
    const same = stream.begin(rendering, names.timers);
    const { provided = [] } = keeper.loaded?.rendering ?? {};
    if (provided.length > 0) this.provided = new Map(provided);
    if (!same) return;
    this.epoch = same.epoch;
    this.version = same.version;
    this.hasChanged = true;
    if (same.last === undefined) return;
    this.history = new History(this.options.settings.limits.maxHistoryBytes, same.version - 1);
    this.history.add(same.last);
  }

  private toPersisted(snapshot: unknown): Snapshot<unknown> {
    return this.runtime.logic.actorLogic.getPersistedSnapshot(snapshot as never);
  }

  onRefused(): void {
    this.options.counters.droppedEvents++;
  }

  onFailed(_: unknown, { kind }: Decision): void {
    this.options.counters.failures++;
    if (kind === 'restart') return;
    this.wasGivenUp = true;
    for (const subscriber of this.subscribers) subscriber.fail('ISLET_ERR_ACTOR_FAILED');
  }

  onRestarted(): void {
    if (!this.wasGivenUp) return;
    this.wasGivenUp = false;
    for (const subscriber of this.subscribers) subscriber.revive();
  }

  onRunFailed(): void {}

  contain(run: () => unknown, responsible: Responsible): unknown {
    return contain(responsible, run);
  }

  yield(callback: () => void): void {
    setImmediate(callback);
  }

  /** Notes that an event was handled, or why not. */
  onOutcome(subscriber: Subscriber): void {
    if (this.commitGate) {
      this.acting ??= new Set();
      this.acting.add(subscriber);
    }
    if (!subscriber.isHeldBack) this.hearOutcome(subscriber);
  }

  /** @param shown What is known of its content. Gives that, and what is kept besides. */
  private tellSize(shown: number): number {
    const bytes = shown + (this.history?.bytes ?? 0);
    this.options.onMeasured?.(bytes);
    return bytes;
  }

  /** Keeps that an event was refused: its page has to hear of it, whatever becomes of this process. */
  noteRefusal({ name }: Subscriber, event: number, code: ErrorCode): void {
    if (name !== undefined) this.stream?.refuse({ client: name, event, code });
  }

  private hearOutcome(subscriber: Subscriber): void {
    this.answering ??= [];
    this.answering.push(subscriber);
  }

  private since(version: number): string | undefined {
    return version === this.version ? '' : this.history?.since(version);
  }

  /** A given-up actor ends no turns: what it refuses is told as it is refused. One that restarts will tell. */
  private tellAtOnce(subscriber: Subscriber): void {
    if (!this.hasFailed) return;
    this.answering = undefined;
    if (!this.commitGate?.isHeld) subscriber.seal();
    subscriber.sendOutcomes();
  }

  /**
   * All subscribers are held back: until one has caught up, no frame could be sent, and rendering waits. A persisted
   * actor is rendered nevertheless, so that it is kept.
   */
  private get isUnseen(): boolean {
    if (this.subscribers.size === 0 || this.commitGate) return false;
    for (const { isHeldBack } of this.subscribers) if (!isHeldBack) return false;
    return true;
  }

  /** What is to be sent of outputs now. What an own actor says before its page has joined waits for that page. */
  private toOperations(outputs: readonly Output[]): Operation[] {
    const operations: Operation[] = [];
    const isHeard = this.subscribers.size > 0;
    for (const output of outputs) {
      if (output.kind === 'emit' && (isHeard || this.isShared)) operations.push(toEmit(output));
      else if (output.kind === 'provide' && isHeard) operations.push(provide(output.key, output.value));
    }
    return operations;
  }

  private keep(outputs: readonly Output[]): void {
    const isHeard = this.subscribers.size > 0;
    // what a shared actor emits while it has no subscribers is for nobody
    const isMissed = this.isShared ? isHeard && this.version === 0 : !isHeard || this.version === 0;
    for (const output of outputs) {
      if (output.kind === 'provide') {
        this.provided ??= new Map();
        this.provided.set(output.key, output.value);
      } else if (output.kind === 'emit' && isMissed) {
        this.missed ??= [];
        this.missed.push(toEmit(output));
      }
    }
  }

  private send(text: string): void {
    const { counters, settings, inspector } = this.options;
    counters.encodings++;
    this.history ??= new History(settings.limits.maxHistoryBytes, this.version);
    this.history.add(text);
    this.size.add(text.length);
    this.version++;
    this.page = undefined;
    if (inspector.hears('patch')) {
      inspector.tell({ kind: 'patch', actor: this.id, version: this.version, size: text.length });
    }
    const frames: FrameCache = new Map();
    for (const subscriber of this.subscribers) subscriber.sendPatch(text, frames);
  }
}

/** Who caused a message by an event. */
class EventOrigin implements Origin {
  private readonly actor: LiveActor;
  private readonly subscriber: Subscriber;
  private readonly event: number;

  constructor(actor: LiveActor, subscriber: Subscriber, event: number) {
    this.actor = actor;
    this.subscriber = subscriber;
    this.event = event;
  }

  onHandled(): void {
    this.subscriber.onHandled(this.event);
    this.actor.onOutcome(this.subscriber);
  }

  refuse(code: ErrorCode): void {
    this.actor.noteRefusal(this.subscriber, this.event, code);
    this.subscriber.onRefused(this.event, code);
    this.actor.onOutcome(this.subscriber);
  }
}

/** What an event takes besides its data. */
const frameBytes = 64;
/** A component whose messages ask for more messages for ever is not waited for. */
const maxDrainedTurns = 100;
const nothing = { text: '', outputs: [] };

/** Names a visit; a socket that was opened straight to a component has no name, and does not come back. */
function visitOf({ name, client }: Subscriber): string {
  return name ?? `direct.${client.id}`;
}

function toEmit({ name, detail, options }: Extract<Output, { kind: 'emit' }>): Operation {
  return emit(name, detail, options);
}

function createEpoch(): string {
  return Math.random().toString(36).slice(2, 10);
}
