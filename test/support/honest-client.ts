// A client in a process of its own that does what a person does, one click after the other, and measures how long each
// outcome takes: `fork(..., [url])`. Its parent sends `begin`, and `end`, which is answered with what was measured.

import { setTimeout as pause } from 'node:timers/promises';
import { TestClient } from './client.ts';
import { outcomeOf } from './outcomes.ts';

/** Of all clicks between `begin` and `end`, in milliseconds. */
export interface Latency {
  readonly clicks: number;
  readonly median: number;
  /** One in twenty takes longer. */
  readonly slow: number;
  readonly longest: number;
}

const [, , url] = process.argv;
const page = await new TestClient(`${url}/islet`, { localAddress: '127.0.0.3' }).opened();
await page.hello();
await page.join('/ws/own');
let taken: number[] = [];
let isMeasuring = false;
process.on('message', (order) => {
  if (order === 'begin') taken = [];
  isMeasuring = order === 'begin';
  if (order === 'end') process.send?.(latencyOf(taken));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
for (let clicks = 1; ; clicks++) {
  const clickedAt = performance.now();
  page.click();
  await outcomeOf(page, clicks);
  if (isMeasuring) taken.push(performance.now() - clickedAt);
  // what came is not worth keeping here
  page.forget();
  await pause(20);
}

function latencyOf(all: number[]): Latency {
  const sorted = all.toSorted((one, other) => one - other);
  const at = (share: number): number => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2));
  return { clicks: all.length, median: at(0.5), slow: at(0.95), longest: at(1) };
}
