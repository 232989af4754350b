/*
 * Delays of a state machine that goes on from a snapshot. XState (5.33) starts a delay when its state is entered, and
 * a restored state is not entered: `after` would never come. They are started again here, from the beginning, under
 * the ids by which XState ends them when the state is left.
 */

import type { AnyActor, AnyEventObject, AnyMachineSnapshot } from 'xstate';

/** What XState keeps to itself. */
interface Scheduler {
  schedule(source: AnyActor, target: AnyActor, event: AnyEventObject, delayMs: number, id: string): void;
}

/** Starts the delays of the states that a machine's actor is in. */
export function restartDelays(actor: AnyActor): void {
  const snapshot: AnyMachineSnapshot = actor.getSnapshot();
  if (snapshot.status !== 'active') return;
  const { scheduler } = actor.system as unknown as { scheduler: Scheduler };
  for (const { after } of snapshot._nodes) {
    // transitions that differ in their guards share one event
    const delays = new Map(after.map(({ eventType, delay }) => [eventType, delay]));
    for (const [type, delay] of delays) {
      const ms = typeof delay === 'string' ? evaluate(delay, snapshot, { type }) : delay;
      if (typeof ms === 'number') scheduler.schedule(actor, actor, { type }, ms, type);
    }
  }
}

/** Gives the milliseconds of a delay that the machine's implementations name. */
function evaluate(name: string, { machine, context }: AnyMachineSnapshot, event: AnyEventObject): unknown {
  const delay: unknown = machine.implementations.delays[name];
  return typeof delay === 'function' ? delay({ context, event }) : delay;
}
