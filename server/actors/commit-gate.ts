/*
 * Between the rendering of a turn and its delivery: the turn is being committed, and nobody reads the actor. Input:
 * turns as the runtime has rendered them. Output: the word to deliver, readers in the order in which they came, and
 * whether the store keeps people waiting.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Names } from '../../shared/runtime/names.ts';
import type { Gate } from '../../shared/runtime/place.ts';
import type { Entry } from '../../shared/runtime/turn.ts';
import type { Outcome } from '../store/committer.ts';
import { StoreError } from '../store/store.ts';
import { resumeTimers, startTimers } from './durable-timers.ts';
import type { Keeper, TurnParts } from './keeper.ts';

/** Whose turns are kept. */
export interface GateOwner {
  readonly clock: Clock;
  /** What has been handled so far belongs to the turn that is kept now; what comes goes into the next. */
  seal(): void;
  /** What is to be kept with the turn that was prepared last; undefined: nothing of it is worth keeping. */
  compose(turn: readonly Entry[]): TurnParts | undefined;
  /** The turn is being written. */
  onCommitting(): void;
  onCommitted(): void;
  /** The store keeps people waiting, or does so no longer. */
  onSaving(isSaving: boolean): void;
  /** The turn will never be kept: another write came first (undefined), or the store refuses it. */
  onLost(error: StoreError | undefined): void;
}

interface Reader {
  readonly read: () => void;
  readonly onEnd: () => void;
  readonly timer: unknown;
}

/** How long a reader waits for a commit. */
const readMs = 5_000;
/** After so long without an answer of the store, people are told. */
const patienceMs = 1_000;
/** How much may wait for a commit: of events, as the frames that they came in. */
const maxWaitingBytes = 1024 * 1024;

export class CommitGate implements Gate {
  readonly keeper: Keeper;
  private readonly owner: GateOwner;
  private names: Names | undefined;
  isHeld = false;
  private isSaving = false;
  private readers: Reader[] = [];
  private waitingBytes = 0;
  isEnded = false;
  /** Those who wait until nothing is being committed. */
  private idle: (() => void)[] = [];

  constructor(owner: GateOwner, keeper: Keeper) {
    this.owner = owner;
    this.keeper = keeper;
  }

  get isRestored(): boolean {
    return this.keeper.loaded !== undefined;
  }

  explain(error: unknown): unknown {
    return this.keeper.explain(error);
  }

  begin(names: Names): void {
    this.names = names;
    resumeTimers(names, this.keeper.loaded?.timers ?? []);
  }

  keep(turn: readonly Entry[], onKept: () => void): boolean {
    const { owner, keeper, names } = this;
    if (names) startTimers(names, turn);
    owner.seal();
    const parts = owner.compose(turn);
    if (!parts) return false;
    this.isHeld = true;
    this.waitingBytes = 0;
    owner.onCommitting();
    const tell = (): void => this.setSaving(true);
    const timer = owner.clock.setTimeout(tell, patienceMs);
    void keeper.commit(parts, tell).then((outcome) => {
      owner.clock.clearTimeout(timer);
      this.conclude(outcome, onKept);
    });
    return true;
  }

  /**
   * Calls a reader, now or when the turn that is being committed has been delivered.
   *
   * @param onLate It takes too long.
   * @param onEnd The actor has ended: there is nothing to read any more.
   */
  read(read: () => void, onLate: () => void, onEnd: () => void): void {
    if (!this.isHeld) {
      read();
      return;
    }
    if (this.isEnded) {
      onEnd();
      return;
    }
    const { clock } = this.owner;
    const reader: Reader = {
      read,
      onEnd,
      timer: clock.setTimeout(() => {
        this.readers = this.readers.filter((each) => each !== reader);
        onLate();
      }, readMs),
    };
    this.readers.push(reader);
  }

  /** Whether an event of this size may wait for the turn that is being committed. */
  takes(bytes: number): boolean {
    if (!this.isHeld) return true;
    this.waitingBytes += bytes;
    return this.waitingBytes <= maxWaitingBytes;
  }

  /** Calls back when nothing is being committed (any more). */
  whenIdle(callback: () => void): void {
    if (this.isHeld && !this.isEnded) this.idle.push(callback);
    else callback();
  }

  /** The actor has ended, or makes way: nothing is delivered any more. */
  end(): void {
    this.isEnded = true;
    for (const { timer, onEnd } of this.readers.splice(0)) {
      this.owner.clock.clearTimeout(timer);
      onEnd();
    }
    for (const callback of this.idle.splice(0)) callback();
  }

  private conclude(outcome: Outcome, onKept: () => void): void {
    if (this.isEnded) return;
    if (outcome !== 'done') {
      // what the server did not live to know is settled by whoever reads the row next
      if (outcome instanceof StoreError && outcome.kind === 'unsettled') this.end();
      else this.owner.onLost(outcome === 'fenced' ? undefined : outcome);
      return;
    }
    this.isHeld = false;
    this.setSaving(false);
    this.owner.onCommitted();
    onKept();
  }

  /** The turn has been delivered, before the next one is rendered. */
  release(): void {
    for (const { read, timer } of this.readers.splice(0)) {
      this.owner.clock.clearTimeout(timer);
      read();
    }
    for (const callback of this.idle.splice(0)) callback();
  }

  private setSaving(isSaving: boolean): void {
    if (this.isSaving === isSaving || this.isEnded) return;
    this.isSaving = isSaving;
    this.owner.onSaving(isSaving);
  }
}
