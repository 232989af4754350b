/*
 * Loaded into each measured server before its own code (`node --import`): answers the driver over the process's IPC
 * channel. It collects garbage and tells memory and CPU time where /proc cannot; while nobody asks it costs nothing.
 */

import { writeHeapSnapshot } from 'node:v8';

/** What the driver may ask for; a snapshot goes to the file named, an exit is orderly, so that profiles are written. */
export type Question = 'collect' | 'usage' | 'exit' | { readonly snapshot: string };

export interface Usage {
  readonly cpuUs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

type Collect = (options?: { readonly type?: 'major'; readonly flavor?: 'regular' | 'last-resort' }) => void;

process.on('message', (question: Question) => {
  if (question === 'exit') process.exit(0);
  if (typeof question === 'object') writeHeapSnapshot(question.snapshot);
  if (question === 'collect') {
    // the last-resort flavor also gives freed pages back, which a server does by itself only when it idles for long
    (globalThis as { gc?: Collect }).gc?.({ type: 'major', flavor: 'last-resort' });
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpuUs: user + system, residentBytes: rss, heapBytes: heapUsed + external } satisfies Usage);
});
// a driver that was stopped leaves no server behind
process.on('disconnect', () => process.exit(0));
process.channel?.unref();
