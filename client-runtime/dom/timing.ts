/*
 * Debounce and throttle for listeners. Input: what to do at an event. Output: the same, at the right time. The last
 * event is always delivered, and what waits is delivered before what happens later and need not wait, and before a form
 * is submitted.
 */

import type { Listener } from '../../shared/wire/listener.ts';
import * as Option from '../../shared/wire/listener-option.ts';
import type { Report } from './fields.ts';
import { addEventListener } from './native.ts';

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly report: Report;
  /** Undefined: nothing has happened since. */
  readonly act: (() => void) | undefined;
}

export interface Timing {
  /**
   * Acts now or later. What waits is replaced where it is the same listener's and says the same of the same field.
   *
   * @param key Names what is timed: a listener of one node.
   */
  run(key: string, listener: Listener, report: Report, act: () => void): void;
  /** Delivers what waits, in the order in which it happened. */
  flush(): void;
}

/** What waits anywhere in the page: a form may have fields in several islands. */
const flushes = new Set<() => void>();

const flushAll = (): void => {
  for (const flush of flushes) flush();
};

/**
 * @param root What holds an island's fields.
 * @param onReplaced Is told of what is delivered no more.
 */
export function createTiming(root: Node, onReplaced: (report: Report) => void): Timing {
  // before anybody hears of a submission, also one that the browser sends by itself; it does not leave shadow roots
  for (const target of [window, root]) addEventListener.call(target, 'submit', flushAll, true);
  // a page that is left tells what it still can; to listen again with the same function does nothing
  window.addEventListener('pagehide', flushAll);
  const all = new Map<string, Waiting>();

  const wait = (key: string, ms: number, report: Report, act?: () => void): void => {
    const timer = setTimeout(() => {
      const { act } = all.get(key) as Waiting;
      drop(key);
      act?.();
    }, ms);
    flushes.add(flush);
    all.set(key, { timer, report, act });
  };

  const drop = (key: string): void => {
    clearTimeout(all.get(key)?.timer);
    all.delete(key);
    if (!all.size) flushes.delete(flush);
  };

  const run: Timing['run'] = (key, listener, report, act) => {
    const { [Option.debounce]: debounceMs, [Option.throttle]: throttleMs } = listener;
    const before = all.get(key);
    if (before?.act) {
      if (before.report.target === report.target) onReplaced(before.report);
      else flush();
    }
    const present = all.get(key);
    if (debounceMs) {
      drop(key);
      wait(key, debounceMs, report, act);
    } else if (present) {
      all.delete(key);
      all.set(key, { ...present, report, act: () => run(key, listener, report, act) });
    } else {
      flush();
      act();
      if (throttleMs) wait(key, throttleMs, report);
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
