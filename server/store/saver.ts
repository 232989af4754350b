/*
 * Saves one actor's snapshots to the store: soon after a change, when the actor is released, and when the server stops.
 * Its writes never overlap; a change during a write is saved by the next.
 */

import type { Snapshot } from 'xstate';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import type { SnapshotStore } from './snapshots.ts';

export interface SaverOptions {
  readonly key: string;
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How long what is stored outlives the last one who wanted it. Undefined: for ever. */
  readonly keepMs: number | undefined;
  /**
   * Another writer has a newer snapshot: nothing of this actor can be saved any more. What it throws is logged, and saving
   * is tried again later.
   */
  readonly onOvertaken: () => void | Promise<void>;
}

/** An actor as far as saving needs it. */
export interface Persisted {
  toSnapshot(): Snapshot<unknown> | undefined;
}

// Changes within this time are saved at once.
const saveDelayMs = 200;
// After a failure the store gets some time to recover.
const retryDelayMs = 5_000;

export class Saver {
  /** What was saved last when the actor started, if anything that can be read. */
  loaded: Snapshot<unknown> | undefined;
  private readonly key: string;
  private readonly store: SnapshotStore;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly keepMs: number | undefined;
  private readonly onOvertaken: () => void | Promise<void>;
  /** Runs until the end of what is stored has to be put off again. */
  private keepTimer: unknown;
  private actor: Persisted | undefined;
  private version = 0;
  private isDirty = false;
  private timer: unknown;
  private writing: Promise<void> | undefined;

  constructor({ key, store, clock, log, keepMs, onOvertaken }: SaverOptions) {
    this.key = key;
    this.store = store;
    this.clock = clock;
    this.log = log;
    this.keepMs = keepMs;
    this.onOvertaken = onOvertaken;
  }

  /**
   * Loads the snapshot saved last; one that cannot be read is logged and left behind.
   *
   * @throws What the store throws.
   */
  async load(): Promise<void> {
    // before it is read: what is read must not be gone when it is saved again
    await this.keep();
    const saved = await this.store.load(this.key);
    if (!saved) return;
    this.version = saved.version;
    try {
      const snapshot: unknown = JSON.parse(saved.snapshot);
      if (!isSnapshot(snapshot)) throw new TypeError('it is JSON, but not the snapshot of an actor');
      this.loaded = snapshot;
    } catch (err) {
      this.log.error({ err, actor: this.key }, `the snapshot of ${this.key} cannot be read; starting anew`);
    }
  }

  /** Begins to save an actor. */
  begin(actor: Persisted): void {
    this.actor = actor;
    this.keepOn();
  }

  /** Notes that the actor has changed. */
  touch(): void {
    this.schedule(saveDelayMs);
  }

  /** Saves at once what was not saved yet; false if that failed, or the actor has changed again. */
  async flush(): Promise<boolean> {
    this.clock.clearTimeout(this.timer);
    await this.writing;
    if (this.isDirty) await this.write();
    else await this.keep();
    return !this.isDirty;
  }

  /** Ends saving. */
  end(): void {
    this.clock.clearTimeout(this.keepTimer);
    this.clock.clearTimeout(this.timer);
    this.actor = undefined;
  }

  /** Puts off the end of what is stored. */
  private async keep(): Promise<void> {
    if (this.keepMs !== undefined) await this.store.keep(this.key, this.keepMs);
  }

  /** Keeps what is stored for as long as the actor runs. */
  private keepOn(): void {
    if (this.keepMs === undefined) return;
    this.keepTimer = this.clock.setTimeout(() => {
      this.keepOn();
      this.keep().catch((err: unknown) => {
        this.log.error({ err, actor: this.key }, `the end of what is stored of ${this.key} could not be put off`);
      });
    }, this.keepMs / 2);
  }

  private schedule(delayMs: number): void {
    if (this.isDirty || !this.actor) return;
    this.isDirty = true;
    this.timer = this.clock.setTimeout(() => void this.write(), delayMs);
  }

  private write(): Promise<void> {
    this.writing = (this.writing ?? Promise.resolve()).then(() => this.save());
    return this.writing;
  }

  private async save(): Promise<void> {
    const { key, log } = this;
    this.isDirty = false;
    try {
      const snapshot = this.actor?.toSnapshot();
      if (!snapshot) return;
      if (await this.store.save(key, JSON.stringify(snapshot), this.version + 1, this.keepMs)) this.version++;
      else {
        log.error({ actor: key }, `the snapshot of ${key} was not saved: another writer has a newer one`);
        await this.onOvertaken();
      }
    } catch (err) {
      log.error({ err, actor: key }, `the snapshot of ${key} could not be saved; trying again`);
      this.schedule(retryDelayMs);
    }
  }
}

function isSnapshot(value: unknown): value is Snapshot<unknown> {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string';
}
