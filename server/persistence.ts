/*
 * Saves actors' snapshots to the store: soon after a change, when an actor is released, and when the server stops.
 * Writes of one actor never overlap; a change during a write is saved by the next.
 */

import type { Snapshot } from 'xstate';
import type { Log } from './live-actor.ts';
import type { Settings } from './options.ts';
import { memoryStore, type Store } from './store.ts';

/** An actor as far as saving needs it. */
export interface Persisted {
  toSnapshot(): Snapshot<unknown> | undefined;
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

export class Persistence {
  private readonly settings: Settings;
  private readonly log: Log;
  private readonly store: Store;
  private readonly entries = new Map<string, Entry>();
  private readonly versions = new Map<string, number>();

  constructor(settings: Settings, log: Log) {
    this.settings = settings;
    this.log = log;
    this.store = settings.store ?? memoryStore();
  }

  /** Loads the snapshot saved last; one that cannot be read is logged and left behind. */
  async load(key: string): Promise<Snapshot<unknown> | undefined> {
    const saved = await this.store.load(key);
    if (!saved) return undefined;
    this.versions.set(key, saved.version);
    try {
      return JSON.parse(saved.snapshot) as Snapshot<unknown>;
    } catch (err) {
      this.log.error({ err, actor: key }, `the snapshot of ${key} cannot be read; starting anew`);
      return undefined;
    }
  }

  add(key: string, actor: Persisted): void {
    const version = this.versions.get(key) ?? 0;
    this.entries.set(key, { actor, version, isDirty: false, timer: undefined, writing: undefined });
  }

  /** Notes that an actor has changed. */
  touch(key: string, actor: Persisted): void {
    const entry = this.entries.get(key);
    if (!entry || entry.actor !== actor || entry.isDirty) return;
    entry.isDirty = true;
    entry.timer = this.settings.clock.setTimeout(() => this.write(key, entry), saveDelayMs);
  }

  /** Saves an actor for the last time. */
  async remove(key: string): Promise<void> {
    const entry = this.entries.get(key);
    if (!entry) return;
    await this.flush(key, entry);
    this.entries.delete(key);
  }

  async close(): Promise<void> {
    await Promise.all([...this.entries].map(([key, entry]) => this.flush(key, entry)));
    this.entries.clear();
    await this.store.close();
  }

  private async flush(key: string, entry: Entry): Promise<void> {
    this.settings.clock.clearTimeout(entry.timer);
    await entry.writing;
    if (entry.isDirty) await this.write(key, entry);
  }

  private write(key: string, entry: Entry): Promise<void> {
    entry.writing = (entry.writing ?? Promise.resolve()).then(() => this.save(key, entry));
    return entry.writing;
  }

  private async save(key: string, entry: Entry): Promise<void> {
    entry.isDirty = false;
    const snapshot = entry.actor.toSnapshot();
    if (!snapshot) return;
    try {
      if (await this.store.save(key, JSON.stringify(snapshot), entry.version + 1)) {
        this.versions.set(key, ++entry.version);
      } else this.log.error({ actor: key }, `the snapshot of ${key} was not saved: another writer has a newer one`);
    } catch (err) {
      this.log.error({ err, actor: key }, `the snapshot of ${key} could not be saved; trying again at the next change`);
    }
  }
}
