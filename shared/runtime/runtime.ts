/*
 * The run loop of one running component, on a server and in a browser: it hands messages to the component's actor, ends
 * turns by rendering, and starts runs after that. Input: messages, and events of a browser. Output: patches and
 * outputs, for its place (`place.ts`) to deliver.
 *
 * A turn, in this order: handlers and `update`, view, delivery, outcomes, runs. What a message's handler, its update or
 * the view after it throws refuses that message and no other. Restarts, by the supervisor, are for what is left.
 */

import type { AnyActorRef, Snapshot } from 'xstate';
import type { AnyComponent } from '../language/component.ts';
import type { Output } from '../language/effect.ts';
import type { ErrorCode } from '../language/errors.ts';
import type { EventClient, EventData } from '../language/events.ts';
import type { AnyMessage, Template } from '../language/html.ts';
import type { FoundListener, Rendering } from '../tree/rendering.ts';
import type { ComponentActor } from './actor.ts';
import type { Child } from './charges.ts';
import type { Clock } from './clock.ts';
import { type DueOwner, DueRuns } from './due-runs.ts';
import { ActorHost, type Responsible } from './effect-host.ts';
import type { Inspector, Kind } from './inspect.ts';
import type { ComponentLogic } from './logic.ts';
import { Names, type Naming } from './names.ts';
import type { RuntimeOptions } from './place.ts';
import { type Pressed, press } from './press.ts';
import type { Decision } from './restart-policy.ts';
import { Entry, maxGatheringMs, maxMessagesPerTurn, type Origin, type Refusal } from './turn.ts';
import { TurnRunner, type TurnRunnerOwner } from './turn-runner.ts';
import { type ScheduleOwner, TurnSchedule } from './turn-schedule.ts';

type Status = 'new' | 'running' | 'restarting' | 'failed' | 'stopped';

/** Messages and events that wait while an actor restarts. */
const maxWaiting = 1_000;
export class Runtime implements Child, Naming, TurnRunnerOwner, ScheduleOwner, DueOwner {
  readonly id: string;
  readonly component: AnyComponent;
  status: Status = 'new';
  private readonly options: RuntimeOptions;
  private readonly runner: TurnRunner;
  private readonly turns = new TurnSchedule(this);
  /** What runs of the present actor may do; undefined: none was due. */
  host: ActorHost | undefined;
  private usedNames: Names | undefined;
  private turn: Entry[] = none;
  /** The turn that is being rendered and delivered. */
  private ending: readonly Entry[] = none;
  /** What delivered turns have asked for, and has yet to start; undefined where nothing ever was. */
  private due: DueRuns | undefined;
  private waiting: { readonly action: () => void; readonly origin: Origin | undefined }[] | undefined;
  private isEnding = false;
  /** A turn was rendered and is being kept. */
  private isHeld = false;
  /**
   * The first turn was delivered: a restart leaves running timers alone, and does not do the outputs of `init` again.
   */
  private areTimersKept = false;
  private gatheringSince = 0;

  constructor(options: RuntimeOptions) {
    this.id = options.id;
    this.component = options.component;
    this.options = options;
    this.runner = new TurnRunner(options, this);
  }

  get rendering(): Rendering {
    return this.runner.rendering;
  }

  get logic(): ComponentLogic {
    return this.runner.logic;
  }

  /**
   * Starts the actor, from the last model that was shown if there was one; what there is to show then is due.
   *
   * @param first What makes the messages that come right after `init`.
   */
  start(first: readonly (() => AnyMessage)[] = []): void {
    this.status = 'new';
    const { gate, supervisor } = this.options;
    if (gate) {
      gate.begin(this.names);
      this.areTimersKept = gate.isRestored;
    }
    supervisor.add(this);
    for (const make of first) this.dispatchFrom(make);
    this.schedule();
  }

  /** Stops the actor, its runs and timers; nobody is told. */
  stop(): void {
    if (this.status === 'stopped') return;
    this.onStopped();
    this.options.supervisor.release(this);
  }

