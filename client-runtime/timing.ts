/*
 * Debounce and throttle for listeners. Input: what to do at an event. Output: the same, at the right time; the last
 * event is always delivered, and what waits is delivered before anything that happens later.
 */

import type { WireListener } from '../shared/patch.ts';

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly act: (() => void) | undefined;
}

export class Timing {
  readonly #waiting = new Map<unknown, Waiting>();

  /** @param key What is timed: a listener of one node. */
  run(key: unknown, listener: WireListener, act: () => void): void {
    const [, debounceMs, throttleMs] = typeof listener === 'number' ? [0, 0, 0] : listener;
    const present = this.#waiting.get(key);
    if (debounceMs) {
      clearTimeout(present?.timer);
      this.#waiting.delete(key);
      this.#wait(key, debounceMs, act);
    } else if (throttleMs) {
      if (present) this.#waiting.set(key, { ...present, act });
      else {
        act();
        this.#wait(key, throttleMs, undefined);
      }
    } else {
      this.flush();
      act();
    }
  }

  /** Delivers what waits. */
  flush(): void {
    for (const [key, { timer, act }] of this.#waiting) {
      if (!act) continue;
      clearTimeout(timer);
      this.#waiting.delete(key);
      act();
    }
  }

  #wait(key: unknown, ms: number, act: (() => void) | undefined): void {
    const timer = setTimeout(() => {
      const last = this.#waiting.get(key)?.act;
      this.#waiting.delete(key);
      last?.();
    }, ms);
    this.#waiting.set(key, { timer, act });
  }
}
