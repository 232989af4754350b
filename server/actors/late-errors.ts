/*
 * Contains what an effect throws after it has returned: from a timer, a microtask, a promise nobody awaits.
 * Node tells such an error to the process alone; the async context says which actor's effect it came from.
 * Errors from anywhere else end the process, as they do without this file.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Responsible } from '../../shared/runtime/effect-host.ts';

const responsible = new AsyncLocalStorage<Responsible>();
let users = 0;

/** Runs a function so that its late errors reach `owner`. */
export function contain(owner: Responsible, run: () => unknown): unknown {
  return responsible.run(owner, run);
}

/** Starts to listen for late errors; returns the function that ends it. */
export function watchLateErrors(): () => void {
  if (users++ === 0) process.on('uncaughtException', handleLateError);
  let isEnded = false;
  return () => {
    if (isEnded) return;
    isEnded = true;
    if (--users === 0) process.off('uncaughtException', handleLateError);
  };
}

function handleLateError(error: unknown): void {
  const owner = responsible.getStore();
  if (owner) {
    owner.report(error);
    return;
  }
  // Another listener decides about the others' errors; where there is none, do what Node does by default.
  if (process.listenerCount('uncaughtException') > 1) return;
  console.error('Uncaught', error);
  process.exit(1);
}