  get isRunning(): boolean {
    return this.status === 'running';
  }

  get isRendered(): boolean {
    return this.rendering.isRendered;
  }

  /** The snapshot that was rendered last. */
  get snapshot(): unknown {
    return this.runner.rendered;
  }

  /** The view of the present model, which may not have been rendered yet. */
  get view(): Template<unknown> {
    return this.logic.render(this.runner.actor?.getSnapshot());
  }

  /** The snapshot of the last good rendering, as it is persisted. */
  toSnapshot(): Snapshot<unknown> | undefined {
    const { rendered, logic } = this.runner;
    return rendered === undefined ? undefined : logic.actorLogic.getPersistedSnapshot(rendered as never);
  }

  get root(): unknown {
    return this.options.root;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** What starts now belongs to `init` after a restart. */
  get keepsTimers(): boolean {
    return this.due?.keepsTimers ?? false;
  }

  get names(): Names {
    this.usedNames ??= new Names(this);
    return this.usedNames;
  }

  /** Handles a message, now or when the actor has been restarted. */
  dispatch(message: AnyMessage, origin?: Origin): void {
    this.whenRunning(() => this.handle(message, origin), origin);
  }

  /** Handles the message that a function of the component makes, if it makes one. What it throws refuses that alone. */
  dispatchFrom(make: () => AnyMessage | null | undefined, origin?: Origin): void {
    this.whenRunning(() => {
      let message: AnyMessage | null | undefined;
      try {
        message = make();
      } catch (error) {
        this.refuse(origin, 'ISLET_ERR_MESSAGE_REFUSED', error);
        return;
      }
      if (message) this.handle(message, origin);
    }, origin);
  }

  /** Takes the message of a timer, and handles it, unless the actor does not run: then the timer stays due. */
  dispatchDue(take: () => AnyMessage | undefined): void {
    if (this.status === 'running') this.dispatchFrom(take);
  }

  /** Handles an event that a browser reported. It is refused if there is no such handler (any more). */
  handleEvent(instance: number, hole: number, data: EventData, client: EventClient, origin?: Origin): void {
    const find = (): FoundListener | undefined => this.rendering.findListener(instance, hole);
    this.handlePressed({ find, toClient: () => client }, data, origin);
  }

  /** The same for an event whose listener is found otherwise. */
  handlePressed(pressed: Pressed, data: EventData, origin: Origin | undefined): void {
    if (this.status === 'running') this.pressNow(pressed, data, origin);
    else this.whenRunning(() => this.pressNow(pressed, data, origin), origin);
  }

  private pressNow(pressed: Pressed, data: EventData, origin: Origin | undefined): void {
    const startedAt = this.startWatch();
    origin?.onHandled();
    let found: FoundListener | undefined;
    let known: EventData | undefined;
    try {
      found = pressed.find();
      known = found && this.options.place.admit(found, data);
    } catch (error) {
      this.refuse(origin, 'ISLET_ERR_MESSAGE_REFUSED', error);
      return;
    }
    if (found === undefined) this.refuse(origin, 'ISLET_ERR_EVENT_UNKNOWN_TARGET', undefined);
    else if (known === undefined) this.refuse(origin, 'ISLET_ERR_EVENT_DISABLED', undefined);
    else {
      const message = this.press(found, known, pressed, origin);
      if (message) this.handle(message, origin, startedAt);
      else this.watch(startedAt, `@${found.instance.definition.holes[found.hole]?.name}`);
    }
    // even an event that makes no message has an outcome
    this.schedule();
  }

  /** Takes an event in its order and does nothing for it; a code says why, if it is refused. */
  skip(origin: Origin, code: ErrorCode | undefined): void {
    this.whenRunning(() => {
      origin.onHandled();
      if (code === undefined) this.schedule();
      else this.refuse(origin, code, undefined);
    }, origin);
  }

  /** Ends the turn now, if there is one, so that what is rendered is the present model. */
  settle(): void {
    if (this.turns.isSet) this.flush();
  }

  /** Has the turn end as soon as its place allows, with nothing but outcomes if nothing has changed. */
  schedule(): void {
    if (this.status === 'running') this.turns.set(this.isHeld);
  }

  waitMs(): number {
    return this.options.place.waitMs();
  }

  yield(callback: () => void): void {
    this.options.place.yield(callback);
  }

  /** Renders, delivers, and starts runs: the end of a turn. */
  flush(): void {
    if (this.isEnding) return;
    if (this.isHeld) {
      this.turns.set(true);
      return;
    }
    this.turns.clear();
    if (this.status !== 'running') return;
    const inspector = this.inspectorOf('rendered');
    const startedAt = inspector ? this.clock.now() : this.startWatch();
    const { turn, runner } = this;
    const { rendered } = runner;
    this.turn = none;
    this.usedNames?.timers.settle();
    this.ending = turn;
    this.turns.countTurn();
    this.isEnding = true;
    try {
      this.endTurn(turn);
    } finally {
      this.isEnding = false;
    }
    if (inspector && runner.rendered !== rendered) {
      const messages = turn.filter(({ message }) => message !== undefined).length;
      inspector.tell({ kind: 'rendered', actor: this.id, messages, ms: this.clock.now() - startedAt });
    }
    this.watch(startedAt, undefined);
    if (!this.isHeld) this.conclude(turn);
  }

  /** What was rendered has been delivered: its runs may start. */
  private conclude(turn: readonly Entry[]): void {
    if (this.status !== 'running') return;
    this.ending = none;
    // most turns ask for nothing
    if (turn.some(({ outputs, runs }) => outputs || runs)) {
      this.due ??= new DueRuns(this);
      this.host ??= new ActorHost(this);
      this.due.add(turn);
    }
    if (this.due) this.startDue(this.due);
    else this.usedNames?.release();
  }

  private startDue(due: DueRuns): void {
    if (due.isStarting) return;
    try {
      due.start(() => this.turns.mayGoOn);
    } finally {
      this.usedNames?.release();
    }
    if (!due.isEmpty) this.schedule();
  }

  /** The turn that was held up is kept: whoever waited for it gets it, also where the actor has failed meanwhile. */
  private release(turn: readonly Entry[], isRendered: boolean): void {
    this.isHeld = false;
    if (this.status === 'stopped') return;
    this.isEnding = true;
    this.deliverTurn(isRendered);
    this.isEnding = false;
    this.conclude(turn);
    if (!this.turns.isSet) return;
    this.turns.clear();
    this.schedule();
  }

  private deliverTurn(isRendered: boolean): void {
    const { place } = this.options;
    try {
      place.deliver(isRendered);
      place.onTurnEnd();
    } catch (error) {
      this.fail(error);
    }
  }

  // What its supervisor calls.

  spawn(parent: AnyActorRef | undefined): ComponentActor {
    const { id, runner } = this;
    const { props, createActor } = this.options;
    const { logic } = runner;
    const isRestart = runner.rendered !== undefined;
    const snapshot = this.toSnapshot() ?? this.options.snapshot;
    this.status = 'running';
    const entry = new Entry(undefined, undefined);
    const input = logic.isMachine ? props : { props, host: runner };
    const create = (): ComponentActor => createActor(logic, { id, parent, input, snapshot });
    const startedAt = this.startWatch();
    const actor = runner.enter(entry, create);
    this.watch(startedAt, 'init');
    // what init asked for as data was done when it was first shown: timers go on, and pages have what was provided
    if (this.areTimersKept) {
      entry.outputs = undefined;
      entry.isAgain = true;
    }
    this.gather(entry);
    logic.observe?.(actor, {
      onChange: () => this.schedule(),
      onEmit: (name, detail) => this.emitOf(name, detail),
      // a parent hears of it by itself
      onError: (error) => parent || this.fail(error),
    });
    try {
      actor.start();
    } catch (error) {
      this.fail(error);
    }
    runner.begin();
    if (snapshot) logic.restartDelays?.(actor);
    this.inspectorOf('started')?.tell({ kind: 'started', actor: id, isRestart });
    return actor;
  }

  onFailed(error: unknown, decision: Decision): void {
    const { place } = this.options;
    this.status = decision.kind === 'restart' ? 'restarting' : 'failed';
    const { turn } = this;
    this.turn = none;
    this.leave();
    this.usedNames?.timers.putBack();
    this.usedNames?.release();
    this.tellRefusals(turn, true);
    if (this.status === 'failed') {
      const waiting = this.waiting ?? [];
      for (const { origin } of waiting) origin?.refuse('ISLET_ERR_ACTOR_FAILED');
      // what it was to begin with is not lost: it is tried again
      this.waiting = this.isRendered ? undefined : waiting.filter(({ origin }) => origin === undefined);
    }
    const component = this.component.name;
    this.inspectorOf('failure')?.tell({ kind: 'failure', actor: this.id, component, error, decision });
    place.onFailed(error, decision);
    place.onTurnEnd();
  }

  onRestarted(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const { action, origin } of waiting) this.whenRunning(action, origin);
    this.usedNames?.timers.tryAgain();
    this.flush();
    if (this.status === 'running') this.options.place.onRestarted();
  }

