/*
 * What a component shows without running: its snapshot after `init` and some messages, with no actor and no effects.
 * Input: a component, props, messages. Output: a snapshot that its logic renders. For server rendering and tests.
 */

import { type AnyActorScope, getInitialSnapshot, getNextSnapshot, type Snapshot } from 'xstate';
import type { AnyComponent } from '../language/component.ts';
import type { AnyMessage } from '../language/html.ts';
import { logicOf, type TransitionHost } from './logic.ts';
import './machine-logic.ts';

const inert = { defer() {} } as Partial<AnyActorScope> as AnyActorScope;

// What transitions ask for is not done here; what they throw is the caller's to hear.
const host: TransitionHost = {
  collect() {},
  onThrown(error) {
    throw error;
  },
};

/**
 * Gives the snapshot after some messages, or functions that make them. Throws what `init` throws.
 *
 * @param onRefused Hears what a message throws, which then changes nothing; without it that is thrown, too.
 */
export function preview(
  component: AnyComponent,
  props: unknown,
  messages: readonly (AnyMessage | (() => AnyMessage))[],
  onRefused?: (error: unknown) => void,
): unknown {
  const { actorLogic, isMachine } = logicOf(component);
  let snapshot: Snapshot<unknown> = isMachine
    ? getInitialSnapshot(actorLogic, props)
    : actorLogic.getInitialSnapshot(inert, { props, host });
  for (const each of messages) {
    try {
      const message = typeof each === 'function' ? each() : each;
      snapshot = isMachine
        ? getNextSnapshot(actorLogic, snapshot, message)
        : actorLogic.transition(snapshot, message, inert);
    } catch (error) {
      if (!onRefused) throw error;
      onRefused(error);
    }
  }
  return snapshot;
}
