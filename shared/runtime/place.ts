/*
 * What a runtime is made with, and where it shows what its component shows: a live actor's delivery on a server, an
 * element in a browser. Types alone: each half implements them for itself.
 */

import type { Snapshot } from 'xstate';
import type { AnyComponent } from '../language/component.ts';
import type { ErrorCode } from '../language/errors.ts';
import type { EventData } from '../language/events.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Compile } from '../template/compile.ts';
import type { TemplateTable } from '../tree/encode.ts';
import type { FoundListener } from '../tree/rendering.ts';
import type { CreateActor } from './actor.ts';
import type { Supervision } from './charges.ts';
import type { Clock } from './clock.ts';
import type { Responsible } from './effect-host.ts';
import type { Inspector } from './inspect.ts';
import type { Names } from './names.ts';
import type { Decision } from './restart-policy.ts';
import type { Entry } from './turn.ts';
import type { Audience } from './turn-runner.ts';

/** Where a runtime shows what its component shows. */
export interface RuntimePlace extends Audience {
  /** Delivers what was prepared last. @param isRendered A view was evaluated for it. */
  deliver(isRendered: boolean): void;
  /** Milliseconds until the turn may end; 0: when what runs now has run. Infinity: nobody can be shown anything now. */
  waitMs(): number;
  /**
   * What an event may say, given what is rendered; undefined if it cannot have happened: nobody presses what is
   * disabled.
   */
  admit(found: FoundListener, data: EventData): EventData | undefined;
  /** The outcome of each message of the turn is known. */
  onTurnEnd(): void;
  /** A message or an event was not applied. @param error What the component threw, if it did. */
  onRefused(code: ErrorCode, message: AnyMessage | undefined, error: unknown): void;
  /** The actor has failed and was stopped. */
  onFailed(error: unknown, decision: Decision): void;
  /** The actor runs again after it had failed. */
  onRestarted(): void;
  /** A run threw. @param isStray Whether its actor had stopped before. */
  onRunFailed(error: unknown, isStray: boolean): void;
  /** Calls a run, within whatever the place offers to bring its late errors to who is responsible. */
  contain(run: () => unknown, responsible: Responsible): unknown;
  /** Calls back when the event loop has seen to everything else that waits. */
  yield(callback: () => void): void;
}

/** Keeps turns: what was rendered is delivered once it is kept. */
export interface Gate {
  /** The actor goes on from what was kept: what `init` asks for as data was done in the life before. */
  readonly isRestored: boolean;
  /** What is told of an error that a message met: what goes on may have been kept by other code. */
  explain(error: unknown): unknown;
  /** Starts the timers that were kept. */
  begin(names: Names): void;
  /**
   * Starts the timers that the turn asks for, and begins to keep the turn that was prepared last. Until that is done
   * the runtime gathers messages, and neither renders nor delivers.
   *
   * @param onKept To be called when it is kept, later.
   * @returns false if there is nothing to keep.
   */
  keep(turn: readonly Entry[], onKept: () => void): boolean;
}

export interface RuntimeOptions {
  readonly id: string;
  readonly component: AnyComponent;
  readonly props: unknown;
  readonly compile: Compile;
  readonly place: RuntimePlace;
  readonly supervisor: Supervision;
  readonly createActor: CreateActor;
  readonly clock: Clock;
  readonly inspector?: Inspector;
  /** In the browser: where the component is drawn. */
  readonly root?: unknown;
  /** A snapshot that was kept earlier, to go on from. */
  readonly snapshot?: Snapshot<unknown> | undefined;
  readonly table?: TemplateTable | undefined;
  /** For an actor that outlives the process. */
  readonly gate?: Gate | undefined;
  /** Turns that take longer are told to the inspector as `slow`. */
  readonly slowTurnMs?: number;
}
