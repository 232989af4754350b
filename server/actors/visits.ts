/*
 * Tells a component who looks (`onConnect`, `onDisconnect`), also over the end of a process: who looked when its last
 * life ended, and comes back, has been told of; who does not is told of as gone. Input: subscribers that come and go.
 * Output: messages of the component.
 */

import type { AnyComponent } from '../../shared/language/component.ts';
import type { Client } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Subscriber } from './actor-port.ts';
import type { KeptStream } from './kept-stream.ts';

/** Whose visits they are. */
export interface Visited {
  readonly component: AnyComponent;
  readonly clock: Clock;
  /** Knows who looked when the last life ended, and keeps who looks, if its turns are committed. */
  readonly visitStream: KeptStream | undefined;
  dispatchFrom(make: () => AnyMessage | null | undefined): void;
}

/** Somebody has begun to look. */
export function come(actor: Visited, subscriber: Subscriber): void {
  const { onConnect } = actor.component;
  // it is noted also for a component that is told of those who go alone
  const isKnown =
    areCounted(actor) && actor.visitStream?.come(visitOf(subscriber), subscriber.client.id, subscriber.account);
  if (onConnect && !isKnown) actor.dispatchFrom(() => onConnect(subscriber.client));
}

/** Somebody has ceased to look. */
export function go(actor: Visited, subscriber: Subscriber): void {
  const { onDisconnect } = actor.component;
  if (areCounted(actor)) actor.visitStream?.go(visitOf(subscriber), subscriber.client.id);
  if (onDisconnect) actor.dispatchFrom(() => onDisconnect(subscriber.client));
}

/** Tells of those who looked when the last life ended, once they have had the time to come back. Gives the timer. */
export function waitForAbsent(actor: Visited, sessionMs: number): unknown {
  const { visitStream } = actor;
  if (!visitStream?.hasAbsent) return undefined;
  return actor.clock.setTimeout(() => {
    for (const id of visitStream.takeAbsent()) {
      const { onDisconnect } = actor.component;
      // who it was is not known any more
      const client: Client = { id, user: undefined };
      if (onDisconnect) actor.dispatchFrom(() => onDisconnect(client));
    }
  }, sessionMs);
}

/** Whether a component is told who looks. */
export function areCounted({ component: { onConnect, onDisconnect } }: Pick<Visited, 'component'>): boolean {
  return onConnect !== undefined || onDisconnect !== undefined;
}

/** Names a visit; a socket that was opened straight to a component has no name, and does not come back. */
function visitOf({ name, client }: Subscriber): string {
  return name ?? `direct.${client.id}`;
}
