/*
 * Debounce and throttle for listeners. Input: what to do at an event. Output: the same, at the right time. The last
 * event is always delivered, and what waits is delivered before what happens later and need not wait.
 */

import type { Listener } from '../../shared/wire/listener.ts';

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  act: (() => void) | undefined;
}

export interface Timing {
  /** Acts now or later. @param key Names what is timed: a listener of one node. */
  run(key: string, listener: Listener, act: () => void): void;
  /** Delivers what waits. */
  flush(): void;
}

export function createTiming(): Timing {
  const all = new Map<string, Waiting>();

  const wait = (key: string, ms: number, act?: () => void): void => {
    const waiting: Waiting = {
      act,
      timer: setTimeout(() => {
        all.delete(key);
        waiting.act?.();
      }, ms),
    };
    all.set(key, waiting);
  };

  const run: Timing['run'] = (key, listener, act) => {
    const { debounceMs, throttleMs } = listener;
    const present = all.get(key);
    if (debounceMs) {
      clearTimeout(present?.timer);
      wait(key, debounceMs, act);
    } else if (present) present.act = () => run(key, listener, act);
    else {
      flush();
      act();
      if (throttleMs) wait(key, throttleMs);
    }
  };

  const flush = (): void => {
    for (const [key, { timer, act }] of all) {
      if (!act) continue;
      clearTimeout(timer);
      all.delete(key);
      act();
    }
  };

  return { run, flush };
}
