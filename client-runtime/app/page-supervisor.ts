/*
 * The supervisor of all components that run in this page, and the clock that they wait by. It is to a page what an
 * XState supervisor is to a server: one step after the other, and what a step puts off before the next one.
 */

import { Charges, type Step, type Supervision } from '../../shared/runtime/charges.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { defaultRestart } from '../../shared/runtime/restart-policy.ts';

export const pageClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

const charges = /* @__PURE__ */ new Charges({
  clock: pageClock,
  restart: defaultRestart,
  onFault: (error) => reportError(error),
});
const waiting: (() => void)[] = [];

/** Does something now, or when what is being done has ended. */
function act(action: () => void): void {
  if (waiting.push(action) > 1) return;
  for (let next = waiting[0]; next; next = waiting[0]) {
    try {
      next();
    } catch (error) {
      reportError(error); // a fault of one is no reason to leave out the others
    }
    waiting.shift();
  }
}

const step: Step = {
  defer: act,
  spawn: (child) => child.spawn(undefined),
  stop: (actor) => void actor.stop(),
  retryNow: (child) => act(() => charges.retry(child, step)),
};

export const pageSupervisor: Supervision = {
  add: (child) => act(() => charges.want(child, step)),
  release: (child) => act(() => charges.release(child, step)),
  fail: (child, error) => act(() => charges.fail(child, error, step)),
};
