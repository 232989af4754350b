/*
 * What turns have asked for, between their delivery and its start: timers and runs, in the order in which they were
 * asked for. Input: entries of delivered turns. Output: running timers and runs.
 */

import type { Latest, Output, Run } from '../language/effect.ts';
import { start } from '../language/effect.ts';
import type { ActorHost } from './effect-host.ts';
import type { Names } from './names.ts';
import { type Entry, leaveOutReplaced } from './turn.ts';

/** Whose runs they are. */
export interface DueOwner {
  /** Undefined: the actor has stopped. */
  readonly host: ActorHost | undefined;
  readonly names: Names;
  /** When something began that may take long; 0 if nobody wants to know. */
  startWatch(): number;
  /** @param cause What took its time. */
  watch(startedAt: number, cause: string): void;
}

export class DueRuns {
  private readonly owner: DueOwner;
  private entries: Entry[] = [];
  /** Some are being started. */
  isStarting = false;
  /** What starts now belongs to `init` after a restart. */
  keepsTimers = false;

  constructor(owner: DueOwner) {
    this.owner = owner;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  add(turn: readonly Entry[]): void {
    for (const entry of turn) if (entry.outputs || entry.runs) this.entries.push(entry);
    if (this.entries.length > 0) leaveOutReplaced(this.entries);
  }

  clear(): void {
    this.entries = [];
  }

  /** Whether something is to be started, or ended, under a name. */
  asksFor(name: string): boolean {
    return this.entries.some((entry) => entry.asksFor(name));
  }

  /**
   * Starts them. What a run dispatches may end further turns before this has come to an end: what these ask for comes
   * after what is due already.
   *
   * @param mayGoOn Whether the loop need not give way yet.
   */
  start(mayGoOn: () => boolean): void {
    this.isStarting = true;
    try {
      while (mayGoOn()) {
        const entry = this.entries.shift();
        if (!entry) return;
        if (entry.outputs && !entry.isAgain) this.startTimers(entry.outputs);
        this.keepsTimers = entry.isAgain;
        if (entry.runs) this.startRuns(entry.runs, entry.message?.type ?? 'init');
        this.keepsTimers = false;
      }
    } finally {
      this.isStarting = false;
      this.keepsTimers = false;
    }
  }

  private startRuns(runs: readonly (Run | Latest)[], cause: string): void {
    for (const run of runs) {
      const { host } = this.owner;
      if (!host) return;
      const startedAt = this.owner.startWatch();
      start(run, host);
      this.owner.watch(startedAt, cause);
    }
  }

  private startTimers(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.kind === 'after' || output.kind === 'every') this.owner.names.timers.start(output, noNames);
    }
  }
}

const noNames: readonly string[] = [];