  onStopped(): void {
    if (this.status === 'stopped') return;
    this.status = 'stopped';
    this.areTimersKept = false;
    this.usedNames?.stopTimers();
    this.waiting = undefined;
    this.turn = none;
    this.leave();
    this.inspectorOf('stopped')?.tell({ kind: 'stopped', actor: this.id });
  }

  // What its effect host calls.

  deliver(output: Output): void {
    try {
      this.options.place.check(output);
    } catch (error) {
      this.onRunFailed(error, false);
      return;
    }
    const entry = new Entry(undefined, undefined);
    entry.outputs = [output];
    this.gather(entry);
    this.schedule();
  }

  isAsked(name: string): boolean {
    const isAsked = [this.turn, this.ending].some((entries) => entries.some((entry) => entry.asksFor(name)));
    return isAsked || (this.due?.asksFor(name) ?? false);
  }

  fail(error: unknown): void {
    this.options.supervisor.fail(this, error);
  }

  onOutputFailed(error: unknown): void {
    this.onRunFailed(error, false);
  }

  onRunFailed(error: unknown, isStray: boolean): void {
    this.inspectorOf('run failed')?.tell({ kind: 'run failed', actor: this.id, error, isStray });
    this.options.place.onRunFailed(error, isStray);
  }

  contain(run: () => unknown, responsible: Responsible): unknown {
    return this.options.place.contain(run, responsible);
  }

