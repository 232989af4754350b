/*
 * What a component shows without running: its snapshot after `init` and some messages, with no actor and no effects.
 * Input: a component, props, messages. Output: a snapshot that `logic.render` takes. For server rendering and tests.
 */

import { type AnyActorScope, getInitialSnapshot, getNextSnapshot, type Snapshot } from 'xstate';
import type { AnyComponent } from '../language/component.ts';
import type { AnyMessage } from '../language/html.ts';

// Effects are handed to the actor's scope, which does nothing with them here.
const inert = { defer() {} } as Partial<AnyActorScope> as AnyActorScope;

/** Gives the snapshot after some messages. */
export function preview({ logic }: AnyComponent, props: unknown, messages: readonly AnyMessage[]): unknown {
  const { actorLogic, isMachine } = logic;
  let snapshot: Snapshot<unknown> = isMachine
    ? getInitialSnapshot(actorLogic, props)
    : actorLogic.getInitialSnapshot(inert, { props });
  for (const message of messages) {
    snapshot = isMachine
      ? getNextSnapshot(actorLogic, snapshot, message)
      : actorLogic.transition(snapshot, message, inert);
  }
  return snapshot;
}
