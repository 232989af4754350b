/*
 * Counts of what a server has done since its start, for tests and for whoever watches it. The parts that do it count;
 * `app.islet.counters` shows them.
 */

export interface Counters {
  views: number;
  encodings: number;
  frames: number;
  failures: number;
  droppedEvents: number;
}

export function createCounters(): Counters {
  return { views: 0, encodings: 0, frames: 0, failures: 0, droppedEvents: 0 };
}
