/*
 * A server component that people look at, and that runs in this process. Input: who looks, and their events. Output:
 * answers about what is shown; what turns come to is delivered by `delivery.ts`.
 */

import type { Snapshot } from 'xstate';
import { type Attributes, toAttributeMessage } from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Client } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { CreateActor } from '../../shared/runtime/actor.ts';
import type { Supervision } from '../../shared/runtime/charges.ts';
import type { Inspector } from '../../shared/runtime/inspect.ts';
import type { Gate, RuntimeOptions, RuntimePlace } from '../../shared/runtime/place.ts';
import { Runtime } from '../../shared/runtime/runtime.ts';
import { createXStateActor } from '../../shared/runtime/supervisor.ts';
import type { Compile } from '../../shared/template/compile.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import type { IdRuns } from '../../shared/wire/content.ts';
import type { Have, HaveOfTree } from '../../shared/wire/frames.ts';
import { drawn } from '../../shared/wire/patch.ts';
import { encodeOperations, joinOperations } from '../../shared/wire/server-frames.ts';
import type { FewSet } from '../few.ts';
import { compile } from '../html-parser.ts';
import type { Counters } from '../inspect/counters.ts';
import type { Limits, Settings } from '../options.ts';
import type { StoreError } from '../store/store.ts';
import type { ServerClock } from '../system-clock.ts';
import type {
  ActorPort,
  Arrival,
  EventSource,
  Known,
  Mount,
  Part,
  PlacedEvent,
  ReadModel,
  Subscriber,
  Take,
} from './actor-port.ts';
import { renderIsland, weigh } from './adoption.ts';
import { Delivery } from './delivery.ts';
import type { Entry } from './entries.ts';
import { EventOrigin } from './event-origin.ts';
import type { IdleTrees } from './idle-trees.ts';
import type { KeptStream } from './kept-stream.ts';
import { type LeftState, resumeOnly } from './own-state.ts';
import { PageEvent } from './page-event.ts';
import { sayWho } from './predicted.ts';
import { cannotShow } from './saved-state.ts';
import { type SentOutcome, sentNumber } from './sent-message.ts';
import { SentMessages } from './sent-messages.ts';
import type { Tasks } from './tasks.ts';
import { areCounted, come, go, type Visited, waitForAbsent } from './visits.ts';

/** What all actors of a server have in common: what one of them needs besides stands in its entry. */
export interface ActorContext {
  readonly settings: Settings;
  /** Where trees are let go of that nobody needs. */
  readonly trees: IdleTrees;
  /** Functions of durable tasks. */
  readonly tasks: Tasks;
  readonly counters: Counters;
  readonly inspector: Inspector;
  /** A turn of it will never be kept: another write came first (undefined), or the store refuses it. */
  onLost(entry: Entry, error: StoreError | undefined): void;
  /** It is known anew how big it is, in bytes. */
  onMeasured(entry: Entry, bytes: number): void;
  /** The first or last subscriber came or went. */
  onAudience(actor: LiveActor, isLookedAt: boolean): void;
}

export class LiveActor implements ActorPort, RuntimeOptions, Visited {
  readonly id: string;
  readonly entry: Entry;
  readonly props: unknown;
  readonly runtime: Runtime;
  /** What resumes or keeps its turns. */
  readonly gate: Gate | undefined;
  private readonly context: ActorContext;
  private readonly delivery: Delivery;
  private absenceTimer: unknown;

  constructor(entry: Entry, props: unknown, context: ActorContext) {
    this.id = entry.id;
    this.entry = entry;
    this.props = props;
    this.context = context;
    this.delivery = new Delivery(entry, context);
    this.gate = this.delivery.gate ?? (entry.keeper && resumeOnly(entry.keeper));
    this.runtime = new Runtime(this);
    this.delivery.begin(this.runtime);
  }

  // What the runtime is made with: as properties of this, since an object for each actor would take memory.

  get component(): AnyComponent {
    return this.entry.route.component;
  }

  get snapshot(): Snapshot<unknown> | undefined {
    return this.entry.keeper?.loaded?.snapshot;
  }

  get table(): TemplateTable | undefined {
    return this.entry.keeper?.table;
  }

