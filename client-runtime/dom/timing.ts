/*
 * Debounce and throttle for listeners. Input: what to do at an event. Output: the same, at the right time. The last
 * event is always delivered, and what waits is delivered before what happens later and need not wait, and before a form is
 * submitted.
 */

import type { Listener } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly control: unknown;
  readonly act: (() => void) | undefined;
}

export interface Timing {
  /**
   * Acts now or later.
   *
   * @param key Names what is timed: a listener of one node.
   * @param control Where it happened, if what happens elsewhere does not say the same.
   */
  run(key: string, listener: Listener, act: () => void, control?: unknown): void;
  /** Delivers what waits, in the order in which it happened. */
  flush(): void;
}

/** What waits anywhere in the page: a form may have fields in several islands. */
const flushes = new Set<() => void>();

const flushAll = (): void => {
  for (const flush of flushes) flush();
};

/** @param root What holds an island's fields. */
export function createTiming(root: EventTarget): Timing {
  // before anybody hears of a submission, also one that the browser sends by itself; it does not leave shadow roots
  for (const target of [window, root]) target.addEventListener('submit', flushAll, true);
  // a page that is left tells what it still can; to listen again with the same function does nothing
  addEventListener('pagehide', flushAll);
  const all = new Map<string, Waiting>();

  const wait = (key: string, ms: number, control: unknown, act?: () => void): void => {
    const timer = setTimeout(() => {
      const { act } = all.get(key) as Waiting;
      drop(key);
      act?.();
    }, ms);
    flushes.add(flush);
    all.set(key, { timer, control, act });
  };

  const drop = (key: string): void => {
    clearTimeout(all.get(key)?.timer);
    all.delete(key);
    if (!all.size) flushes.delete(flush);
  };

  const run: Timing['run'] = (key, listener, act, control) => {
    const { [Option.debounce]: debounceMs, [Option.throttle]: throttleMs } = listener;
    const present = all.get(key);
    if (debounceMs) {
      if (present && present.control !== control) flush();
      drop(key);
      wait(key, debounceMs, control, act);
    } else if (present) {
      all.delete(key);
      all.set(key, { ...present, act: () => run(key, listener, act, control) });
    } else {
      flush();
      act();
      if (throttleMs) wait(key, throttleMs, control);
    }
  };

  const flush = (): void => {
    const waiting = [...all].filter(([, { act }]) => act);
    // first of all: to act may flush again
    for (const [key] of waiting) drop(key);
    for (const [, { act }] of waiting) act?.();
  };

  return { run, flush };
}

/** The control that typing or choosing happened in: what happens in another one does not replace it. */
export function typedIn({ type, target }: Event): EventTarget | null {
  return /^(input|change)$/.test(type) ? target : null;
}
