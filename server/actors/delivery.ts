/*
 * Brings what a runtime makes of messages to all who look at a live actor. Input: rendered turns, once they are kept.
 * Output: patches and outcomes for subscribers. It knows which version they all are brought to, and what leads there
 * from earlier ones.
 */

import type { Snapshot } from 'xstate';
import { development } from '../../shared/language/development.ts';
import { browserOnlyOf, type Latest, type Output, type Run } from '../../shared/language/effect.ts';
import type { EventData } from '../../shared/language/events.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { Responsible } from '../../shared/runtime/effect-host.ts';
import type { RuntimePlace } from '../../shared/runtime/place.ts';
import type { Decision } from '../../shared/runtime/restart-policy.ts';
import type { Runtime } from '../../shared/runtime/runtime.ts';
import type { Entry as TurnEntry } from '../../shared/runtime/turn.ts';
import { checkAddresses, findListenerAt } from '../../shared/tree/address.ts';
import { drawnBy } from '../../shared/tree/drawn-digest.ts';
import { checkContent } from '../../shared/tree/encode.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { Journal } from '../../shared/tree/journal.ts';
import { letGo } from '../../shared/tree/letting-go.ts';
import type { FoundListener, RenderingOwner } from '../../shared/tree/rendering.ts';
import { ReplacedListeners } from '../../shared/tree/replaced-listeners.ts';
import type { IdRuns } from '../../shared/wire/content.ts';
import type { PredictedPlace } from '../../shared/wire/frames.ts';
import { define, type Operation, type Patch } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';
import { FewSet } from '../few.ts';
import { compile } from '../html-parser.ts';
import type { StoreError } from '../store/store.ts';
import type { ServerClock } from '../system-clock.ts';
import type { EventSource, FrameCache, Refusal, Subscriber } from './actor-port.ts';
import { ActorSize } from './actor-size.ts';
import { ActorTasks } from './actor-tasks.ts';
import { CommitGate, type GateOwner } from './commit-gate.ts';
import type { Entry } from './entries.ts';
import type { OutcomeListener } from './event-origin.ts';
import { History } from './history.ts';
import type { TreeOwner } from './idle-trees.ts';
import type { TurnParts } from './keeper.ts';
import { KeptStream } from './kept-stream.ts';
import { contain } from './late-errors.ts';
import type { ActorContext } from './live-actor.ts';
import { ModelStream, nothingChanged } from './model-stream.ts';
import { admit } from './pressable.ts';
import { Said, toOperations } from './said.ts';
import type { SentMessages } from './sent-messages.ts';
import { TurnClients } from './turn-clients.ts';

export class Delivery implements RuntimePlace, GateOwner, OutcomeListener, TreeOwner, RenderingOwner {
  epoch = createEpoch();
  /** Counts the patches; 0 before the first rendering. */
  version = 0;
  readonly subscribers = new FewSet<Subscriber>();
  readonly size = new ActorSize();
  /** Undefined: its turns are not committed. */
  readonly gate: CommitGate | undefined;
  /** What goes on over a restart besides the model, if anything does. */
  readonly stream: KeptStream | undefined;
  /** Its model, where pages predict. */
  readonly models: ModelStream | undefined;
  /** What the app has sent it, if it ever has. */
  sent: SentMessages | undefined;
  /** Undefined: it can have none. */
  readonly tasks: ActorTasks | undefined;
  /** The snapshot that everybody sees. */
  shown: unknown;
  /** Whether it shows, or has shown, anything but what `init` makes. */
  hasChanged = false;
  private readonly entry: Entry;
  private readonly context: ActorContext;
  // Most actors say nothing besides their tree, and many hear no event.
  private usedSaid: Said | undefined;
  private usedClients: TurnClients | undefined;
  private runtime: Runtime | undefined;
  /** What was pressed in earlier versions. */
  private replaced: ReplacedListeners | undefined;
  /** Patches since the first rendering; undefined before the first. */
  private history: History | undefined;
  /** What `prepare` made of the turn: for who shows the tree, and for who predicts. */
  private prepared: Prepared = nothing;
  /** The first rendering was delivered. */
  private isBegun = false;
  private wasGivenUp = false;
  /** When a hot shared actor may deliver again, once it has delivered. */
  private nextAt: number | undefined;
  /** How many look who are told of patches by a subscriber. */
  crowd = 0;
  /** The content as HTML, until the next change. */
  page: { readonly version: number; readonly html: readonly Chunk[] } | undefined;