  get supervisor(): Supervision {
    const { keeper, route } = this.entry;
    const { supervisor, component } = route;
    const { loaded } = keeper ?? {};
    // only until it is shown: what fails later is no longer what was kept
    if (!keeper || !loaded || this.runtime.isRendered) return supervisor;
    return {
      add: (child) => supervisor.add(child),
      release: (child) => supervisor.release(child),
      fail: (child, error) => supervisor.fail(child, cannotShow(keeper.key, loaded, component, error)),
    };
  }

  get createActor(): CreateActor {
    return createXStateActor;
  }

  get inspector(): Inspector {
    return this.context.inspector;
  }

  get clock(): ServerClock {
    return this.context.settings.clock;
  }

  get slowTurnMs(): number {
    return this.context.settings.slowTurnMs;
  }

  get place(): RuntimePlace {
    return this.delivery;
  }

  get compile(): Compile {
    return compile;
  }

  // Its life.

  /**
   * Starts the actor and renders it for the first time.
   *
   * @param first What makes the messages of the attributes that it starts with.
   */
  start(first: readonly (() => AnyMessage)[]): void {
    this.runtime.start(first);
    this.runtime.flush();
    this.absenceTimer = waitForAbsent(this, this.context.settings.sessionMs);
  }

  /** Stops the actor; nobody is told. */
  stop(): void {
    this.clock.clearTimeout(this.absenceTimer);
    this.delivery.gate?.end();
    this.delivery.tasks?.stop();
    this.context.trees.forget(this.delivery);
    this.runtime.stop();
    this.delivery.sent?.end(undefined);
  }

  /** A durable task of it is under way. */
  get isBusy(): boolean {
    return this.delivery.tasks?.isBusy ?? false;
  }

  /** A turn of it is being committed. */
  get isCommitting(): boolean {
    return this.delivery.gate?.isHeld ?? false;
  }

  /** Begins no task any more, and has those that are under way tried by whoever goes on. */
  pauseTasks(): void {
    this.delivery.tasks?.pause();
  }

  /** Renders what is due, so that version and tree are those of the present model. */
  settle(): void {
    this.runtime.settle();
  }

  /** Nobody has looked for long, and it is let go of: writes what is known anew. */
  lastWrite(): void {
    const { gate, stream } = this.delivery;
    void gate?.keeper.touch(stream?.takeForgotten());
  }

  /** Resolves when nothing is due any more, and nothing is being committed. */
  async drain(): Promise<void> {
    const { gate } = this.delivery;
    for (let turn = 0; turn < maxDrainedTurns; turn++) {
      this.settle();
      if (!gate?.isHeld) return;
      await new Promise<void>((resolve) => gate.whenIdle(resolve));
    }
  }

  // What it is.

  get isShared(): boolean {
    return this.entry.route.options.shared === true;
  }

  get limits(): Limits {
    return this.context.settings.limits;
  }

  get counters(): Counters {
    return this.context.counters;
  }

  get isCommitted(): boolean {
    return this.delivery.gate !== undefined;
  }

  get knowsClients(): boolean {
    return this.isCommitted || this.entry.keeper?.loaded !== undefined;
  }

  get hasFailed(): boolean {
    return this.runtime.status === 'failed';
  }

  /** Names the life in which its versions mean something. */
  get epoch(): string {
    return this.delivery.epoch;
  }

  get version(): number {
    return this.delivery.version;
  }

  /** Values offered to descendants. */
  get provided(): ReadonlyMap<string, unknown> | undefined {
    return this.delivery.provided;
  }

  /** The patch from a version to the present one; undefined if that is not known. */
  since(version: number): string | undefined {
    return this.delivery.since(version);
  }

  /** The same of its model; undefined also where pages do not predict it. */
  modelSince(version: number): string | undefined {
    return this.delivery.models?.since(version, this.delivery.version);
  }

  /** What is drawn, as a digest, where pages predict it. */
  get drawn(): number | undefined {
    return this.delivery.models?.drawn;
  }

  /** Names the code that pages predict it by, if they may. */
  get code(): string | undefined {
    return this.entry.route.predicted?.code;
  }

  /** Calls back when what is rendered may be read; `undefined`: it has ended. */
  whenReadable(read: (isThere: boolean) => void): void {
    this.read(
      () => read(true),
      () => read(false),
      () => {},
    );
  }

  /** Whether it shows, or has shown, anything but what it started with. */
  get hasChanged(): boolean {
    return this.delivery.hasChanged;
  }

  get keptAttributes(): Attributes | undefined {
    return this.entry.keeper?.loaded?.instances?.attributes;
  }

