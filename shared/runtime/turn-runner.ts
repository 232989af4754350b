/*
 * A component's actor and what is shown of it: messages are handed to the actor, and its snapshots rendered, all or
 * nothing. Input: the messages of a turn. Output: a rendering that was prepared for delivery; messages whose update
 * threw, or after which the view throws, are refused, and it is as if they had never come.
 */

import type { AnyComponent } from '../language/component.ts';
import type { Effect, Latest, Output, Run } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Compile } from '../template/compile.ts';
import { TemplateTable } from '../tree/encode.ts';
import { Rendering } from '../tree/rendering.ts';
import type { Patch } from '../wire/patch.ts';
import type { ComponentActor } from './actor.ts';
import type { Clock } from './clock.ts';
import { type ComponentLogic, logicOf, ModelReset, type ModelSnapshot, type TransitionHost } from './logic.ts';
import { type Entry, outputsOf, redoBudgetMs } from './turn.ts';

/** For whom a turn is rendered. */
export interface Audience {
  /** Checks that an output can be delivered. What it throws refuses the message that asked for it. */
  check(output: Output): void;
  /** Checks that what an effect starts can be done here. What it throws refuses the message that asked for it. */
  checkRun?(run: Run | Latest): void;
  /**
   * Does all that may fail of delivering a turn: encoding, and functions of the component besides the view. What it
   * throws counts as thrown by the view, and leaves what was prepared before.
   *
   * @param snapshot What is rendered now.
   */
  prepare(patch: Patch, outputs: readonly Output[], snapshot: unknown): void;
}

export interface TurnRunnerOptions {
  readonly component: AnyComponent;
  readonly compile: Compile;
  readonly place: Audience;
  readonly clock: Clock;
  /** Where templates get their numbers. Default: a table of its own. */
  readonly table?: TemplateTable | undefined;
}

/** Who has the runner. */
export interface TurnRunnerOwner {
  /** The actor cannot go on. */
  fail(error: unknown): void;
  /** An output that no message asked for cannot be delivered. */
  onOutputFailed(error: unknown): void;
}

export class TurnRunner implements TransitionHost {
  readonly logic: ComponentLogic;
  readonly rendering: Rendering;
  actor: ComponentActor | undefined;
  /** The snapshot of the last good rendering. */
  rendered: unknown;
  /** What the last view that failed threw. */
  viewError: unknown;
  private readonly options: TurnRunnerOptions;
  private readonly owner: TurnRunnerOwner;
  /** The snapshot that the present actor started with. */
  private started: unknown;
  /** The message that is being handled. */
  private current: Entry | undefined;
  /** What `update` threw of it. */
  private thrown: { readonly error: unknown } | undefined;

  constructor(options: TurnRunnerOptions, owner: TurnRunnerOwner) {
    this.options = options;
    this.owner = owner;
    this.logic = logicOf(options.component);
    this.rendering = new Rendering(options.compile, options.table ?? new TemplateTable());
  }

  /** Begins with an actor that is being created. @param entry Takes what `init` asks for. */
  enter(entry: Entry, create: () => ComponentActor): ComponentActor {
    this.current = entry;
    this.actor = create();
    this.current = undefined;
    const { place } = this.options;
    entry.outputs = entry.outputs?.filter((output) => this.canBeDone(() => place.check(output)));
    entry.runs = entry.runs?.filter((run) => this.canBeDone(() => place.checkRun?.(run)));
    return this.actor;
  }

  /** The actor has been started: the model that it has now can be gone back to. */
  begin(): void {
    this.started = this.actor?.getSnapshot();
  }

  leave(): void {
    this.actor = undefined;
  }

  // What the actor's logic calls.

  collect(effect: Effect<unknown>): void {
    this.current?.collect(effect);
  }

  onThrown(error: unknown): void {
    this.thrown = { error };
  }

  /** Keeps what a machine emits with the message that it handles; false if it handles none. */
  keepEmitted(output: Output): boolean {
    if (!this.current) return false;
    this.current.outputs ??= [];
    this.current.outputs.push(output);
    return true;
  }