  constructor(entry: Entry, context: ActorContext) {
    this.entry = entry;
    this.context = context;
    const { id, keeper, commits, route } = entry;
    const { tasks, inspector, settings } = context;
    if (keeper && commits && this.isShared) {
      this.tasks = new ActorTasks({ id, tasks, inspector, clock: settings.clock });
    }
    const { predicted } = route;
    this.models = predicted && new ModelStream(predicted, settings.limits.maxHistoryBytes);
    if (keeper && commits) this.gate = new CommitGate(this, keeper);
    this.stream = keeper && new KeptStream(keeper, commits, settings.limits);
  }

  private get isShared(): boolean {
    return this.entry.route.options.shared === true;
  }

  /** Whose turns they are. */
  begin(runtime: Runtime): void {
    this.runtime = runtime;
    runtime.rendering.owner = this;
    this.tasks?.begin(runtime, this.entry.keeper?.loaded?.tasks ?? []);
  }

  keep(changes: Journal): void {
    if (!this.isBegun) return;
    this.replaced ??= new ReplacedListeners();
    this.replaced.note(changes, this.version);
  }

  get clock(): ServerClock {
    return this.context.settings.clock;
  }

  /** Whose events a turn has. */
  get clients(): TurnClients {
    this.usedClients ??= new TurnClients();
    return this.usedClients;
  }

  private get said(): Said {
    this.usedSaid ??= new Said();
    return this.usedSaid;
  }

  /** Values offered to descendants. */
  get provided(): ReadonlyMap<string, unknown> | undefined {
    return this.usedSaid?.provided;
  }

  /** The patch from a version to the present one; undefined if that is not known. */
  since(version: number): string | undefined {
    return version === this.version ? '' : this.history?.since(version);
  }

  /** Its only subscriber has this version. */
  forget(version: number): void {
    this.history?.forget(version);
    this.replaced?.forget(version);
  }

  /** What somebody who joins must get besides the tree, as operations. */
  greet(): string {
    return this.usedSaid?.greet() ?? '';
  }

  /** A page was greeted: that of an island of one's own is the only one there is. */
  onGreeted(): void {
    if (!this.isShared) this.usedSaid?.forgetMissed();
  }

  // What is there only as long as it is used.

  /** The tree is there, and was used. */
  private noteTree(): void {
    if (this.models) this.context.trees.note(this);
  }

  /** Where all who look predict, nobody but the next change needs the tree. */
  letGoOfTree(): boolean {
    const { models, runtime } = this;
    if (!models || !runtime?.isRunning || !this.isBegun) return false;
    for (const { predicts } of this.subscribers) if (!predicts) return false;
    this.page = undefined;
    // it knows them by their instances
    this.replaced?.forgetAll();
    letGo(
      runtime.rendering,
      () => runtime.logic.render(runtime.snapshot),
      (isSame) => {
        this.noteTree();
        if (!isSame) this.renew();
      },
    );
    return true;
  }

  /** A view has given something else of the same model: who has what was shown before begins anew. */
  private renew(): void {
    this.epoch = createEpoch();
    this.history = undefined;
    // whoever needs the tree just now gets it first
    queueMicrotask(() => {
      for (const subscriber of this.subscribers) subscriber.mount();
    });
  }

  // What is known of its size.

  /** @param shown What is known of its content. Gives that, and what is kept besides. */
  tellSize(shown: number): number {
    const bytes = shown + (this.history?.bytes ?? 0) + (this.models?.bytes ?? 0);
    this.context.onMeasured(this.entry, bytes);
    return bytes;
  }

  noteContent(ids: IdRuns, characters: number): void {
    this.size.note(ids, characters);
    this.tellSize(this.size.known);
  }

  // What becomes of events.

  onOutcome(subscriber: EventSource): void {
    if (this.gate) this.clients.act(subscriber);
    if (!subscriber.isHeldBack) this.clients.answer(subscriber);
  }

  noteRefusal({ name }: EventSource, refusal: Refusal): void {
    if (name !== undefined) this.stream?.refuse({ client: name, ...refusal });
  }

  // How the runtime reports.

  check(output: Output): void {
    if (output.kind === 'emit') JSON.stringify(output.detail);
    else if (output.kind === 'provide') JSON.stringify(output.value);
    else if (output.kind === 'task') {
      if (this.tasks) this.tasks.check(output);
      else throw new IsletError('ISLET_ERR_TASK', `the task '${output.name}' needs a route with persist: true`);
    }
  }

  checkRun(run: Run | Latest): void {
    const name = browserOnlyOf(run);
    if (name === undefined) return;
    const cure = 'use it in a component that runs in the browser, or emit an event that one hears';
    throw new IsletError('ISLET_ERR_COMPONENT', `${name} is an effect of the browser, and this is a server: ${cure}`);
  }

