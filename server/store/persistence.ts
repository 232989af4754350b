/*
 * Saves actors' snapshots to the store: soon after a change, when an actor is released, and when the server stops.
 * Writes of one actor never overlap; a change during a write is saved by the next.
 */

import type { Snapshot } from 'xstate';
import type { Log } from '../inspect/log.ts';
import type { Settings } from '../options.ts';
import { memoryStore, type Store } from './store.ts';

/** An actor as far as saving needs it. */
export interface Persisted {
  toSnapshot(): Snapshot<unknown> | undefined;
}

/** What was saved last, and the version that the next save follows. */
export interface Loaded {
  readonly snapshot: Snapshot<unknown> | undefined;
  readonly version: number;
}

interface Entry {
  readonly actor: Persisted;
  version: number;
  isDirty: boolean;
  timer: unknown;
  writing: Promise<void> | undefined;
}

// Changes within this time are saved at once.
const saveDelayMs = 200;
// After a failure the store gets some time to recover.
const retryDelayMs = 5_000;

export class Persistence {
  private readonly settings: Settings;
  private readonly log: Log;
  private readonly store: Store;
  private readonly entries = new Map<string, Entry>();

  constructor(settings: Settings, log: Log) {
    this.settings = settings;
    this.log = log;
    this.store = settings.store ?? memoryStore();
  }

  /**
   * Loads the snapshot saved last; one that cannot be read is logged and left behind.
   *
   * @throws What the store throws.
   */
  async load(key: string): Promise<Loaded> {
    const saved = await this.store.load(key);
    if (!saved) return { snapshot: undefined, version: 0 };
    const { version } = saved;
    try {
      const snapshot: unknown = JSON.parse(saved.snapshot);
      if (isSnapshot(snapshot)) return { snapshot, version };
      throw new TypeError('it is JSON, but not the snapshot of an actor');
    } catch (err) {
      this.log.error({ err, actor: key }, `the snapshot of ${key} cannot be read; starting anew`);
      return { snapshot: undefined, version };
    }
  }

  /** Begins to save an actor. @param version Of what was loaded. */
  add(key: string, actor: Persisted, version: number): void {
    this.entries.set(key, { actor, version, isDirty: false, timer: undefined, writing: undefined });
  }

  /** Notes that an actor has changed. */
  touch(key: string, actor: Persisted): void {
    const entry = this.entries.get(key);
    if (entry?.actor === actor) this.schedule(key, entry, saveDelayMs);
  }

  /** Saves at once what an actor has not saved yet; false if that failed, or it has changed again. */
  async flush(key: string): Promise<boolean> {
    const entry = this.entries.get(key);
    if (!entry) return true;
    this.settings.clock.clearTimeout(entry.timer);
    await entry.writing;
    if (entry.isDirty) await this.write(key, entry);
    return !entry.isDirty;
  }

  /** Ends saving an actor. */
  forget(key: string): void {
    this.settings.clock.clearTimeout(this.entries.get(key)?.timer);
    this.entries.delete(key);
  }

  async close(): Promise<void> {
    const keys = [...this.entries.keys()];
    await Promise.all(keys.map((key) => this.flush(key)));
    for (const key of keys) this.forget(key);
    await this.store.close();
  }

  private schedule(key: string, entry: Entry, delayMs: number): void {
    if (entry.isDirty) return;
    entry.isDirty = true;
    entry.timer = this.settings.clock.setTimeout(() => void this.write(key, entry), delayMs);
  }

  private write(key: string, entry: Entry): Promise<void> {
    entry.writing = (entry.writing ?? Promise.resolve()).then(() => this.save(key, entry));
    return entry.writing;
  }

  private async save(key: string, entry: Entry): Promise<void> {
    entry.isDirty = false;
    try {
      const snapshot = entry.actor.toSnapshot();
      if (!snapshot) return;
      if (await this.store.save(key, JSON.stringify(snapshot), entry.version + 1)) entry.version++;
      else this.log.error({ actor: key }, `the snapshot of ${key} was not saved: another writer has a newer one`);
    } catch (err) {
      this.log.error({ err, actor: key }, `the snapshot of ${key} could not be saved; trying again`);
      this.schedule(key, entry, retryDelayMs);
    }
  }
}

function isSnapshot(value: unknown): value is Snapshot<unknown> {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'string';
}
