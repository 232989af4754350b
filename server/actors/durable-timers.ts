/*
 * Timers that outlive a process. They start with the turn that asks for them, and not after it: what is kept of a turn
 * says them all. Input: turns, and timers that were kept. Output: running timers, and a list of them to keep.
 */

import type { Latest, Output, Run, TimerOutput } from '../../shared/language/effect.ts';
import type { Names } from '../../shared/runtime/names.ts';
import type { MessageTimers } from '../../shared/runtime/timers.ts';
import type { Entry } from '../../shared/runtime/turn.ts';

/** A timer as it is kept. */
export interface KeptTimer {
  readonly output: TimerOutput;
  /** Under which it was started. */
  readonly names: readonly string[];
  /** In how many milliseconds it is due. */
  readonly inMs: number;
}

/** Starts timers that were kept. */
export function resumeTimers({ timers }: Names, kept: readonly KeptTimer[]): void {
  for (const { output, names, inMs } of kept) timers.start(output, names, inMs);
}

/** Starts the timers that a turn asks for, and ends those that they replace. Its runs start none of them again. */
export function startTimers(names: Names, turn: readonly Entry[]): void {
  for (const entry of turn) {
    if (entry.isAgain) continue;
    if (entry.outputs) start(names, entry.outputs, []);
    if (entry.runs) start(names, entry.runs, []);
    entry.isAgain = true;
  }
}

/** All that wait. @param now By their clock. */
export function listTimers({ waiting }: MessageTimers, now: number): KeptTimer[] {
  return [...waiting.values()].map(({ output, names, dueAt }) => ({ output, names, inMs: dueAt - now }));
}

/** In how many milliseconds the first of those is due that come once: an actor that sleeps is woken for them. */
export function dueInMs({ waiting }: MessageTimers, now: number): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const { output, dueAt } of waiting.values()) if (output.kind === 'after') first = Math.min(first, dueAt);
  return first === Number.POSITIVE_INFINITY ? undefined : Math.max(0, first - now);
}

function start(names: Names, parts: readonly (Output | Run | Latest)[], under: readonly string[]): void {
  for (const part of parts) {
    if (typeof part === 'function') continue;
    if (part.kind === 'after' || part.kind === 'every') names.timers.start(part, under);
    else if (part.kind === 'latest') startLatest(names, part, under);
  }
}

function startLatest(names: Names, { name, parts }: Latest, under: readonly string[]): void {
  // under a name that it stands under already, it is a part of what that name has
  if (under.includes(name)) {
    start(names, parts, under);
    return;
  }
  const goesOn = (each: { readonly names: readonly string[] }): boolean => !each.names.includes(name);
  names.timers.end(goesOn);
  names.forgetWaiting(goesOn);
  start(names, parts, [...under, name]);
}
