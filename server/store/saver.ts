/*
 * Saves one actor's snapshots to the store: soon after a change, when the actor is released, and when the server stops.
 * Its writes never overlap; a change during a write is saved by the next.
 */

import type { Snapshot } from 'xstate';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import type { Store } from './store.ts';

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
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly log: Log;
  private actor: Persisted | undefined;
  private version = 0;
  private isDirty = false;
  private timer: unknown;
  private writing: Promise<void> | undefined;

  constructor(key: string, store: Store, clock: Clock, log: Log) {
    this.key = key;
    this.store = store;
    this.clock = clock;
    this.log = log;
  }

  /**
   * Loads the snapshot saved last; one that cannot be read is logged and left behind.
   *
   * @throws What the store throws.
   */
  async load(): Promise<void> {
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
  }

  /** Notes that the actor has changed. */
  touch(): void {
    if (this.actor) this.schedule(saveDelayMs);
  }

  /** Saves at once what was not saved yet; false if that failed, or the actor has changed again. */
  async flush(): Promise<boolean> {
    this.clock.clearTimeout(this.timer);
    await this.writing;
    if (this.isDirty) await this.write();
    return !this.isDirty;
  }

  /** Ends saving. */
  end(): void {
    this.clock.clearTimeout(this.timer);
    this.actor = undefined;
  }

  private schedule(delayMs: number): void {
    if (this.isDirty) return;
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
      if (await this.store.save(key, JSON.stringify(snapshot), this.version + 1)) this.version++;
      else log.error({ actor: key }, `the snapshot of ${key} was not saved: another writer has a newer one`);
    } catch (err) {
      log.error({ err, actor: key }, `the snapshot of ${key} could not be saved; trying again`);
      this.schedule(retryDelayMs);
    }
  }
}

function isSnapshot(value: unknown): value is Snapshot<unknown> {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string';
}