  prepare(patch: Patch, outputs: readonly Output[], snapshot: unknown): void {
    this.tasks?.checkRoom(outputs);
    const changes = this.prepareModel(snapshot);
    if (!this.isBegun) {
      // the first rendering is mounted whole, and greets with what was said
      if (this.runtime) checkContent(this.runtime.rendering.content);
      this.takeUp(snapshot);
      this.prepared = { text: '', modelText: '', outputs };
      return;
    }
    this.gate?.keeper.prepare(this.toPersisted(snapshot));
    if (patch.length === 0 && outputs.length === 0 && changes.length === 0) this.prepared = nothing;
    else {
      const more = outputs.length === 0 ? [] : toOperations(outputs, this.hearing);
      const text = encodeOperations(more.length === 0 ? patch : [...patch, ...more]);
      const modelText = this.models ? encodeOperations([...changes, ...more]) : '';
      // a version is one in both streams
      this.prepared = {
        text: text === '' && modelText !== '' ? this.noChange() : text,
        modelText: text !== '' && modelText === '' ? nothingChanged : modelText,
        outputs,
      };
    }
  }

  private prepareModel(snapshot: unknown): readonly Operation[] {
    const { models, runtime } = this;
    if (!models || !runtime) return [];
    if (development.literal) checkAddresses(runtime.rendering.content);
    return models.prepare(runtime.logic.modelOf(snapshot), drawnBy(runtime.rendering));
  }

  deliver(isRendered: boolean): void {
    const { isShared } = this;
    const { counters, settings } = this.context;
    const { text, modelText, outputs } = this.prepared;
    this.prepared = nothing;
    const startedAt = this.isPaced ? settings.clock.now() : 0;
    this.models?.deliver();
    // by the frames that tell of the turn, and not before: others may be told of something meanwhile
    this.usedClients?.onKept();
    const isFirst = !this.isBegun;
    this.isBegun = true;
    if (this.gate) this.shown = this.runtime?.snapshot;
    if (isRendered) counters.views++;
    if (outputs.length > 0) this.said.keep(outputs, this.hearing);
    if (text !== '') this.send(text, modelText);
    this.noteTree();
    if (isFirst) {
      if (this.version === 0) this.version = 1;
      for (const subscriber of this.subscribers) subscriber.mount();
      if (isShared) this.usedSaid?.forgetMissed();
    } else if (isRendered) {
      this.hasChanged = true;
    }
    if (this.isPaced) {
      // so many a second from start to start; but what takes long leaves a fifth of the time to whatever else waits
      const ms = settings.clock.now() - startedAt;
      this.nextAt = startedAt + Math.max(1000 / settings.maxFramesPerSecond, ms * 1.25);
    }
  }

  /** It makes no more than so many patches a second. */
  private get isPaced(): boolean {
    const { settings } = this.context;
    return this.isShared && Number.isFinite(settings.maxFramesPerSecond);
  }

  waitMs(): number {
    if (this.isUnseen) return Number.POSITIVE_INFINITY;
    // one that hardly anybody looks at is not hot
    if (!this.isPaced || this.subscribers.size + this.crowd < 2) return 0;
    return this.nextAt === undefined ? 0 : Math.max(0, this.nextAt - this.clock.now());
  }

  admit(found: FoundListener, data: EventData): EventData | undefined {
    return admit(found, data);
  }

  /** Finds the listener that somebody who saw a version has pressed; undefined: it is gone, or not known any more. */
  findListener(instance: number | PredictedPlace, hole: number, seen: number): FoundListener | undefined {
    const runtime = this.runtime as Runtime;
    if (typeof instance !== 'number') return findListenerAt(runtime.view, instance.a, hole, compile);
    const found = runtime.rendering.findListener(instance, hole);
    return found && this.replaced ? this.replaced.asSeen(found, seen) : found;
  }

  onTurnEnd(): void {
    this.usedClients?.tell(this.gate !== undefined);
    this.gate?.release();
  }

  onRefused(): void {
    this.context.counters.droppedEvents++;
  }

  onFailed(_: unknown, { kind }: Decision): void {
    this.context.counters.failures++;
    if (kind === 'restart') return;
    this.wasGivenUp = true;
    for (const subscriber of this.subscribers) subscriber.fail('ISLET_ERR_ACTOR_FAILED');
    this.sent?.end({ code: 'ISLET_ERR_ACTOR_FAILED' });
  }

  onRestarted(): void {
    if (this.wasGivenUp) {
      this.wasGivenUp = false;
      for (const subscriber of this.subscribers) subscriber.revive();
    }
    this.tasks?.onRestarted();
  }

  onRunFailed(): void {}

  contain(run: () => unknown, responsible: Responsible): unknown {
    return contain(responsible, run);
  }