  /** Ends the runs of the present actor. */
  private leave(): void {
    this.turns.clear();
    this.due?.clear();
    this.ending = none;
    this.runner.leave();
    const { host } = this;
    this.host = undefined;
    host?.stop();
    this.usedNames?.stopRuns();
  }

  private whenRunning(action: () => void, origin: Origin | undefined): void {
    if (this.status === 'running') action();
    else if (this.status === 'failed') {
      if (origin) origin.refuse('ISLET_ERR_ACTOR_FAILED');
      else this.options.place.onRefused('ISLET_ERR_ACTOR_FAILED', undefined, undefined);
    } else if (this.status !== 'restarting') origin?.refuse('ISLET_ERR_ACTOR_FAILED');
    else {
      this.waiting ??= [];
      if (this.waiting.length < maxWaiting) this.waiting.push({ action, origin });
      else origin?.refuse('ISLET_ERR_LIMIT_EVENTS');
    }
  }

  /** Gives the message of a handler, if it makes one. What it throws refuses the event. */
  private press(
    found: FoundListener,
    data: EventData,
    by: Pressed,
    origin: Origin | undefined,
  ): AnyMessage | undefined {
    try {
      return press(found, data, by);
    } catch (error) {
      this.refuse(origin, 'ISLET_ERR_MESSAGE_REFUSED', error);
      return undefined;
    }
  }