  /** Hands a message to the actor. What is thrown refuses the message, and the model stays what it was. */
  apply(entry: Entry): void {
    const { actor, logic } = this;
    const { place } = this.options;
    const message = entry.message as AnyMessage;
    if (!actor) return;
    const before: unknown = actor.getSnapshot();
    this.current = entry;
    this.thrown = undefined;
    let isDelivered = true;
    try {
      logic.tryTransition?.(before, message);
      actor.send(message);
      isDelivered = false;
      if (entry.outputs) for (const output of entry.outputs) place.check(output);
      if (entry.runs) for (const run of entry.runs) place.checkRun?.(run);
    } catch (error) {
      this.thrown = { error };
      if (!isDelivered) {
        // the model that goes with an output that cannot be delivered is taken back, where that can be done
        if (logic.isMachine) this.owner.fail(error);
        else actor.send(new ModelReset(before as ModelSnapshot));
      }
    }
    this.current = undefined;
    if (this.thrown) entry.refuse('ISLET_ERR_MESSAGE_REFUSED', this.thrown.error);
  }

  private canBeDone(check: () => void): boolean {
    try {
      check();
      return true;
    } catch (error) {
      this.owner.onOutputFailed(error);
      return false;
    }
  }

  /** Renders what the messages of a turn have made of the model. False if there is nothing that can be shown. */
  show(turn: readonly Entry[]): boolean {
    const snapshot: unknown = this.actor?.getSnapshot();
    return this.attempt(snapshot, noPatch, outputsOf(turn)) !== undefined || this.redo(turn);
  }

  /**
   * Renders a snapshot and prepares its delivery. If that throws, the tree and what was prepared before are as they
   * were.
   *
   * @param earlier What the same turn has made of the tree already.
   * @returns The whole patch, or undefined if something threw: `viewError`.
   */
  private attempt(snapshot: unknown, earlier: Patch, outputs: readonly Output[]): Patch | undefined {
    const { rendering } = this;
    try {
      let patch = earlier;
      if (snapshot !== this.rendered) {
        const added = rendering.render(this.logic.render(snapshot));
        patch = earlier.length === 0 ? added : [...earlier, ...added];
      }
      this.options.place.prepare(patch, outputs, snapshot);
      rendering.keep();
      this.rendered = snapshot;
      return patch;
    } catch (error) {
      rendering.rollBack();
      this.viewError = error;
      return undefined;
    }
  }

  /**
   * Does a turn again, message by message, from the last model that could be shown: those after which the view throws
   * are refused, and so are those that there is no time to try. False if there is nothing to show.
   */
  private redo(turn: readonly Entry[]): boolean {
    const { actor } = this;
    const { clock } = this.options;
    if (!actor || this.logic.isMachine) return false;
    const end = clock.now() + redoBudgetMs;
    const base = (this.rendered ?? this.started) as ModelSnapshot;
    actor.send(new ModelReset(base));
    let patch = this.attempt(base, noPatch, noOutputs);
    // not even the model that `init` made, or that was saved, can be shown
    if (!patch) return false;
    let outputs = noOutputs;
    for (const entry of turn) {
      const before = actor.getSnapshot() as ModelSnapshot;
      if (entry.message !== undefined) {
        // what it threw may have come from a model that has been undone since
        entry.clear();
        if (clock.now() > end) entry.refuse('ISLET_ERR_NOT_TRIED', undefined);
        else this.apply(entry);
        if (entry.refusal) continue;
      }
      const wanted = entry.outputs ? [...outputs, ...entry.outputs] : outputs;
      const next = this.attempt(actor.getSnapshot(), patch, wanted);
      if (next) {
        patch = next;
        outputs = wanted;
      } else if (entry.message !== undefined) {
        actor.send(new ModelReset(before));
        entry.refuse('ISLET_ERR_MESSAGE_REFUSED', this.viewError);
      } else {
        entry.outputs = undefined;
        this.owner.onOutputFailed(this.viewError);
      }
    }
    return true;
  }
}

const noPatch: Patch = [];
const noOutputs: readonly Output[] = [];