  get leftState(): LeftState | undefined {
    if (this.isCommitted || this.hasFailed) return undefined;
    const { runtime, delivery } = this;
    const { epoch, version, provided } = delivery;
    const timeOfDay = this.clock.timeOfDay();
    return { runtime, epoch, version, provided, timeOfDay, countsVisits: areCounted(this) };
  }

  /** About how much memory it takes, in bytes. */
  estimateBytes(): number {
    const { delivery } = this;
    const { rendering, isRendered } = this.runtime;
    // to measure it would be to make it again
    if (rendering.wake) return delivery.tellSize(delivery.size.known);
    const measure = () => (isRendered ? { ids: rendering.toIds(), content: rendering.toMount() } : undefined);
    return delivery.tellSize(delivery.size.estimate(measure));
  }

  bytesOfEach(): number {
    return this.estimateBytes() / Math.max(1, this.subscribers.size);
  }

  noteContent(ids: IdRuns, characters: number): void {
    this.delivery.noteContent(ids, characters);
  }

  // Who looks.

  get subscribers(): FewSet<Subscriber> {
    return this.delivery.subscribers;
  }

  get visitStream(): KeptStream | undefined {
    return this.delivery.stream;
  }

  /** What the store knew of some clients was dropped: whoever it knows nothing of may be one of them. */
  get hasDropped(): boolean {
    return this.entry.keeper?.hasDropped ?? false;
  }

  recall(name: string | undefined): Known {
    const event = name === undefined ? undefined : this.entry.keeper?.clients.get(name);
    if (event === undefined || name === undefined) return this.hasDropped ? unknown : nothingKnown;
    const known = { event: Math.abs(event), refused: this.delivery.stream?.refusedOf(name, Math.abs(event)) ?? [] };
    // of what it refused something is forgotten
    return event < 0 ? { ...known, isUnknown: true } : known;
  }

  subscribe(subscriber: Subscriber): void {
    this.attach(subscriber);
    come(this, subscriber);
  }

  unsubscribe(subscriber: Subscriber, hasLeft: boolean): void {
    if (this.detach(subscriber)) go(this, subscriber);
    if (hasLeft) this.forget(subscriber);
  }

  /** Has somebody told of each patch, who may pass it on to those who look. */
  attach(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
    if (this.subscribers.size === 1) this.onAudience(true);
  }

  /** @returns Whether it was attached. */
  detach(subscriber: Subscriber): boolean {
    const wasAttached = this.subscribers.delete(subscriber);
    if (wasAttached && this.subscribers.size === 0) this.onAudience(false);
    return wasAttached;
  }

  private onAudience(isLookedAt: boolean): void {
    if (this.isShared) this.context.onAudience(this, isLookedAt);
  }

  /** Somebody has begun to look who is told of patches by another. */
  come(subscriber: Subscriber): void {
    come(this, subscriber);
  }

  go(subscriber: Subscriber): void {
    go(this, subscriber);
  }

  /** Somebody has left for good: should it come again, its numbers begin anew. */
  forget({ name }: Subscriber): void {
    if (name !== undefined) this.delivery.stream?.forget(name);
  }

  /** How many look who are told of patches by others. */
  set crowd(count: number) {
    this.delivery.crowd = count;
  }

  // What they do.

  sayWho(client: Client, person: string | undefined): string {
    return sayWho(this.entry.route.predicted, client, person, this.clock);
  }

