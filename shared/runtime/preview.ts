/*
 * What a component shows without running: its snapshot after `init` and some messages, with no actor and no effects.
 * Input: a component, props, messages. Output: a snapshot that its logic renders. For server rendering and tests.
 */

import { type AnyActorScope, getInitialSnapshot, getNextSnapshot, type Snapshot } from 'xstate';
import type { AnyComponent } from '../language/component.ts';
import type { AnyMessage } from '../language/html.ts';
import { logicOf, type TransitionHost } from './logic.ts';

const inert = { defer() {} } as Partial<AnyActorScope> as AnyActorScope;

// What transitions ask for is not done here; what they throw is the caller's to hear.
const host: TransitionHost = {
  collect() {},
  onThrown(error) {
    throw error;
  },
};

/** Gives the snapshot after some messages. Throws what `init` or `update` throws. */
export function preview(component: AnyComponent, props: unknown, messages: readonly AnyMessage[]): unknown {
  const { actorLogic, isMachine } = logicOf(component);
  let snapshot: Snapshot<unknown> = isMachine
    ? getInitialSnapshot(actorLogic, props)
    : actorLogic.getInitialSnapshot(inert, { props, host });
  for (const message of messages) {
    snapshot = isMachine
      ? getNextSnapshot(actorLogic, snapshot, message)
      : actorLogic.transition(snapshot, message, inert);
  }
  return snapshot;
}