  yield(callback: () => void): void {
    setImmediate(callback);
  }

  // How the gate reports.

  seal(): void {
    this.usedClients?.seal();
  }

  compose(turn: readonly TurnEntry[]): TurnParts | undefined {
    const { runtime, stream, epoch, isBegun } = this;
    if (!runtime) return undefined;
    const { text, outputs } = this.prepared;
    this.tasks?.seal(outputs);
    const version = isBegun ? this.version + (text === '' ? 0 : 1) : this.version || 1;
    const from = {
      rendering: runtime.rendering,
      timers: runtime.names.timers,
      tasks: this.tasks,
      now: this.clock.now(),
      timeOfDay: this.clock.timeOfDay(),
      epoch,
      version,
      text,
      provided: this.provided,
      outputs,
    };
    return stream?.compose(from, turn, this.usedClients?.sealedActing);
  }

  onCommitting(): void {
    this.tellCommit('committing');
  }

  onCommitted(): void {
    this.tellCommit('committed');
    this.tasks?.onKept();
  }

  onSaving(isSaving: boolean): void {
    for (const subscriber of this.subscribers) subscriber.onSaving(isSaving);
  }

  onLost(error: StoreError | undefined): void {
    this.context.onLost(this.entry, error);
  }

  private tellCommit(kind: 'committing' | 'committed'): void {
    const { inspector } = this.context;
    if (inspector.hears(kind)) inspector.tell({ kind, actor: this.entry.id });
  }

  /** The first rendering goes on as the one of the actor's last life, where it is the same. */
  private takeUp(snapshot: unknown): void {
    const { stream, gate, runtime } = this;
    const { keeper } = this.entry;
    const { settings } = this.context;
    if (!stream || !keeper || !runtime) return;
    const persisted = this.toPersisted(snapshot);
    if (stream.isBegun) {
      gate?.keeper.prepare(persisted);
      return;
    }
    keeper.begin(persisted);
    const { rendering, names } = runtime;
    const same = stream.begin(rendering, names.timers);
    const { provided = [] } = keeper.loaded?.rendering ?? {};
    if (provided.length > 0) this.said.provided = new Map(provided);
    this.hasChanged = keeper.loaded !== undefined;
    if (!same) return;
    this.epoch = same.epoch;
    this.version = same.version;
    if (same.last === undefined) return;
    this.history = new History(settings.limits.maxHistoryBytes, same.version - 1);
    this.history.add(same.last);
  }

  private toPersisted(snapshot: unknown): Snapshot<unknown> {
    return (this.runtime as Runtime).logic.actorLogic.getPersistedSnapshot(snapshot as never);
  }

  /**
   * All subscribers are held back: until one has caught up, no frame could be sent, and rendering waits. A persisted
   * actor is rendered nevertheless, so that it is kept.
   */
  private get isUnseen(): boolean {
    if (this.subscribers.size === 0 || this.gate) return false;
    for (const { isHeldBack } of this.subscribers) if (!isHeldBack) return false;
    return true;
  }

  private get hearing() {
    return { isShared: this.isShared, isHeard: this.subscribers.size > 0, isShown: this.version > 0 };
  }

  /** An operation that changes nothing: it tells templates, and none. */
  private noChange(): string {
    return encodeOperations([define(this.runtime?.rendering.announced ?? 0, [])]);
  }

  private send(text: string, modelText: string): void {
    const { counters, settings, inspector } = this.context;
    counters.encodings++;
    this.history ??= new History(settings.limits.maxHistoryBytes, this.version);
    this.history.add(text);
    this.models?.add(this.version, modelText);
    this.size.add(text.length);
    this.version++;
    this.page = undefined;
    if (inspector.hears('patch'))
      inspector.tell({ kind: 'patch', actor: this.entry.id, version: this.version, size: text.length });
    const areSeveral = this.subscribers.size > 1;
    const frames: FrameCache | undefined = areSeveral ? new Map() : undefined;
    if (!this.models) {
      for (const subscriber of this.subscribers) subscriber.sendPatch(text, frames);
      return;
    }
    const modelFrames: FrameCache | undefined = areSeveral ? new Map() : undefined;
    for (const subscriber of this.subscribers) {
      if (subscriber.predicts) subscriber.sendPatch(modelText, modelFrames);
      else subscriber.sendPatch(text, frames, modelText);
    }
  }
}

interface Prepared {
  readonly text: string;
  readonly modelText: string;
  readonly outputs: readonly Output[];
}

const nothing: Prepared = { text: '', modelText: '', outputs: [] };

function createEpoch(): string {
  return Math.random().toString(36).slice(2, 10);
}
