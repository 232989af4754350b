/*
 * Brings writes of all actors to the store: those of one tick of the event loop in one transaction, one transaction at
 * a time, and for each key one write after the other. Input: writes. Output: for each what became of it, as a value:
 * the store's failures are tried again until it is known, and end no actor.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import { type Store, StoreError, type Write } from './store.ts';

/**
 * `done`: it is kept. `fenced`: another write came first, and this one is not kept, unless that was made from it.
 * An error: it is not kept and never will be; but of an `unsettled` one nobody knows.
 */
export type Outcome = 'done' | 'fenced' | StoreError;

export interface CommitterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

interface Job {
  readonly write: Write;
  /** How long its texts are together, in characters. */
  readonly length: number;
  readonly settle: (outcome: Outcome) => void;
  readonly onTrouble: ((error: unknown) => void) | undefined;
  /** How often it was tried by itself and failed: from then on nobody else is made to fail with it. */
  failures: number;
}

/** In characters. One more write is always taken. */
const maxBatchLength = 4 * 1024 * 1024;
const maxBatchWrites = 500;
const firstRetryMs = 100;
const maxRetryMs = 5_000;

export class Committer {
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly log: Log;
  /** What waits for each key; the first is the one under way. */
  private readonly queues = new Map<string, Job[]>();
  /** What the next transactions take. */
  private ready: Job[] = [];
  private isScheduled = false;
  private isWriting = false;
  /** Runs while nobody gets through to the store. */
  private pause: { readonly timer: unknown; readonly error: unknown } | undefined;
  private pauses = 0;
  /** Writes that wait to be tried by themselves, by their timers. */
  private readonly retries = new Map<unknown, Job>();
  private onIdle: (() => void) | undefined;
  private isClosed = false;

  constructor({ store, clock, log }: CommitterOptions) {
    this.store = store;
    this.clock = clock;
    this.log = log;
  }

  /**
   * Keeps a write, together with those of others. It is tried until it is known what became of it.
   *
   * @param onTrouble Told of each failure before the next try.
   */
  commit(write: Write, onTrouble?: (error: unknown) => void): Promise<Outcome> {
    return new Promise((settle) => {
      // the store looks at each write, and refuses what is none: looking twice would cost each turn twice
      if (this.isClosed) settle(stopped(write));
      else this.add({ write, length: lengthOf(write), settle, onTrouble, failures: 0 });
    });
  }

  /** Takes no more writes, and waits for those that it has; after so long they are given up as `unsettled`. */
  async close(ms: number): Promise<void> {
    this.isClosed = true;
    this.hurry();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onIdle = resolve;
    const timer = this.clock.setTimeout(resolve, ms);
    if (this.queues.size > 0) await promise;
    this.clock.clearTimeout(timer);
    for (const timer of this.retries.keys()) this.clock.clearTimeout(timer);
    this.clock.clearTimeout(this.pause?.timer);
    this.ready = [];
    for (const jobs of [...this.queues.values()]) for (const { settle, write } of jobs) settle(stopped(write));
    this.queues.clear();
  }

  /** Those who wait for the next try get it now. */
  hurry(): void {
    for (const timer of [...this.retries.keys()]) this.endRetry(timer);
    this.resume();
  }

  private add(job: Job): void {
    const { key } = job.write;
    const queue = this.queues.get(key);
    if (queue !== undefined) {
      queue.push(job);
      return;
    }
    this.queues.set(key, [job]);
    this.makeReady(job);
    if (this.pause !== undefined) job.onTrouble?.(this.pause.error);
  }

  private makeReady(job: Job): void {
    this.ready.push(job);
    this.schedule();
  }

