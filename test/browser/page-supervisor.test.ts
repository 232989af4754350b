// The supervisor of a page: children one after the other, as `charges.ts` says it, whatever one of them throws.

import { afterEach, expect, test, vi } from 'vitest';
import { pageSupervisor } from '../../client-runtime/app/page-supervisor.ts';
import type { ComponentActor } from '../../shared/runtime/actor.ts';
import type { Child } from '../../shared/runtime/charges.ts';

afterEach(() => vi.restoreAllMocks());

const log: string[] = [];

/** A child that writes down what happens to it. @param acts What it does then, by what happens. */
function childOf(id: string, acts: { readonly [happening: string]: () => void } = {}): Child {
  const note = (happening: string): void => {
    log.push(`${id} ${happening}`);
    acts[happening]?.();
  };
  const actor: ComponentActor = { getSnapshot: () => undefined, send() {}, start() {}, stop: () => note('ended') };
  return {
    id,
    spawn() {
      note('spawned');
      return actor;
    },
    onFailed: () => note('failed'),
    onRestarted: () => note('restarted'),
    onStopped() {},
  };
}

const taken = (): string[] => log.splice(0);

test('one that fails while it is spawned has been spawned first, and is spawned again later', async () => {
  let isBroken = true;
  const child = childOf('a', {
    spawned() {
      if (isBroken) pageSupervisor.fail(child, new Error('meant to fail'));
      isBroken = false;
      log.push('a goes on');
    },
  });
  pageSupervisor.add(child);
  expect(taken()).toEqual(['a spawned', 'a goes on', 'a ended', 'a failed']);
  await expect.poll(() => log).toEqual(['a spawned', 'a goes on', 'a restarted']);
  taken();
  pageSupervisor.release(child);
  expect(taken()).toEqual(['a ended']);
});

test('one that throws when it ends, is spawned or hears of its failure leaves the others alone', () => {
  const faults: unknown[] = [];
  const hear = (event: ErrorEvent): void => {
    faults.push(event.error.message);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener('error', hear, true);
  const fail = (message: string) => (): void => {
    throw new Error(message);
  };
  const ends = childOf('ends', { ended: fail('while it ends') });
  const spawns = childOf('spawns', { spawned: fail('while it is spawned') });
  const hears = childOf('hears', { failed: fail('while it hears') });
  for (const child of [ends, spawns, hears]) pageSupervisor.add(child);
  pageSupervisor.release(ends);
  pageSupervisor.fail(hears, new Error('meant to fail'));
  const other = childOf('other');
  pageSupervisor.add(other);
  removeEventListener('error', hear, true);
  expect(taken()).toEqual([
    ...['ends spawned', 'spawns spawned', 'hears spawned', 'ends ended', 'hears ended', 'hears failed'],
    'other spawned',
  ]);
  expect(faults).toEqual(['while it is spawned', 'while it ends', 'while it hears']);
  for (const child of [spawns, hears, other]) pageSupervisor.release(child);
});