  /** @param startedAt When its handler was called, or else now. */
  private handle(message: AnyMessage, origin: Origin | undefined, startedAt = this.startWatch()): void {
    this.inspectorOf('message')?.tell({ kind: 'message', actor: this.id, message });
    const entry = new Entry(message, origin);
    this.runner.apply(entry);
    this.watch(startedAt, message.type);
    if (this.status !== 'running') {
      this.tellRefusals([entry], true);
      return;
    }
    this.gather(entry, startedAt);
    const isLong = this.turn.length >= maxMessagesPerTurn || this.hasGatheredLong;
    if (isLong && !this.isEnding) this.flush();
    else this.schedule();
  }

  /** @param since When the time of its turn began, if that is known. */
  private gather(entry: Entry, since = 0): void {
    if (this.turn.length > 0) this.turn.push(entry);
    else {
      // one that something was pushed into would have room for 16 more
      this.turn = [entry];
      this.gatheringSince = since || this.clock.now();
    }
  }

  private get hasGatheredLong(): boolean {
    return this.turn.length > 1 && this.clock.now() - this.gatheringSince >= maxGatheringMs;
  }

  /** What a machine emits by itself, or while it handles a message. */
  private emitOf(name: string, detail: object): void {
    const output: Output = { kind: 'emit', name, detail };
    if (!this.runner.keepEmitted(output)) this.deliver(output);
  }

  private endTurn(turn: readonly Entry[]): void {
    const { gate } = this.options;
    const { rendered } = this.runner;
    const isShown = this.runner.show(turn);
    this.tellRefusals(turn, !isShown);
    if (!isShown) this.fail(this.runner.viewError);
    else if (this.status === 'running') {
      this.areTimersKept = true;
      const isRendered = this.runner.rendered !== rendered;
      this.isHeld = gate?.keep(turn, () => this.release(turn, isRendered)) ?? false;
      if (!this.isHeld) this.deliverTurn(isRendered);
    }
  }

  /** Tells of each message of a turn that was refused, or of all of them if nothing could be shown. */
  private tellRefusals(turn: readonly Entry[], areAllRefused: boolean): void {
    for (const entry of turn) {
      const { message, origin } = entry;
      if (areAllRefused && !entry.refusal) entry.refuse('ISLET_ERR_MESSAGE_REFUSED', undefined);
      if (entry.refusal && message !== undefined) this.tellRefusal(message, origin, entry.refusal);
    }
  }

  private tellRefusal(message: AnyMessage | undefined, origin: Origin | undefined, { code, error }: Refusal): void {
    const inspector = this.inspectorOf('refused');
    const { gate } = this.options;
    inspector?.tell({ kind: 'refused', actor: this.id, code, message, error: gate ? gate.explain(error) : error });
    this.options.place.onRefused(code, message, error);
    origin?.refuse(code, error);
  }

  /** Refuses what made no message. */
  private refuse(origin: Origin | undefined, code: ErrorCode, error: unknown): void {
    this.tellRefusal(undefined, origin, { code, error });
    // whoever caused it is told at the end of the turn, like everybody else
    this.schedule();
  }

  /** When something began that may take long; 0 if nobody wants to know. */
  startWatch(): number {
    return this.options.slowTurnMs === undefined ? 0 : this.clock.now();
  }

  /** @param cause What took its time; undefined for the view. */
  watch(startedAt: number, cause: string | undefined): void {
    const { slowTurnMs } = this.options;
    if (slowTurnMs === undefined) return;
    const ms = this.clock.now() - startedAt;
    if (ms < slowTurnMs) return;
    const component = this.component.name;
    this.inspectorOf('slow')?.tell({ kind: 'slow', actor: this.id, component, message: cause, ms });
  }

  /** Whom to tell of a kind of happening; undefined where nobody listens: no event is made then. */
  private inspectorOf(kind: Kind): Inspector | undefined {
    const { inspector } = this.options;
    return inspector?.hears(kind) ? inspector : undefined;
  }
}

/** No turn is written into that is empty. */
const none: Entry[] = [];
