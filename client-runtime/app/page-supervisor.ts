/*
 * The supervisor of all components that run in this page, and the clock that they wait by.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import { defaultRestart } from '../../shared/runtime/restart-policy.ts';
import { Supervisor } from '../../shared/runtime/supervisor.ts';

export const pageClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

let supervisor: Supervisor | undefined;

export function pageSupervisor(): Supervisor {
  supervisor ??= Supervisor.createRoot('page', { clock: pageClock, restart: defaultRestart, onFault: reportError });
  return supervisor;
}