  /** Once for each tick, so that all of it is in one transaction, and others have their turn between two. */
  private schedule(): void {
    if (this.isScheduled || this.isWriting || this.pause !== undefined || this.ready.length === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      void this.writeNext();
    });
  }

  private async writeNext(): Promise<void> {
    this.isWriting = true;
    const batch = this.take();
    if (batch.length === 1) await this.tryAlone(batch);
    else if (batch.length > 1) await this.tryTogether(batch);
    this.isWriting = false;
    this.schedule();
  }

  private take(): Job[] {
    const alone = this.ready.findIndex(({ failures }) => failures > 0);
    if (alone === 0) return this.ready.splice(0, 1);
    const limit = alone === -1 ? this.ready.length : alone;
    let count = 0;
    for (let length = 0; count < Math.min(limit, maxBatchWrites) && length < maxBatchLength; count++) {
      length += this.ready[count]?.length ?? 0;
    }
    return this.ready.splice(0, count);
  }

  private async tryTogether(batch: Job[]): Promise<void> {
    try {
      await this.write(batch);
    } catch (error) {
      if (isOfAll(error)) this.wait(batch, error);
      else await this.tryAlone(batch);
    }
  }

  /** One after the other, so that a write that cannot be kept costs itself alone. */
  private async tryAlone(batch: readonly Job[]): Promise<void> {
    for (const [index, job] of batch.entries()) {
      try {
        await this.write([job]);
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal !== undefined) {
          this.log.error({ err: error, actor: job.write.key }, `${job.write.key} cannot be kept`);
          this.settle(job, refusal);
        } else if (isOfAll(error)) return this.wait(batch.slice(index), error);
        else this.retryAlone(job, error);
      }
    }
  }

  /** @throws What the store throws. */
  private async write(batch: readonly Job[]): Promise<void> {
    const kept = await this.store.commit(batch.map(({ write }) => write));
    if (this.pauses > 0) this.log.info({}, 'the store can be written to again');
    this.pauses = 0;
    for (const [index, job] of batch.entries()) this.settle(job, kept[index] === true ? 'done' : 'fenced');
  }

  private settle(job: Job, outcome: Outcome): void {
    const { key } = job.write;
    const queue = this.queues.get(key);
    // it was given up
    if (queue?.[0] !== job) return;
    queue.shift();
    const [next] = queue;
    if (next === undefined) this.queues.delete(key);
    else this.makeReady(next);
    job.settle(outcome);
    if (this.queues.size === 0) this.onIdle?.();
  }

  /** Nobody gets through: all wait together, and those who come meanwhile with them. */
  private wait(batch: readonly Job[], error: unknown): void {
    this.ready.unshift(...batch);
    if (this.pauses === 0) this.log.error({ err: error }, 'the store cannot be written to; trying again');
    const timer = this.clock.setTimeout(() => this.resume(), delayMs(this.pauses++));
    this.pause = { timer, error };
    for (const { onTrouble } of this.ready) onTrouble?.(error);
  }

  private resume(): void {
    this.clock.clearTimeout(this.pause?.timer);
    this.pause = undefined;
    this.schedule();
  }

  private retryAlone(job: Job, error: unknown): void {
    const { key } = job.write;
    if (job.failures === 0) this.log.error({ err: error, actor: key }, `${key} could not be kept; trying again`);
    const timer = this.clock.setTimeout(() => this.endRetry(timer), delayMs(job.failures++));
    this.retries.set(timer, job);
    job.onTrouble?.(error);
  }

  private endRetry(timer: unknown): void {
    const job = this.retries.get(timer);
    this.retries.delete(timer);
    this.clock.clearTimeout(timer);
    if (job !== undefined) this.makeReady(job);
  }
}

function delayMs(failures: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** failures);
}

/** Whether a failure is that of the store, and not of one write. */
function isOfAll(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'unavailable';
}

/** What a write fails by however often it is tried. */
function refusalOf(error: unknown): StoreError | undefined {
  return error instanceof StoreError && (error.kind === 'refused' || error.kind === 'too-big') ? error : undefined;
}

function lengthOf({ model, rendering = '', instances = '', timers = '', tasks }: Write): number {
  const text = model && ('base' in model ? model.base : model.patch);
  return (text?.length ?? 0) + rendering.length + instances.length + timers.length + (tasks?.json.length ?? 0);
}

function stopped({ key }: Write): StoreError {
  return new StoreError('unsettled', `whether ${key} was kept is not known: the server has stopped`);
}
