// How a client acts and how long one waits for all, in the runs of chaos and of kills.

import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from './client.ts';
import type { Random } from './random.ts';

/** Makes events, now and then some at once, until it is told to stop. @param longestMs The longest time between two. */
export async function keepActing(
  client: Client,
  random: Random,
  signal: AbortSignal,
  longestMs: number,
): Promise<void> {
  while (!signal.aborted) {
    const burst = random.next() < 0.1 ? random.between(2, 6) : 1;
    for (let event = 0; event < burst; event++) client.act();
    await pause(random.between(5, longestMs));
  }
}

/** Resolves to whether a condition has come to hold in time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await pause(10);
  }
  return true;
}