  handleEvent(placed: PlacedEvent, subscriber: Subscriber): void {
    const { number, instance, data } = placed;
    const { gate } = this.delivery;
    if (typeof instance !== 'number' && !this.entry.route.predicted) {
      this.skipEvent(number, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', subscriber);
      return;
    }
    if (gate?.isHeld && !gate.takes(frameBytes + JSON.stringify(data).length)) {
      this.skipEvent(number, 'ISLET_ERR_STORE', subscriber);
      // it may take long until the turn ends
      subscriber.sendOutcomes();
      return;
    }
    const { delivery, runtime } = this;
    const event = new PageEvent(delivery, subscriber, placed);
    runtime.handlePressed(event, data, event);
    if (!runtime.isRunning) this.tellAtOnce(subscriber);
  }

  skipEvent(event: number, code: ErrorCode | undefined, subscriber: EventSource): void {
    this.runtime.skip(new EventOrigin(this.delivery, subscriber, event), code);
    if (!this.runtime.isRunning) this.tellAtOnce(subscriber);
  }

  answer(subscriber: Subscriber): void {
    if (this.runtime.isRunning) {
      this.delivery.clients.answer(subscriber);
      this.runtime.schedule();
    } else this.tellAtOnce(subscriber);
  }

  send(message: AnyMessage, key: string | undefined, conclude: (outcome: SentOutcome) => void): void {
    const { delivery } = this;
    const { gate } = delivery;
    if (this.hasFailed) {
      conclude({ code: 'ISLET_ERR_ACTOR_FAILED' });
      return;
    }
    if (gate?.isHeld && !gate.takes(frameBytes + JSON.stringify(message).length)) {
      conclude({ code: 'ISLET_ERR_STORE' });
      return;
    }
    delivery.sent ??= new SentMessages(this.isCommitted, (name) => this.recall(name));
    const sent = delivery.sent.begin(key, conclude);
    if (!sent) return;
    const origin = new EventOrigin(delivery, sent, sentNumber);
    this.runtime.dispatchFrom(() => {
      origin.onHandled();
      return message;
    }, origin);
  }

  model(take: (read: ReadModel) => void): void {
    const { runtime, component } = this;
    const show = (): void => {
      // what could never be shown is no model that anybody saw
      if (this.hasFailed || !runtime.isRendered) take({ code: 'ISLET_ERR_ACTOR_FAILED' });
      else {
        const model = runtime.logic.modelOf(runtime.snapshot);
        take({ model: 'machine' in component ? (model as { readonly context: unknown }).context : model });
      }
    };
    this.read(
      show,
      () => take(undefined),
      () => {},
    );
  }

  /** @param source Counts the changes, and is told when this one, of that number, belongs to a turn. */
  changeAttribute(name: string, text: string | null, source?: EventSource, number = 0): boolean {
    const make = toAttributeMessage(this.component, name, text);
    if (!make && source) this.skipEvent(number, undefined, source);
    else if (make && source) {
      const origin = new EventOrigin(this.delivery, source, number);
      this.runtime.dispatchFrom(() => {
        origin.onHandled();
        return make();
      }, origin);
    } else if (make) this.dispatchFrom(make);
    return make !== undefined;
  }

  /** Dispatches the message that a function of the component makes. What it throws is logged, and the actor goes on. */
  dispatchFrom(make: () => AnyMessage | null | undefined): void {
    this.runtime.dispatchFrom(make);
  }

  // What they are shown.

  bring(have: Have | undefined, isNew: boolean, take: Take<Arrival>, onLate: () => void): void {
    const arrive = (): void => {
      const arrival = this.toArrival(have, isNew);
      const greets = arrival.kind === 'mount' || isNew;
      if (take(arrival) && greets) this.delivery.onGreeted();
    };
    this.read(arrive, () => take(undefined), onLate);
  }

  onAcknowledged(version: number): void {
    // of several that look, each would have to be asked: what they need is bounded in bytes
    if (!this.isShared) this.delivery.forget(version);
  }

  part(instance: number, take: Take<Part | Arrival>, onLate: () => void): void {
    const show = (): void => {
      const part = instance === 0 ? undefined : this.runtime.rendering.toPart(instance);
      if (part) take({ version: this.delivery.version, ...part });
      else this.bring(undefined, false, take, onLate);
    };
    this.read(show, () => take(undefined), onLate);
  }

  html(take: (chunks: readonly Chunk[] | undefined) => void): void {
    let isTaken = false;
    const takeOnce = (chunks: readonly Chunk[] | undefined): void => {
      if (!isTaken) take(chunks);
      isTaken = true;
    };
    const takeLast = (): void => takeOnce(this.toLastHtml());
    this.read(() => takeOnce(this.runtime.isRendered ? this.toHtml() : undefined), takeLast, takeLast);
  }

  /**
   * Calls back when what is rendered may be read: at once, or when the turn that is being committed has been delivered.
   *
   * @param onEnd The actor has ended meanwhile.
   * @param onLate The store takes too long; it is read all the same when that is over.
   */
  private read(read: () => void, onEnd: () => void, onLate: () => void): void {
    const { gate } = this.delivery;
    if (!gate) {
      this.settle();
      read();
      return;
    }
    // a turn that is due is no reason to wait for the store
    const wait = (): void => {
      onLate();
      gate.whenIdle(() => (gate.isEnded ? onEnd() : read()));
    };
    gate.read(read, wait, onEnd);
  }

  private toArrival(have: Have | undefined, isNew: boolean): Arrival {
    if (isNew && this.hasFailed) return failed;
    if (!this.runtime.isRendered) return later;
    const code = have?.[2];
    if (typeof code === 'string') return this.toModelArrival(have as Have, code, isNew);
    return (
      (have && this.catchUp(have as HaveOfTree, isNew)) ?? {
        kind: 'mount',
        ...this.toMount(),
        operations: this.delivery.greet(),
      }
    );
  }

  /** For who predicts; with other code than the server's it gets the tree. */
  private toModelArrival(have: Have, code: string, isNew: boolean): Arrival {
    const { delivery } = this;
    const { epoch, version, models } = delivery;
    const greeting = delivery.greet();
    if (code !== models?.predicted.code) return { kind: 'mount', ...this.toMount(), operations: greeting };
    const missing = have[0] === epoch ? models.since(have[1], version) : undefined;
    const said = encodeOperations([drawn(models.drawn)]);
    if (missing === undefined) {
      const operations = joinOperations(said, greeting);
      return { kind: 'model', epoch, version, model: models.model, operations, predicts: true };
    }
    const operations = joinOperations(joinOperations(missing, said), isNew ? greeting : '');
    return { kind: 'live', epoch, version, define: undefined, operations, predicts: true };
  }

  /** Undefined when only a mount helps. */
  private catchUp([theirs, known, templates, digest]: HaveOfTree, isNew: boolean): Arrival | undefined {
    const { delivery } = this;
    const { rendering } = this.runtime;
    const { epoch, version } = delivery;
    const patch = theirs === epoch ? delivery.since(known) : undefined;
    // Another actor rendered the client's HTML; if that is what this one shows, nothing is missing.
    const weighed = patch === undefined && digest !== undefined ? weigh(rendering, templates) : undefined;
    const isSame = weighed !== undefined && weighed.digest === digest;
    if (patch === undefined && !isSame) return undefined;
    // what has been written for the digest need not be encoded when its page goes
    if (isSame) delivery.noteContent(weighed.ids, weighed.characters);
    return {
      kind: 'live',
      epoch,
      version,
      // whoever has a version knows all templates of it, and the patch tells the later ones
      define: isSame ? rendering.define(templates) : undefined,
      operations: joinOperations(patch ?? '', isNew ? delivery.greet() : ''),
    };
  }

  private toMount(): Mount {
    const { rendering } = this.runtime;
    const { epoch, version } = this.delivery;
    const define = rendering.define(0) ?? null;
    return { epoch, version, nextId: rendering.nextId, ids: rendering.toIds(), define, content: rendering.toMount() };
  }

  /** The content as HTML with what adoption needs; kept until the next change, since it is the same for everybody. */
  private toHtml(): readonly Chunk[] {
    const { delivery } = this;
    if (delivery.page?.version !== delivery.version) {
      const { epoch, version } = delivery;
      const { attributes } = this.entry.route;
      const model = delivery.models?.model;
      delivery.page = { version, html: renderIsland(this.runtime.rendering, { epoch, version, attributes }, model) };
    }
    return delivery.page.html;
  }

  /** The content as it was when it was committed last, where what is rendered is not committed yet. */
  private toLastHtml(): readonly Chunk[] | undefined {
    const { shown } = this.delivery;
    if (shown === undefined) return undefined;
    const rendering = new Rendering(compile, new TemplateTable());
    rendering.render(this.runtime.logic.render(shown));
    return renderIsland(rendering, { epoch: '', version: 0, attributes: this.entry.route.attributes });
  }

  /** A given-up actor ends no turns: what it refuses is told as it is refused. One that restarts will tell. */
  private tellAtOnce(subscriber: EventSource): void {
    if (!this.hasFailed) return;
    const { clients, gate } = this.delivery;
    clients.forgetAnswers();
    if (!gate?.isHeld) {
      subscriber.seal();
      subscriber.onKept();
    }
    subscriber.sendOutcomes();
  }
}

/** What an event takes besides its data. */
const frameBytes = 64;
/** A component whose messages ask for more messages for ever is not waited for. */
const maxDrainedTurns = 100;
const nothingKnown: Known = { event: 0, refused: [] };
const unknown: Known = { event: 0, refused: [], isUnknown: true };
const failed: Arrival = { kind: 'failed' };
const later: Arrival = { kind: 'later' };
